"""The record: what exactly was examined, by what, and how it can be repeated; and the examiner's notes."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.gui import wording
from desktop.gui.item import Item
from desktop.gui.labels import TextBlock, heading, named
from desktop.gui.marks_panel import fact_lines
from desktop.gui.session import Session


class RecordPanel(QScrollArea):
    """Follows the selected exhibit."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Record"))
        self._session = session
        self._key: int | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(12, 12, 12, 12)
        box.setSpacing(8)
        self.facts = TextBlock(self.tr("What was examined"))
        self.tags = named(QLineEdit(), self.tr("Tags"))
        self.tags.setPlaceholderText(self.tr("Tags, separated by commas"))
        self.notes = named(QPlainTextEdit(), self.tr("Notes"))
        self.notes.setPlaceholderText(self.tr("Your notes on this exhibit"))
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(90)
        self.tags.editingFinished.connect(self._keep)
        self.notes.textChanged.connect(self._keep)
        for widget in (heading(self.tr("Notes")), self.tags, self.notes, heading(self.tr("What was examined")), self.facts):
            box.addWidget(widget)
        box.addStretch(1)
        self.setWidget(body)
        session.selected.connect(self.refresh)
        session.changed.connect(lambda key: self._show_facts() if key == session.current else None)
        self.refresh()

    def refresh(self) -> None:
        """Show the selected exhibit's record and notes."""
        item = self._session.item
        self._key = None  # what follows is no typing
        self.tags.setText(", ".join(item.tags) if item is not None else "")
        self.notes.setPlainText(item.notes if item is not None else "")
        self.tags.setEnabled(item is not None)
        self.notes.setEnabled(item is not None)
        self._key = item.key if item is not None else None
        self._show_facts()

    def _keep(self) -> None:
        item = self._session.items.get(self._key) if self._key is not None else None
        if item is not None:
            notes = self.notes.toPlainText()
            tags = tuple(tag.strip() for tag in self.tags.text().split(",") if tag.strip())
            if (notes, tags) != (item.notes, item.tags):
                item.notes, item.tags, item.words_saved = notes, tags, False

    def _show_facts(self) -> None:
        item = self._session.item
        self.facts.show_text("\n".join(self._lines(item)) if item is not None else "")

    def _lines(self, item: Item) -> list[str]:
        lines = [self.tr("Name: {name}").format(name=item.name)]
        if item.path is not None:
            lines.append(self.tr("File: {path}").format(path=item.path))
        if item.width:
            lines.append(
                self.tr("Picture: {kind}, {width} × {height} pixels").format(kind=item.container, width=item.width, height=item.height)
            )
        if item.sha256:
            lines += ["SHA-256: " + item.sha256, self.tr("SHA-256 of the pixels: ") + item.rgb_sha256]
        if item.deviations:
            lines += [self.tr("Differs from what the model's own loader would do:"), *(f"  • {text}" for text in item.deviations)]
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
                self.tr("Network: blocked by {how}").format(how=analysis.run.network_block),
                self.tr("Telltale {version}, {when}").format(version=analysis.run.telltale, when=analysis.run.started_at),
            ]
        return lines
