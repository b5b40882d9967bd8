"""The custody log: every event of the case in order, each holding the hash of the one before it, and a check of the whole case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QHeaderView, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop.gui import case_wording, failures, kept, wording
from desktop.gui.kept import Logged
from desktop.gui.labels import named, text_label
from desktop.gui.seam import Failed
from desktop.gui.session import Session
from desktop.gui.text_block import TextBlock

if TYPE_CHECKING:
    from desktop.cases import CheckResult

Index = QModelIndex | QPersistentModelIndex


class CustodyModel(QAbstractTableModel):
    """The lines that are shown."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = titles
        self.lines: tuple[Logged, ...] = ()

    def show_lines(self, lines: tuple[Logged, ...]) -> None:
        """Show other lines; where lines were only added, the place in the list stays."""
        if self.lines and lines[: len(self.lines)] == self.lines:
            if len(lines) > len(self.lines):
                self.beginInsertRows(QModelIndex(), len(self.lines), len(lines) - 1)
                self.lines = lines
                self.endInsertRows()
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number, event with its exhibit, time."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles."""
        return self._titles[section] if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell; a screen reader hears the whole line in the first one."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return f"{line.number}, {wording.moment(line.at)}, {case_wording.event(line.event)}, {line.who}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.details
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        what = case_wording.event(line.event) + ("" if line.exhibit is None else f" · {line.exhibit}")
        return (str(line.number), what, wording.moment(line.at))[index.column()]


class CustodyPanel(QWidget):
    """Reads the log when it is looked at, and again when something was recorded."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName(self.tr("Custody"))
        self.what = named(QComboBox(), self.tr("Which entries"))
        self.what.addItem(self.tr("This exhibit"), "exhibit")
        self.what.addItem(self.tr("The whole case"), "case")
        self.what.setCurrentIndex(1)
        self.what.currentIndexChanged.connect(lambda _row: self.refresh())
        self.check_button = QPushButton(self.tr("Check case"))
        self.check_button.clicked.connect(self.check)
        self.status = text_label(self.tr("Each entry holds the hash of the one before it; nothing is ever taken out."), muted=True)
        self.model = CustodyModel((self.tr("No."), self.tr("What · exhibit"), self.tr("When")))
        self.table = named(QTableView(), self.tr("Custody log"))
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        for column, text in ((0, "0000"), (2, "2026-00-00 00:00")):
            self.table.setColumnWidth(column, self.fontMetrics().horizontalAdvance(text) + 12)
        self.table.selectionModel().currentChanged.connect(lambda current, _previous: self._show_line(current.row()))
        self.line = TextBlock(self.tr("The chosen entry"))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(250)
        self._later.timeout.connect(self.refresh)
        self._lay_out()
        session.selected.connect(self._soon)
        session.docket.keeper.written.connect(self._soon)
        session.case_changed.connect(self._another)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.what, 1)
        row.addWidget(self.check_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.status)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.line)

    def refresh(self) -> None:
        """Read the log again, if it is looked at."""
        if not self.isVisible() or self._session.docket.case is None:
            return
        item = self._session.item
        number = item.exhibit if item is not None and self.what.currentData() == "exhibit" else None
        if number is None and self.what.currentData() == "exhibit":
            self._show(())
        else:
            self._session.docket.read(lambda case: kept.custody(case, number), self._show)

    def check(self) -> None:
        """Check everything in the case: file, chain, documents, every exhibit."""
        self.check_button.setEnabled(False)
        self.status.setText(self.tr("Checking the case: every document and every exhibit…"))
        self._session.docket.read(kept.check, self._checked, self._unchecked)

    def _checked(self, result: CheckResult) -> None:
        self.check_button.setEnabled(True)
        if result.ok:
            text = self.tr("✓ The case holds: {entries} entries, {analyses} analyses and {exhibits} exhibits are as they were recorded.")
        else:
            text = self.tr("✕ The case does not hold. {problem}")
        problem = failures.sentence(Failed(result.problems[0].code, result.problems[0].message)) if result.problems else ""
        self.status.setText(
            text.format(entries=result.custody, analyses=result.analyses, exhibits=result.exhibits, problem=problem)
            + "\n"
            + self.tr("Newest hash: {hash}").format(hash=result.head[:16] + "…")
        )

    def _unchecked(self, failure: Failed) -> None:
        self.check_button.setEnabled(True)
        self.status.setText(self.tr("✕ The case could not be checked. {why}").format(why=failures.sentence(failure)))

    def _show(self, lines: tuple[Logged, ...]) -> None:
        at_end = self.table.verticalScrollBar().value() == self.table.verticalScrollBar().maximum()
        self.model.show_lines(lines)
        if at_end:
            self.table.scrollToBottom()
        self._show_line(self.table.currentIndex().row())

    def _show_line(self, row: int) -> None:
        shown = 0 <= row < len(self.model.lines)
        self.line.setVisible(shown)
        if shown:
            line = self.model.lines[row]
            words = [f"{line.number} · {line.at} · {line.who}", case_wording.event(line.event), line.details, "SHA-256: " + line.hash]
            self.line.show_text("\n".join(word for word in words if word))

    def _soon(self) -> None:
        if self.isVisible() and not self._later.isActive():
            self._later.start()

    def _another(self) -> None:
        self.model.show_lines(())
        self.status.setText(self.tr("Each entry holds the hash of the one before it; nothing is ever taken out."))
        self._soon()

    def showEvent(self, event: Any) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self._later.start()
