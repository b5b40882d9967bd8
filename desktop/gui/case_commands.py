"""What the window does about cases when it is told to: new, open, keep, close; and what it says when the case is in trouble."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.gui import case_wording
from desktop.gui.seam import Failed

if TYPE_CHECKING:
    from desktop.gui.window_frame import WindowFrame

_LISTED = 8


class CaseCommands(QObject):
    """Belongs to one window; the docket does the work."""

    def __init__(self, window: WindowFrame) -> None:
        super().__init__(window)
        self._window = window
        self.docket = window.session.docket
        self.docket.refused.connect(self._refused)
        self.docket.opened.connect(lambda _case: self._arrived())
        self.docket.trouble_changed.connect(self.show_trouble)

    # --- commands

    def new(self) -> None:
        """Make a case under a name."""
        from desktop.gui.case_dialogs import CaseDialog

        note = self.tr("A case is a folder of its own: copies of the pictures, findings, notes and the log of custody.")
        dialog = CaseDialog(self._window, self.tr("New case"), note, self.tr("Make case"), _home(), self._options())
        dialog.accepted.connect(
            lambda: self._leaving(
                lambda: self.docket.create(
                    dialog.chosen_folder(), dialog.title.text(), dialog.number.text(), dialog.request.text(), dialog.propositions()
                )
            )
        )
        dialog.open()

    def keep(self) -> None:
        """Give the case without a name a name and a folder; a named one is stored already."""
        case = self.docket.case
        if case is None or not self.docket.unnamed:
            where = case.folder if case is not None else ""
            self._window.say(self.tr("Everything is stored as it happens, in {where}").format(where=where))
            return
        from desktop.gui.case_dialogs import CaseDialog

        note = self.tr("Everything of this case moves into the folder that you name; nothing is analysed again.")
        dialog = CaseDialog(self._window, self.tr("Keep this case"), note, self.tr("Keep"), _home(), self._options())
        dialog.accepted.connect(
            lambda: self.docket.keep_as(
                dialog.chosen_folder(),
                dialog.title.text() or dialog.chosen_folder().name,
                dialog.number.text(),
                dialog.request.text(),
                dialog.propositions(),
            )
        )
        dialog.open()

    def open(self) -> None:
        """Choose one of the cases that were open lately, or any other."""
        from desktop.gui.case_dialogs import OpenCaseDialog

        case = self.docket.case
        dialog = OpenCaseDialog(self._window, self.docket.memory.recent, case.folder if case else None, self._options())

        def ended(_result: int) -> None:
            if dialog.dropped is not None:
                self.docket.forget(dialog.dropped)
                dialog.dropped = None
            if dialog.chosen is not None:
                chosen = dialog.chosen
                self._leaving(lambda: self.docket.open(chosen))

        dialog.finished.connect(ended)
        dialog.open()

    def close(self) -> None:
        """Leave the case for a new one without a name."""
        case, unnamed = self.docket.case, self.docket.unnamed
        if case is None or (unnamed and not self._window.session.items):
            return
        self._leaving(self.docket.close_case)
        if unnamed:
            self._window.say(self.tr("The case without a name is kept; Case › Open case… lists it."))

    def _leaving(self, go: Callable[[], None]) -> None:
        """Go to another case, after asking when something is not stored in this one."""
        waiting = self._window.session.unsaved()
        if self.docket.trouble is None or not waiting:
            go()
            return
        safe = self.docket.holding.set_by()
        box = self._question(self.tr("Leave this case?"), *case_wording.not_stored(waiting, self.docket.trouble, safe=safe))
        box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        role = QMessageBox.ButtonRole.AcceptRole if safe else QMessageBox.ButtonRole.DestructiveRole
        leave = box.addButton(self.tr("Leave; go on next time") if safe else self.tr("Leave and lose them"), role)
        leave.clicked.connect(self.docket.holding.set_down)
        leave.clicked.connect(lambda _checked=False: go())
        box.open()

    def _options(self) -> QFileDialog.Option:
        native = self._window.session.settings.native_dialogs
        return QFileDialog.Option(0) if native else QFileDialog.Option.DontUseNativeDialog

    # --- what is said

    def _arrived(self) -> None:
        case = self.docket.case
        if case is None:
            return
        if case.missed is not None:
            folder, failure = case.missed
            more = self.tr("A new case without a name is open instead; Case › Open case… tries the other one again.")
            if case.missed_words:
                waits = self.tr("What was said there and is not stored in it yet waits on this computer: {count}. Nothing of it is lost.")
                more += " " + waits.format(count=case.missed_words)
            text = self.tr("{folder}: {why}").format(folder=folder, why=case_wording.case_trouble(failure)[1])
            self._tell(self.tr("The case that was open last is not open"), text, more)
        if case.left is not None and case.left.failure is not None:
            self._tell(self.tr("Something that was said of this case waits"), *case_wording.not_offered(case.left.failure))
        if self.docket.holding.left:
            self._offer()
        self.show_trouble()

    def _offer(self) -> None:
        """What could not be stored when this case was left can be stored now."""
        from desktop.gui import leftover

        said = self.docket.holding.left
        lines = [case_wording.said(one) for one in said[:_LISTED]]
        if len(said) > _LISTED:
            lines.append(self.tr("… and {count} more").format(count=len(said) - _LISTED))
        text = self.tr("When this case was left, it could not be written. Waiting since then: {count}").format(count=len(said))
        box = self._question(self.tr("Store what was left over?"), text, "\n".join(lines))
        store = box.addButton(self.tr("Store now"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Ask again next time"), QMessageBox.ButtonRole.RejectRole)
        drop = box.addButton(self.tr("Throw away"), QMessageBox.ButtonRole.DestructiveRole)
        store.clicked.connect(lambda: leftover.store(self._window.session))
        drop.clicked.connect(self.docket.holding.take_up)
        box.setDefaultButton(store)
        box.open()

    def _refused(self, folder: Path, failure: Failed) -> None:
        title = self.tr("The case was not opened")
        text = self.tr("{folder}: {why}").format(folder=folder, why=case_wording.case_trouble(failure)[1])
        if failure.code != "case-in-use":
            self._tell(title, text, self.tr("The case that was open before still is."))
            return
        box = self._question(title, text, self.tr("Read-only shows everything and changes nothing."))
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        look = box.addButton(self.tr("Open read-only"), QMessageBox.ButtonRole.AcceptRole)
        look.clicked.connect(lambda: self.docket.open(folder, read_only=True))
        box.open()

    def show_trouble(self) -> None:
        """The strip over the panels: why writes wait and what to do."""
        trouble, banner = self.docket.trouble, self._window.banner
        if trouble is None:
            if banner.isVisible():
                self._window.say(self.tr("Everything is stored again; nothing was lost."))
            banner.hide()
            return
        title, text = case_wording.case_trouble(trouble)
        case = self.docket.case
        if self.docket.holding.unsafe is not None:
            text += " " + self.tr("It could not be kept on this computer either: do not quit before it is stored.")
        if case is not None:
            text += " " + self.tr("Folder: {folder}").format(folder=case.folder)
        actions = {self.tr("Try again"): self.docket.keeper.hurry}
        if trouble.code == "disk-full":
            actions[self.tr("Leave out waiting files")] = lambda: self.docket.keeper.leave_out_copies(trouble)
        banner.tell(f"✕ {title}", text, actions)

    def _tell(self, title: str, text: str, more: str) -> None:
        box = self._question(title, text, more)
        box.setIcon(QMessageBox.Icon.Warning)
        box.addButton(QMessageBox.StandardButton.Ok)
        box.open()

    def _question(self, title: str, text: str, more: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(title)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setInformativeText(more)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return box


def _home() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or Path.home())
