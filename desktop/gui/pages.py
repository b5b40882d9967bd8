"""Pages of a report on the screen, one under the other, as wide as there is room. It only draws."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.gui import theme
from desktop.gui.drawing import image
from desktop.gui.labels import clear
from desktop.gui.picture import Picture


class Page(QWidget):
    """One page, in its proportions."""

    def __init__(self, picture: Picture, name: str) -> None:
        super().__init__()
        self._picture = picture
        self.setAccessibleName(name)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Paper keeps its proportions."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that belongs to a width."""
        return round(width * self._picture.height / max(1, self._picture.width))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The page and its edge."""
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        scale = room.width() * self.devicePixelRatioF() / max(1, self._picture.width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(room, image(self._picture, self._picture.level_for(scale)))
        painter.setPen(QPen(QColor(theme.current().border), 1))
        painter.drawRect(room)
        painter.end()


class Pages(QScrollArea):
    """Shows some pages and keeps its place when others take theirs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._box = QVBoxLayout(body)
        self._box.setContentsMargins(12, 12, 12, 12)
        self._box.setSpacing(12)
        self.setWidget(body)

    def show_pages(self, pages: Sequence[Picture]) -> None:
        """Show these pages."""
        place = self.verticalScrollBar().value()
        clear(self._box)
        for number, picture in enumerate(pages, start=1):
            page = Page(picture, self.tr("Page {number} of {count}").format(number=number, count=len(pages)))
            self._box.addWidget(page)
            page.show()
        self._box.addStretch(1)
        self.verticalScrollBar().setValue(place)
