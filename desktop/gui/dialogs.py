"""Small dialogs: shortcuts, about, log."""

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from desktop import __version__
from desktop.gui.commands import declared, menu_titles, plain
from desktop.gui.labels import heading, named, settle, text_label


class ShortcutsDialog(QDialog):
    """All commands and their keys, made from their declaration."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        body = QWidget()
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(5)
        row = 0
        titles = menu_titles()
        current = ""
        for command in declared():
            if not command.keys:
                continue
            if command.menu != current:
                current = command.menu
                grid.addWidget(heading(plain(titles[current])), row, 0, 1, 2)
                row += 1
            row = self._row(grid, row, plain(command.text), ", ".join(native(keys) for keys in command.keys))
        grid.addWidget(heading(self.tr("On the picture and on a stated reason")), row, 0, 1, 2)
        row += 1
        for text, keys in (
            (self.tr("Move the picture"), self.tr("Arrow keys")),
            (self.tr("Zoom"), self.tr("Mouse wheel")),
            (self.tr("Judge a stated reason: confirmed, not seen, unsure, not examined"), "1  2  3  0"),
        ):
            row = self._row(grid, row, text, keys)
        area = named(QScrollArea(widgetResizable=True), self.tr("Keyboard shortcuts"))
        area.setWidget(body)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        self.resize(520, 620)

    def _row(self, grid: QGridLayout, row: int, text: str, keys: str) -> int:
        grid.addWidget(text_label(text), row, 0)
        label = QLabel(keys)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(label, row, 1)
        return row + 1


def native(keys: str) -> str:
    """A key combination as this system writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


class AboutDialog(QDialog):
    """What this program is, and what its findings are not."""

    def __init__(self, parent: QWidget, expert: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Telltale"))
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(heading(f"Telltale {__version__}", 1.4))
        for text in (
            self.tr("Offline, explainable examination of pictures for traces of AI generation."),
            self.tr("Nothing leaves this computer: pictures are read and examined by processes that have no network."),
            self.tr("A finding says what the evidence supports and how often such findings are wrong. It is never proof of anything."),
            expert,
            self.tr("Apache License 2.0. Uses Qt {version} through PySide6 under the LGPL.").format(version=pyside_version),
        ):
            if text:
                layout.addWidget(text_label(text, selectable=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        settle(self, 480)


class LogDialog(QDialog):
    """The log of this session, to read and to copy; it is never sent anywhere."""

    def __init__(self, parent: QWidget, text: str, where: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Log"))
        layout = QVBoxLayout(self)
        layout.addWidget(text_label(self.tr("Kept on this computer only, in {where}").format(where=where), muted=True, selectable=True))
        view = named(QPlainTextEdit(readOnly=True), self.tr("Log"))
        view.setPlainText(text or self.tr("Nothing went wrong so far."))
        layout.addWidget(view)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(view.toPlainText()))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(640, 420)
