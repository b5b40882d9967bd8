"""The second thread: walks dropped folders, and reads pictures that the expert has not come to yet or that were forgotten to save memory.

It has an intake of its own, so that looking at a picture never waits for the expert.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop.gui.gather import gather
from desktop.gui.seam import Failed, ReaderFactory, ReaderLike, Source
from desktop.gui.worker import as_shown, as_thumbnail
from models.errors import TelltaleError

log = logging.getLogger(__name__)


class Reader(QObject):
    """Lives in its own thread; ``wanted`` may be changed by the main thread, so that reads nobody waits for any more are left out."""

    found = Signal(object)  # gather.Batch
    gathered = Signal()
    shown = Signal(int, object)  # Shown
    failed = Signal(int, object)  # Failed
    glanced = Signal(int, object)  # Picture | None
    closed = Signal()

    def __init__(self, factory: ReaderFactory) -> None:
        super().__init__()
        self._factory = factory
        self._reader: ReaderLike | None = None
        self.stop = threading.Event()
        self.wanted: frozenset[int] = frozenset()

    @Slot(object)
    def gather(self, paths: Sequence[Path]) -> None:
        """Find the pictures under ``paths``; ends with ``gathered``."""
        try:
            for batch in gather(paths, self.stop.is_set):
                if batch.files or batch.left_out:
                    self.found.emit(batch)
        except OSError:
            log.exception("walking a folder failed")
        self.gathered.emit()

    @Slot(int, object, str)
    def read(self, key: int, source: Source, name: str) -> None:
        """Read one picture, unless another one is wanted by now."""
        if self.stop.is_set() or key not in self.wanted:
            return
        try:
            if self._reader is None:
                self._reader = self._factory()
            exhibit = self._reader.read(source, name, cancelled=lambda: self.stop.is_set() or key not in self.wanted)
            self.shown.emit(key, as_shown(exhibit, None))
        except TelltaleError as error:
            self.failed.emit(key, Failed(error.code, error.message))
        except Exception:
            log.exception("reading a picture failed unexpectedly")
            self.failed.emit(key, Failed("internal", "Telltale made a mistake on this picture; the log says what"))

    @Slot(int, object, str)
    def glance(self, key: int, source: Source, name: str) -> None:
        """Read the thumbnail of one picture; nothing when it cannot be read, for then its row says why."""
        thumbnail = None
        try:
            if not self.stop.is_set():
                if self._reader is None:
                    self._reader = self._factory()
                thumbnail = as_thumbnail(self._reader.read(source, name, cancelled=self.stop.is_set).thumbnail)
        except TelltaleError:
            pass
        except Exception:
            log.exception("reading a thumbnail failed unexpectedly")
        self.glanced.emit(key, thumbnail)

    @Slot()
    def close(self) -> None:
        """End the intake process."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self.closed.emit()
