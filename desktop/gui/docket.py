"""The case behind the session: which one is open, how others are opened, and whether everything reaches the disk."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.gui import kept, places
from desktop.gui.holding import Holding
from desktop.gui.keeper import Errand, Keeper, Opening, nothing
from desktop.gui.kept import Opened
from desktop.gui.places import Desk, Memory
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task

_SAVE_MS = 300


class Docket(QObject):
    """Knows the open case. Everything that touches the disk is done by the keeper or a task; here is only what the window asks."""

    opened = Signal(object)  # Opened
    refused = Signal(object, object)  # Path, Failed: it could not be opened; what was open still is
    trouble_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.case: Opened | None = None
        self.trouble: Failed | None = None
        """Why writes wait; None while everything reaches the disk."""
        self.switching = False
        self.desk = Desk()
        self.memory = Memory()
        self.keeper = Keeper(self)
        self.keeper.stalled.connect(self._stalled)
        self.keeper.flowing.connect(lambda: self._stalled(None))
        self.holding = Holding(self)
        self.holding.changed.connect(self.trouble_changed)
        self._desk_changed = False
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(_SAVE_MS)
        self._saving.timeout.connect(self._save)
        self._writing = threading.Lock()
        self._trying = QTimer(self)
        self._trying.setSingleShot(True)
        self._trying.setInterval(3000)
        self._trying.timeout.connect(self._open_first)

    # --- life

    def start(self) -> None:
        """Start the thread and open the case that was open last, or a new one without a name."""
        self._open_first()
        self.keeper.start()

    def close(self, patience_s: float) -> bool:
        """Write what waits and end the thread. False when something could not be written in time.

        A case in trouble is not waited for: what can be kept outside of it is.
        """
        self._saving.stop()
        self._trying.stop()
        self._save_now()
        if self.trouble is not None:
            self.holding.set_down()
        else:
            self.holding.keep_now()
        written = self.keeper.close(patience_s)
        if written:
            self.holding.stored()
        return written

    @property
    def unnamed(self) -> bool:
        """Whether the open case has no name yet."""
        return self.case is not None and places.is_unnamed(self.case.folder)

    @property
    def read_only(self) -> bool:
        """Whether the open case can only be looked at."""
        return self.case is not None and self.case.read_only

    # --- errands

    def write(
        self,
        work: Callable[[Any], Any],
        done: Callable[[Any], None] = nothing,
        failed: Callable[[Failed], None] = nothing,
        *,
        copies: bool = False,
    ) -> None:
        """Have something written into the case, after everything that was asked for before."""
        self.keeper.post(Errand(work, done, failed, copies=copies))

    def read(self, work: Callable[[Any], Any], done: Callable[[Any], None], failed: Callable[[Failed], None] = nothing) -> None:
        """Have something read from the case, before anything that waits to be written."""
        self.keeper.post(Errand(work, done, failed, writes=False))

    # --- other cases

    def open(self, folder: Path, *, read_only: bool = False) -> None:
        """Go over to the case in ``folder``."""
        if self.case is None or folder.absolute() != self.case.folder.absolute() or read_only != self.case.read_only:
            self._open(lambda: kept.open_case(folder, read_only=read_only), lambda failure: self._refused(folder, failure))

    def create(self, folder: Path, title: str, number: str, request: str, propositions: tuple[str, ...]) -> None:
        """Make a case and go over to it."""
        self._open(lambda: kept.create(folder, title, number, request, propositions), lambda failure: self._refused(folder, failure))

    def keep_as(self, folder: Path, title: str, number: str, request: str, propositions: tuple[str, ...]) -> None:
        """Give the open case a folder and a name of its own, with everything in it."""
        if self.case is not None:
            old = self.case.folder
            self._post(
                Opening(
                    lambda case: kept.opened(case, forget=old),
                    self._opened,
                    lambda failure: self._refused(folder, failure),
                    make=lambda: kept.move(old, folder, title, number, request, propositions),
                    leave_first=True,
                    back=lambda: kept.open_case(old),
                )
            )

    def close_case(self) -> None:
        """Leave the open case for a new one without a name."""
        self._open(kept.create_unnamed, lambda failure: self._refused(Path(), failure))

    def _open_first(self) -> None:
        first = kept.First()
        self._post(Opening(first.tell, self._opened, self._homeless, make=first.make))

    def _open(self, make: Callable[[], Any], failed: Callable[[Failed], None]) -> None:
        self._post(Opening(kept.opened, self._opened, failed, make=make))

    def _post(self, opening: Opening) -> None:
        self.switching = True
        self._save_now()
        self.holding.keep_now()
        self.keeper.post(opening)

    def _opened(self, case: Opened) -> None:
        self.switching = False
        self.case = case
        self.memory, self.desk = case.memory, case.desk
        self.holding.begin(case.left.said if case.left is not None else ())
        if self.trouble is not None:
            self._stalled(None)
        self.opened.emit(case)

    def _refused(self, folder: Path, failure: Failed) -> None:
        self.switching = False
        self.refused.emit(folder, failure)

    def _homeless(self, failure: Failed) -> None:
        """Not even a case without a name can be made: say so and go on trying."""
        self.switching = False
        self._stalled(failure)
        self._trying.start()

    def _stalled(self, failure: Failed | None) -> None:
        self.trouble = failure
        self.holding.keep_soon()
        self.trouble_changed.emit()

    # --- what the window remembers

    def arrange(self, **changes: Any) -> None:
        """Change what is remembered of how the case was left."""
        changed = dataclasses.replace(self.desk, **changes)
        if changed != self.desk:
            self.desk = changed
            self._desk_changed = True
            self._saving.start()

    def forget(self, folder: Path) -> None:
        """Take a case off the list of those that were open lately."""
        self.memory = self.memory.without(folder)
        self._keep_memory()

    def _keep_memory(self) -> None:
        memory = self.memory
        self._later(lambda: places.save(places.memory_path(), memory) if memory is self.memory else None)

    def _save(self) -> None:
        case, desk = self.case, self.desk
        if case is not None and self._desk_changed:
            self._desk_changed = False
            self._later(lambda: places.save(places.desk_path(case.id), desk) if desk is self.desk else None)

    def _later(self, work: Callable[[], Any]) -> None:
        """Off the main thread, one at a time, and what is out of date not at all."""

        def in_turn(_task: Task) -> None:
            with self._writing:
                work()

        Task(in_turn, nothing, nothing).start()

    def _save_now(self) -> None:
        if self.case is not None and self._desk_changed:
            self._desk_changed = False
            with self._writing:
                places.save(places.desk_path(self.case.id), self.desk)
