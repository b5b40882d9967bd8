"""Writing the report of an exhibit: the person chooses a folder, a thread writes, a message says where it is."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.document import Analysis
from desktop.gui.item import Item
from desktop.gui.picture import Picture
from models.errors import TelltaleError

if TYPE_CHECKING:
    from desktop.gui.window import MainWindow

log = logging.getLogger(__name__)


class Export(QObject, QRunnable):
    """One report being written off the main thread."""

    done = Signal(str)
    failed = Signal(str)

    def __init__(self, analysis: Analysis, picture: Picture, folder: Path) -> None:
        QObject.__init__(self)
        QRunnable.__init__(self)
        self.setAutoDelete(False)
        self._analysis, self._picture, self._folder = analysis, picture, folder

    def run(self) -> None:
        """Write it."""
        try:
            self.done.emit(str(write(self._analysis, rgb_of(self._picture), self._folder)))
        except TelltaleError as error:
            self.failed.emit(error.message)
        except OSError as error:
            self.failed.emit(error.strerror or "the folder cannot be written")
        except Exception:
            log.exception("the report could not be written")
            self.failed.emit("the report could not be written; the log says why")


def write(analysis: Analysis, rgb: Any, folder: Path) -> Path:
    """Write the bundle of one analysis below ``folder``."""
    from desktop.report import write_bundle

    return Path(write_bundle(analysis, rgb, folder))


def rgb_of(picture: Picture) -> Any:
    """The exhibit's RGB back from the pixels that are drawn."""
    import numpy as np

    return np.ascontiguousarray(picture.levels[0][..., 2::-1])


def export(window: MainWindow) -> None:
    """Ask for a folder and write the selected exhibit's report there."""
    session = window.session
    item = session.item
    picture = session.picture(item.key) if item is not None else None
    if item is None or item.analysis is None or picture is None:
        return
    options = QFileDialog.Option(0) if session.settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog
    folder = QFileDialog.getExistingDirectory(window, window.tr("Export the report into this folder"), "", options)
    if folder:
        start(window, item, item.analysis, picture, Path(folder))


def start(window: MainWindow, item: Item, analysis: Analysis, picture: Picture, folder: Path) -> None:
    """Write in the background and tell the window how it went."""
    job = Export(analysis, picture, folder)
    window.exports.append(job)  # kept until it ended: its signals must not outlive it
    job.done.connect(lambda where: window.say(window.tr("The report of {name} is in {where}").format(name=item.name, where=where)))
    job.failed.connect(lambda why: _complain(window, item.name, why))
    job.done.connect(lambda _where: window.exports.remove(job))
    job.failed.connect(lambda _why: window.exports.remove(job))
    QThreadPool.globalInstance().start(job)


def _complain(window: MainWindow, name: str, why: str) -> None:
    text = window.tr("The report of {name} was not written.").format(name=name)
    box = QMessageBox(QMessageBox.Icon.Warning, window.tr("The report was not written"), text, QMessageBox.StandardButton.Ok, window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(window.tr("{why}\nChoose another folder or make room, then export again.").format(why=why))
    box.open()
