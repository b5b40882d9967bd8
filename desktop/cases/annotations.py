"""What people add to a case: notes, tags, dispositions of claims and conclusions. The newest counts; none is ever overwritten."""

from typing import Any

from desktop.cases.listing import Listing
from desktop.cases.store import now
from desktop.cases.values import Answer, Conclusion, ConclusionValue, Disposition, DispositionValue, Note
from models.errors import CaseError

LONGEST = 100_000
"""Characters of one note."""


class Annotations(Listing):
    """The examiner's side of a case, kept apart from the machine's findings."""

    def note(self, exhibit: int | None, text: str) -> None:
        """Add a note to an exhibit, or to the case."""
        text = _text(text, required=True)
        with self.transaction():
            self._exists("exhibit", exhibit)
            self.insert("note", "note", exhibit, {"exhibit": exhibit, "text": text, "at": now(), "who": self.who}, {"text": text})
            if exhibit is not None:
                self.reindex(exhibit)

    def tag(self, exhibit: int, tag: str) -> None:
        """Put a tag on an exhibit; one that it carries already changes nothing."""
        self._tag(exhibit, tag, "add")

    def untag(self, exhibit: int, tag: str) -> None:
        """Take a tag off an exhibit; the log keeps that it was there."""
        self._tag(exhibit, tag, "remove")

    def dispose(self, analysis: int, claim: str, value: DispositionValue, note: str = "") -> None:
        """Record what the examiner says of one claim of one analysis."""
        self._dispose(analysis, claim, value, note)

    def withdraw(self, analysis: int, claim: str) -> None:
        """Take back what the examiner said of a claim; the log keeps that it was said."""
        self._dispose(analysis, claim, "withdrawn", "")

    def answered(self, exhibit: int, question: str, text: str, expert: str) -> None:
        """Record a question about an exhibit and the expert's answer."""
        question, text = _text(question, required=True), _text(text)
        with self.transaction():
            self._exists("exhibit", exhibit)
            fields = {"exhibit": exhibit, "question": question, "text": text, "expert": expert, "at": now(), "who": self.who}
            self.insert("answer", "asked", exhibit, fields, {"question": question, "expert": expert})

    def answers(self, exhibit: int) -> list[Answer]:
        """The questions about an exhibit with their answers, oldest first."""
        sql = "SELECT question, text, expert, at, who FROM answer WHERE exhibit = ? ORDER BY id"
        return [Answer(*row) for row in self.rows(sql, (exhibit,))]

    def _dispose(self, analysis: int, claim: str, value: str, note: str) -> None:
        with self.transaction():
            self._exists("analysis", analysis)
            ((exhibit,),) = self.rows("SELECT exhibit FROM analysis WHERE id = ?", (analysis,))
            fields = {"analysis": analysis, "claim": claim, "value": value, "note": _text(note), "at": now(), "who": self.who}
            self.insert("disposition", "disposition", exhibit, fields, {"analysis": analysis, "claim": claim, "value": value, "note": note})

    def conclude(self, exhibit: int, value: ConclusionValue, text: str = "", analysis: int | None = None) -> None:
        """Record the examiner's overall conclusion about an exhibit."""
        with self.transaction():
            self._exists("exhibit", exhibit)
            self._exists("analysis", analysis)
            fields = {"exhibit": exhibit, "analysis": analysis, "value": value, "text": _text(text), "at": now(), "who": self.who}
            self.insert("conclusion", "conclusion", exhibit, fields, {"analysis": analysis, "value": value, "text": text})
            self.reindex(exhibit)

    def notes(self, exhibit: int | None) -> list[Note]:
        """The notes on an exhibit (or on the case), oldest first."""
        return [Note(*row) for row in self.rows("SELECT text, at, who FROM note WHERE exhibit IS ? ORDER BY id", (exhibit,))]

    def dispositions(self, analysis: int) -> dict[str, Disposition]:
        """The newest disposition of every claim of an analysis, where it was not taken back."""
        found = self.rows("SELECT claim, value, note, at, who FROM disposition WHERE analysis = ? ORDER BY id", (analysis,))
        return {claim: Disposition(value, note, at, who) for claim, value, note, at, who in _standing(found)}

    def conclusion(self, exhibit: int) -> Conclusion | None:
        """The newest conclusion about an exhibit."""
        found = self.rows("SELECT value, text, at, who FROM conclusion WHERE exhibit = ? ORDER BY id DESC LIMIT 1", (exhibit,))
        return Conclusion(*found[0]) if found else None

    def _tag(self, exhibit: int, tag: str, op: str) -> None:
        tag = " ".join(_text(tag, required=True).split())[:100]
        with self.transaction():
            self._exists("exhibit", exhibit)
            if (tag in self.tags(exhibit)) == (op == "add"):
                return
            fields = {"exhibit": exhibit, "tag": tag, "op": op, "at": now(), "who": self.who}
            self.insert("tag_event", "tag-added" if op == "add" else "tag-removed", exhibit, fields, {"tag": tag})
            self.reindex(exhibit)

    def _exists(self, table: str, row: int | None) -> None:
        if row is not None and not self.rows(f"SELECT 1 FROM {table} WHERE id = ?", (row,)):  # noqa: S608  table names are ours
            raise CaseError(f"no-such-{table}", f"The case holds no {table} with this number.")


def _standing(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The newest row of every claim, without those that take something back."""
    return [row for row in {row[0]: row for row in rows}.values() if row[1] != "withdrawn"]


def _text(text: str, *, required: bool = False) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8").strip()
    if required and not text:
        raise CaseError("text-empty", "There is nothing to record.")
    if len(text) > LONGEST:
        raise CaseError("text-too-long", f"The text is longer than {LONGEST} characters.")
    return text
