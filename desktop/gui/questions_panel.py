"""Questions to the expert about the selected exhibit: suggestions, a field, a running conversation. No answer changes a score."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.gui import failures
from desktop.gui.item import Item, Turn
from desktop.gui.labels import card, clear, heading, named, text_label
from desktop.gui.seam import ExpertFacts, Suggested
from desktop.gui.session import Session


class Chip(QPushButton):
    """A question to put with a click; where it does not fit, its end is left out and the tool tip has all of it."""

    def __init__(self, question: str, name: str) -> None:
        super().__init__(question)
        self.question = question
        self.setAccessibleName(name)
        self.setStyleSheet("text-align: left;")
        self.setMinimumWidth(40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width shows more or less of it."""
        super().resizeEvent(event)
        room = self.width() - 2 * self.fontMetrics().height()
        shown = self.fontMetrics().elidedText(self.question, Qt.TextElideMode.ElideRight, room)
        if shown != self.text():
            self.setText(shown)
            self.setToolTip(self.question if shown != self.question else "")


class QuestionsPanel(QWidget):
    """Follows the selected exhibit."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: Sequence[tuple[Turn, str, str]] = []
        self._answers: list[QLabel] = []
        self.setAccessibleName(self.tr("Questions"))
        self.note = text_label(muted=True)
        self._chips_host = QWidget()
        self._chips = QVBoxLayout(self._chips_host)
        self._chips.setContentsMargins(0, 0, 0, 0)
        self._chips.setSpacing(4)
        self._turns_host = QWidget()
        self._turns = QVBoxLayout(self._turns_host)
        self._turns.setContentsMargins(12, 8, 12, 8)
        self._turns.addStretch(1)
        self.area = named(QScrollArea(), self.tr("Conversation"))
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._turns_host)
        self.field = named(QLineEdit(), self.tr("Your question"))
        self.field.setPlaceholderText(self.tr("Ask about this picture"))
        self.field.setMaxLength(500)
        self.ask_button = QPushButton(self.tr("Ask"))
        self.field.returnPressed.connect(self._ask)
        self.field.textChanged.connect(lambda _text: self._enable())
        self.ask_button.clicked.connect(self._ask)
        self._lay_out()
        session.selected.connect(self.refresh)
        session.answered.connect(self._on_answered)
        session.expert_changed.connect(self._show_chips)
        self._show_chips()
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 12, 12, 4)
        top.addWidget(self.note)
        top.addWidget(self._chips_host)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(12, 6, 12, 12)
        bottom.addWidget(self.field, 1)
        bottom.addWidget(self.ask_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.area, 1)
        layout.addLayout(bottom)

    def suggestions(self) -> tuple[Suggested, ...]:
        """What may be asked with a click: first what the expert was trained to answer."""
        facts = self._session.expert
        return facts.questions if isinstance(facts, ExpertFacts) else ()

    def _show_chips(self) -> None:
        clear(self._chips)
        facts = self._session.expert
        offered = self.suggestions()
        trained = any(one.trained for one in offered)
        self.note.setText(
            self.tr("Answers are the model's words, not findings, and never change the score.")
            if trained or not isinstance(facts, ExpertFacts)
            else self.tr("Experimental: this expert was not trained to answer questions. Its answers never change the score.")
        )
        known = [one for one in offered if one.trained][:4]
        tried = [one for one in offered if not one.trained and one.kind != "attribute"]
        for part, title in ((known, ""), (tried, self.tr("Experimental: not trained on these") if trained else "")):
            if part and title:
                self._chips.addWidget(text_label(title, muted=True))
            for one in part:
                said = one.text if one.trained else self.tr("{question} (experimental)").format(question=one.text)
                chip = Chip(one.text, self.tr("Ask: {question}").format(question=said))
                chip.clicked.connect(lambda _checked=False, question=one.text: self._put(question))
                self._chips.addWidget(chip)
        rest = [one for one in offered if one not in known and one not in tried]
        if rest:
            self._chips.addWidget(self._more(rest))
        self._enable()

    def _more(self, rest: Sequence[Suggested]) -> QPushButton:
        """The questions about one property each: too many to lie open."""
        button = QPushButton(self.tr("About one property…"))
        menu = QMenu(button)
        for one in rest:
            menu.addAction(one.text).triggered.connect(lambda _checked=False, question=one.text: self._put(question))
        button.setMenu(menu)
        button.setStyleSheet("text-align: left;")
        return button

    def refresh(self) -> None:
        """Show the selected exhibit's conversation."""
        self._shown = []
        clear(self._turns)
        self._turns.addStretch(1)
        self._answers = []
        self._show_turns()
        self._enable()

    def _on_answered(self, key: int) -> None:
        if key == self._session.current:
            self._show_turns()

    def _show_turns(self) -> None:
        item = self._session.item
        turns = item.turns if item is not None else []
        state = [(turn, turn.answer, turn.state) for turn in turns]
        if len(state) < len(self._answers):
            self.refresh()
            return
        for number, turn in enumerate(turns):
            if number >= len(self._answers):
                self._add_turn(turn)
            elif self._shown[number][1:] != (turn.answer, turn.state):
                self._answers[number].setText(answer_text(turn))
        self._shown = state
        self._enable()

    def _add_turn(self, turn: Turn) -> None:
        frame, box = card()
        box.addWidget(heading(turn.question))
        if not turn.trained:
            box.addWidget(text_label(self.tr("Experimental: the expert was not trained on this question."), muted=True))
        answer = text_label(answer_text(turn), selectable=True)
        box.addWidget(answer)
        self._turns.insertWidget(self._turns.count() - 1, frame)
        frame.show()
        self._answers.append(answer)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(lambda _low, high: bar.setValue(high), Qt.ConnectionType.SingleShotConnection)

    def _enable(self) -> None:
        item = self._session.item
        possible = item is not None and isinstance(self._session.expert, ExpertFacts) and not is_asking(item)
        self.field.setEnabled(item is not None)
        self.ask_button.setEnabled(possible and bool(self.field.text().strip()))
        for chip in self._chips_host.findChildren(QPushButton):
            chip.setEnabled(possible)

    def _ask(self) -> None:
        if self.ask_button.isEnabled():
            self._put(self.field.text().strip())
            self.field.clear()

    def _put(self, question: str) -> None:
        item = self._session.item
        if item is not None and not is_asking(item):
            self._session.ask(item.key, question)


def is_asking(item: Item) -> bool:
    """Whether an answer is still being written."""
    return any(turn.state == "running" for turn in item.turns)


def answer_text(turn: Turn) -> str:
    """An answer as far as it is there, or why there is none."""
    if turn.error is not None:
        return f"{turn.answer} ({failures.clause(turn.error)})".strip() if turn.state == "failed" else failures.title(turn.error)
    if turn.state == "done" and not turn.answer.strip():
        return QCoreApplication.translate("QuestionsPanel", "The expert wrote nothing.")
    return turn.answer or "…"
