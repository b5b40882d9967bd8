"""The first tab on the right: the outcome with its uncertainty, the score, the stated reasons; or what went wrong and what to do."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from desktop.gui import failures, theme, wording
from desktop.gui.explanation_box import ExplanationBox
from desktop.gui.item import Disposition, Item
from desktop.gui.labels import card, heading, named, text_label, unbroken
from desktop.gui.page import Page
from desktop.gui.score_bar import ScoreBar
from desktop.gui.seam import ExpertFacts
from desktop.gui.session import Session
from desktop.gui.state import State
from desktop.gui.text_block import TextBlock


class FindingsPanel(Page):
    """Follows the selected exhibit."""

    claim_hovered = Signal(str)
    claim_chosen = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session, self.tr("Findings"), spacing=10)
        self.nothing = text_label(self.tr("Findings appear here as soon as there is an exhibit."), muted=True)
        self.box.addWidget(self.nothing)
        self._make_progress()
        self._make_outcome()
        self._make_failure()
        self._make_score()
        self._make_reasons()
        self.box.addStretch(1)
        session.selected.connect(self.refresh)
        session.changed.connect(self._on_changed)
        session.piece.connect(self._on_piece)
        session.expert_changed.connect(self.refresh)
        session.added.connect(self.explanation.prepare)
        self.refresh()

    # --- parts

    def _make_progress(self) -> None:
        self.progress_card, box = card()
        self.progress_text = text_label()
        self.progress_bar = named(QProgressBar(textVisible=False), self.tr("Progress of this exhibit"))
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self._cancel)
        box.addWidget(self.progress_text)
        box.addWidget(self.progress_bar)
        box.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignRight)
        self.box.addWidget(self.progress_card)

    def _make_outcome(self) -> None:
        self.outcome_card, box = card()
        self.headline = heading("", 1.3)
        self.sentence = text_label(selectable=True)
        self.caveat = text_label(muted=True)
        self.reasons = text_label(muted=True, selectable=True)
        self.next_step = text_label(muted=True)
        for label in (self.headline, self.sentence, self.caveat, self.reasons, self.next_step):
            box.addWidget(label)
        self.box.addWidget(self.outcome_card)

    def _make_failure(self) -> None:
        self.failure_card, box = card("errorcard")
        self.failure_title = heading("", 1.15)
        self.failure_text = text_label(selectable=True)
        self.failure_advice = text_label()
        self.failure_code = text_label(muted=True, selectable=True)
        self.retry_button = QPushButton(self.tr("Try again"))
        self.retry_button.clicked.connect(self._retry)
        for label in (self.failure_title, self.failure_text, self.failure_advice, self.failure_code):
            box.addWidget(label)
        box.addWidget(self.retry_button, 0, Qt.AlignmentFlag.AlignRight)
        self.box.addWidget(self.failure_card)

    def _make_score(self) -> None:
        self.score_card, box = card()
        self.score_title = heading(self.tr("The expert's score"))
        self.score_bar = ScoreBar()
        self.score_line = text_label(selectable=True)
        self.score_note = text_label(muted=True)
        for widget in (self.score_title, self.score_bar, self.score_line, self.score_note):
            box.addWidget(widget)
        self.box.addWidget(self.score_card)

    def _make_reasons(self) -> None:
        self.explanation = ExplanationBox()
        self.explanation.lit.connect(self.claim_hovered)
        self.explanation.chosen.connect(self.claim_chosen)
        self.explanation.disposed.connect(self._disposed)
        self.explanation.wants_view.connect(self.ensureWidgetVisible)
        self.box.addWidget(self.explanation)

    # --- following the session

    def changeEvent(self, event: QEvent) -> None:
        """Colours of outcomes are part of the texts, so a new palette shows them again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "explanation"):
            self.refresh()

    def show_item(self, item: Item | None) -> None:
        """The finding, the score and the reasons, as far as they are there."""
        self.nothing.setVisible(item is None)
        if item is None:
            for widget in (self.progress_card, self.outcome_card, self.failure_card, self.score_card):
                widget.hide()
            self.explanation.show_item(None)
            return
        self._show_progress(item)
        self._show_failure(item)
        self._show_outcome(item)
        self._show_score(item)
        self.explanation.show_item(item)

    def _show_progress(self, item: Item) -> None:
        busy = item.state in (State.WAITING, State.RUNNING)
        self.progress_card.setVisible(busy)
        if busy:
            self.progress_text.setText(wording.state_line(item))
            if item.fraction is not None:
                self.progress_bar.setRange(0, 1000)
                self.progress_bar.setValue(int(item.fraction * 1000))
            else:
                # A moving bar while running, an empty one while waiting.
                self.progress_bar.setRange(0, 0 if item.state is State.RUNNING else 1)
            self.progress_bar.setVisible(item.state is State.RUNNING)

    def _show_failure(self, item: Item) -> None:
        failure = item.failure
        self.failure_card.setVisible(failure is not None)
        if failure is not None:
            cancelled = failure.code == "cancelled"
            title = self.tr("✕ Not analysed: {why}").format(why=failures.title(failure))
            self.failure_title.setText(self.tr("– Cancelled") if cancelled else title)
            self.failure_text.setVisible(not cancelled)
            self.failure_text.setText(failures.sentence(failure))
            self.failure_advice.setText(failures.advice(failure))
            self.failure_code.setVisible(not cancelled)
            self.failure_code.setText(self.tr("Code: {code}").format(code=failure.code))

    def _show_outcome(self, item: Item) -> None:
        finding = item.finding
        ended = item.state is State.DONE
        visible = finding is not None or ended
        self.outcome_card.setVisible(visible)
        if not visible:
            return
        outcome = finding.outcome if finding is not None else ""
        self.headline.setText(f"{wording.SYMBOLS.get(outcome, '')} {wording.headline(outcome)}".strip())
        colour = f"color: {theme.outcome_colour(theme.current(), outcome)}"
        if self.headline.styleSheet() != colour:  # each is read and applied anew
            self.headline.setStyleSheet(colour)
        self.sentence.setVisible(finding is not None)
        self.sentence.setText(unbroken(wording.finding_sentence(finding)) if finding is not None else "")
        self.caveat.setText(wording.uncertainty(outcome))
        lines = [f"• {unbroken(text)}" for text in wording.reasons(finding)] if finding is not None else []
        self.reasons.setVisible(bool(lines))
        self.reasons.setText("\n".join(lines))
        self.next_step.setText(wording.next_step(outcome))
        self.next_step.setVisible(bool(outcome))

    def _show_score(self, item: Item) -> None:
        value = item.log_odds
        self.score_card.setVisible(value is not None)
        if value is not None:
            threshold = threshold_of(item)
            if threshold is None and isinstance(self._session.expert, ExpertFacts):
                threshold = self._session.expert.threshold
            self.score_bar.show_value(value, threshold)
            self.score_line.setText(wording.score_line(value, item.answer))
            self.score_note.setText(wording.score_note(threshold))

    def _on_piece(self, key: int, _text: str) -> None:
        if key == self._session.current:
            self.explanation.show_item(self._session.item)

    # --- buttons

    def _disposed(self, claim: str, value: Disposition) -> None:
        item = self._session.item
        if item is not None:
            self._session.dispose(item.key, claim, value)

    def _cancel(self) -> None:
        if self._session.current is not None:
            self._session.cancel([self._session.current])

    def _retry(self) -> None:
        if self._session.current is not None:
            self._session.retry([self._session.current])


def threshold_of(item: Item) -> float | None:
    """The calibrated threshold that a finding was weighed with."""
    finding = item.finding
    rates = finding.error_rates.get("at_threshold") if finding is not None else None
    value = rates.get("threshold") if isinstance(rates, dict) else None
    return float(value) if isinstance(value, int | float) else None


def label_texts(panel: QWidget) -> str:
    """Everything a panel says right now, for tests and for copying."""
    labels = [label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel)]
    return "\n".join(labels + [block.toPlainText() for block in panel.findChildren(TextBlock) if block.isVisibleTo(panel)])
