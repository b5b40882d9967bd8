"""What is drawn over a picture: the dimmed rest outside the frame, outlines of regions, the magnifier. All in device pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop.gui import geometry, theme, wording
from desktop.gui.geometry import Placement
from desktop.gui.picture import Picture


@dataclass(frozen=True)
class Surface:
    """What to draw on: device pixels, ``ratio`` of them to a unit of layout."""

    painter: QPainter
    placement: Placement
    font: QFont
    ratio: float


_DIM = QColor(0, 0, 0, 150)
_HATCH = QColor(255, 255, 255, 60)
_PIXELS = 15
_CELL = 12


def draw_frame(surface: Surface, frame: Sequence[int], size: tuple[int, int], label: str, *, dim: bool = True) -> None:
    """Dim and hatch what the expert did not see, say so, and outline what it did see; without ``dim`` only the outline."""
    painter, placement, ratio = surface.painter, surface.placement, surface.ratio
    outside = geometry.outside(frame, size)
    if not outside:
        return
    for box in outside if dim else ():
        rectangle = QRectF(*placement.to_window(box))
        painter.fillRect(rectangle, _DIM)
        painter.fillRect(rectangle, QBrush(_HATCH, Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(QColor(255, 255, 255), max(1.0, ratio), Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(*placement.to_window(frame)))
    for box in outside if dim else ():
        _label(painter, QRectF(*placement.to_window(box)), label, surface.font, ratio)


def _label(painter: QPainter, room: QRectF, text: str, font: QFont, ratio: float) -> None:
    """Write ``text`` along a strip where it fits."""
    painter.save()
    painter.setFont(_scaled(font, ratio))
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 14 * ratio, metrics.height() + 4 * ratio
    painter.translate(room.center())
    if room.width() < width and room.height() >= width and room.width() >= height:
        painter.rotate(-90)
    elif room.width() < width or room.height() < height:
        painter.restore()
        return
    plate = QRectF(-width / 2, -height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 190))
    painter.drawRoundedRect(plate, 4 * ratio, 4 * ratio)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def draw_tiles(surface: Surface, tiles: Sequence[tuple[Sequence[int], float]]) -> None:
    """Outline the squares outside the frame, each with its log-odds; the one that leans most to fake with a thicker line."""
    painter, ratio = surface.painter, surface.ratio
    strongest = max((score for _, score in tiles), default=0.0)
    for box, score in tiles:
        rectangle = QRectF(*surface.placement.to_window(box))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3 * ratio))
        painter.drawRect(rectangle)
        painter.setPen(QPen(QColor(255, 255, 255), (2.5 if score == strongest else 1.0) * ratio, Qt.PenStyle.DashDotLine))
        painter.drawRect(rectangle)
        _label(painter, rectangle, wording.signed(score), surface.font, ratio)


def draw_region(surface: Surface, box: Sequence[int], number: str, lit: bool) -> None:
    """Outline a region, dark and light so that it shows on any picture; a lit one is thick and whole, the others thin and dotted."""
    painter, ratio = surface.painter, surface.ratio
    rectangle = QRectF(*surface.placement.to_window(box))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 220), (5 if lit else 2) * ratio))
    painter.drawRect(rectangle)
    style = Qt.PenStyle.SolidLine if lit else Qt.PenStyle.DotLine
    painter.setPen(QPen(QColor("#ffe14d") if lit else QColor(255, 255, 255), (2.5 if lit else 1.2) * ratio, style))
    painter.drawRect(rectangle)
    painter.save()
    painter.setFont(_scaled(surface.font, ratio, bold=lit))
    metrics = QFontMetricsF(painter.font())
    height = metrics.height()
    badge = QRectF(rectangle.left(), max(0.0, rectangle.top() - height), max(height, metrics.horizontalAdvance(number) + 8 * ratio), height)
    painter.fillRect(badge, QColor("#ffe14d") if lit else QColor(0, 0, 0, 220))
    painter.setPen(QColor("#000000") if lit else QColor("#ffffff"))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, number)
    painter.restore()


def draw_magnifier(surface: Surface, picture: Picture, cursor: QPointF, room: tuple[int, int]) -> None:
    """A glass beside the pointer: whole pixels, the one under the pointer framed, its values beneath."""
    painter, ratio = surface.painter, surface.ratio
    px, py = surface.placement.to_picture(cursor.x(), cursor.y())
    x, y = int(px // 1), int(py // 1)
    value = picture.pixel(x, y)
    if value is None:
        return
    cell = _CELL * ratio
    side = _PIXELS * cell
    painter.save()
    painter.setFont(_scaled(surface.font, ratio))
    text_height = QFontMetricsF(painter.font()).height() * 2 + 8 * ratio
    left = cursor.x() + 24 * ratio if cursor.x() + side + 30 * ratio < room[0] else cursor.x() - side - 24 * ratio
    top = min(max(4 * ratio, cursor.y() - side / 2), room[1] - side - text_height - 4 * ratio)
    painter.fillRect(QRectF(left - 3 * ratio, top - 3 * ratio, side + 6 * ratio, side + text_height + 6 * ratio), QColor(20, 20, 20))
    half = _PIXELS // 2
    for row in range(_PIXELS):
        for column in range(_PIXELS):
            pixel = picture.pixel(x + column - half, y + row - half)
            colour = QColor(60, 60, 60) if pixel is None else QColor(*pixel)
            painter.fillRect(QRectF(left + column * cell, top + row * cell, cell, cell), colour)
    painter.setPen(QPen(QColor(0, 0, 0), 3 * ratio))
    middle = QRectF(left + half * cell, top + half * cell, cell, cell)
    painter.drawRect(middle)
    painter.setPen(QPen(QColor(255, 255, 255), 1.2 * ratio))
    painter.drawRect(middle)
    words = f"x {x}   y {y}\nR {value[0]}   G {value[1]}   B {value[2]}"
    painter.drawText(QRectF(left, top + side + 4 * ratio, side, text_height), Qt.AlignmentFlag.AlignHCenter, words)
    painter.restore()


def draw_divider(painter: QPainter, x: float, top: float, height: float) -> None:
    """The line between two pictures, light on dark so that it shows on any of them."""
    for colour, width in ((QColor(0, 0, 0), 4), (QColor(255, 255, 255), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(x, top), QPointF(x, top + height))


def draw_focus(widget: QWidget) -> None:
    """A thin frame that shows where the keyboard is."""
    painter = QPainter(widget)
    painter.setPen(QPen(QColor(theme.current().accent), 1))
    painter.drawRect(widget.rect().adjusted(0, 0, -1, -1))
    painter.end()


def _scaled(font: QFont, ratio: float, *, bold: bool = False) -> QFont:
    """The widget's font in device pixels."""
    result = QFont(font)
    size = font.pointSizeF() if font.pointSizeF() > 0 else font.pixelSize() * 0.75
    result.setPointSizeF(max(6.0, size * ratio))
    result.setBold(bold)
    return result
