"""One sentence of the explanation that names an artifact: number, text, what hiding its regions does, and the examiner's own judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout

from desktop.gui import wording
from desktop.gui.item import Disposition
from desktop.gui.labels import breakable, heading, named, text_label

if TYPE_CHECKING:
    from desktop.document import Claim

_DISPOSITIONS: tuple[Disposition, ...] = ("open", "confirmed", "not-seen", "unsure")


class ClaimRow(QFrame):
    """Lights its regions when the pointer or the keyboard is on it. Made once and used again: making and styling it is most of its cost."""

    hovered = Signal(str)  # claim id, or empty
    chosen = Signal(str)
    disposed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.claim_id = ""
        self.setAccessibleName(self.tr("Stated reason"))
        self.setProperty("lit", False)
        self.setObjectName("claim")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._sentence = text_label()
        self._effect = text_label(muted=True)
        small = self._effect.font()
        small.setPointSizeF(small.pointSizeF() * 0.9)
        self._effect.setFont(small)
        self.choice = named(QComboBox(), self.tr("Your judgement"))
        for value in _DISPOSITIONS:
            self.choice.addItem(wording.disposition(value), value)
        self.choice.activated.connect(lambda row: self.disposed.emit(self.claim_id, _DISPOSITIONS[row]))
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._badge = heading("")
        self._badge.setWordWrap(False)
        top = QHBoxLayout()
        top.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._sentence, 1)
        bottom = QHBoxLayout()
        bottom.addStretch(1)
        bottom.addWidget(self.choice)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(5)
        box.addLayout(top)
        box.addWidget(self._effect)
        box.addLayout(bottom)

    def show_claim(self, number: int, claim: Claim, text: str, state: Disposition) -> None:
        """Show another claim: not lit, and without the keyboard, for a key that is pressed now was not meant for it."""
        self.claim_id = claim.id
        self.set_lit(False)
        for widget in (self, self.choice):
            widget.clearFocus()
        effect = wording.effect_line(claim)
        self.setAccessibleName(self.tr("Stated reason {number}: {text}").format(number=number, text=text.strip()))
        self.setAccessibleDescription(effect)
        self._badge.setText(str(number))
        self._sentence.setText(breakable(text.strip()))
        self._effect.setText(effect)
        self.choice.setAccessibleName(self.tr("Your judgement of reason {number}").format(number=number))
        self.show_judgement(state)

    def show_judgement(self, state: Disposition) -> None:
        """Show what the examiner said of it."""
        self.choice.setCurrentIndex(_DISPOSITIONS.index(state))

    def set_lit(self, lit: bool) -> None:
        """Show that this claim's regions are lit."""
        if self.property("lit") != lit:
            self.setProperty("lit", lit)
            self.style().unpolish(self)
            self.style().polish(self)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer came."""
        self.hovered.emit(self.claim_id)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer went."""
        self.hovered.emit("")
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard came."""
        self.chosen.emit(self.claim_id)
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click keeps the regions lit."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.chosen.emit(self.claim_id)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1, 2 and 3 judge the claim, 0 takes the judgement back; Enter lights it."""
        values = {Qt.Key.Key_0: 0, Qt.Key.Key_1: 1, Qt.Key.Key_2: 2, Qt.Key.Key_3: 3}
        row = values.get(Qt.Key(event.key()))
        if row is not None:
            self.choice.setCurrentIndex(row)
            self.disposed.emit(self.claim_id, _DISPOSITIONS[row])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.claim_id)
        else:
            super().keyPressEvent(event)
