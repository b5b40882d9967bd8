"""A watched folder: what arrives in it is taken into the case as soon as it is completely written. Off unless a person asks for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.gui import failures
from desktop.gui.places import Watch
from desktop.gui.seam import Failed
from desktop.gui.settling import Settling, Stamp, scan
from desktop.gui.tasks import Task

if TYPE_CHECKING:
    from desktop.gui.session import Session
    from desktop.gui.window import MainWindow

_LOOK_MS = 2000
_SOON_MS = 400
translate = QCoreApplication.translate


class Watcher(QObject):
    """Looks into one folder now and then, and at once when the system says that something changed there."""

    changed = Signal()
    """Another folder is watched, or none."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.folder: Path | None = None
        self._settling = Settling({})
        self._missing = False
        self._task: Task | None = None
        self._system = QFileSystemWatcher(self)
        self._system.directoryChanged.connect(lambda _path: self._soon())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        session.case_changed.connect(self._resume)

    def watch(self, folder: Path, there: dict[str, Stamp]) -> None:
        """Watch ``folder``; the files of ``there`` count as taken."""
        self._begin(Watch(str(folder), dict(there)))
        self._remember()

    def stop(self) -> None:
        """Watch nothing any more."""
        self.end()
        self._session.docket.arrange(watch=None)
        self.changed.emit()

    def end(self) -> None:
        """Stop looking; what is remembered stays."""
        self._timer.stop()
        self.folder = None
        if self._task is not None:
            self._task.stop.set()
            self._task = None
        if self._system.directories():
            self._system.removePaths(self._system.directories())

    def _resume(self) -> None:
        """Go on with what the opened case watched."""
        self.end()
        wish = self._session.docket.desk.watch
        if wish is not None and not self._session.docket.read_only:
            self._begin(wish)
        self.changed.emit()

    def _begin(self, wish: Watch) -> None:
        self.end()
        self.folder, self._settling, self._missing = Path(wish.folder), Settling(wish.taken), False
        self._look()
        self.changed.emit()

    def _soon(self) -> None:
        if self.folder is not None and (self._timer.remainingTime() > _SOON_MS):
            self._timer.start(_SOON_MS)

    def _look(self) -> None:
        folder = self.folder
        if folder is None or self._task is not None:
            return
        started = time.monotonic()
        self._task = Task(
            lambda task: scan(folder, task.stop.is_set),
            lambda found: self._seen(folder, found, time.monotonic() - started),
            lambda failure: self._unseen(folder, failure),
        ).start()

    def _seen(self, folder: Path, found: dict[str, Stamp], took_s: float) -> None:
        if folder != self.folder:
            return
        self._task = None
        if self._missing:
            self._missing = False
            self._session.message.emit(translate("Watching", "The watched folder is there again."))
        if not self._system.directories():
            self._system.addPath(str(folder))
        ready = self._settling.look(found, time.monotonic())
        if ready:
            self._session.add_paths(Path(path) for path in ready)
            self._remember()
            text = translate("Watching", "From the watched folder: {count} new").format(count=len(ready))
            self._session.message.emit(text)
        # A large or slow folder is looked at less often, so that looking never takes more than a twentieth of the time.
        self._timer.start(max(_SOON_MS if self._settling.unsettled else _LOOK_MS, int(took_s * 20_000)))

    def _unseen(self, folder: Path, failure: Failed) -> None:
        if folder != self.folder:
            return
        self._task = None
        if not self._missing:
            self._missing = True
            text = translate("Watching", "The watched folder cannot be read ({why}); it is looked for again and again.")
            self._session.message.emit(text.format(why=failures.clause(failure)))
        self._timer.start(_LOOK_MS)

    def _remember(self) -> None:
        if self.folder is not None:
            self._session.docket.arrange(watch=Watch(str(self.folder), dict(self._settling.taken)))


def choose(window: MainWindow) -> None:
    """Stop watching, or ask for a folder to watch."""
    session = window.session
    watcher = session.watcher
    if watcher is None or session.docket.case is None:
        return
    if watcher.folder is not None:
        window.say(window.tr("{folder} is watched no more.").format(folder=watcher.folder))
        watcher.stop()
        return
    watcher.changed.emit()  # the menu's tick, until a folder is chosen
    native = QFileDialog.Option(0) if session.settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog
    name = QFileDialog.getExistingDirectory(window, window.tr("Watch a folder for new pictures"), "", native)
    if name and not session.refuse_changes():
        ask(window, Path(name))


def ask(window: MainWindow, folder: Path) -> None:
    """Watch ``folder``, after asking what to do with the pictures that lie in it already."""
    session = window.session
    case = session.docket.case
    if case is None or session.watcher is None:
        return
    here, home = folder.resolve(), case.folder.resolve()
    if here == home or here.is_relative_to(home):
        window.say(window.tr("The case's own folder cannot be watched."))
        return

    def failed(failure: Failed) -> None:
        window.say(window.tr("The folder cannot be read: {why}").format(why=failures.clause(failure)))

    Task(lambda task: scan(folder, task.stop.is_set), lambda found: _begin(window, folder, found), failed).start()


def _begin(window: MainWindow, folder: Path, found: dict[str, Stamp]) -> None:
    watcher = window.session.watcher
    if watcher is None:
        return
    if not found:
        watcher.watch(folder, {})
        window.say(window.tr("{folder} is watched: new pictures are taken into the case.").format(folder=folder))
        return
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(window.tr("Watch a folder"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(window.tr("Pictures that lie in {folder} already: {count}").format(folder=folder, count=len(found)))
    box.setInformativeText(window.tr("They can be taken into the case too, or only those that come from now on."))
    box.addButton(QMessageBox.StandardButton.Cancel)
    both = box.addButton(window.tr("Take them too"), QMessageBox.ButtonRole.AcceptRole)
    new = box.addButton(window.tr("Only new ones"), QMessageBox.ButtonRole.AcceptRole)
    both.clicked.connect(lambda: watcher.watch(folder, {}))
    new.clicked.connect(lambda: watcher.watch(folder, found))
    box.setDefaultButton(new)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
