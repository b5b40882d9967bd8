"""The picture in the middle: exact zoom and pan, the frame that the expert saw, regions of claims, a magnifier. It only draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from desktop.gui import canvas_layers, geometry, heat, theme
from desktop.gui.drawing import image
from desktop.gui.geometry import Placement
from desktop.gui.picture import Picture

if TYPE_CHECKING:
    from desktop.document import Box, Claim


@dataclass
class Layers:
    """What lies over the picture."""

    frame: Box | None = None
    tiles: tuple[tuple[Box, float], ...] = ()
    claims: tuple[Claim, ...] = ()
    lit: str = ""
    show_frame: bool = True
    show_regions: bool = True
    opacity: float = 0.55
    magnifier: bool = False
    overlay: Picture | None = None
    overlay_box: Box | None = None
    beside: Picture | None = None
    divider: float = 0.5
    heats: dict[str, QImage | None] = field(default_factory=dict)
    pixels: list[object] = field(default_factory=list)


class Canvas(QWidget):
    """Shows one picture. Scales are in device pixels, so that 100 % is one picture pixel to one pixel of the screen."""

    placed = Signal(object)  # Placement
    zoomed = Signal(float)
    pointed = Signal(str)
    claim_hovered = Signal(str)
    claim_clicked = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 180)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.picture: Picture | None = None
        self.layers = Layers()
        self.placement = Placement()
        self.fitted = True
        self._grab: QPointF | None = None
        self._moved = False
        self._cursor: QPointF | None = None

    # --- what to show

    def show_picture(self, picture: Picture | None, *, keep_place: bool = False) -> None:
        """Show another picture, or none. The place is kept when asked and when the size is the same."""
        old = self.picture
        same = old is not None and picture is not None and (old.width, old.height) == (picture.width, picture.height)
        self.picture = picture
        if not (keep_place and same):
            self.fit()
        self.update()

    def show_frame(self, frame: Box | None, tiles: tuple[tuple[Box, float], ...]) -> None:
        """What the expert saw of it, and the squares outside that it was shown too."""
        if (frame, tiles) != (self.layers.frame, self.layers.tiles):
            self.layers.frame, self.layers.tiles = frame, tiles
            self.update()

    def show_claims(self, claims: Sequence[Claim]) -> None:
        """The claims whose regions can be lit."""
        self.layers.claims = tuple(claims)
        self.layers.lit = ""
        self.layers.heats.clear()
        self.layers.pixels.clear()
        self.update()

    def light(self, claim: str) -> None:
        """Light one claim's regions and map; an empty id puts the light out."""
        if claim != self.layers.lit:
            self.layers.lit = claim
            self.update()

    # --- where to look

    def fit(self) -> None:
        """The whole picture, at most at 100 %."""
        self.fitted = True
        if self.picture is not None:
            self._place(geometry.fit((self.picture.width, self.picture.height), self._room()), fitted=True)

    def actual_size(self) -> None:
        """100 %."""
        self.zoom_to(1.0)

    def zoom_to(self, scale: float, x: float | None = None, y: float | None = None) -> None:
        """A scale, around a point of the window in device pixels or around the middle."""
        room = self._room()
        self._place(self.placement.zoomed(scale, room[0] / 2 if x is None else x, room[1] / 2 if y is None else y))

    def zoom_step(self, direction: int) -> None:
        """One step in or out."""
        self.zoom_to(geometry.next_zoom(self.placement.scale, direction))

    def follow(self, placement: Placement) -> None:
        """Take the place of another canvas without telling it back."""
        if placement != self.placement:
            self.placement, self.fitted = placement, False
            self.update()

    def _place(self, placement: Placement, *, fitted: bool = False) -> None:
        if self.picture is None:
            return
        placement = geometry.held(placement, (self.picture.width, self.picture.height), self._room())
        self.placement = Placement(placement.scale, round(placement.x), round(placement.y))
        self.fitted = fitted
        self.placed.emit(self.placement)
        self.zoomed.emit(self.placement.scale)
        self.update()

    def _room(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    # --- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the visible part from the level that is nearest to the screen's pixels."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().canvas))
        if self.picture is None:
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        self._draw_picture(painter, self.picture, 1.0)
        layers = self.layers
        if layers.beside is not None:
            self._draw_beside(painter, layers.beside)
        if layers.overlay is not None:
            self._draw_overlay(painter, layers.overlay)
        size = (self.picture.width, self.picture.height)
        surface = canvas_layers.Surface(painter, self.placement, self.font(), ratio)
        if layers.frame is not None and layers.show_frame:
            canvas_layers.draw_frame(surface, layers.frame, size, self.tr("not analysed"), dim=layers.overlay is None and not layers.tiles)
            canvas_layers.draw_tiles(surface, layers.tiles)
        if layers.show_regions:
            self._draw_claims(surface)
        if layers.magnifier and self._cursor is not None:
            canvas_layers.draw_magnifier(surface, self.picture, self._cursor * ratio, self._room())
        painter.end()
        if self.hasFocus():
            canvas_layers.draw_focus(self)

    def _draw_picture(self, painter: QPainter, picture: Picture, opacity: float) -> None:
        assert self.picture is not None  # noqa: S101
        stretch = picture.width / self.picture.width  # an overlay may be coarser than its picture
        scale = self.placement.scale / stretch
        level = picture.level_for(scale)
        pixels = image(picture, level)
        room = self._room()
        left, top = self.placement.to_picture(0, 0)
        right, bottom = self.placement.to_picture(*room)
        x0, y0 = max(0, int(left)), max(0, int(top))
        x1, y1 = min(self.picture.width, int(right) + 1), min(self.picture.height, int(bottom) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        across, down = pixels.width() / self.picture.width, pixels.height() / self.picture.height
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1.0 or stretch < 1.0)
        painter.setOpacity(opacity)
        target = QRectF(*self.placement.to_window((x0, y0, x1 - x0, y1 - y0)))
        painter.drawImage(target, pixels, QRectF(x0 * across, y0 * down, (x1 - x0) * across, (y1 - y0) * down))
        painter.setOpacity(1.0)

    def show_overlay(self, picture: Picture | None, box: Box | None) -> None:
        """Lay a view over the part of the picture that it shows; None takes it away."""
        self.layers.overlay, self.layers.overlay_box = picture, box
        self.update()

    def _draw_overlay(self, painter: QPainter, overlay: Picture) -> None:
        if self.picture is None:
            return
        target = QRectF(*self.placement.to_window(self.layers.overlay_box or (0, 0, self.picture.width, self.picture.height)))
        level = overlay.level_for(target.width() / overlay.width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, target.width() < overlay.width)
        painter.setOpacity(self.layers.opacity)
        painter.drawImage(target, image(overlay, level))
        painter.setOpacity(1.0)

    def _draw_beside(self, painter: QPainter, other: Picture) -> None:
        """Another picture over this one, from the divider to the right."""
        left, top, width, height = (
            self.placement.to_window((0, 0, self.picture.width, self.picture.height)) if self.picture else (0, 0, 0, 0)
        )
        x = left + width * self.layers.divider
        painter.save()
        painter.setClipRect(QRectF(x, top, left + width - x, height))
        self._draw_picture(painter, other, 1.0)
        painter.restore()
        canvas_layers.draw_divider(painter, x, top, height)

    def _draw_claims(self, surface: canvas_layers.Surface) -> None:
        painter = surface.painter
        layers = self.layers
        lit = next((claim for claim in layers.claims if claim.id == layers.lit), None)
        if lit is not None and layers.frame is not None:
            warmth = self._heat(lit)
            if warmth is not None:
                painter.setOpacity(layers.opacity)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
                painter.drawImage(QRectF(*self.placement.to_window(layers.frame)), warmth)
                painter.setOpacity(1.0)
        shared: dict[tuple[int, ...], list[int]] = {}  # sentences may share a place: it is drawn once, with all their numbers
        for number, claim in enumerate(layers.claims, start=1):
            for region in claim.regions:
                shared.setdefault(tuple(region.box), []).append(number)
        bright = {tuple(region.box) for region in lit.regions} if lit is not None else set()
        for box, numbers in sorted(shared.items(), key=lambda entry: entry[0] in bright):  # what is lit lies on top
            canvas_layers.draw_region(surface, box, ", ".join(map(str, numbers)), box in bright)

    def _heat(self, claim: Claim) -> QImage | None:
        heats = self.layers.heats
        if claim.id not in heats:
            values = heat.read_map(claim.map) if claim.map is not None else None
            heats[claim.id] = None
            if values is not None:
                pixels = heat.colour(values)
                self.layers.pixels.append(pixels)  # the image only borrows them
                rows, columns = values.shape
                heats[claim.id] = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
        return heats[claim.id]

    # --- mouse and keyboard

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep fitting a fitted picture, and keep any other in sight."""
        super().resizeEvent(event)
        if self.fitted:
            self.fit()
        else:
            self._place(self.placement)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        steps = event.angleDelta().y() / 120
        if steps and self.picture is not None:
            position = event.position() * self.devicePixelRatioF()
            self.zoom_to(self.placement.scale * 1.25**steps, position.x(), position.y())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grab, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or tell what is under the pointer."""
        position = event.position()
        if self._grab is not None:
            delta = position - self._grab
            if self._moved or delta.manhattanLength() > 4:
                self._moved = True
                ratio = self.devicePixelRatioF()
                self._grab = position
                self._place(self.placement.moved(delta.x() * ratio, delta.y() * ratio))
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        self._cursor = position
        self.claim_hovered.emit(self._claim_at(position) or "")
        self.pointed.emit(self._pixel_text(position))
        if self.layers.magnifier:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that did not pan is a click on a region."""
        if self._grab is not None and not self._moved and event.button() == Qt.MouseButton.LeftButton:
            self.claim_clicked.emit(self._claim_at(event.position()) or "")
        self._grab = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between the whole picture and 100 % at that place."""
        if self.fitted:
            position = event.position() * self.devicePixelRatioF()
            self.zoom_to(1.0 if self.placement.scale < 1.0 else 2.0, position.x(), position.y())
        else:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._cursor = None
        self.claim_hovered.emit("")
        self.pointed.emit("")
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows pan; the rest of the keys are actions of the window."""
        step = 60.0
        moves = {
            Qt.Key.Key_Left: (step, 0.0),
            Qt.Key.Key_Right: (-step, 0.0),
            Qt.Key.Key_Up: (0.0, step),
            Qt.Key.Key_Down: (0.0, -step),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or self.picture is None:
            super().keyPressEvent(event)
        else:
            self._place(self.placement.moved(*move))

    def _claim_at(self, position: QPointF) -> str | None:
        if not self.layers.show_regions:
            return None
        ratio = self.devicePixelRatioF()
        x, y = self.placement.to_picture(position.x() * ratio, position.y() * ratio)
        lit_first = sorted(self.layers.claims, key=lambda claim: claim.id != self.layers.lit)  # pointing into it keeps the sentence
        return geometry.smallest_hit(((claim.id, region.box) for claim in lit_first for region in claim.regions), x, y)

    def _pixel_text(self, position: QPointF) -> str:
        if self.picture is None:
            return ""
        ratio = self.devicePixelRatioF()
        x, y = (int(value // 1) for value in self.placement.to_picture(position.x() * ratio, position.y() * ratio))
        pixel = self.picture.pixel(x, y)
        return "" if pixel is None else f"{x}, {y}   R {pixel[0]}  G {pixel[1]}  B {pixel[2]}"
