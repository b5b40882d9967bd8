"""The settings dialog, generated from the declaration in ``desktop.gui.settings``: a field there is a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.controls import Check
from desktop.gui.labels import named, text_label
from desktop.gui.languages import KNOWN
from desktop.gui.settings import Settings

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
        for field, title, description in declared_fields():
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
            note.setMinimumWidth(360)  # a form asks for the height at the least width
            form.addRow("", note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        page = QWidget()
        page.setLayout(form)
        area = named(QScrollArea(), self.tr("Settings"))
        area.setWidgetResizable(True)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addWidget(buttons)
        self.resize(600, 620)

    def chosen(self) -> Settings:
        """The settings as the rows say now."""
        return msgspec.convert({name: value_of(editor) for name, editor in self.editors.items()}, Settings)

    def _editor(self, field: inspect.Field, value: Any) -> QWidget:
        kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
        if isinstance(kind, inspect.BoolType):
            box = Check()
            box.setChecked(value)
            return box
        if isinstance(kind, inspect.LiteralType):
            combo = QComboBox()
            for choice in kind.values:
                combo.addItem(choice_text(str(choice)), choice)
            combo.setCurrentIndex(combo.findData(value))
            return combo
        if isinstance(kind, inspect.IntType):
            spin = QSpinBox()
            spin.setRange(kind.ge if kind.ge is not None else 0, kind.le if kind.le is not None else 1_000_000)
            spin.setSingleStep(1 if field.name == "threads" else 10 if spin.maximum() <= 1000 else 100)
            spin.setValue(value)
            return spin
        return named(QLineEdit(str(value)), field.name)


def declared_fields() -> list[tuple[inspect.Field, str, str]]:
    """Fields with their title and description, translated."""
    struct = inspect.type_info(Settings)
    assert isinstance(struct, inspect.StructType)  # noqa: S101
    rows = []
    for field in struct.fields:
        extra = field.type.extra_json_schema if isinstance(field.type, inspect.Metadata) else None
        extra = extra or {}
        translate = QCoreApplication.translate
        rows.append((field, translate("Settings", extra.get("title", field.name)), translate("Settings", extra.get("description", ""))))
    return rows


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
    if isinstance(editor, QSpinBox):
        return editor.value()
    assert isinstance(editor, QLineEdit)  # noqa: S101
    return editor.text().strip()


def edit(window: MainWindow) -> None:
    """Let the person change the settings; they hold at once and are kept for the next start."""
    dialog = SettingsDialog(window, window.session.settings)
    dialog.accepted.connect(lambda: window.use_settings(dialog.chosen()))
    dialog.open()
