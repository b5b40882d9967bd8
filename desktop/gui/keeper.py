"""The thread that owns the open case: every errand to it is done here, in order, and a write that cannot be done now is never dropped.

A full disk or a case folder that went away stalls the writes: they wait and are tried again until the place is back (what a person said is
kept on the disk meanwhile: ``desktop.gui.outbox``). Reading errands go before writing ones, so that showing an exhibit never waits for a
thousand copies.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from desktop.gui import places
from desktop.gui.seam import Failed
from models.errors import CaseError, TelltaleError

if TYPE_CHECKING:
    from desktop.cases import Case

log = logging.getLogger(__name__)
_RETRY_S = 2.0
_WATCH_S = 1.0
_WAITS = frozenset({"disk-full", "case-io", "case-busy", "case-read-only", "case-unreadable", "case-failed"})
"""Codes after which a write waits for a better moment."""


def nothing(_result: Any) -> None:
    """For errands whose end nobody waits for."""


@dataclass(eq=False)
class Errand:
    """Something to do with the case. It ends with one call in the main thread: ``done`` with the result, or ``failed``."""

    work: Callable[[Case], Any]
    done: Callable[[Any], None] = nothing
    failed: Callable[[Failed], None] = nothing
    writes: bool = True
    copies: bool = False
    """Whether it takes a file into the case, of which the original is still where it was."""
    generation: int = 0
    """Which of the cases that were open one after another it is for; 0 is whichever comes first."""


@dataclass(eq=False)
class Opening(Errand):
    """Going over to another case: ``make`` gives it, open. The old one is closed after that, with everything written."""

    make: Callable[[], Case] = field(kw_only=True)
    leave_first: bool = field(default=False, kw_only=True)
    """Whether the old one must be closed before, because the new one is made from it; ``back`` then opens it again when that fails."""
    back: Callable[[], Case] | None = field(default=None, kw_only=True)


class Keeper(QObject):
    """Lives in the main thread; its thread is a plain one, started by ``start`` and ended by ``close``."""

    stalled = Signal(object)  # Failed
    flowing = Signal()
    written = Signal()
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._identity: tuple[int, int] | None = None
        self._folder = Path()
        self._case_id = ""
        self._head = ""
        self._urgent: deque[Errand] = deque()
        self._line: deque[Errand] = deque()
        self._in_hand: tuple[Errand, ...] = ()
        """The write that is being done."""
        self._dropped: tuple[Errand, ...] = ()
        """What was in hand when everything that waits was dropped: it is not tried again."""
        self._turn = threading.Condition()
        self._generation = 0
        self._known_generation = 0  # as far as the main thread has heard
        self._trouble: Failed | None = None
        self._retry_at = 0.0
        self._deadline: float | None = None
        self._thread = threading.Thread(target=self._run, name="case", daemon=True)
        self._ended.connect(self._deliver)

    # --- called in the main thread

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def post(self, errand: Errand) -> None:
        """Have an errand done. Readers go first, writers in their order."""
        errand.generation = self._known_generation
        with self._turn:
            (self._line if errand.writes else self._urgent).append(errand)
            self._turn.notify()

    def waiting(self) -> int:
        """How many writes are not done yet."""
        with self._turn:
            return sum(not isinstance(errand, Opening) for errand in (*self._line, *self._in_hand))

    def hurry(self) -> None:
        """Try again now what is stalled."""
        with self._turn:
            self._retry_at = 0.0
            self._turn.notify()

    def leave_out_copies(self, why: Failed) -> None:
        """Give up the files that wait to be copied: their originals are still where they were."""
        with self._turn:
            left = [errand for errand in self._line if errand.copies]
            self._line = deque(errand for errand in self._line if not errand.copies)
            self._retry_at = 0.0
            self._turn.notify()
        for errand in left:
            errand.failed(why)

    @property
    def head(self) -> str:
        """Number and hash of the newest custody entry that is known to be stored."""
        return self._head

    def forget(self) -> None:
        """Drop every write that waits; a person said so."""
        with self._turn:
            self._line.clear()
            self._dropped = self._in_hand
            self._retry_at = 0.0
            self._turn.notify()

    def close(self, patience_s: float) -> bool:
        """Write what waits, close the case, end the thread. False when something could not be written in time."""
        if not self._thread.is_alive():
            return True
        with self._turn:
            self._deadline = time.monotonic() + patience_s
            self._turn.notify()
        self._thread.join(patience_s + 5)
        return not self._line and not self._thread.is_alive()

    @Slot(object, object, object)
    def _deliver(self, errand: Errand, result: Any, failure: Failed | None) -> None:
        if self._deadline is not None:
            return
        if failure is None and isinstance(errand, Opening):
            self._known_generation += 1
        if failure is None:
            errand.done(result)
        else:
            errand.failed(failure)
        if errand.writes:
            self.written.emit()

    # --- called in the thread

    def _run(self) -> None:
        while (errand := self._next()) is not None:
            opening = isinstance(errand, Opening)
            try:
                if not opening and errand.generation not in (0, self._generation):
                    raise CaseError("case-closed", "The case was closed before this was done.")
                case = None if opening else self._present()
            except TelltaleError as error:
                failure = Failed(error.code, error.message)
                if errand.writes and error.code != "case-closed":
                    self._stall(errand, failure)
                else:
                    self._ended.emit(errand, None, failure)
                continue
            self._try(errand, case)
        self._shut()

    def _try(self, errand: Errand, case: Case | None) -> None:
        try:
            result = self._open(errand) if isinstance(errand, Opening) else self._do(errand, case)
        except TelltaleError as error:
            failure = Failed(error.code, error.message)
            if errand.writes and not isinstance(errand, Opening) and (error.code in _WAITS or self._gone()):
                self._stall(errand, failure)
            else:
                self._ended.emit(errand, None, failure)
        except Exception:
            log.exception("an errand to the case failed unexpectedly")
            self._ended.emit(errand, None, Failed("internal", "something went wrong that should not; the log says what"))
        else:
            if errand.writes:
                self._flow()
            self._ended.emit(errand, result, None)

    def _next(self) -> Errand | None:
        """The next errand, waiting for one; None when it is time to end. Looks now and then whether the case is still there."""
        while True:
            with self._turn:
                self._in_hand = ()
                now = time.monotonic()
                if self._deadline is not None and (not self._line or now >= self._deadline):
                    return None
                if (errand := self._choose(now)) is not None:
                    return errand
                until = self._retry_at - now if self._line else _WATCH_S
                self._turn.wait(max(0.05, min(until, _WATCH_S)))
                idle = not self._urgent and not self._line and self._deadline is None
            if idle:
                self._look()

    def _choose(self, now: float) -> Errand | None:
        """The errand whose turn it is. Inside the lock only."""
        if self._identity is None:  # what waits for a case must not keep it from being opened
            opening = next((errand for errand in self._line if isinstance(errand, Opening)), None)
            if opening is not None:
                self._line.remove(opening)
            return opening
        if self._urgent:
            return self._urgent.popleft()
        if self._line and (self._trouble is None or now >= self._retry_at):
            self._in_hand = (self._line.popleft(),)
            return self._in_hand[0]
        return None

    def _look(self) -> None:
        """Nobody asks anything: is the case still where it was?"""
        if self._identity is None:
            return
        try:
            self._present()
        except TelltaleError as error:
            self._tell(Failed(error.code, error.message))
        else:
            self._flow()

    def _do(self, errand: Errand, case: Case | None) -> Any:
        assert case is not None  # noqa: S101
        result = errand.work(case)
        if errand.writes:
            if self._gone():  # what was written now was written nowhere
                raise CaseError("case-io", "The case folder went away in the middle of writing.")
            self._head = case.head
        return result

    def _here(self) -> tuple[int, int] | None:
        """Which file lies where the case's is."""
        try:
            facts = (self._folder / "case.sqlite").stat()
        except OSError:
            return None
        return facts.st_dev, facts.st_ino

    def _gone(self) -> bool:
        return self._here() != self._identity

    def _present(self) -> Case:
        """The case, after making sure that its file is the one that is open. Raises CaseError."""
        here = self._here()
        if self._case is not None and here == self._identity:
            return self._case
        old, self._case = self._case, None
        if old is not None:
            with suppress(Exception):
                old.close()
        if self._identity is None:
            raise CaseError("case-none", "No case is open.")
        if here is None:
            raise CaseError("case-gone", "The case folder is not where it was. Connect its drive again, or put the folder back.")
        return self._again()

    def _again(self) -> Case:
        """Open the case that came back, if it is the same one and has everything that was confirmed."""
        from desktop.cases import Case

        case = Case.open(self._folder)
        number, _, digest = self._head.partition(" ")
        same = case.info.id == self._case_id
        if not same or case.rows("SELECT hash FROM custody WHERE seq = ?", (int(number),)) != [(digest,)]:
            case.close()
            raise CaseError(
                "case-other", "What lies in the case's folder now is another case, or an older copy without what was recorded last."
            )
        self._adopt(case)
        return case

    def _open(self, opening: Opening) -> Any:
        old = self._case
        if opening.leave_first and old is not None:
            self._case = None
            old.close()
        try:
            case = opening.make()
            result = opening.work(case)
        except BaseException:
            if opening.leave_first and opening.back is not None:
                self._adopt(opening.back())
            raise
        if old is not None and not opening.leave_first:
            _leave(old)
        self._adopt(case)
        self._generation += 1
        return result

    def _adopt(self, case: Case) -> None:
        self._case, self._folder = case, case.folder
        self._identity = self._here()
        self._case_id, self._head = case.info.id, case.head

    def _stall(self, errand: Errand, failure: Failed) -> None:
        with self._turn:
            if errand not in self._dropped:
                self._line.appendleft(errand)
            self._in_hand = ()
            self._retry_at = time.monotonic() + _RETRY_S
        self._tell(failure)

    def _tell(self, failure: Failed) -> None:
        if failure != self._trouble and failure.code != "case-none":
            self._trouble = failure
            self.stalled.emit(failure)

    def _flow(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self.flowing.emit()

    def _shut(self) -> None:
        if self._case is not None:
            _leave(self._case)
            self._case = None


def _leave(case: Case) -> None:
    """Close a case; one without a name in which nothing ever was goes for good."""
    folder, empty = case.folder, False
    try:
        if not case.read_only and places.is_unnamed(folder):
            empty = next((folder / "exhibits").iterdir(), None) is None and not case.notes(None)
        case.close()
    except Exception:
        log.exception("closing the case failed")
        return
    if empty:
        shutil.rmtree(folder, ignore_errors=True)
