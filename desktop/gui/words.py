"""What people say of a case, as values: written into the case, kept on the disk until then, recognised when they are there. No Qt.

Not among them is what is made again by itself: an analysis whose document could not be stored is done once more, for the case asks for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.gui import kept
from desktop.gui.item import Conclusion, Disposition

if TYPE_CHECKING:
    from desktop.cases import Case


@dataclass(frozen=True)
class Noted:
    """A note on an exhibit."""

    exhibit: int
    text: str

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return (self.exhibit,)

    def write(self, case: Case) -> Any:
        """Record it; gives all notes on the exhibit. Raises CaseError."""
        return kept.write_note(case, self.exhibit, self.text)

    def there(self, case: Case, since: str) -> bool:
        """Whether the case has it, from ``since`` on (a time as the case writes it)."""
        return any(note.text == self.text.strip() and note.at >= since for note in case.notes(self.exhibit))


@dataclass(frozen=True)
class Judged:
    """The examiner's judgement of a claim, or that it is taken back (``open``)."""

    exhibit: int
    entry: int
    claim: str
    value: Disposition

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return (self.exhibit,)

    def write(self, case: Case) -> None:
        """Record it. Raises CaseError."""
        kept.judge(case, self.entry, self.claim, self.value)

    def there(self, case: Case, _since: str) -> bool:
        """Whether the case has it."""
        said = case.dispositions(self.entry).get(self.claim)
        return (said.value if said is not None else "open") == self.value


@dataclass(frozen=True)
class Concluded:
    """The examiner's conclusion about an exhibit."""

    exhibit: int
    value: Conclusion
    entry: int | None

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return (self.exhibit,)

    def write(self, case: Case) -> None:
        """Record it. Raises CaseError."""
        case.conclude(self.exhibit, self.value, "", self.entry)

    def there(self, case: Case, _since: str) -> bool:
        """Whether the case has it."""
        said = case.conclusion(self.exhibit)
        return (said.value if said is not None else "none") == self.value


@dataclass(frozen=True)
class Tagged:
    """Tags put on and taken off; putting an exhibit aside is one too."""

    exhibits: tuple[int, ...]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return self.exhibits

    def write(self, case: Case) -> None:
        """Record it. Raises CaseError."""
        kept.change_tags(case, self.exhibits, self.add, self.remove)

    def there(self, case: Case, _since: str) -> bool:
        """Whether the case has it."""
        return all(set(self.add) <= set(carried) and not set(self.remove) & set(carried) for carried in map(case.tags, self.exhibits))


@dataclass(frozen=True)
class Answered:
    """A question that was put to the expert, and its answer."""

    exhibit: int
    question: str
    answer: str
    expert: str

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return (self.exhibit,)

    def write(self, case: Case) -> None:
        """Record it. Raises CaseError."""
        case.answered(self.exhibit, self.question, self.answer, self.expert)

    def there(self, case: Case, since: str) -> bool:
        """Whether the case has it, from ``since`` on."""
        return any(
            (answer.question, answer.text) == (self.question.strip(), self.answer.strip()) and answer.at >= since
            for answer in case.answers(self.exhibit)
        )


@dataclass(frozen=True)
class Exported:
    """That a report of an exhibit left the case, and the digest by which it is known."""

    exhibit: int
    what: str
    digest: str

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns."""
        return (self.exhibit,)

    def write(self, case: Case) -> None:
        """Record it. Raises CaseError."""
        case.log_export(self.exhibit, self.what, self.digest)

    def there(self, case: Case, since: str) -> bool:
        """Whether the case has it, from ``since`` on."""
        lines = (json.loads(line) for line in case.custody_for(self.exhibit))
        return any(line["event"] == "exported" and self.digest in line["details"].values() and line["at"] >= since for line in lines)


@dataclass(frozen=True)
class Pasted:
    """A picture that is nowhere but in this window: it came from the clipboard or out of another program."""

    name: str
    settings: dict[str, str]
    data: bytes

    @property
    def about(self) -> tuple[int, ...]:
        """The exhibits that it concerns: none that is in the case."""
        return ()

    def write(self, case: Case) -> Any:
        """Take it into the case; gives its row and its file there. Raises CaseError or InputError."""
        return kept.take(case, self.data, self.name, self.settings)

    def there(self, case: Case, _since: str) -> bool:
        """Whether the case has it."""
        import hashlib

        return bool(case.rows("SELECT 1 FROM exhibit WHERE sha256 = ?", (hashlib.sha256(self.data).hexdigest(),)))


Word = Noted | Judged | Concluded | Tagged | Answered | Exported | Pasted
KINDS: dict[str, type[Word]] = {
    "note": Noted, "judgement": Judged, "conclusion": Concluded, "tags": Tagged, "answer": Answered, "export": Exported, "picture": Pasted,
}  # fmt: skip
"""How each is called on the disk."""
