"""Writing the report of an exhibit: what the dialog asked for goes to ``desktop.reports``, in a thread; a message says where it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from desktop.gui import failures, kept, languages
from desktop.gui.item import Item
from desktop.gui.picture import Picture, make_picture
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task

if TYPE_CHECKING:
    from desktop.document import Analysis
    from desktop.gui.settings import Settings
    from desktop.gui.window import MainWindow
    from desktop.report import CaseContext
    from desktop.reports import Material, Wish, Written

PAGE_PPI = 92.0


@dataclass(frozen=True)
class Form:
    """What a person chose for a report, before any file of it was read."""

    profile: Literal["court", "newsroom"] = "court"
    language: Literal["en", "zh"] = "en"
    views: tuple[str, ...] = ()
    original: bool = False
    key: str = ""
    certificate: str = ""
    passphrase: str = ""

    def wish(self) -> Wish:
        """The same with the key read. Raises UsageError."""
        from desktop.report import Signer
        from desktop.reports import Wish

        certificate = Path(self.certificate) if self.certificate else None
        signer = Signer.load(Path(self.key), certificate, self.passphrase or None) if self.key else None
        return Wish(self.profile, self.language, self.views, self.original, signer)


def usual(settings: Settings) -> Form:
    """What is chosen to begin with."""
    return Form(settings.report_profile, languages.short())


def material(analysis: Analysis, picture: Picture, context: CaseContext, data: bytes) -> Material:
    """What a report is made of, from what the window holds."""
    import numpy as np

    from desktop.reports import Material

    return Material(analysis, np.ascontiguousarray(picture.levels[0][..., 2::-1]), data, context)


def write(about: Material, folder: Path, form: Form, task: Task) -> Written:
    """Write the bundle below ``folder``; called in a thread."""
    from desktop import reports

    return reports.write(about, folder, form.wish(), task.stop.is_set)


def laid_out(about: Material, form: Form, task: Task) -> list[Picture]:
    """The pages that would be printed, ready for drawing; called in a thread."""
    import io

    import numpy as np
    from PIL import Image

    from desktop import reports

    pages = reports.pages(about, form.wish(), task.stop.is_set, PAGE_PPI)
    return [make_picture(np.asarray(Image.open(io.BytesIO(page)).convert("RGB"))) for page in pages]


def export(window: MainWindow) -> None:
    """Let the person choose how the selected exhibit's report is to be."""
    from desktop.gui.report_dialog import ReportDialog

    session = window.session
    item = session.item
    picture = session.picture(item.key) if item is not None else None
    if item is None or item.analysis is None or picture is None or item.exhibit is None:
        return
    dialog = ReportDialog(window, item, item.analysis, picture)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def start(window: MainWindow, item: Item, analysis: Analysis, picture: Picture, folder: Path, form: Form | None = None) -> None:
    """Write in the background, tell the window how it went, and have the case log that something left it."""
    chosen, docket = form or usual(window.session.settings), window.session.docket
    number = item.exhibit
    if number is None:
        return

    def failed(failure: Failed) -> None:
        _complain(window, item.name, failure)

    def done(written: Written) -> None:
        from desktop.gui.words import Exported

        docket.holding.say(Exported(number, f"report, {chosen.profile}", written.digest))
        window.say(window.tr("The report of {name} is in {where}").format(name=item.name, where=written.bundle))

    def gathered(found: Any) -> None:
        if found is not None:
            context, data = found
            Task(lambda task: write(material(analysis, picture, context, data), folder, chosen, task), done, failed).start()

    # In line with what is being written, so that the last word is in the report.
    docket.write(lambda case: kept.context(case, number), gathered, failed)


def _complain(window: MainWindow, name: str, failure: Failed) -> None:
    title = window.tr("The report was not written")
    text = window.tr("The report of {name} was not written: {why}.").format(name=name, why=failures.clause(failure))
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Ok, window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(failures.advice(failure))
    box.open()
