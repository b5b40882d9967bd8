"""Writing the report of an exhibit: the person chooses a folder, a thread writes, a message says where it is."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.document import Analysis
from desktop.gui import languages, wording
from desktop.gui.item import Item
from desktop.gui.picture import Picture
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task

if TYPE_CHECKING:
    from desktop.gui.window import MainWindow


def write(analysis: Analysis, picture: Picture, item: Item, folder: Path, language: str, profile: Literal["court", "newsroom"]) -> Path:
    """Write the bundle of one analysis below ``folder``, with the examiner's notes and judgements."""
    import numpy as np

    from desktop.report import CaseContext, Disposition, write_bundle

    rgb = np.ascontiguousarray(picture.levels[0][..., 2::-1])
    now, who = datetime.now(UTC).isoformat(timespec="seconds"), _who()
    context = CaseContext(
        examiner=who,
        dispositions={claim: Disposition(value, who, now) for claim, value in item.dispositions.items() if value != "open"},
        notes=((now, who, item.notes),) if item.notes.strip() else (),
        tags=item.tags,
    )
    return write_bundle(analysis, rgb, folder, case=context, language="zh" if language.startswith("zh") else "en", profile=profile)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


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
    """Write in the background and tell the window how it went."""
    language = languages.current()
    profile = window.session.settings.report_profile
    said = (dict(item.dispositions), item.notes, item.tags)

    def work(_task: Task) -> Any:
        return write(analysis, picture, item, folder, language, profile)

    def done(where: Path) -> None:
        item.words_saved = item.words_saved or said == (dict(item.dispositions), item.notes, item.tags)
        window.say(window.tr("The report of {name} is in {where}").format(name=item.name, where=where))

    Task(work, done, lambda failure: _complain(window, item.name, failure)).start()


def _complain(window: MainWindow, name: str, failure: Failed) -> None:
    title = window.tr("The report was not written")
    text = window.tr("The report of {name} was not written: {why}.").format(name=name, why=failure.message.rstrip("."))
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Ok, window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(wording.advice(failure))
    box.open()
