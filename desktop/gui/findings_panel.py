"""The first tab on the right: the outcome with its uncertainty, the score, the stated reasons; or what went wrong and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.document import Opinion
from desktop.gui import theme, wording
from desktop.gui.claim_row import ClaimRow
from desktop.gui.item import Disposition, Item, State, segments
from desktop.gui.labels import TextBlock, card, clear, heading, named, text_label, unbroken
from desktop.gui.score_bar import ScoreBar
from desktop.gui.seam import ExpertFacts
from desktop.gui.session import Session


class FindingsPanel(QScrollArea):
    """Follows the selected exhibit."""

    claim_hovered = Signal(str)
    claim_chosen = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Findings"))
        self._session = session
        self._rows: list[ClaimRow] = []
        self._explained: tuple[int, Opinion | None] | None = None
        self._lit = ""
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        body = QWidget()
        self._box = QVBoxLayout(body)
        self._box.setContentsMargins(12, 12, 12, 12)
        self._box.setSpacing(10)
        self.nothing = text_label(self.tr("Findings appear here as soon as there is an exhibit."), muted=True)
        self._box.addWidget(self.nothing)
        self._make_progress()
        self._make_outcome()
        self._make_failure()
        self._make_score()
        self._make_reasons()
        self._box.addStretch(1)
        self.setWidget(body)
        session.selected.connect(self.refresh)
        session.changed.connect(self._on_changed)
        session.piece.connect(self._on_piece)
        session.expert_changed.connect(self.refresh)
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
        self._box.addWidget(self.progress_card)

    def _make_outcome(self) -> None:
        self.outcome_card, box = card()
        self.headline = heading("", 1.3)
        self.sentence = text_label(selectable=True)
        self.caveat = text_label(muted=True)
        self.reasons = text_label(muted=True, selectable=True)
        self.next_step = text_label(muted=True)
        for label in (self.headline, self.sentence, self.caveat, self.reasons, self.next_step):
            box.addWidget(label)
        self._box.addWidget(self.outcome_card)

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
        self._box.addWidget(self.failure_card)

    def _make_score(self) -> None:
        self.score_card, box = card()
        self.score_title = heading(self.tr("The expert's score"))
        self.score_bar = ScoreBar()
        self.score_line = text_label(selectable=True)
        self.score_note = text_label(muted=True)
        for widget in (self.score_title, self.score_bar, self.score_line, self.score_note):
            box.addWidget(widget)
        self._box.addWidget(self.score_card)

    def _make_reasons(self) -> None:
        self.reasons_title = heading(self.tr("The model's stated reasons"))
        note = self.tr("Written by the model, not checked by anyone. Point at a sentence to see where it looked.")
        self.reasons_note = text_label(note, muted=True)
        self.stream = TextBlock(self.tr("The model's stated reasons"))
        self._claims_host = QWidget()
        self._claims_box = QVBoxLayout(self._claims_host)
        self._claims_box.setContentsMargins(0, 0, 0, 0)
        self._claims_box.setSpacing(8)
        for widget in (self.reasons_title, self.reasons_note, self.stream, self._claims_host):
            self._box.addWidget(widget)

    # --- following the session

    def refresh(self) -> None:
        """Show the selected exhibit as it stands."""
        item = self._session.item
        for widget in (self.progress_card, self.outcome_card, self.failure_card, self.score_card):
            widget.hide()
        self.nothing.setVisible(item is None)
        if item is None:
            self._explain(None)
            return
        self._show_progress(item)
        self._show_failure(item)
        self._show_outcome(item)
        self._show_score(item)
        self._explain(item)

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
            title = self.tr("✕ Not analysed: {why}").format(why=wording.failure_title(failure))
            self.failure_title.setText(self.tr("– Cancelled") if cancelled else title)
            self.failure_text.setVisible(not cancelled)
            self.failure_text.setText(failure.message[:1].upper() + failure.message[1:])
            self.failure_advice.setText(wording.advice(failure))
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
        self.headline.setStyleSheet(f"color: {theme.outcome_colour(theme.current(), outcome)}")
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

    def _explain(self, item: Item | None) -> None:
        opinion = item.opinion if item is not None else None
        state = (item.key, opinion) if item is not None else None
        visible = item is not None and bool(item.text or (opinion is not None and opinion.text))
        self.reasons_title.setVisible(visible)
        self.reasons_note.setVisible(visible)
        self.stream.setVisible(visible and opinion is None)
        self._claims_host.setVisible(visible and opinion is not None)
        if item is not None and opinion is None:
            self.stream.show_text(item.text)
        if state == self._explained:
            return
        self._explained = state
        self._lit = ""
        self._rows = []
        clear(self._claims_box)
        if item is not None and opinion is not None:
            self._fill_claims(item, opinion)

    def _fill_claims(self, item: Item, opinion: Opinion) -> None:
        numbers = {claim.id: number for number, claim in enumerate(opinion.claims, start=1)}
        for text, claim in segments(opinion.text, opinion.claims):
            if claim is None:
                if text.strip():
                    self._put(TextBlock(self.tr("Between the stated reasons"), text.strip()))
                continue
            row = ClaimRow(numbers[claim.id], claim, text, item.dispositions.get(claim.id, "open"))
            row.hovered.connect(self._row_hovered)
            row.chosen.connect(self._row_chosen)
            row.disposed.connect(self._row_disposed)
            self._rows.append(row)
            self._put(row)
        if opinion.text_state not in ("complete", "not-asked"):
            self._put(text_label(wording.text_state(opinion.text_state), muted=True))
        if opinion.grounding and not any(claim.regions for claim in opinion.claims):
            self._put(text_label(self.tr("No regions: {why}").format(why=opinion.grounding), muted=True))

    def _put(self, widget: QWidget) -> None:
        self._claims_box.addWidget(widget)
        widget.show()  # at once, not with the next event: a claim that is about to be selected must be able to take the keyboard

    def _on_changed(self, key: int) -> None:
        if key == self._session.current:
            self.refresh()

    def _on_piece(self, key: int, _text: str) -> None:
        item = self._session.item
        if item is not None and key == item.key:
            self.reasons_title.show()
            self.reasons_note.show()
            self.stream.show()
            self.stream.show_text(item.text)

    # --- claims and buttons

    @property
    def claim_rows(self) -> list[ClaimRow]:
        """The rows of the claims that are shown, in order."""
        return list(self._rows)

    @property
    def kept(self) -> str:
        """The claim that stays lit when the pointer is elsewhere."""
        return self._lit

    def step(self, direction: int) -> None:
        """Select the next or previous claim, going round."""
        ids = [row.claim.id for row in self._rows]
        if ids:
            here = ids.index(self._lit) if self._lit in ids else (-1 if direction > 0 else 0)
            self.choose(ids[(here + direction) % len(ids)])

    def light(self, claim: str) -> None:
        """Show which claim's regions are lit."""
        for row in self._rows:
            row.set_lit(row.claim.id == claim)

    def choose(self, claim: str) -> None:
        """Select a claim from outside: light it, bring it into view and give it the keyboard."""
        self._lit = claim
        self.light(claim)
        for row in self._rows:
            if row.claim.id == claim:
                self.claim_chosen.emit(claim)
                self.ensureWidgetVisible(row)
                row.setFocus(Qt.FocusReason.OtherFocusReason)

    def _row_hovered(self, claim: str) -> None:
        self.light(claim or self._lit)
        self.claim_hovered.emit(claim or self._lit)

    def _row_chosen(self, claim: str) -> None:
        self._lit = claim
        self.light(claim)
        self.claim_chosen.emit(claim)

    def _row_disposed(self, claim: str, value: Disposition) -> None:
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
