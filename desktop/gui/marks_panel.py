"""Marks: what the file declares about its origin. Declarations, never proof; their absence says nothing."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.document import Mark
from desktop.gui import languages, wording
from desktop.gui.labels import card, clear, heading, text_label
from desktop.gui.session import Session
from desktop.gui.text_block import TextBlock


class MarksPanel(QScrollArea):
    """Follows the selected exhibit; found marks first."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Marks"))
        self._session = session
        self._shown: tuple[Mark, ...] | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        body = QWidget()
        self._box = QVBoxLayout(body)
        self._box.setContentsMargins(12, 12, 12, 12)
        self._box.setSpacing(8)
        self.setWidget(body)
        self._stale = False
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.refresh)
        session.selected.connect(self._on_selected)
        session.changed.connect(self._on_changed)
        self.refresh()

    def _on_changed(self, key: int) -> None:
        if key == self._session.current:
            self._on_selected()

    def _on_selected(self) -> None:
        """In an event of its own; of a page that is behind another one, when somebody looks."""
        self._stale = True
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show the selected exhibit's marks."""
        self._stale = False
        item = self._session.item
        analysis = item.analysis if item is not None else None
        marks = analysis.marks if analysis is not None else ()
        if marks == self._shown and marks:
            return
        self._shown = marks
        clear(self._box)
        note = self.tr("What the file says about itself. A mark can be removed or forged, and having none means nothing.")
        self._box.addWidget(text_label(note, muted=True))
        if not marks:
            nothing = self.tr("Marks are read when the exhibit is analysed.") if analysis is None else self.tr("No marks.")
            self._box.addWidget(text_label(nothing, muted=True))
        for mark in sorted(marks, key=lambda mark: mark.state != "found"):
            if mark.state in ("found", "failed"):
                self._box.addWidget(self._mark_card(mark))
        for state, title in (
            ("absent", self.tr("– Looked for and not found")),
            ("not-applicable", self.tr("∅ Not applicable to this file")),
        ):
            names = [mark_name(mark) for mark in marks if mark.state == state]
            if names:
                frame, box = card()
                box.addWidget(heading(title))
                box.addWidget(text_label(" · ".join(names), muted=True))
                self._box.addWidget(frame)
        self._box.addStretch(1)
        for row in range(self._box.count()):
            entry = self._box.itemAt(row)
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
