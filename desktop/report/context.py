"""What a case adds to an analysis in a report: who asked, who examined, what people concluded, and the custody log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Judgement = Literal["confirmed", "not-seen", "unsure"]
Conclusion = Literal["supports-ai", "supports-camera", "inconclusive", "none"]


@dataclass(frozen=True)
class Disposition:
    """What an examiner says of one claim of the model."""

    value: Judgement
    who: str
    at: str
    note: str = ""


@dataclass(frozen=True)
class ExaminerConclusion:
    """The overall conclusion of a person, kept apart from the machine's finding."""

    value: Conclusion
    text: str
    who: str
    at: str


@dataclass(frozen=True)
class CaseContext:
    """The part of a case that a report prints. ``custody`` holds the lines of the log, canonical JSON each, in order."""

    case_id: str = ""
    item: str = ""
    title: str = ""
    examiner: str = ""
    reviewer: str = ""
    request: str = ""
    propositions: tuple[str, ...] = ()
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    conclusion: ExaminerConclusion | None = None
    notes: tuple[tuple[str, str, str], ...] = ()
    """(time, who, text)"""
    tags: tuple[str, ...] = ()
    custody: tuple[str, ...] = ()
