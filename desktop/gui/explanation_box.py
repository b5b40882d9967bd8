"""The model's stated reasons: streaming in as plain text, then as rows of claims that light their regions and can be judged."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.gui import wording
from desktop.gui.claim_row import ClaimRow
from desktop.gui.item import Item, segments
from desktop.gui.labels import heading, text_label
from desktop.gui.text_block import TextBlock

if TYPE_CHECKING:
    from desktop.document import Opinion

_USUAL_ROWS = 4


class ExplanationBox(QWidget):
    """Shows one exhibit's explanation; keeps which claim is selected."""

    lit = Signal(str)
    chosen = Signal(str)
    disposed = Signal(str, str)
    wants_view = Signal(object)  # the row to scroll to

    def __init__(self) -> None:
        super().__init__()
        self.kept = ""
        self.rows: list[ClaimRow] = []
        """Those that are shown."""
        self._rows: list[ClaimRow] = []
        self._blocks: list[TextBlock] = []
        """All that were made: what one explanation does not need is hidden until another one does."""
        self._end = text_label("", muted=True)
        self._order: list[QWidget] = []
        self._shown: tuple[int, Opinion | None] | None = None
        self._note = text_label("", muted=True)
        self.stream = TextBlock(self.tr("The model's stated reasons"))
        self._host = QWidget()
        self._rows_box = QVBoxLayout(self._host)
        self._rows_box.setContentsMargins(0, 0, 0, 0)
        self._rows_box.setSpacing(8)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        for widget in (heading(self.tr("The model's stated reasons")), self._note, self.stream, self._host):
            box.addWidget(widget)

    def show_item(self, item: Item | None) -> None:
        """Show an exhibit's explanation as far as it is written."""
        opinion = item.opinion if item is not None else None
        visible = item is not None and bool(item.text or (opinion is not None and opinion.text))
        self.setVisible(visible)
        self.stream.setVisible(visible and opinion is None)
        self._host.setVisible(visible and opinion is not None)
        if item is not None and opinion is None:
            self.stream.show_text(item.text)
        self._note.setText(" ".join(filter(None, (self.tr("Written by the model, not checked by anyone."), self._pointing(opinion)))))
        state = (item.key, opinion) if item is not None else None
        if state == self._shown:
            for row in self.rows:
                row.show_judgement(item.dispositions.get(row.claim_id, "open") if item is not None else "open")
            return
        self._shown = state
        self.kept = ""
        if item is not None and opinion is not None:
            self._fill(item, opinion)
        else:
            self._put([])

    def _pointing(self, opinion: Opinion | None) -> str:
        """What the places are that a sentence lights, which depends on how they were made."""
        if opinion is None or not any(claim.regions for claim in opinion.claims):
            return ""
        if opinion.grounding.startswith("patch-contrast"):
            return self.tr("Point at a sentence to see what the model encodes most unlike the rest; the same for every sentence.")
        return self.tr("Point at a sentence to see where the model looked while writing it.")

    def _fill(self, item: Item, opinion: Opinion) -> None:
        numbers = {claim.id: number for number, claim in enumerate(opinion.claims, start=1)}
        order: list[QWidget] = []
        rows, blocks = 0, 0
        for text, claim in segments(opinion.text, opinion.claims):
            if claim is not None:
                row = self._row(rows)
                row.show_claim(numbers[claim.id], claim, text, item.dispositions.get(claim.id, "open"))
                order.append(row)
                rows += 1
            elif text.strip():
                block = self._block(blocks)
                block.show_text(text.strip())
                order.append(block)
                blocks += 1
        end = [wording.text_state(opinion.text_state)] if opinion.text_state not in ("complete", "not-asked") else []
        if opinion.grounding and not any(claim.regions for claim in opinion.claims):
            end.append(self.tr("No regions: {why}").format(why=opinion.grounding))
        self._end.setText("\n".join(end))
        self._put([*order, self._end] if end else order)
        self.rows = self._rows[:rows]

    def prepare(self) -> None:
        """Make a row that a finding will need, in an event of its own, while the expert is still at work."""
        if len(self._rows) < _USUAL_ROWS:
            self._row(len(self._rows))
            QTimer.singleShot(0, self.prepare)

    def _row(self, number: int) -> ClaimRow:
        if number == len(self._rows):
            row = ClaimRow()
            row.hovered.connect(self._hovered)
            row.chosen.connect(self._chosen)
            row.disposed.connect(self.disposed)
            self._rows.append(row)
            self._adopt(row)
        return self._rows[number]

    def _block(self, number: int) -> TextBlock:
        if number == len(self._blocks):
            self._blocks.append(TextBlock(self.tr("Between the stated reasons")))
            self._adopt(self._blocks[-1])
        return self._blocks[number]

    def _adopt(self, widget: QWidget) -> None:
        widget.hide()
        widget.setParent(self._host)
        widget.ensurePolished()

    def _put(self, order: list[QWidget]) -> None:
        """Show these in this order, and nothing else."""
        if order != self._order:
            for widget in self._order:
                self._rows_box.removeWidget(widget)
                if widget not in order:
                    widget.hide()
            for widget in order:
                self._rows_box.addWidget(widget)
                widget.show()  # at once, not with the next event: a claim that is about to be selected must be able to take the keyboard
            self._order = order
            for one, other in pairwise([part for widget in order for part in _stops(widget)]):
                QWidget.setTabOrder(one, other)
        if not order:
            self.rows = []

    # Which claim is lit and which is selected

    def light(self, claim: str) -> None:
        """Show which claim's regions are lit."""
        for row in self.rows:
            row.set_lit(row.claim_id == claim)

    def choose(self, claim: str) -> None:
        """Select a claim from outside: light it, bring it into view and give it the keyboard."""
        self.kept = claim
        self.light(claim)
        for row in self.rows:
            if row.claim_id == claim:
                self.chosen.emit(claim)
                self.wants_view.emit(row)
                row.setFocus(Qt.FocusReason.OtherFocusReason)

    def step(self, direction: int) -> None:
        """Select the next or previous claim, going round."""
        ids = [row.claim_id for row in self.rows]
        if ids:
            here = ids.index(self.kept) if self.kept in ids else (-1 if direction > 0 else 0)
            self.choose(ids[(here + direction) % len(ids)])

    def _hovered(self, claim: str) -> None:
        self.light(claim or self.kept)
        self.lit.emit(claim or self.kept)

    def _chosen(self, claim: str) -> None:
        self.kept = claim
        self.light(claim)
        self.chosen.emit(claim)


def _stops(widget: QWidget) -> list[QWidget]:
    """Where the Tab key stops in it."""
    return [widget, widget.choice] if isinstance(widget, ClaimRow) else [widget]
