"""Marks: what the file declares about its origin. Declarations, never proof; their absence says nothing."""

from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.document import Mark
from desktop.gui import languages, wording
from desktop.gui.item import Item
from desktop.gui.labels import card, clear, heading, text_label
from desktop.gui.page import Page
from desktop.gui.session import Session
from desktop.gui.text_block import TextBlock


class MarksPanel(Page):
    """Follows the selected exhibit; found marks first."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, self.tr("Marks"))
        self._shown: tuple[Mark, ...] | None = None
        session.selected.connect(self.refresh_soon)
        session.changed.connect(self._on_changed)
        self.refresh()

    def show_item(self, item: Item | None) -> None:
        """The exhibit's marks."""
        analysis = item.analysis if item is not None else None
        marks = analysis.marks if analysis is not None else ()
        if marks == self._shown and marks:
            return
        self._shown = marks
        clear(self.box)
        note = self.tr("What the file says about itself. A mark can be removed or forged, and having none means nothing.")
        self.box.addWidget(text_label(note, muted=True))
        if not marks:
            nothing = self.tr("Marks are read when the exhibit is analysed.") if analysis is None else self.tr("No marks.")
            self.box.addWidget(text_label(nothing, muted=True))
        for mark in sorted(marks, key=lambda mark: mark.state != "found"):
            if mark.state in ("found", "failed"):
                self.box.addWidget(self._mark_card(mark))
        for state, title in (
            ("absent", self.tr("– Looked for and not found")),
            ("not-applicable", self.tr("∅ Not applicable to this file")),
        ):
            names = [mark_name(mark) for mark in marks if mark.state == state]
            if names:
                frame, box = card()
                box.addWidget(heading(title))
                box.addWidget(text_label(" · ".join(names), muted=True))
                self.box.addWidget(frame)
        self.box.addStretch(1)
        for row in range(self.box.count()):
            entry = self.box.itemAt(row)
            if entry is not None and (widget := entry.widget()) is not None:
                widget.show()  # with the page, not with the next event

    def _mark_card(self, mark: Mark) -> QWidget:
        frame, box = card()
        box.addWidget(heading(f"{mark_name(mark)}  {wording.mark_state(mark)}"))
        if mark.sentence:
            box.addWidget(text_label(mark_sentence(mark), selectable=True))
        lines = fact_lines(mark.facts)
        if lines and mark.state in ("found", "failed"):
            box.addWidget(TextBlock(self.tr("Facts of {mark}").format(mark=mark_name(mark)), "\n".join(lines), muted=True))
        return frame


def mark_name(mark: Mark) -> str:
    """A mark's name for people, in the window's language."""
    from desktop.evidence.words import mark_title

    return mark_title(mark.id, languages.short())


def mark_sentence(mark: Mark) -> str:
    """A mark's sentence in the window's language."""
    from desktop.evidence import words

    return words.mark_sentence(mark, languages.short())


def fact_lines(facts: dict[str, Any], depth: int = 0) -> list[str]:
    """Facts as indented lines, long ones cut, a few dozen at most: they come from hostile files."""
    lines: list[str] = []
    for key, value in list(facts.items())[:40]:
        pad = "    " * depth
        if isinstance(value, dict) and depth < 3:
            lines.append(f"{pad}{key}:")
            lines.extend(fact_lines(value, depth + 1))
        else:
            words = ", ".join(str(part) for part in value[:12]) if isinstance(value, list | tuple) else str(value)
            lines.append(f"{pad}{key}: {words[:300]}{'…' if len(words) > 300 else ''}")
    return lines[:60]
