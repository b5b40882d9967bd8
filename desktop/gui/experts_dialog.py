"""Experts: which are on this computer, which one is asked, import from a folder or stick, verify, remove. Nothing here goes online."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
)

from desktop.gui import failures, wording
from desktop.gui.asking import Asker, Reply
from desktop.gui.card_dialog import CardDialog
from desktop.gui.labels import named, text_label
from desktop.gui.licence_dialog import LicenceDialog
from desktop.gui.pull_dialog import PullDialog
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task
from desktop.gui.text_block import TextBlock, scrolled

if TYPE_CHECKING:
    from desktop.gui.window import MainWindow


class ExpertsDialog(QDialog):
    """Lists the store; long work runs in the background with progress and can be cancelled by closing."""

    def __init__(self, window: MainWindow, store: Any = None) -> None:
        super().__init__(window)
        self.setWindowTitle(self.tr("Experts"))
        self._window = window
        self._store = store
        self._task: Task | None = None
        self._experts: list[Any] = []
        self._proofs: dict[str, tuple[str, str]] = {}
        self.list = named(QListWidget(), self.tr("Experts on this computer"))
        self.list.currentRowChanged.connect(lambda _row: self._show())
        self.facts = TextBlock(self.tr("About the expert"))
        self.status = text_label(muted=True)
        self.progress = named(QProgressBar(textVisible=False), self.tr("Progress"))
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self.use_button = QPushButton(self.tr("Use this expert"))
        self.verify_button = QPushButton(self.tr("Verify files"))
        self.remove_button = QPushButton(self.tr("Remove"))
        self.import_button = QPushButton(self.tr("Import from a folder…"))
        self.archive_button = QPushButton(self.tr("Import an archive…"))
        self.more_button = QPushButton(self.tr("Get more experts…"))
        self.use_button.clicked.connect(self._use)
        self.verify_button.clicked.connect(self._verify)
        self.remove_button.clicked.connect(self._remove)
        self.import_button.clicked.connect(self._import)
        self.archive_button.clicked.connect(self._import_archive)
        self.more_button.clicked.connect(self._get_more)
        self._asker = Asker(self._ask)
        self._lay_out()
        self.reload()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.addWidget(scrolled(self.facts), 1)
        row = QHBoxLayout()
        for button in (self.use_button, self.verify_button, self.remove_button):
            row.addWidget(button)
        right.addLayout(row)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 2)
        middle.addLayout(right, 3)
        hint = self.tr(
            "An expert is a folder with a card and two model files, or an archive of it. To bring one to a computer without network, "
            "get it elsewhere with “telltale models pull” and “telltale models export”, carry the archive on a stick and import it here."
        )
        layout = QVBoxLayout(self)
        layout.addLayout(middle, 1)
        layout.addWidget(text_label(hint, muted=True))
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in (self.more_button, self.import_button, self.archive_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        layout.addWidget(buttons)
        self.resize(780, 560)

    # Work that touches the disk

    def reload(self) -> None:
        """Read the store again."""
        self._run(lambda _task: listed(self._open_store()), self._listed)

    def _open_store(self) -> Any:
        return self._store if self._store is not None else _DefaultStore()

    def _run(self, work: Any, done: Any) -> None:
        self._task = Task(work, lambda result: self._ended(done, result), self._failed, self._told, owner=self).start()
        self._enable()

    def _ended(self, done: Any, result: Any) -> None:
        self._task = None
        self.progress.hide()
        done(result)
        self._enable()

    def _failed(self, failure: Failed) -> None:
        self._task = None
        self.progress.hide()
        given_up = failure.code in ("cancelled", "licence-not-accepted")
        said = self.tr("Nothing was taken in.") if given_up else f"✕ {failures.sentence(failure)} {failures.advice(failure)}"
        self.status.setText(said)
        self._enable()

    def _told(self, what: str, fraction: float) -> None:
        self.progress.show()
        self.progress.setValue(int(fraction * 1000))
        self.status.setText(what)

    def _listed(self, found: tuple[list[Any], Path | None, dict[str, tuple[str, str]]]) -> None:
        self._experts, default, self._proofs = found
        row = max(0, self.list.currentRow())
        self.list.clear()
        for stored in self._experts:
            entry = QListWidgetItem(expert_title(stored, stored.path == default))
            self.list.addItem(entry)
        if self._experts:
            self.list.setCurrentRow(min(row, len(self._experts) - 1))
        else:
            self.status.setText(self.tr("There is no expert on this computer yet."))
        self._show()

    # What is chosen

    def chosen(self) -> Any | None:
        """The expert that is selected in the list."""
        row = self.list.currentRow()
        return self._experts[row] if 0 <= row < len(self._experts) else None

    def _show(self) -> None:
        stored = self.chosen()
        proof = self._proofs.get(stored.digest, ("", "")) if stored is not None else ("", "")
        self.facts.show_text(expert_facts_text(stored, proof) if stored is not None else "")
        self._enable()

    def _enable(self) -> None:
        stored = self.chosen()
        free = self._task is None
        self.use_button.setEnabled(free and stored is not None and stored.card is not None)
        self.verify_button.setEnabled(free and stored is not None)
        self.remove_button.setEnabled(free and stored is not None and not stored.bundled)
        for button in (self.import_button, self.archive_button, self.more_button):
            button.setEnabled(free)

    def _use(self) -> None:
        stored = self.chosen()
        if stored is not None:
            store = self._open_store()
            self._run(lambda _task: store.set_default(stored.digest), lambda _none: self._used(stored))

    def _used(self, stored: Any) -> None:
        self.status.setText(self.tr("{name} is asked from now on.").format(name=stored.card.name))
        self._window.use_expert(stored.path)
        self.reload()

    def _verify(self) -> None:
        stored = self.chosen()
        if stored is not None:
            store = self._open_store()
            self._run(lambda task: store.verify(stored.path, progress=task.tell), self._verified)

    def _verified(self, result: Any) -> None:
        if result.problems:
            self.status.setText(self.tr("✕ Damaged: {problems}. Import it again.").format(problems="; ".join(result.problems)))
        else:
            self.status.setText(self.tr("✓ Every file is the one that its card describes."))

    def _remove(self) -> None:
        stored = self.chosen()
        if stored is not None:
            store = self._open_store()
            self._run(lambda _task: store.remove(stored.path), lambda _none: self.reload())

    def _import(self) -> None:
        settings = self._window.session.settings
        options = QFileDialog.Option(0) if settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder with the expert"), "", options)
        if folder:
            self.take(Path(folder))

    def take(self, folder: Path) -> None:
        """Import the expert in ``folder``."""
        store = self._open_store()
        self._run(lambda task: store.import_folder(folder, task, lambda request: self._asker.ask(task, request)), self._taken)

    def take_archive(self, file: Path) -> None:
        """Import the expert in an archive."""
        store = self._open_store()
        self._run(lambda task: store.import_archive(file, task, lambda terms: self._asker.ask(task, terms)), self._taken)

    def _taken(self, _path: Path) -> None:
        self.status.setText(self.tr("✓ It is on this computer now."))
        self.reload()

    def _ask(self, request: Any, reply: Reply) -> None:
        """The task wants to know something: the words of a pair without a card, or whether an archive's terms are accepted."""
        dialog: QDialog
        if hasattr(request, "origin"):
            dialog = LicenceDialog(self, request.name, origin_text(request.origin), request.text)
            dialog.finished.connect(lambda result: reply(bool(result) or None))
        else:
            form = dialog = CardDialog(self, request)
            dialog.finished.connect(lambda result: reply(form.answers() if result else None))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _import_archive(self) -> None:
        settings = self._window.session.settings
        options = QFileDialog.Option(0) if settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog
        filters = self.tr("Archives of experts") + " (*.tar)"
        file, _ = QFileDialog.getOpenFileName(self, self.tr("The archive with the expert"), "", filters, options=options)
        if file:
            self.take_archive(Path(file))

    def _get_more(self) -> None:
        dialog = PullDialog(self)
        dialog.stored.connect(self.reload)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def done(self, result: int) -> None:
        """Closing cancels what is under way; the store stays whole."""
        if self._task is not None:
            self._task.stop.set()
        super().done(result)


class _DefaultStore:
    """The store of this computer, with what the dialog needs in one place; imported when it is opened."""

    def __init__(self) -> None:
        from models.store import Store

        self._store = Store()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def default_expert_or_none(self) -> Path | None:
        from models.errors import ExpertError

        try:
            return self._store.default_expert()
        except ExpertError:
            return None

    def import_folder(self, folder: Path, task: Task, ask: Callable[[Any], Any]) -> Path:
        from models.importing import import_folder

        return import_folder(folder, store=self._store, ask=ask, progress=task.tell, cancelled=task.stop.is_set)

    def import_archive(self, file: Path, task: Task, accept: Callable[[Any], bool]) -> Path:
        from models.archive import import_archive

        return import_archive(file, accept=accept, store=self._store, progress=task.tell, cancelled=task.stop.is_set)


def origin_text(origin: Any) -> str:
    """Who made an archive, as far as its signature tells."""
    translate = QCoreApplication.translate
    texts = {
        "unsigned": translate("ExpertsDialog", "The archive is not signed."),
        "trusted": translate("ExpertsDialog", "The archive is signed by {key}, which you trust."),
        "signed": translate("ExpertsDialog", "The archive is signed by {key}; compare this with the key that its maker gave you."),
    }
    return texts[origin.state].format(key=origin.public_key)


def expert_title(stored: Any, default: bool) -> str:
    """One line in the list."""
    name = stored.card.name if stored.card is not None else stored.path.name[:16]
    kind = f" · {stored.card.language.type}" if stored.card is not None else ""
    return f"{'● ' if default else '○ '}{name}{kind}{' · ✕' if stored.problem else ''}"


def listed(store: Any) -> tuple[list[Any], Path | None, dict[str, tuple[str, str]]]:
    """The experts, the default one, and how each one's self-test ended on this computer; called in a thread."""
    from desktop.engine import choosing

    experts = list(store.experts())
    proofs = {}
    for stored in experts:
        probes = choosing.remembered(stored.digest).get("probes", {})
        ended = [(str(facts.get("state", "")), str(facts.get("code", ""))) for facts in probes.values() if isinstance(facts, dict)]
        proofs[stored.digest] = next((end for end in ended if end[0] == "passed"), ended[0] if ended else ("", ""))
    return experts, store.default_expert_or_none(), proofs


def expert_facts_text(stored: Any, proof: tuple[str, str] = ("", "")) -> str:
    """What people want to know of an expert before they trust it; ``proof``: how its self-test ended here, and the code of a failure."""
    if stored.card is None:
        return str(stored.problem)
    card = stored.card
    lines = [
        card.name,
        f"{wording.kind(card.kind)} · {card.language.type} · {wording.size(card.language.bytes + card.projector.bytes)}",
        *wording.purpose(card.good_for, card.not_for),
    ]
    calibration = card.calibration
    if calibration is not None:
        counts = wording.calibration_line(calibration.reals, calibration.false_positives, calibration.fakes, calibration.true_positives)
        lines += [counts, wording.measured_on(calibration.domain)]
    else:
        lines.append(wording.not_calibrated())
    lines += [wording.self_test(*proof), wording.licence_line(card.licence.id), wording.digest_line(stored.digest)]
    return "\n\n".join(line for line in lines if line)
