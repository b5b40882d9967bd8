"""The values of a report's content: plain, washed strings in the order in which they are printed."""

from dataclasses import dataclass
from typing import Literal

from desktop import document

Profile = Literal["court", "newsroom"]
Rows = list[tuple[str, str]]
COLOURS = 6
"""Claims are told apart by number and by this many repeating colours."""


@dataclass(frozen=True)
class ClaimContent:
    """One stated reason. ``anchor`` is made here, never taken from the document."""

    anchor: str
    number: int
    colour: int
    text: str
    boxes: list[document.Box]
    heat: document.ClaimMap | None
    effect: str
    supported: bool | None
    disposition: str
    disposition_code: str
    disposition_by: str


@dataclass(frozen=True)
class OpinionContent:
    """One expert's view of one frame."""

    anchor: str
    title: str
    frame: document.Box
    whole: bool
    caption: str
    outside: str
    """Written on what lies outside the frame."""
    outside_note: str
    regions_note: str
    """What the numbered boxes are; it depends on how they were made."""
    state: str
    claims: list[ClaimContent]
    text: list[str]
    numbers: Rows


@dataclass(frozen=True)
class MarkContent:
    """One kind of declared mark."""

    title: str
    state: str
    state_code: str
    says: str
    sentence: str
    facts: Rows


@dataclass(frozen=True)
class ViewContent:
    """One signal view."""

    id: str
    title: str
    applicable: bool
    state: str
    why: str
    shows: str
    means: str
    means_not: str
    facts: Rows


@dataclass(frozen=True)
class Table:
    """A titled table of the record."""

    title: str
    rows: Rows


@dataclass(frozen=True)
class CustodyContent:
    """One line of the custody log."""

    seq: str
    at: str
    who: str
    event: str
    details: str


@dataclass(frozen=True)
class Content:
    """Everything that a report prints, in its order."""

    language: str
    profile: Profile
    name: str
    outcome: str
    headline: str
    sentence: str
    error_sentence: str
    ratio: str
    reasons: list[str]
    made: str
    product: str
    signature: str
    glance: Rows
    conclusion: str
    conclusion_by: str
    width: int
    height: int
    opinions: list[OpinionContent]
    marks: list[MarkContent]
    marks_rest: Rows
    views: list[ViewContent]
    tables: list[Table]
    prompt: list[str]
    deviations: list[str]
    limits: list[str]
    case_rows: Rows
    custody: list[CustodyContent]
    custody_head: str
