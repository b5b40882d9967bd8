"""The record: the examiner's tags and notes, and what exactly was examined, by what, and how it can be repeated."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from desktop.gui import wording
from desktop.gui.item import Conclusion, Item
from desktop.gui.labels import heading, named
from desktop.gui.marks_panel import fact_lines
from desktop.gui.page import Page
from desktop.gui.session import Session
from desktop.gui.text_block import TextBlock

_CONCLUSIONS: tuple[Conclusion, ...] = ("none", "supports-ai", "supports-camera", "inconclusive")


class RecordPanel(Page):
    """Follows the selected exhibit."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, self.tr("Record"))
        self._key: int | None = None
        self.facts = TextBlock(self.tr("What was examined"))
        self.tags = named(QLineEdit(), self.tr("Tags"))
        self.tags.setPlaceholderText(self.tr("Tags, separated by commas"))
        self.conclusion = named(QComboBox(), self.tr("Your conclusion"))
        self.conclusion.setToolTip(self.tr("Your own, about the whole exhibit; it goes into the report beside the expert's finding."))
        for value in _CONCLUSIONS:
            self.conclusion.addItem(wording.conclusion(value), value)
        self.conclusion.activated.connect(self._conclude)
        self.notes = TextBlock(self.tr("Notes on this exhibit"))
        self.draft = named(QPlainTextEdit(), self.tr("New note"))
        self.draft.setPlaceholderText(self.tr("A new note on this exhibit"))
        self.draft.setTabChangesFocus(True)
        self.draft.setFixedHeight(5 * self.fontMetrics().height())
        self.note_button = QPushButton(self.tr("Add note"))
        self.note_button.setToolTip(self.tr("Ctrl+Enter. A recorded note stays as it is: to correct it, write another."))
        self.note_button.clicked.connect(self._record)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self.draft, self._record, context=Qt.ShortcutContext.WidgetShortcut)
        self.tags.editingFinished.connect(self._tag)
        self.draft.textChanged.connect(self._typed)
        for title, fields in (
            (self.tr("Your conclusion"), (self.conclusion,)),
            (self.tr("Tags"), (self.tags,)),
            (self.tr("Notes"), (self.notes, self.draft)),
        ):
            self.box.addWidget(heading(title))
            for field in fields:
                self.box.addWidget(field)
        self.box.addWidget(self.note_button, 0, Qt.AlignmentFlag.AlignRight)
        self.box.addWidget(heading(self.tr("What was examined")))
        self.box.addWidget(self.facts)
        self.box.addStretch(1)
        session.selected.connect(self.refresh)
        session.changed.connect(self._on_changed)
        session.many_changed.connect(self._on_many_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the selected exhibit's record and notes, and what was being typed about it."""
        item = self._session.item
        self._key = None  # what follows is no typing
        self.tags.setText(", ".join(item.tags) if item is not None else "")
        self.draft.setPlainText(item.draft if item is not None else "")
        self._key = item.key if item is not None else None
        super().refresh()

    def _on_many_changed(self, keys: list[int]) -> None:
        if self._session.current in keys:
            self.refresh()

    def _record(self) -> None:
        """Record the note that is typed."""
        if self._key in self._session.items and self.note_button.isEnabled():
            key, text = self._key, self.draft.toPlainText()
            self.draft.clear()
            self._session.write_note(key, text)

    def _typed(self) -> None:
        if self._key in self._session.items:
            self._session.type_note(self._key, self.draft.toPlainText())
        self._enable()

    def _tag(self) -> None:
        item = self._session.items.get(self._key) if self._key is not None else None
        if item is not None:
            wanted = {" ".join(tag.split()) for tag in self.tags.text().split(",") if tag.strip()}
            if wanted != set(item.tags):
                self._session.change_tags([item.key], wanted - set(item.tags), set(item.tags) - wanted)

    def _conclude(self, row: int) -> None:
        if self._key in self._session.items:
            self._session.conclude(self._key, _CONCLUSIONS[row])

    def _enable(self) -> None:
        item = self._session.item
        possible = item is not None and item.exhibit is not None and not self._session.docket.read_only
        self.tags.setEnabled(possible)
        self.conclusion.setEnabled(possible)
        self.draft.setEnabled(possible)
        self.note_button.setEnabled(possible and bool(self.draft.toPlainText().strip()))

    def show_item(self, item: Item | None) -> None:
        """All but what may be being typed."""
        self.facts.show_text("\n".join(self._lines(item)) if item is not None else "")
        notes = item.notes if item is not None else ()
        self.notes.show_text("\n\n".join(f"{wording.moment(note.at)}, {note.who}\n{note.text}" for note in notes))
        self.notes.setVisible(bool(notes))
        self.conclusion.setCurrentIndex(_CONCLUSIONS.index(item.conclusion) if item is not None else 0)
        self._enable()

    def _lines(self, item: Item) -> list[str]:
        lines = [self.tr("Name: {name}").format(name=item.name)]
        if item.origin is not None:
            lines.append(self.tr("File: {path}").format(path=item.origin))
        if item.exhibit is not None:
            lines.append(self.tr("Exhibit {number} of the case").format(number=item.exhibit))
        if item.width:
            lines.append(
                self.tr("Picture: {kind}, {width} × {height} pixels").format(kind=item.container, width=item.width, height=item.height)
            )
        if item.sha256:
            lines += ["SHA-256: " + item.sha256, self.tr("SHA-256 of the pixels: ") + item.rgb_sha256]
        if item.deviations:
            lines.append(self.tr("Differs from what the model's own loader would do:"))
            lines += [f"  • {wording.deviation(text)}" for text in item.deviations]
        analysis, opinion = item.analysis, item.opinion
        if analysis is not None:
            lines += ["", self.tr("Size: {size}").format(size=wording.size(analysis.exhibit.bytes)), *fact_lines(analysis.exhibit.facts)]
        if opinion is not None and analysis is not None:
            expert, timing = opinion.expert, opinion.timing
            lines += [
                "",
                self.tr("Expert: {name} ({type}), {licence}").format(name=expert.name, type=expert.type, licence=expert.licence),
                self.tr("Card: ") + expert.card_sha256,
                self.tr("Log-odds: {value}, both answer words hold {mass} of the mass").format(
                    value=f"{opinion.log_odds:.6f}", mass=f"{opinion.mass:.4f}"
                ),
                self.tr("Seconds: looking {encode}, verdict {score}, text {explain}").format(
                    encode=f"{timing.encode_s:.1f}", score=f"{timing.score_s:.1f}", explain=f"{timing.explain_s:.1f}"
                ),
                self.tr("Network: blocked by {how}").format(how=wording.network_block(analysis.run.network_block)),
                self.tr("Telltale {version}, {when}").format(version=analysis.run.telltale, when=analysis.run.started_at),
            ]
        return lines
