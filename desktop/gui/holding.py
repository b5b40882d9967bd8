"""What people said and the open case does not have yet: sent to it, and kept on this computer for as long as that takes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.gui.keeper import Errand, nothing
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task
from models.errors import TelltaleError

if TYPE_CHECKING:
    from desktop.gui.docket import Docket
    from desktop.gui.outbox import Said, Where
    from desktop.gui.words import Word

_KEEP_MS = 100
"""What reaches the case within this time is not kept outside of it as well."""
_AGAIN_MS = 3000


class Holding(QObject):
    """Belongs to a docket and lives in the main thread."""

    changed = Signal()
    """Whether what waits is safe."""

    def __init__(self, docket: Docket) -> None:
        super().__init__(docket)
        self._docket = docket
        self.unsafe: Failed | None = None
        """Why what waits could not be kept outside of the case either; None while it is safe."""
        self.left: tuple[Said, ...] = ()
        """What an earlier window could not store in this case and nobody has decided about yet."""
        self._said: dict[int, tuple[str, Said]] = {}
        """What is on its way into a case (its id; nothing for whichever comes first), in order."""
        self._numbers = itertools.count()
        self._kept = False
        """Whether something is kept for this case."""
        self._version = 0
        """Of what is to be kept: what is out of date when its turn comes is not written."""
        self._writing = threading.Lock()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._keep)

    def begin(self, left: tuple[Said, ...]) -> None:
        """Another case is open, and an earlier window left this for it."""
        self.left, self._kept, self.unsafe = left, bool(left), None
        self.keep_soon()

    def say(self, word: Word, done: Callable[[Any], None] = nothing, failed: Callable[[Failed], None] = nothing) -> None:
        """Have something that a person said written into the case, after everything that was said before."""
        from desktop.cases.store import now
        from desktop.gui.outbox import Said
        from desktop.gui.words import Pasted

        number = next(self._numbers)
        case = self._docket.case
        self._said[number] = (case.id if case is not None else "", Said(word, now()))

        def over(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            def ended(result: Any) -> None:
                self._said.pop(number, None)
                self.keep_soon()
                tell(result)

            return ended

        self._docket.keeper.post(Errand(word.write, over(done), over(failed), copies=isinstance(word, Pasted)))
        self.keep_soon()

    def take_up(self) -> tuple[Said, ...]:
        """Give back what was left, for good: whoever takes it says it again or drops it."""
        taken, self.left = self.left, ()
        self.keep_soon()
        return taken

    def set_by(self) -> bool:
        """Keep everything that waits, pasted pictures as well; whether that is so now."""
        if self._docket.case is None:
            return False
        self.keep_now(everything=True)
        return self.unsafe is None

    def set_down(self) -> None:
        """Stop trying to store what waits; what could be kept is offered when this case is open again."""
        if self.set_by():
            self.left += tuple(one for _case, one in self._said.values())
        self._said.clear()
        self._docket.keeper.forget()

    def stored(self) -> None:
        """The case has everything."""
        self._said.clear()
        self.keep_now()

    # --- onto the disk

    def keep_soon(self) -> None:
        """Keep what waits: at once when the case is in trouble, else after the moment in which it is usually stored."""
        if self._docket.trouble is not None:
            self._keep()
        elif not self._soon.isActive():
            self._soon.start(_KEEP_MS)

    def keep_now(self, *, everything: bool = False) -> None:
        """Keep what waits before anything else is done."""
        from desktop.gui import outbox

        self._soon.stop()
        state = self._waiting(everything)
        if state is None:
            return
        try:
            with self._writing:
                outbox.save(*state)
            self.unsafe = None
        except TelltaleError as error:
            self.unsafe = Failed(error.code, error.message)

    def _waiting(self, everything: bool = False) -> tuple[Where, tuple[Said, ...]] | None:
        """What is to be kept now; None when there is nothing and nothing was. Pictures only when the case cannot take them."""
        case = self._docket.case
        if case is None or case.read_only or not (self.left or self._said or self._kept):
            return None
        from desktop.gui.outbox import Where
        from desktop.gui.words import Pasted

        pictures = everything or self._docket.trouble is not None
        coming = (one for about, one in self._said.values() if about in ("", case.id))
        said = self.left + tuple(one for one in coming if pictures or not isinstance(one.word, Pasted))
        if not said and not self._kept:
            return None
        self._kept = bool(said)
        self._version += 1
        return Where(case.id, str(case.folder), self._docket.keeper.head), said

    def _keep(self) -> None:
        """Off the main thread, for the disk may take its time."""
        from desktop.gui import outbox

        state = self._waiting()
        if state is None:
            return
        version, save = self._version, partial(outbox.save, *state)

        def in_turn(_task: Task) -> None:
            with self._writing:
                if version == self._version:
                    save()

        Task(in_turn, lambda _none: self._ended(None), self._ended, owner=self).start()

    def _ended(self, failure: Failed | None) -> None:
        if failure is not None:
            self._soon.start(_AGAIN_MS)
        if failure != self.unsafe:
            self.unsafe = failure
            self.changed.emit()
