"""More experts: what the catalogue offers, fetched and converted by a program of its own after its licence was accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QListWidget, QProgressBar, QPushButton, QVBoxLayout

from desktop.gui import failures, wording
from desktop.gui.labels import named, text_label
from desktop.gui.licence_dialog import LicenceDialog
from desktop.gui.pulling import Pull
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task
from desktop.gui.text_block import TextBlock, scrolled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class PullDialog(QDialog):
    """``stored`` tells that the list of experts has grown."""

    stored = Signal()

    def __init__(self, parent: QWidget, start: Callable[[PullDialog, str], Pull] = Pull, online: bool | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Get more experts"))
        self._start, self._online = start, online
        self._rows: list[Any] = []
        self._begun: set[str] = set()
        self.pull: Pull | None = None
        self.list = named(QListWidget(), self.tr("Experts of the catalogue"))
        self.list.currentRowChanged.connect(lambda _row: self._show())
        self.facts = TextBlock(self.tr("About the expert"))
        self.note = text_label()
        self.status = text_label(selectable=True)
        self.progress = named(QProgressBar(textVisible=False), self.tr("Progress"))
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self.download_button = QPushButton(self.tr("Download and convert…"))
        self.download_button.clicked.connect(self._download)
        self.cancel_button = QPushButton(self.tr("Cancel the download"))
        self.cancel_button.clicked.connect(self._cancel)
        self._lay_out()
        self._enable()
        Task(lambda _task: offers(), self._offered, self._complain, owner=self).start()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.addWidget(scrolled(self.facts), 1)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 2)
        middle.addLayout(right, 3)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.addButton(self.download_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addWidget(buttons)
        self.resize(760, 520)

    # What there is

    def _offered(self, found: tuple[tuple[Any, ...], frozenset[str], bool]) -> None:
        rows, self._begun, installed = list(found[0]), set(found[1]), found[2]
        self._online = installed if self._online is None else self._online
        self._rows = rows
        self.list.clear()
        for row in rows:
            self.list.addItem(f"{row.name} · {wording.size(row.bytes)}")
        if rows:
            self.list.setCurrentRow(0)
        self.note.setText(
            self.tr("Downloading is done by a program of its own, only now, and only because you ask; nothing of your pictures is sent.")
            if self._online
            else self.tr(
                "This installation has no part that goes online. On a computer that has one, run “telltale models pull {name}” and "
                "“telltale models export {name}”, carry the file on a stick, and take it in here with Experts › Import an archive."
            ).format(name=rows[0].id if rows else "fakevlm")
        )
        if not rows:
            self.status.setText(self.tr("Every expert of the catalogue is on this computer already."))
        self._show()

    def chosen(self) -> Any | None:
        """The offer that is selected."""
        row = self.list.currentRow()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _show(self) -> None:
        row = self.chosen()
        self.facts.show_text(offer_text(row) if row is not None else "")
        self._enable()

    def _enable(self) -> None:
        row, running = self.chosen(), self.pull is not None
        self.download_button.setEnabled(bool(self._online) and row is not None and not running)
        self.download_button.setText(
            self.tr("Go on downloading…") if row is not None and row.id in self._begun else self.tr("Download and convert…")
        )
        self.cancel_button.setVisible(running)
        self.list.setEnabled(not running)

    # The pull

    def _download(self) -> None:
        row = self.chosen()
        if row is None:
            return
        self._begun.add(row.id)
        self.pull = self._start(self, row.id)
        self.pull.terms.connect(self._ask)
        self.pull.told.connect(self._tell)
        self.pull.stored.connect(self._done)
        self.pull.failed.connect(self._failed)
        self.status.setText(self.tr("Asking what there is to fetch…"))
        self.progress.setRange(0, 0)
        self.progress.show()
        self._enable()

    def _ask(self, terms: dict[str, Any]) -> None:
        dialog = LicenceDialog(self, str(terms["name"]), terms_text(terms), str(terms["text"]))
        dialog.finished.connect(lambda result: self.pull.answer(bool(result)) if self.pull is not None else None)
        dialog.open()

    def _tell(self, doing: str, what: str, fraction: float) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setValue(int(fraction * 1000))
        pattern = self.tr("Downloading {file}: {percent} %") if doing == "downloading" else self.tr("Converting {file}: {percent} %")
        self.status.setText(pattern.format(file=what, percent=int(fraction * 100)))

    def _cancel(self) -> None:
        if self.pull is not None:
            self.status.setText(self.tr("Stopping…"))
            self.pull.cancel()

    def _done(self, _digest: str) -> None:
        row = self.chosen()
        self._over()
        self.status.setText(self.tr("✓ {name} is on this computer. Choose it under Experts.").format(name=row.name if row else ""))
        self.stored.emit()
        Task(lambda _task: offers(), self._offered, self._complain, owner=self).start()

    def _failed(self, failure: Failed) -> None:
        self._over()
        if failure.code == "cancelled":
            self.status.setText(self.tr("Stopped. What was fetched is kept: it goes on from there next time."))
        elif failure.code == "licence-not-accepted":
            self.status.setText(self.tr("The terms were not accepted, so nothing was fetched."))
        else:
            self._complain(failure)

    def _over(self) -> None:
        pull, self.pull = self.pull, None
        if pull is not None:
            pull.deleteLater()
        self.progress.hide()
        self._enable()

    def _complain(self, failure: Failed) -> None:
        self.status.setText(f"✕ {failures.sentence(failure)} {failures.advice(failure)}")

    def done(self, result: int) -> None:
        """Closing stops the download; it goes on where it ended next time."""
        if self.pull is not None:
            self.pull.end()
            self.pull = None
        super().done(result)


def offers() -> tuple[tuple[Any, ...], frozenset[str], bool]:
    """What the catalogue has beside the store, which of it was begun, and whether this installation can go online at all."""
    from models.catalogue import load_catalogue
    from models.overview import overview
    from models.places import data_dir
    from models.pull import installed
    from models.store import Store

    found = (row for row in overview(Store(), load_catalogue()) if row.state == "available")
    rows = tuple(sorted(found, key=lambda row: (row.kind != "detector", row.name)))
    return rows, frozenset(row.id for row in rows if (data_dir() / "downloads" / row.id).is_dir()), installed()


def terms_text(terms: dict[str, Any]) -> str:
    """What stands over the terms: under which licence, by whose word, trained on what, how much is to be fetched."""
    translate = QCoreApplication.translate
    lines = [translate("PullDialog", "Licence: {licence}").format(licence=terms["licence"])]
    if terms["declared"]:
        lines.append(translate("PullDialog", "The repository declares: {licence}").format(licence=terms["declared"]))
    if terms["training_data"]:
        lines.append(translate("PullDialog", "Trained on: {data}").format(data=terms["training_data"]))
    lines.append(translate("PullDialog", "To be downloaded: {size}").format(size=wording.size(int(terms["bytes"]))))
    return "\n".join(lines)


def offer_text(row: Any) -> str:
    """What people want to know before they fetch gigabytes."""
    lines = [
        row.name,
        f"{wording.kind(row.kind)} · {row.type}",
        wording.needs(row.bytes, row.memory_bytes),
        wording.of_catalogue(row.needs),
        *wording.purpose(row.good_for, row.not_for),
        wording.licence_line(row.licence),
    ]
    return "\n\n".join(line for line in lines if line)
