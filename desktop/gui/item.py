"""One row of the window: a picture, where its analysis stands, and what the examiner thought of it. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from desktop.gui.seam import Failed, Read, Source
from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.document import Analysis, Box, Claim, Finding, Opinion

Conclusion = Literal["supports-ai", "supports-camera", "inconclusive", "none"]
Disposition = Literal["open", "confirmed", "not-seen", "unsure"]


@dataclass
class Turn:
    """A question to the expert and its answer so far."""

    question: str
    answer: str = ""
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    trained: bool = False
    error: Failed | None = None


@dataclass(frozen=True)
class Note:
    """Words of a person, as the case holds them."""

    text: str
    at: str
    who: str


@dataclass
class Item:
    """An exhibit in the window."""

    key: int
    source: Source
    name: str
    state: State = State.WAITING
    stage: str = ""
    fraction: float | None = None
    width: int = 0
    height: int = 0
    container: str = ""
    sha256: str = ""
    rgb_sha256: str = ""
    frame: Box | None = None
    deviations: tuple[str, ...] = ()
    verdict: Read | None = None
    text: str = ""
    analysis: Analysis | None = None
    failure: Failed | None = None
    dispositions: dict[str, Disposition] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    draft: str = ""
    """A note that is typed and not recorded yet."""
    conclusion: Conclusion = "none"
    """What the examiner concluded about the exhibit as a whole."""
    seconds: float | None = None
    origin: Path | None = None
    """Where the file was when it was given to the window; None for pasted data and exhibits of an earlier day."""
    exhibit: int | None = None
    """Its number in the case; None until the case has taken it."""
    entry: int | None = None
    """The number of its latest analysis in the case."""
    loaded: bool = True
    """Whether analysis, notes and answers were read from the case; they are when somebody looks."""
    aside: bool = False
    """Put aside: in the case, and listed only on demand."""
    kept_outcome: str = ""
    kept_log_odds: float | None = None
    """What the case's list says of the latest analysis, before the analysis itself is read."""

    @property
    def opinion(self) -> Opinion | None:
        """The opinion that the finding rests on, else the first one."""
        if self.analysis is None or not self.analysis.opinions:
            return None
        finding = self.finding
        for opinion in self.analysis.opinions:
            if finding is not None and opinion.id == finding.opinion:
                return opinion
        return self.analysis.opinions[0]

    @property
    def finding(self) -> Finding | None:
        """The weighed outcome, when a detector was asked."""
        if self.analysis is None:
            return self.verdict.finding if self.verdict is not None else None
        return self.analysis.finding or None  # unset, where no detector was asked, is false

    @property
    def log_odds(self) -> float | None:
        """The verdict's raw number as soon as it is known."""
        opinion = self.opinion
        if opinion is not None:
            return opinion.log_odds
        return self.verdict.log_odds if self.verdict is not None else self.kept_log_odds

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Claims of the opinion."""
        opinion = self.opinion
        return opinion.claims if opinion is not None else ()

    @property
    def tiles(self) -> tuple[tuple[Box, float], ...]:
        """The squares outside the main frame that were looked at, with their log-odds."""
        opinions = self.analysis.opinions if self.analysis is not None else ()
        return tuple((opinion.frame.box, opinion.log_odds) for opinion in opinions if opinion.frame.role == "tile")

    @property
    def outcome(self) -> str:
        """The outcome's code, or an empty word."""
        finding = self.finding
        return finding.outcome if finding is not None else self.kept_outcome

    @property
    def answer(self) -> str:
        """The word that the expert chose, or ``other``."""
        opinion = self.opinion
        if opinion is not None:
            return opinion.answer
        return self.verdict.answer if self.verdict is not None else ""

    def forget(self) -> None:
        """Keep only what the list shows; the rest is in the case and is read again when somebody looks."""
        if self.analysis is not None and self.entry is not None and not any(turn.state == "running" for turn in self.turns):
            self.kept_outcome, self.kept_log_odds = self.outcome, self.log_odds
            self.analysis, self.verdict, self.text, self.loaded = None, None, "", False
            self.turns, self.notes, self.dispositions = [], (), {}

    def restart(self) -> None:
        """Back into the queue, with what the last attempt left forgotten; the examiner's own words stay."""
        self.state, self.stage, self.fraction = State.WAITING, "", None
        self.verdict, self.text, self.analysis, self.failure, self.seconds = None, "", None, None, None
        self.kept_outcome, self.kept_log_odds = "", None


def segments(text: str, claims: tuple[Claim, ...]) -> list[tuple[str, Claim | None]]:
    """An explanation cut into its claims and the text between them, in order; together they are exactly ``text``."""
    result: list[tuple[str, Claim | None]] = []
    position = 0
    for claim in sorted(claims, key=lambda claim: claim.span):
        start, end = claim.span
        if start < position or end > len(text) or end <= start:
            continue  # a span that does not fit is not worth a crash: its claim is still listed by the caller
        if start > position:
            result.append((text[position:start], None))
        result.append((text[start:end], claim))
        position = end
    if position < len(text):
        result.append((text[position:], None))
    return result
