"""Short work off the main thread that is no analysis: writing a report, importing or verifying an expert, computing a view.

A task always ends with one call in the main thread: ``done`` with the result or ``failed`` with a message; an exception can never vanish.
Only where the window it works for is gone by then, nobody is told.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from desktop.gui.seam import Failed
from models.errors import TelltaleError

log = logging.getLogger(__name__)
_alive: set["Task"] = set()
Progress = Callable[[str, float], None]


class Task(QObject):
    """One piece of work; lives in the main thread, works in the pool."""

    _ended = Signal(object, object)
    _told = Signal(str, float)

    def __init__(
        self,
        work: Callable[["Task"], Any],
        done: Callable[[Any], None],
        failed: Callable[[Failed], None],
        progress: Progress | None = None,
        *,
        owner: QObject | None = None,
    ) -> None:
        """``owner``: whom the ending concerns; a dialog may be closed, and its Qt half deleted, while the work goes on."""
        super().__init__()
        self._owner = owner
        self._work, self._done, self._failed, self._progress = work, done, failed, progress
        self.stop = threading.Event()
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def tell(self, what: str, fraction: float) -> None:
        """Report progress from the working thread."""
        self._told.emit(what, fraction)

    def start(self) -> "Task":
        """Begin; the task keeps itself alive until it has delivered."""
        _alive.add(self)
        QThreadPool.globalInstance().start(_Run(self))
        return self

    def execute(self) -> None:
        """Do the work; called in the pool."""
        result, failure = None, None
        try:
            result = self._work(self)
        except TelltaleError as error:
            failure = Failed(error.code, error.message)
        except OSError as error:
            failure = Failed("disk-failed", error.strerror or "the disk did not take it")
        except Exception:
            log.exception("a background task failed unexpectedly")
            failure = Failed("internal", "something went wrong that should not; the log says what")
        self._ended.emit(result, failure)

    @Slot(object, object)
    def _deliver(self, result: Any, failure: Failed | None) -> None:
        _alive.discard(self)
        if self._owner is not None and not shiboken6.isValid(self._owner):
            return
        if failure is None:
            self._done(result)
        else:
            self._failed(failure)

    @Slot(str, float)
    def _show(self, what: str, fraction: float) -> None:
        if self._progress is not None and self in _alive and (self._owner is None or shiboken6.isValid(self._owner)):
            self._progress(what, fraction)


class _Run(QRunnable):
    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task

    def run(self) -> None:
        """Qt's entry point in the pool."""
        self._task.execute()


def busy() -> bool:
    """Whether any task has not delivered yet."""
    return bool(_alive)


def wait(patience_ms: int = 15000) -> bool:
    """Ask all tasks to stop and wait for the pool; for closing the window."""
    for task in list(_alive):
        task.stop.set()
    ended = QThreadPool.globalInstance().waitForDone(patience_ms)
    _alive.clear()
    return ended
