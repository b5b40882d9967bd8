"""The exhibits as Qt models: one over the session, one that sorts, filters and searches."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel

from desktop.gui.session import Session
from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.gui.item import Item

Index = QModelIndex | QPersistentModelIndex
ASIDE = "aside"
"""The filter that shows what was put aside."""
_DISPLAY, _TOOL_TIP, _READ_ALOUD, KEY_ROLE = 0, 3, (11, 12), 0x101
"""``Qt.ItemDataRole`` by its numbers: the namespace ``Qt`` is not loaded before the first frame (see ``labels.put``)."""


class Order(IntEnum):
    """Ways to sort."""

    ADDED = 0
    NAME = 1
    OUTCOME = 2
    SCORE = 3


class ExhibitsModel(QAbstractListModel):
    """One row an exhibit, in the order they were added."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._keys = list(session.order)
        self._rows = {key: row for row, key in enumerate(self._keys)}
        session.added.connect(self._added)
        session.removed.connect(self._removed)
        session.changed.connect(self._changed)
        session.many_changed.connect(self._many_changed)
        session.picture_ready.connect(self._changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of exhibits."""
        return 0 if parent.isValid() else len(self._keys)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Name, state and key; the delegate draws the rest from the item."""
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        item = self._session.items.get(self._keys[index.row()])
        if item is None:
            return None
        if role == _DISPLAY:
            return item.name
        if role in _READ_ALOUD:
            from desktop.gui import wording

            return f"{item.name}, {wording.state_line(item)}"
        if role == _TOOL_TIP:
            return str(item.origin) if item.origin is not None else item.name
        return item.key if role == KEY_ROLE else None

    def item(self, row: int) -> Item | None:
        """The exhibit of a row."""
        return self._session.items.get(self._keys[row]) if 0 <= row < len(self._keys) else None

    def row(self, key: int) -> int:
        """The row of an exhibit, or -1."""
        return self._rows.get(key, -1)

    def _added(self, keys: list[int]) -> None:
        first = len(self._keys)
        self.beginInsertRows(QModelIndex(), first, first + len(keys) - 1)
        self._keys.extend(keys)
        self._rows.update({key: first + offset for offset, key in enumerate(keys)})
        self.endInsertRows()

    def _removed(self, _keys: list[int]) -> None:
        self.beginResetModel()
        self._keys = list(self._session.order)
        self._rows = {key: row for row, key in enumerate(self._keys)}
        self.endResetModel()

    def _changed(self, key: int) -> None:
        row = self._rows.get(key)
        if row is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def _many_changed(self, _keys: list[int]) -> None:
        if self._keys:
            self.dataChanged.emit(self.index(0), self.index(len(self._keys) - 1))


class ExhibitsProxy(QSortFilterProxyModel):
    """Search by name or tag, filter by state or outcome, sort."""

    def __init__(self, model: ExhibitsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words = ""
        self._only = ""
        self._tag = ""
        self._found: frozenset[int] = frozenset()
        self._order = Order.ADDED
        self.setSourceModel(model)

    def search(self, words: str) -> None:
        """Show only exhibits whose name, tags or notes hold ``words``."""
        self.beginFilterChange()
        self._words = words.casefold().strip()
        self._found = frozenset()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def found(self, numbers: frozenset[int]) -> None:
        """Show also exhibits in which the case found the words that are searched for."""
        self.beginFilterChange()
        self._found = numbers
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def only(self, wanted: str) -> None:
        """Show only one state (its value) or outcome (its code); empty shows all."""
        self.beginFilterChange()
        self._only = wanted
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def tagged(self, tag: str) -> None:
        """Show only exhibits with a tag; empty shows all."""
        self.beginFilterChange()
        self._tag = tag
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def order_by(self, order: Order) -> None:
        """Sort; the order of adding needs no sorting at all."""
        self._order = order
        self.invalidate()
        self.sort(-1 if order is Order.ADDED else 0)

    def filterAcceptsRow(self, row: int, _parent: Index) -> bool:
        """Qt's question for each row."""
        item = self._model.item(row)
        return item is not None and accepts(item, "" if item.exhibit in self._found else self._words, self._only, self._tag)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Qt's question for each pair of rows."""
        first, second = self._model.item(left.row()), self._model.item(right.row())
        if first is None or second is None:
            return False
        return rank(first, self._order) < rank(second, self._order)


def accepts(item: Item, words: str, only: str, tag: str = "") -> bool:
    """Whether an exhibit is shown under a search and filters; those put aside are shown only when they are asked for."""
    if item.aside != (only == ASIDE) or (tag and tag not in item.tags):
        return False
    if only and only not in {ASIDE, item.state.value, item.outcome}:
        return False
    if not words:
        return True
    held = " ".join((item.name, *item.tags, item.draft, *(note.text for note in item.notes))).casefold()
    return words in held or item.sha256.startswith(words)


def rank(item: Item, order: Order) -> tuple[Any, ...]:
    """What an order compares; exhibits without a value come last."""
    if order is Order.NAME:
        return (item.name.casefold(), item.key)
    if order is Order.OUTCOME:
        outcomes = ("supports-ai", "out-of-domain", "inconclusive", "supports-camera")
        failed = len(outcomes) + (0 if item.state is State.FAILED else 1)
        return (outcomes.index(item.outcome) if item.outcome in outcomes else failed, item.key)
    if order is Order.SCORE:
        return (item.log_odds is None, -(item.log_odds or 0.0), item.key)
    return (item.key,)
