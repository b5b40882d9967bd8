"""Draws a row of the exhibits list: thumbnail, name, state with its symbol, progress."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.gui import theme, wording
from desktop.gui.drawing import image
from desktop.gui.exhibits_model import KEY_ROLE
from desktop.gui.item import Item
from desktop.gui.picture import Picture
from desktop.gui.session import Session
from desktop.gui.state import State

_SIDE = 52
_GAP = 8


class ExhibitDelegate(QStyledItemDelegate):
    """Rows of one height, so that 10,000 of them scroll without being measured."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all rows, larger with larger text."""
        lines = option.fontMetrics.height() * 2 + 6
        return QSize(200, max(_SIDE, lines) + 2 * _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw one row."""
        item = self._session.items.get(index.data(KEY_ROLE))
        if item is None:
            return
        colours = theme.current()
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, QColor(colours.selection if selected else colours.base))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 4, rect.height()), QColor(colours.accent))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        frame = QRect(rect.left() + _GAP + 4, rect.top() + (rect.height() - _SIDE) // 2, _SIDE, _SIDE)
        self._thumbnail(painter, frame, self._session.thumbnail(item.key), colours)
        left = frame.right() + _GAP + 2
        self._text(painter, option, QRect(left, rect.top(), rect.right() - left - _GAP, rect.height()), item, selected)
        painter.restore()

    def _thumbnail(self, painter: QPainter, frame: QRect, picture: Picture | None, colours: theme.Theme) -> None:
        if picture is None:
            painter.setPen(QPen(QColor(colours.border), 1, Qt.PenStyle.DashLine))
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
            return
        scale = min(frame.width() / picture.width, frame.height() / picture.height)
        width, height = picture.width * scale, picture.height * scale
        target = QRectF(frame.left() + (frame.width() - width) / 2, frame.top() + (frame.height() - height) / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image(picture))

    def _text(self, painter: QPainter, option: QStyleOptionViewItem, room: QRect, item: Item, selected: bool) -> None:
        colours = theme.current()
        metrics = option.fontMetrics
        line = metrics.height()
        top = room.top() + (room.height() - 2 * line - 4) // 2
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold if selected else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours.on_selection if selected else colours.text))
        name = painter.fontMetrics().elidedText(item.name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(QRect(room.left(), top, room.width(), line), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(option.font)
        painter.setPen(QColor(colours.on_selection if selected else self._state_colour(item, colours)))
        state = f"{symbol(item)} {wording.state_line(item)}"
        state = metrics.elidedText(state, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRect(room.left(), top + line + 4, room.width(), line), Qt.AlignmentFlag.AlignVCenter, state)
        if item.state is State.RUNNING:
            self._progress(painter, QRect(room.left(), room.bottom() - 5, room.width(), 3), item, colours)

    def _progress(self, painter: QPainter, bar: QRect, item: Item, colours: theme.Theme) -> None:
        painter.fillRect(bar, QColor(colours.border))
        share = item.fraction if item.fraction is not None else 0.0
        if item.fraction is None:  # of unknown length: a short piece, its place telling how far along the usual way it is
            order = ("", "loading-expert", "looking", "explain", "ground")
            start = order.index(item.stage) / len(order) if item.stage in order else 0.0
            painter.fillRect(
                QRect(bar.left() + int(bar.width() * start), bar.top(), bar.width() // len(order), bar.height()), QColor(colours.accent)
            )
            return
        painter.fillRect(QRect(bar.left(), bar.top(), int(bar.width() * share), bar.height()), QColor(colours.accent))

    def _state_colour(self, item: Item, colours: theme.Theme) -> str:
        if item.state is State.FAILED:
            return colours.error
        if item.state is State.DONE and item.outcome:
            return theme.outcome_colour(colours, item.outcome)
        return colours.accent if item.state is State.RUNNING else colours.muted


def symbol(item: Item) -> str:
    """A sign for the state, so that colour is never the only one."""
    if item.state is State.DONE and item.outcome:
        return wording.SYMBOLS.get(item.outcome, "✓")
    return wording.STATE_SYMBOLS[item.state]
