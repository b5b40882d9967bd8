"""What was asked of a case and is not recorded yet, done several pictures at a time and recorded in the order in which it was asked for.

Pictures are read, looked at and explained in threads of their own, which only read the case; one thread, the caller's, writes to it. So
whenever the program ends, what was told is on the disk, and the rest is still pending.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from desktop import document
from desktop.cases.case import Case
from desktop.cases.values import Entry, Pending
from desktop.together import each_done
from models.errors import Cancelled, ExpertError, TelltaleError

IsCancelled = Callable[[], bool]
Analyse = Callable[[bytes, str, Callable[[str], None], IsCancelled], document.Analysis]
"""(bytes, name, whom to tell what is being done, whether to stop) -> document; from several threads at once. Raises TelltaleError."""
Told = Callable[[Pending, Entry], None]
Show = Callable[[Pending, str], None]


@dataclass(frozen=True)
class Wish:
    """How a pending exhibit is to be analysed: with which expert (None: the default), explained or not, with tiles, and with the effects of
    hiding regions even where they take long."""

    expert: str | None
    explain: bool
    tiles: bool
    effects: bool


@dataclass(frozen=True)
class Analysing:
    """One expert at work."""

    analyse: Analyse
    at_once: int
    """How many analyses are worth running side by side."""


Open = Callable[[Wish, int], AbstractContextManager[Analysing]]
"""An expert, loaded to do so many pictures as it is wished. Raises ExpertError."""


def run_pending(case: Case, open_expert: Open, cancelled: IsCancelled, told: Told, show: Show = lambda _pending, _stage: None) -> None:
    """Analyse and record everything that is pending.

    ``told`` hears of each after it is on the disk, ``show`` of what is being done, from any thread. Raises Cancelled, or ExpertError when
    an expert cannot be used; what was finished until then is recorded.
    """
    waiting = case.pending()
    for wish in dict.fromkeys(wish_of(pending) for pending in waiting):
        mine = [pending for pending in waiting if wish_of(pending) == wish]
        with open_expert(wish, len(mine)) as analysing:
            _side_by_side(case, mine, analysing, cancelled, told, show)


def wish_of(pending: Pending) -> Wish:
    """What the case keeps about how this was asked for."""
    asked = pending.settings
    tiles, effects = (asked.get(name) == "yes" for name in ("tiles", "effects"))
    return Wish(asked.get("expert") or None, asked.get("explain", "yes") == "yes", tiles, effects)


def _side_by_side(case: Case, waiting: Sequence[Pending], analysing: Analysing, cancelled: IsCancelled, told: Told, show: Show) -> None:
    given_up = threading.Event()

    def over() -> bool:
        return cancelled() or given_up.is_set()

    def look(pending: Pending) -> bytes:
        if over():
            raise Cancelled
        try:
            found = analysing.analyse(case.read(pending.exhibit), pending.name, lambda stage: show(pending, stage), over)
        except (Cancelled, ExpertError):
            raise
        except TelltaleError as error:
            return document.encode(document.Failure(document.ERROR_SCHEMA, pending.name, error.code, error.message))
        if found.cut_short:
            raise Cancelled  # not what was asked for: it stays pending
        return document.encode(found)

    for pending, data in each_done(waiting, look, analysing.at_once, over):
        try:
            told(pending, case.record(pending, data))
        except BaseException:
            given_up.set()  # nobody takes what the others are doing
            raise
