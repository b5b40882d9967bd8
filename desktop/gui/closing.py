"""The question before a window is closed whose last words are not stored yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from desktop.gui import case_wording

if TYPE_CHECKING:
    from desktop.gui.window_frame import WindowFrame


def ask(window: WindowFrame, waiting: int) -> None:
    """Ask whether to leave although ``waiting`` things are not stored, and close the window when the answer is yes."""
    docket = window.session.docket
    safe = docket.holding.set_by()
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(window.tr("Quit Telltale?"))
    text, more = case_wording.not_stored(waiting, docket.trouble, safe=safe)
    box.setText(text)
    box.setInformativeText(more)
    box.addButton(window.tr("Keep working"), QMessageBox.ButtonRole.RejectRole)
    role = QMessageBox.ButtonRole.AcceptRole if safe else QMessageBox.ButtonRole.DestructiveRole
    leave = box.addButton(window.tr("Quit; go on next time") if safe else window.tr("Quit and lose them"), role)

    def go() -> None:
        window.sure = True
        docket.holding.set_down()
        window.close()

    leave.clicked.connect(go)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
