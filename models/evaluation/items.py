"""What a reader gives: pictures whose truth is known, or questions about them, and what the reader had to assume."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

Label = Literal["real", "fake", "edited"]
"""``edited``: a real picture with a part that was replaced; counted apart, because detectors of whole pictures are not made for it."""


@dataclass(frozen=True)
class Question:
    """One question of a benchmark; ``options`` are (letter, text), empty for an open one; ``answer`` is a letter where it is published."""

    family: str
    text: str
    options: tuple[tuple[str, str], ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Item:
    """One picture of a set. ``id`` is its name within the set; ``problem`` says why it cannot even be tried (counted, not dropped)."""

    id: str
    path: Path
    label: Label | None = None
    category: str = ""
    source: str = ""
    references: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    mask: Path | None = None
    problem: str = ""


@dataclass(frozen=True)
class Dataset:
    """A set as read. ``notes``: what was assumed or left out, in sentences that go into the result."""

    format: str
    root: Path
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    submission: Literal["", "fakebench", "aesbench"] = ""
    """The form in which this benchmark takes answers, when it withholds the labels."""

    def sha256(self) -> str:
        """Identity of what was asked: format, ids, labels, references and questions (not the pictures' bytes)."""
        plain = [(item.id, item.label, item.category, item.source, item.references,
                  [(question.family, question.text, question.options, question.answer) for question in item.questions])
                 for item in self.items]
        return hashlib.sha256(msgspec.json.encode([self.format, plain])).hexdigest()
