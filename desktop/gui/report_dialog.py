"""How a report is to be, with its pages beside the choices: for whom, in which language, with which views, signed or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.gui import exporting, failures, kept, languages, wording
from desktop.gui.controls import Check
from desktop.gui.exporting import Form
from desktop.gui.item import Item
from desktop.gui.labels import heading, named, text_label
from desktop.gui.pages import Pages
from desktop.gui.picture import Picture
from desktop.gui.seam import Failed
from desktop.gui.settings_dialog import choice_text
from desktop.gui.tasks import Task

if TYPE_CHECKING:
    from desktop.document import Analysis
    from desktop.gui.window import MainWindow
    from desktop.reports import Material

_PAUSE_MS = 350
"""So long nothing is changed before the pages are laid out again."""


class ReportDialog(QDialog):
    """The pages are those that would be written; the folder is asked for last."""

    def __init__(self, window: MainWindow, item: Item, analysis: Analysis, picture: Picture) -> None:
        super().__init__(window)
        self.setWindowTitle(self.tr("Report of {name}").format(name=wording.short(item.name)))
        self._window, self._item, self._analysis, self._picture = window, item, analysis, picture
        self._material: Material | None = None
        self._task: Task | None = None
        self._stale = True
        self.laid_out = False
        """Whether the pages are those of the choices."""
        self.pages = Pages(self.tr("Pages of the report"))
        self.status = text_label(muted=True)
        self.progress = named(QProgressBar(textVisible=False), self.tr("Laying out the pages"))
        self.progress.setRange(0, 0)
        self._make_choices()
        self._make_signing()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._preview)
        number = item.exhibit
        if number is not None:
            window.session.docket.write(lambda case: kept.context(case, number), self._gathered, self._failed)
        self.resize(1060, 760)
        self._changed()

    # --- parts

    def _make_choices(self) -> None:
        form = exporting.usual(self._window.session.settings)
        self.profile = named(QComboBox(), self.tr("Made for"))
        for value in ("court", "newsroom"):
            self.profile.addItem(choice_text(value), value)
        self.profile.setCurrentIndex(self.profile.findData(form.profile))
        self.profile_note = text_label(muted=True)
        self.language = named(QComboBox(), self.tr("Language of the report"))
        for text, value in (("English", "en"), ("简体中文", "zh")):
            self.language.addItem(text, value)
        self.language.setCurrentIndex(self.language.findData(form.language))
        self.views = {view_id: Check(title) for view_id, title in view_titles()}
        self.original = Check(self.tr("Put the received file into it"))
        for box in (self.profile, self.language):
            box.currentIndexChanged.connect(lambda _row: self._changed())
        for check in self.views.values():
            check.toggled.connect(lambda _on: self._changed())

    def _make_signing(self) -> None:
        self.sign = Check(self.tr("Sign with the laboratory's key"))
        self.sign.toggled.connect(lambda _on: self._changed())
        self.key, self.key_button = self._file_row(self.tr("Key file (PKCS #12 or PEM)"), "*.p12 *.pfx *.pem *.key")
        self.certificate, self.certificate_button = self._file_row(self.tr("Certificate of a PEM key"), "*.pem *.crt *.cer")
        self.passphrase = named(QLineEdit(), self.tr("Passphrase of the key"))
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.textChanged.connect(lambda _text: self._changed())
        self.signing = QWidget()
        form = QFormLayout(self.signing)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for field, button in ((self.key, self.key_button), (self.certificate, self.certificate_button)):
            row = QHBoxLayout()
            row.addWidget(field, 1)
            row.addWidget(button)
            form.addRow(field.accessibleName(), row)
        form.addRow(self.passphrase.accessibleName(), self.passphrase)

    def _file_row(self, title: str, patterns: str) -> tuple[QLineEdit, QPushButton]:
        field = named(QLineEdit(), title)
        field.textChanged.connect(lambda _text: self._changed())
        button = named(QPushButton(self.tr("Choose…")), self.tr("Choose: {what}").format(what=title))

        def choose() -> None:
            file, _ = QFileDialog.getOpenFileName(self, title, "", f"{title} ({patterns})", options=self._options())
            if file:
                field.setText(file)

        button.clicked.connect(choose)
        return field, button

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        form = QFormLayout()
        form.addRow(self.tr("Made for"), self.profile)
        form.addRow(self.tr("Language"), self.language)
        left.addLayout(form)
        left.addWidget(self.profile_note)
        left.addWidget(heading(self.tr("Views to print")))
        for check in self.views.values():
            left.addWidget(check)
        left.addWidget(heading(self.tr("What goes with it")))
        for widget in (self.original, self.sign, self.signing):
            left.addWidget(widget)
        left.addStretch(1)
        body = QWidget()
        body.setLayout(left)
        side = named(QScrollArea(), self.tr("Choices"))
        side.setWidgetResizable(True)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setWidget(body)
        side.setFixedWidth(round(320 * self.fontMetrics().height() / 17))
        middle = QHBoxLayout()
        middle.addWidget(side)
        middle.addWidget(self.pages, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        self.write_button = buttons.addButton(self.tr("Write the report…"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._write)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addWidget(buttons)

    # --- what is chosen

    def form(self) -> Form:
        """What the choices say now."""
        court = self.profile.currentData() == "court"
        signed = self.sign.isChecked()
        return Form(
            self.profile.currentData(),
            self.language.currentData(),
            tuple(view_id for view_id, check in self.views.items() if check.isChecked()),
            court and self.original.isChecked(),
            self.key.text().strip() if signed else "",
            self.certificate.text().strip() if signed else "",
            self.passphrase.text() if signed else "",
        )

    def _changed(self) -> None:
        court = self.profile.currentData() == "court"
        self.profile_note.setText(
            self.tr("Every detail, the examiner's words, the custody log, every analysed pixel.")
            if court
            else self.tr("For passing on: names, places, file metadata, the case and the original are left out; the picture is small.")
        )
        self.original.setEnabled(court)
        self.signing.setVisible(self.sign.isChecked())
        self.write_button.setEnabled(not self.sign.isChecked() or bool(self.key.text().strip()))
        self._stale, self.laid_out = True, False
        self._timer.start()

    # --- the pages

    def _gathered(self, found: Any) -> None:
        if found is not None:
            context, data = found
            self._material = exporting.material(self._analysis, self._picture, context, data)
            self._preview()

    def _preview(self) -> None:
        if not self._stale or self._material is None or (self.sign.isChecked() and not self.key.text().strip()):
            return
        if self._task is not None:
            self._task.stop.set()  # the pages of the last choice are of no use; ``_laid_out`` starts again
            return
        about, form = self._material, self.form()
        self._stale = False
        self.progress.show()
        self.status.setText(self.tr("Laying out the pages…"))
        self._task = Task(lambda task: exporting.laid_out(about, form, task), self._laid_out, self._failed, owner=self).start()

    def _laid_out(self, pages: list[Picture]) -> None:
        self.laid_out = not self._stale
        self._rest()
        self.pages.show_pages(pages)
        self.status.setText(self.tr("Pages: {count}. So they will be written.").format(count=len(pages)))

    def _failed(self, failure: Failed) -> None:
        self._rest()
        if failure.code != "cancelled":
            self.status.setText(f"✕ {failures.sentence(failure)} {failures.advice(failure)}")

    def _rest(self) -> None:
        self._task = None
        self.progress.hide()
        if self._stale:
            self._timer.start()

    # --- writing

    def _options(self) -> QFileDialog.Option:
        return QFileDialog.Option(0) if self._window.session.settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog

    def _write(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Write the report into this folder"), "", self._options())
        if folder:
            self.write(Path(folder))

    def write(self, folder: Path) -> None:
        """Have the report written below ``folder`` and close."""
        exporting.start(self._window, self._item, self._analysis, self._picture, folder, self.form())
        self.accept()

    def done(self, result: int) -> None:
        """Nobody waits for the pages any more."""
        self._timer.stop()
        self._stale = False
        if self._task is not None:
            self._task.stop.set()
        super().done(result)


def view_titles() -> list[tuple[str, str]]:
    """Ids of all views with their titles in the window's language."""
    from desktop.evidence.views import catalogue
    from desktop.evidence.words import view_words

    return [(spec.id, view_words(spec.id, languages.short()).title) for spec in catalogue()]
