"""Writing the report of an exhibit: the person chooses a folder, a thread writes, a message says where it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.document import Analysis
from desktop.gui import kept, languages, wording
from desktop.gui.item import Item
from desktop.gui.picture import Picture
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task

if TYPE_CHECKING:
    from desktop.gui.window import MainWindow
    from desktop.report import CaseContext


def write(
    analysis: Analysis, picture: Picture, context: CaseContext, folder: Path, language: str, profile: Literal["court", "newsroom"]
) -> tuple[Path, str]:
    """Write the bundle of one analysis below ``folder``, with what the case says of it; where it is, and the digest that stands for it."""
    import numpy as np

    from desktop.report import write_bundle

    rgb = np.ascontiguousarray(picture.levels[0][..., 2::-1])
    bundle = write_bundle(analysis, rgb, folder, case=context, language="zh" if language.startswith("zh") else "en", profile=profile)
    return bundle, hashlib.sha256((bundle / "tagmanifest-sha256.txt").read_bytes()).hexdigest()


def export(window: MainWindow) -> None:
    """Ask for a folder and write the selected exhibit's report there."""
    session = window.session
    item = session.item
    picture = session.picture(item.key) if item is not None else None
    if item is None or item.analysis is None or picture is None:
        return
    options = QFileDialog.Option(0) if session.settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog
    folder = QFileDialog.getExistingDirectory(window, window.tr("Export the report into this folder"), "", options)
    if folder:
        start(window, item, item.analysis, picture, Path(folder))


def start(window: MainWindow, item: Item, analysis: Analysis, picture: Picture, folder: Path) -> None:
    """Write in the background, tell the window how it went, and have the case log that something left it."""
    language, profile, docket = languages.current(), window.session.settings.report_profile, window.session.docket
    number = item.exhibit
    if number is None:
        return

    def failed(failure: Failed) -> None:
        _complain(window, item.name, failure)

    def done(written: tuple[Path, str]) -> None:
        where, digest = written
        docket.write(lambda case: case.log_export(number, f"report, {profile}", digest))
        window.say(window.tr("The report of {name} is in {where}").format(name=item.name, where=where))

    def gathered(found: Any) -> None:
        if found is not None:
            Task(lambda _task: write(analysis, picture, found[0], folder, language, profile), done, failed).start()

    # In line with what is being written, so that the last word is in the report.
    docket.write(lambda case: kept.context(case, number), gathered, failed)


def _complain(window: MainWindow, name: str, failure: Failed) -> None:
    title = window.tr("The report was not written")
    text = window.tr("The report of {name} was not written: {why}.").format(name=name, why=failure.message.rstrip("."))
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Ok, window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(wording.advice(failure))
    box.open()
