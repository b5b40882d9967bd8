"""What a case says of itself: plain values."""

from dataclasses import dataclass
from typing import Literal

State = Literal["stored", "pending", "done", "failed"]
DispositionValue = Literal["confirmed", "not-seen", "unsure"]
ConclusionValue = Literal["supports-ai", "supports-camera", "inconclusive", "none"]


@dataclass(frozen=True)
class CaseInfo:
    """The case itself."""

    id: str
    title: str
    number: str
    request: str
    propositions: tuple[str, ...]
    created_at: str
    created_by: str
    exhibits: int


@dataclass(frozen=True)
class Exhibit:
    """One exhibit as a list shows it. ``outcome``, ``expert`` and ``log_odds`` are of its latest analysis."""

    id: int
    name: str
    sha256: str
    bytes: int
    added_at: str
    state: State
    outcome: str
    expert: str
    log_odds: float | None
    tags: tuple[str, ...]
    conclusion: str
    analyses: int


@dataclass(frozen=True)
class Pending:
    """An analysis that was asked for and is not recorded yet."""

    request: int
    exhibit: int
    name: str
    sha256: str
    settings: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """One recorded analysis (or failure) of an exhibit; its document is read with ``Case.document``."""

    id: int
    exhibit: int
    kind: Literal["analysis", "failure"]
    sha256: str
    outcome: str
    expert: str
    log_odds: float | None
    at: str
    who: str


@dataclass(frozen=True)
class Note:
    """Words of a person, with time and name."""

    text: str
    at: str
    who: str


@dataclass(frozen=True)
class Disposition:
    """What an examiner said of one claim."""

    value: DispositionValue
    text: str
    at: str
    who: str


@dataclass(frozen=True)
class Answer:
    """A question to an expert about an exhibit and what it said: the model's words, never a finding."""

    question: str
    text: str
    expert: str
    at: str
    who: str


@dataclass(frozen=True)
class Conclusion:
    """What an examiner concluded about an exhibit."""

    value: ConclusionValue
    text: str
    at: str
    who: str


@dataclass(frozen=True)
class Problem:
    """Something that a check found."""

    code: str
    message: str


@dataclass(frozen=True)
class CheckResult:
    """The outcome of ``Case.check``."""

    problems: tuple[Problem, ...]
    exhibits: int
    analyses: int
    custody: int
    head: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems
