"""Guesses at the next words from earlier explanations: several are checked in one pass, and only what the expert would have written stays.

Explanations are formulaic, and for a large expert a pass over four tokens costs little more than two passes over one. A guess never changes
a text: a drafted token is kept only where it is the expert's own choice. Source: speculative decoding (Leviathan et al. 2023,
arXiv 2211.17192), greedy, with n-gram look-up in place of a draft model.
"""

import time
from collections import deque
from collections.abc import Sequence

_WORDS = 3
"""Tokens that have to agree before a guess is made."""
_TEXTS = 64
MOST_GUESSED = 7
"""Tokens that are guessed at once, at most."""
_WEIGHT = 0.2
_REST = 256
"""Tokens after which guessing is tried again where it did not pay."""


class Drafts:
    """Remembers the texts of one expert, and whether guessing pays on this machine."""

    def __init__(self) -> None:
        self._texts: deque[tuple[int, ...]] = deque(maxlen=_TEXTS)
        self._after: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._single_s: float | None = None
        self._drafted_s: float | None = None
        self._resting = 0
        self._begun = 0.0

    def learn(self, ids: Sequence[int]) -> None:
        """Keep a finished text."""
        text = tuple(ids)
        if len(self._texts) == _TEXTS:
            oldest = self._texts[0]
            for at in range(_WORDS, len(oldest)):
                self._after.pop(oldest[at - _WORDS : at], None)
        self._texts.append(text)
        for at in range(_WORDS, len(text)):
            self._after[text[at - _WORDS : at]] = text[at : at + MOST_GUESSED]

    def after(self, ids: Sequence[int], room: int) -> tuple[int, ...]:
        """What followed the last of ``ids`` in the newest text that had them, at most ``room`` tokens; none while it does not pay."""
        if self._resting > 0:
            self._resting -= 1
            return ()
        return self._after.get(tuple(ids[-_WORDS:]), ())[: max(0, room)]

    def begin(self) -> None:
        """A pass begins."""
        self._begun = time.perf_counter()

    def ended(self, drafted: int, written: int) -> None:
        """A pass over ``drafted`` guesses has given ``written`` tokens; compare what a token costs with and without."""
        seconds = (time.perf_counter() - self._begun) / max(1, written)
        if drafted:
            self._drafted_s = _mean(self._drafted_s, seconds)
        else:
            self._single_s = _mean(self._single_s, seconds)
        if self._single_s is not None and self._drafted_s is not None and self._drafted_s >= self._single_s:
            self._resting, self._drafted_s = _REST, None


def _mean(old: float | None, new: float) -> float:
    return new if old is None else old + _WEIGHT * (new - old)
