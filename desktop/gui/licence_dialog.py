"""The terms of weights, to be read and accepted or not. Nothing is fetched or copied before that."""

import re

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.gui.labels import heading, named, text_label

_WRAPPED = 50
"""A line of so many characters was broken because it was full, a shorter one because it was meant to end."""


class LicenceDialog(QDialog):
    """``accepted`` or ``rejected`` tells the answer; closing the dialog is no."""

    def __init__(self, parent: QWidget, name: str, facts: str, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Licence of the weights"))
        view = named(QPlainTextEdit(flowing(text), readOnly=True), self.tr("Terms"))
        view.setTabChangesFocus(True)
        buttons = QDialogButtonBox()
        self.accept_button = buttons.addButton(self.tr("Accept the terms"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.decline_button = buttons.addButton(self.tr("Decline"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(heading(name, 1.15))
        layout.addWidget(text_label(facts, selectable=True))
        layout.addWidget(view, 1)
        layout.addWidget(text_label(self.tr("The terms are kept in the expert's card and stand in every report."), muted=True))
        layout.addWidget(buttons)
        self.resize(620, 520)
        self.accept_button.setAutoDefault(False)
        self.decline_button.setDefault(True)


def flowing(text: str) -> str:
    """Text without the line breaks that its file was wrapped with; paragraphs, lists and indented lines stay."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        begins = not line.strip() or line[0].isspace() or re.match(r"([-*•]|\(?\w{1,3}[.)])\s", line)
        if lines and len(lines[-1]) >= _WRAPPED and not begins:
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)
