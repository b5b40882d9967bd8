"""Tags of the chosen exhibits: those in use as boxes to tick, and a field for a new one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.gui.labels import named, text_label
from desktop.gui.session import Session


class TagDialog(QDialog):
    """Applies what was changed when it is accepted, and only that."""

    def __init__(self, parent: QWidget, session: Session, keys: Sequence[int]) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Tags"))
        self._session, self._keys = session, list(keys)
        items = [session.items[key] for key in keys if key in session.items]
        self.field = named(QLineEdit(), self.tr("New tag"))
        self.field.setPlaceholderText(self.tr("New tag"))
        self.list = named(QListWidget(), self.tr("Tags in use"))
        for tag in session.tags():
            carried = sum(tag in item.tags for item in items)
            row = QListWidgetItem(tag)
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            state = Qt.CheckState.Checked if carried == len(items) else Qt.CheckState.PartiallyChecked
            row.setCheckState(state if carried else Qt.CheckState.Unchecked)
            row.setData(Qt.ItemDataRole.UserRole, row.checkState())
            self.list.addItem(row)
        self.list.setVisible(self.list.count() > 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._apply)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        names = items[0].name if len(items) == 1 else self.tr("{count} exhibits").format(count=len(items))
        layout.addWidget(text_label(names, muted=True))
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(380, 340 if self.list.count() else 140)

    def _apply(self) -> None:
        add, remove = [tag for tag in self.field.text().split(",") if tag.strip()], []
        for number in range(self.list.count()):
            row = self.list.item(number)
            before, now = row.data(Qt.ItemDataRole.UserRole), row.checkState()
            if now != before and now is Qt.CheckState.Checked:
                add.append(row.text())
            elif now != before and now is Qt.CheckState.Unchecked:
                remove.append(row.text())
        if add or remove:
            self._session.change_tags(self._keys, add, remove)
        self.accept()
