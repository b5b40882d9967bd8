"""The settings dialog, generated from the declaration in ``desktop.gui.settings``: a field there is a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.controls import Check
from desktop.gui.labels import named, text_label
from desktop.gui.languages import KNOWN
from desktop.gui.settings import Field, Settings, declared

if TYPE_CHECKING:
    from desktop.gui.window import MainWindow


class SettingsDialog(QDialog):
    """One row for each declared field."""

    def __init__(self, parent: QWidget | None, settings: Settings) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.editors: dict[str, QWidget] = {}
        form = QFormLayout()
        form.setVerticalSpacing(4)
        for field in declared():
            title, description = words(field)
            editor = self._editor(field, getattr(settings, field.name))
            editor.setAccessibleName(title)
            editor.setAccessibleDescription(description)
            self.editors[field.name] = editor
            if isinstance(editor, QCheckBox):
                editor.setText(title)
                form.addRow("", editor)
            else:
                form.addRow(title, editor)
            note = text_label(description, muted=True)
            note.setContentsMargins(0, 0, 0, 8)
            note.setFixedWidth(round(25 * self.fontMetrics().height()))  # a form asks for the height at the least width, whatever it gets
            form.addRow("", note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        page = QWidget()
        page.setLayout(form)
        area = named(QScrollArea(), self.tr("Settings"))
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        area.setMinimumWidth(page.sizeHint().width() + area.verticalScrollBar().sizeHint().width() + 4)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        self.resize(600, 620)

    def chosen(self) -> Settings:
        """The settings as the rows say now."""
        return Settings(**{name: value_of(editor) for name, editor in self.editors.items()})

    def _editor(self, field: Field, value: Any) -> QWidget:
        if field.choices:
            combo = QComboBox()
            for choice in field.choices:
                combo.addItem(choice_text(choice), choice)
            combo.setCurrentIndex(combo.findData(value))
            return combo
        if field.kind is bool:
            box = Check()
            box.setChecked(value)
            return box
        spin = QSpinBox()
        spin.setRange(field.meta.ge, field.meta.le)
        spin.setSingleStep(1 if field.name == "threads" else 10 if spin.maximum() <= 1000 else 100)
        spin.setValue(value)
        return spin


def words(field: Field) -> tuple[str, str]:
    """Title and description of a setting, translated."""
    translate = QCoreApplication.translate
    return translate("Settings", field.meta.title), translate("Settings", field.meta.description)


def choice_text(choice: str) -> str:
    """A choice in words."""
    translate = QCoreApplication.translate
    words = {
        "system": translate("Settings", "As the system"),
        "light": translate("Settings", "Light"),
        "dark": translate("Settings", "Dark"),
        "contrast": translate("Settings", "High contrast"),
        "court": translate("Settings", "Court"),
        "newsroom": translate("Settings", "Newsroom"),
        "auto": translate("Settings", "Automatic"),
        "off": translate("Settings", "Off"),
    }
    return KNOWN.get(choice) or words.get(choice, choice)


def value_of(editor: QWidget) -> Any:
    """What an editor says."""
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        return editor.currentData()
    assert isinstance(editor, QSpinBox)  # noqa: S101
    return editor.value()


def edit(window: MainWindow) -> None:
    """Let the person change the settings; they hold at once and are kept for the next start."""
    dialog = SettingsDialog(window, window.session.settings)
    dialog.accepted.connect(lambda: window.use_settings(dialog.chosen()))
    dialog.open()
