"""The expert's raw log-odds on a line from "real" to "fake", with the calibrated threshold. Words beside it say what it is not."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.gui import theme, wording

REACH = 8.0
"""Log-odds at the ends of the line; what lies beyond is drawn at the end."""


def place(log_odds: float, reach: float = REACH) -> float:
    """Where a value lies on the line, 0 (real) to 1 (fake)."""
    return (max(-reach, min(reach, log_odds)) + reach) / (2 * reach)


class ScoreBar(QWidget):
    """Draws one value; the same in words is its accessible description."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Score of the expert"))
        self._value: float | None = None
        self._threshold: float | None = None

    def sizeHint(self) -> QSize:
        """As wide as there is room, two lines high."""
        return QSize(200, self.fontMetrics().height() + 26)

    def minimumSizeHint(self) -> QSize:
        """The same height always."""
        return QSize(120, self.fontMetrics().height() + 26)

    def show_value(self, value: float | None, threshold: float | None) -> None:
        """Show a value, or an empty line while there is none."""
        self._value, self._threshold = value, threshold
        self.setAccessibleDescription(wording.score_line(value) if value is not None else "")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A line, its middle, the threshold, a pointer."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, y = 7.0, self.width() - 7.0, 13.0
        width = right - left
        painter.setPen(QPen(QColor(colours.border), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(QPen(QColor(colours.muted), 1))
        painter.drawLine(QPointF(left + width / 2, y - 5), QPointF(left + width / 2, y + 5))
        if self._threshold is not None:
            x = left + width * place(self._threshold)
            painter.setPen(QPen(QColor(colours.text), 2))
            painter.drawLine(QPointF(x, y - 8), QPointF(x, y + 8))
        if self._value is not None:
            x = left + width * place(self._value)
            painter.setPen(QPen(QColor(colours.base), 1.5))
            painter.setBrush(QColor(colours.accent))
            painter.drawPolygon(QPolygonF([QPointF(x, y - 7), QPointF(x + 7, y), QPointF(x, y + 7), QPointF(x - 7, y)]))
        painter.setPen(QColor(colours.muted))
        text = QRectF(0, 24, self.width(), self.fontMetrics().height() + 2)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft, self.tr("◂ real"))
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, "0")
        painter.drawText(text, Qt.AlignmentFlag.AlignRight, self.tr("fake ▸"))
        painter.end()
