"""Dialogs of cases: making or naming one, and the list of those that were open lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.gui import places, wording
from desktop.gui.labels import named, text_label
from desktop.gui.places import Known

_UNFIT = '<>:"/\\|?*'


class CaseDialog(QDialog):
    """What a case is called, what it is about and where its folder is. ``folder`` is empty until the title or the person names it."""

    def __init__(self, parent: QWidget, title: str, note: str, accept: str, home: Path, options: QFileDialog.Option) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._home, self._options, self._own_folder = home, options, False
        self.title = named(QLineEdit(), self.tr("Title"))
        self.number = named(QLineEdit(), self.tr("Case number"))
        self.request = named(QLineEdit(), self.tr("What was asked"))
        self.first = named(QLineEdit(), self.tr("First proposition"))
        self.second = named(QLineEdit(), self.tr("Second proposition"))
        self.folder = named(QLineEdit(), self.tr("Folder"))
        self.first.setPlaceholderText(self.tr("The picture was made by a generator"))
        self.second.setPlaceholderText(self.tr("The picture was taken with a camera"))
        browse = QPushButton(self.tr("Choose…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for label, field in (
            (self.tr("Title"), self.title),
            (self.tr("Case number"), self.number),
            (self.tr("What was asked"), self.request),
            (self.tr("First proposition"), self.first),
            (self.tr("Second proposition"), self.second),
        ):
            form.addRow(label, field)
        form.addRow(self.tr("Folder"), place)
        self.problem = text_label("")
        self.problem.setObjectName("bad")
        self.problem.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setDefault(True)
        self.buttons.accepted.connect(self._check)
        self.buttons.rejected.connect(self.reject)
        words = text_label(note, muted=True)
        layout = QVBoxLayout(self)
        for widget in (words, None, self.problem, self.buttons):
            if widget is None:
                layout.addLayout(form)
            else:
                layout.addWidget(widget)
        self.title.textChanged.connect(self._named)
        self.folder.textEdited.connect(self._placed)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(max(560, 34 * self.fontMetrics().averageCharWidth() * 2), self.sizeHint().height())
        self._named("")

    def propositions(self) -> tuple[str, ...]:
        """Both propositions, or none."""
        said = tuple(field.text().strip() for field in (self.first, self.second))
        return said if all(said) else ()

    def chosen_folder(self) -> Path:
        """The folder of the case."""
        return Path(self.folder.text().strip()).expanduser()

    def _named(self, title: str) -> None:
        if not self._own_folder:
            name = "".join("-" if letter in _UNFIT or not letter.isprintable() else letter for letter in title).strip(" .")
            self.folder.setText(str(self._home / name) if name else "")
        self.accept_button.setEnabled(bool(self.folder.text().strip()))

    def _placed(self, text: str) -> None:
        self._own_folder = bool(text.strip())
        self.accept_button.setEnabled(self._own_folder)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the case"), str(self._home), self._options)
        if folder:
            self._home = Path(folder)
            self._own_folder = False
            self._named(self.title.text())
            if not self.folder.text():
                self.folder.setText(folder)
                self._placed(folder)

    def _check(self) -> None:
        folder = self.chosen_folder()
        if not folder.is_absolute():
            self.complain(self.tr("Give the whole path of the folder, from the root on."))
        else:
            self.accept()

    def complain(self, text: str) -> None:
        """Say what is wrong, in the dialog."""
        self.problem.setText(text)
        self.problem.show()


class OpenCaseDialog(QDialog):
    """Cases that were open lately, and a way to any other. ``chosen`` is what the person wants."""

    def __init__(self, parent: QWidget, known: tuple[Known, ...], current: Path | None, options: QFileDialog.Option) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open case"))
        self._options = options
        self.chosen: Path | None = None
        self.dropped: Path | None = None
        self.list = named(QListWidget(), self.tr("Cases that were open lately"))
        self.list.setSpacing(3)
        for case in known:
            place = Path(case.folder)
            if place != current and not (places.is_unnamed(place) and not place.exists()):
                self.list.addItem(self._row(case))
        self.list.itemActivated.connect(lambda _item: self._take())
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self.empty = text_label(self.tr("No other case was open on this computer yet."), muted=True)
        self.empty.setVisible(self.list.count() == 0)
        self.list.setVisible(self.list.count() > 0)
        self.forget_button = QPushButton(self.tr("Take off this list"))
        self.forget_button.setToolTip(self.tr("The case itself stays where it is."))
        self.forget_button.clicked.connect(self._drop)
        other = QPushButton(self.tr("Another folder…"))
        other.clicked.connect(self._browse)
        for button in (other, self.forget_button):
            button.setAutoDefault(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.open_button = buttons.addButton(self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.open_button.setDefault(True)
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(other)
        row.addWidget(self.forget_button)
        row.addStretch(1)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(self.empty)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 380 if self.list.count() else 120)
        if self.list.count():
            self.list.setCurrentRow(0)
        self._enable()

    def _row(self, case: Known) -> QListWidgetItem:
        folder = Path(case.folder)
        title = self.tr("Without a name, {when}").format(when=folder.name) if places.is_unnamed(folder) else case.title
        when = wording.moment_of(case.at)
        row = QListWidgetItem(f"{title}\n{when} · {folder}")
        row.setData(Qt.ItemDataRole.UserRole, case.folder)
        row.setToolTip(case.folder)
        return row

    def _current(self) -> Path | None:
        row = self.list.currentItem()
        return Path(row.data(Qt.ItemDataRole.UserRole)) if row is not None else None

    def _enable(self) -> None:
        self.open_button.setEnabled(self._current() is not None)
        self.forget_button.setEnabled(self._current() is not None)

    def _take(self) -> None:
        self.chosen = self._current()
        if self.chosen is not None:
            self.accept()

    def _drop(self) -> None:
        self.dropped = self._current()
        self.list.takeItem(self.list.currentRow())
        self.finished.emit(2)
        self._enable()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open the folder of a case"), "", self._options)
        if folder:
            self.chosen = Path(folder)
            self.accept()
