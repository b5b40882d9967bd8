"""A control of our own where the style's is hard to see."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from desktop.gui import theme


class Check(QCheckBox):
    """A check box whose box shows in every theme: the style derives its outline from the background, which is lost on dark ones."""

    def sizeHint(self) -> QSize:
        """Box, gap, text, and room for the focus frame."""
        metrics = self.fontMetrics()
        return QSize(self._side() + 8 + metrics.horizontalAdvance(self.text()) + 6, max(self._side(), metrics.height()) + 8)

    def minimumSizeHint(self) -> QSize:
        """Never cut off."""
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:
        """All of it can be clicked."""
        return self.rect().contains(position)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Box, check mark, text."""
        colours = theme.current()
        side = self._side()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(3.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
        checked = self.isChecked()
        painter.setPen(QPen(QColor(colours.accent if checked else colours.muted), 1.4))
        painter.setBrush(QColor(colours.accent if checked else colours.base))
        painter.drawRoundedRect(box, 3, 3)
        if checked:
            painter.setPen(QPen(QColor(colours.on_accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            x, y, unit = box.x(), box.y(), box.width()
            painter.drawPolyline([QPointF(x + unit * a, y + unit * b) for a, b in ((0.22, 0.52), (0.42, 0.72), (0.78, 0.3))])
        painter.setPen(QColor(colours.text if self.isEnabled() else colours.muted))
        room = QRectF(side + 9, 0, self.width() - side - 9, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _side(self) -> int:
        return max(14, self.fontMetrics().height() - 3)
