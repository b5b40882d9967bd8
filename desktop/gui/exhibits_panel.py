"""The left side: search, filter and sort, the exhibits, the queue."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.exhibits_model import ASIDE, KEY_ROLE, ExhibitsModel, ExhibitsProxy, Order
from desktop.gui.labels import named, put
from desktop.gui.session import Session
from desktop.gui.state import State


class ExhibitsPanel(QWidget):
    """Lists the session's exhibits and follows its queue."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._filtering = self._restored = self._uncounted = False
        self._asking, self._tagging = (QTimer(self, singleShot=True, interval=200) for _ in range(2))
        self._glancing = QTimer(self, singleShot=True, interval=250)
        self._glancing.timeout.connect(self._glance)
        self._counting = QTimer(self, singleShot=True, interval=60)
        self._counting.timeout.connect(self._count_again)
        self._asking.timeout.connect(self._ask_case)
        self._tagging.timeout.connect(self._show_tags)
        self.model = ExhibitsModel(session, self)
        self.proxy = ExhibitsProxy(self.model, self)
        self._make_list()
        self._make_filters()
        self._make_queue()
        self._lay_out()
        session.selected.connect(self._follow_selection)
        session.queue_changed.connect(self._queue_changed)
        session.many_changed.connect(self._tags_later)
        session.added.connect(self._tags_later)
        session.case_changed.connect(self._restore)
        if session.case is not None:
            self._restore()
        self._show_tags()
        self._follow_selection()
        self._show_queue()

    def complete(self) -> None:
        """Add what is not seen before there is something to search."""
        self.search.setClearButtonEnabled(True)

    def selected_keys(self) -> list[int]:
        """The chosen exhibits, in the order of the list; the shown one when the list hides it."""
        rows = sorted(self.list.selectionModel().selectedRows(), key=lambda index: index.row())
        keys = [int(index.data(KEY_ROLE)) for index in rows]
        return keys or ([self._session.current] if self._session.current is not None else [])

    def step(self, direction: int) -> None:
        """Go to the next or previous exhibit of the list."""
        row = self.list.currentIndex().row() + direction
        if 0 <= row < self.proxy.rowCount():
            self.list.setCurrentIndex(self.proxy.index(row, 0))

    def _make_list(self) -> None:
        self.list = named(QListView(), self.tr("Exhibits"))
        self.list.setAccessibleDescription(self.tr("Pictures under examination, with their state and outcome"))
        self.list.setModel(self.proxy)
        self.proxy.rowsInserted.connect(self._dress)
        if self.proxy.rowCount():
            self._dress()
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        put(self.list, horizontalScrollBarPolicy="ScrollBarAlwaysOff")
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.list.verticalScrollBar().valueChanged.connect(self._moved)
        self.proxy.rowsInserted.connect(self._moved)
        self.proxy.layoutChanged.connect(self._moved)

    def _moved(self, *_what: object) -> None:
        self._glancing.start()

    def _glance(self) -> None:
        """Have thumbnails read for the rows that can be seen."""
        top = self.list.indexAt(QPoint(2, 2)).row()
        if self._session.glances is not None and top >= 0:
            last = self.list.indexAt(QPoint(2, self.list.viewport().height() - 2)).row()
            rows = range(top, (last if last >= 0 else self.proxy.rowCount() - 1) + 1)
            self._session.glances.want([int(self.proxy.index(row, 0).data(KEY_ROLE)) for row in rows])

    def _dress(self) -> None:
        """Who draws the rows is loaded with the first of them: an empty window opens quickly."""
        from desktop.gui.exhibit_delegate import ExhibitDelegate

        self.proxy.rowsInserted.disconnect(self._dress)
        self._delegate = ExhibitDelegate(self._session)
        self.list.setItemDelegate(self._delegate)

    def _make_filters(self) -> None:
        self.search = named(QLineEdit(), self.tr("Search exhibits"))
        self.search.setPlaceholderText(self.tr("Search exhibits"))
        self.search.textChanged.connect(self._search)
        self.filter = named(QComboBox(), self.tr("Show only"))
        for text, value in (
            (self.tr("All"), ""),
            (self.tr("Supports AI"), "supports-ai"),
            (self.tr("Supports camera"), "supports-camera"),
            (self.tr("Inconclusive"), "inconclusive"),
            (self.tr("Unlike calibrated"), "out-of-domain"),
            (self.tr("Waiting"), State.WAITING.value),
            (self.tr("Not analysed"), State.FAILED.value),
            (self.tr("Cancelled"), State.CANCELLED.value),
            (self.tr("Set aside"), ASIDE),
        ):
            self.filter.addItem(text, value)
        self.filter.currentIndexChanged.connect(lambda _row: self._refilter(lambda: self.proxy.only(str(self.filter.currentData()))))
        self.order = named(QComboBox(), self.tr("Sort by"))
        for text, order in (
            (self.tr("As added"), Order.ADDED),
            (self.tr("By name"), Order.NAME),
            (self.tr("By outcome"), Order.OUTCOME),
            (self.tr("By score"), Order.SCORE),
        ):
            self.order.addItem(text, int(order))
        self.order.currentIndexChanged.connect(lambda _row: self._refilter(lambda: self.proxy.order_by(Order(self.order.currentData()))))
        self.tag = named(QComboBox(), self.tr("Show only this tag"))
        self.tag.currentIndexChanged.connect(lambda _row: self._refilter(lambda: self.proxy.tagged(str(self.tag.currentData() or ""))))
        for box in (self.filter, self.order, self.tag):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMinimumContentsLength(6)

    def _make_queue(self) -> None:
        self.queue_text = QLabel(wordWrap=True)
        self.queue_text.setObjectName("muted")
        self.queue_bar = named(QProgressBar(textVisible=False), self.tr("Progress of the queue"))
        self.pause_button = named(QPushButton(), self.tr("Pause the queue"))
        self.pause_button.setCheckable(True)
        self.pause_button.clicked.connect(self._session.pause)
        self.cancel_button = QPushButton(self.tr("Cancel all"))
        self.cancel_button.clicked.connect(self._cancel_all)

    def _search(self, words: str) -> None:
        """At once in what is in memory, and a moment later in everything that the case holds: notes, answers of experts."""
        self._refilter(lambda: self.proxy.search(words))
        self._asking.start()

    def _ask_case(self) -> None:
        from desktop.gui import kept

        words = self.search.text()
        if words.strip() and self._session.case is not None:

            def found(numbers: frozenset[int]) -> None:
                if words == self.search.text():
                    self._refilter(lambda: self.proxy.found(numbers))

            self._session.docket.read(lambda case: kept.search(case, words), found)

    def _tags_later(self, _keys: list[int]) -> None:
        self._follow_selection()
        self._tagging.start()

    def _show_tags(self) -> None:
        """Offer the tags that are in use; without any there is nothing to choose."""
        left = self._session.docket.desk.tag if self._session.case is not None else ""
        tags, chosen = self._session.tags(), str(self.tag.currentData() or left)
        if tags != [self.tag.itemData(row) for row in range(1, self.tag.count())]:
            self.tag.blockSignals(True)
            self.tag.clear()
            self.tag.addItem(self.tr("All tags"), "")
            for tag in tags:
                self.tag.addItem(f"# {tag}", tag)
            self.tag.setCurrentIndex(max(0, self.tag.findData(chosen)))
            self.tag.blockSignals(False)
            self._refilter(lambda: self.proxy.tagged(str(self.tag.currentData() or "")))
        self.tag.setVisible(bool(tags))

    def _restore(self) -> None:
        """Search, filters and order as they were when this case was left."""
        desk = self._session.docket.desk
        self.search.setText(desk.search)
        self.filter.setCurrentIndex(max(0, self.filter.findData(desk.only)))
        self.order.setCurrentIndex(max(0, self.order.findData(desk.order)))
        self.tag.clear()
        self._show_tags()
        self._restored = True

    def _remember(self) -> None:
        if self._restored:
            self._session.docket.arrange(
                search=self.search.text(),
                only=str(self.filter.currentData()),
                order=int(self.order.currentData()),
                tag=str(self.tag.currentData() or ""),
            )

    def _refilter(self, change: Callable[[], None]) -> None:
        """Change what is listed without changing what is shown: Qt would go to a neighbour of a row that disappears."""
        self._filtering = True
        change()
        self._filtering = False
        self._follow_selection()
        self._remember()

    def _cancel_all(self) -> None:
        self._session.cancel()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 6)
        top.setSpacing(6)
        top.addWidget(self.search)
        row = QHBoxLayout()
        row.addWidget(self.filter)
        row.addWidget(self.order)
        top.addLayout(row)
        top.addWidget(self.tag)
        self.queue = QWidget()
        bottom = QVBoxLayout(self.queue)
        bottom.setContentsMargins(10, 6, 10, 8)
        bottom.addWidget(self.queue_text)
        bottom.addWidget(self.queue_bar)
        buttons = QHBoxLayout()
        buttons.addWidget(self.pause_button)
        buttons.addWidget(self.cancel_button)
        bottom.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.queue)
        self.setMinimumWidth(220)

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._filtering and not self._session.filling:
            self._session.select(int(current.data(KEY_ROLE)))

    def _follow_selection(self) -> None:
        key = self._session.current
        index = self.proxy.mapFromSource(self.model.index(self.model.row(key))) if key is not None else QModelIndex()
        if index.isValid() and (index != self.list.currentIndex() or not self.list.selectionModel().isSelected(index)):
            self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _queue_changed(self) -> None:
        """Count at once, but not more often than eyes can follow: with ten thousand exhibits counting is work."""
        if not self._glancing.isActive():
            self._glancing.start()
        if not self._counting.isActive():
            self._show_queue()
            self._counting.start()
        else:
            self._uncounted = True

    def _count_again(self) -> None:
        if self._uncounted:
            self._uncounted = False
            self._show_queue()
            self._counting.start()

    def _show_queue(self) -> None:
        counts = self._session.counts()
        open_jobs = counts[State.WAITING] + counts[State.RUNNING]
        total = sum(counts.values())
        self.queue.setVisible(open_jobs > 0)
        self.queue_bar.setRange(0, max(1, total))
        self.queue_bar.setValue(total - open_jobs)
        text = self.tr("{done} of {total} done").format(done=total - open_jobs, total=total)
        if self._session.paused:
            text += " · " + self.tr("paused")
        self.queue_text.setText(text)
        self.pause_button.setText(self.tr("Resume") if self._session.paused else self.tr("Pause"))
        self.pause_button.setChecked(self._session.paused)
