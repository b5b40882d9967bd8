"""What is on the screenshots: each function gives a window or a dialog in one state, with the scripted analyst, and saves it.

The command that takes them, and the list of all, are ``desktop.gui.screens``.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget

from desktop.gui.app import create_window
from desktop.gui.rehearsal import Rehearsal, RehearsalReader, rehearsed_card
from desktop.gui.settings import Settings
from desktop.gui.state import State
from desktop.gui.window import MainWindow
from models.errors import ExpertError

NAMES = (
    "harbour at dusk.jpg",
    "camera roll 0412.jpg",
    "unclear forwarded copy.png",
    "unlike a drawing.png",
    "broken download.jpg",
    "valley.webp",
)


def wait(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def settle(window: MainWindow, timeout: int = 30000) -> None:
    """Wait until the queue is empty."""
    for _ in range(timeout // 20):
        counts = window.session.counts()
        if window.session.running is None and not counts[State.WAITING]:
            break
        wait(20)
    wait(60)


def save(widget: QWidget, path: Path) -> None:
    """Write what a widget looks like, as small as PNG can be without losing anything."""
    from PIL import Image

    wait(300)  # layouts that wait for each other
    widget.grab().toImage().save(str(path))
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    whole.save(path, optimize=True)


def finish(window: MainWindow) -> None:
    """Close without being asked about the notes that a shot wrote."""
    window.sure = True
    window.close()


def opened(settings: Settings, size: tuple[int, int] = (1360, 820), names: Sequence[str] = NAMES, pace: float = 0.0) -> MainWindow:
    """A window with exhibits in it, in a data folder of its own."""
    os.environ["TELLTALE_DATA_DIR"] = tempfile.mkdtemp(prefix="telltale-screens-")
    window = create_window(lambda: Rehearsal(pace=pace, card=rehearsed_card()), RehearsalReader, settings)
    window.resize(*size)
    window.show()
    for _ in range(500):
        wait(20)
        if window.session.expert is not None and window.session.docket.case is not None:
            break
    for name in names:
        window.session.add_data(name.encode(), name)
    return window


def look(theme: str = "light", language: str = "en", size: tuple[int, int] = (1360, 820), percent: int = 100) -> Callable[[Path], None]:
    """The main view with a lit claim."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language=language, text_percent=percent), size)  # type: ignore[arg-type]
        settle(window)
        window.next_claim()
        save(window, path)
        finish(window)

    return shot


def empty(theme: str, language: str = "en", size: tuple[int, int] = (1360, 820)) -> Callable[[Path], None]:
    """Before the first picture."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language=language), size, ())  # type: ignore[arg-type]
        save(window, path)
        finish(window)

    return shot


def exhibit(number: int, theme: str = "light") -> Callable[[Path], None]:
    """One of the exhibits selected: an outcome or a failure."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language="en"))  # type: ignore[arg-type]
        settle(window)
        window.session.select(window.session.order[number])
        save(window, path)
        finish(window)

    return shot


def tab(name: str, theme: str = "light", language: str = "en") -> Callable[[Path], None]:
    """One of the tabs on the right."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language=language), names=NAMES[:3])  # type: ignore[arg-type]
        settle(window)
        panel = getattr(window, name)
        window.tabs.setCurrentWidget(panel)
        wait(50)
        if name == "questions":
            window.session.ask(window.session.order[0], window.questions.suggestions()[0].text)
            settle(window)
            window.questions.field.setText("What lies in the foreground?")
        if name == "views":
            window.views.choice.setCurrentIndex(window.views.choice.findData("noise"))
            window.views.compute_button.click()
            for _ in range(200):
                wait(50)
                if not window.views.progress.isVisible():
                    break
        if name == "record":
            window.session.write_note(window.session.order[0], "Received by e-mail on Tuesday. The sender says it is his own picture.")
            window.session.change_tags(window.session.order[:1], ["urgent", "press"])
            window.record.draft.setPlainText("Ask for the original.")
            wait(300)
        if name == "custody":
            window.custody.check_button.click()
            wait(800)
            window.custody.table.selectRow(3)
            wait(200)
        save(window, path)
        finish(window)

    return shot


def streaming(path: Path) -> None:
    """While the expert writes, with a queue."""
    window = opened(Settings(theme="light", language="en"), pace=0.02)
    item = window.session.items[window.session.order[0]]
    for _ in range(400):
        wait(20)
        if len(item.text) > 120:
            break
    save(window, path)
    finish(window)


def no_expert(path: Path) -> None:
    """Nothing to ask."""

    def fail() -> Rehearsal:
        raise ExpertError("expert-none", "There is no expert on this computer. Open File › Experts to import one.")

    os.environ["TELLTALE_DATA_DIR"] = tempfile.mkdtemp(prefix="telltale-screens-")
    window = create_window(fail, RehearsalReader, Settings(theme="light", language="en"))
    window.resize(1360, 820)
    window.show()
    wait(100)
    window.session.add_data(NAMES[0].encode(), NAMES[0])
    settle(window)
    wait(400)
    save(window, path)
    finish(window)


def crashed(path: Path) -> None:
    """The engine died in the middle."""
    window = opened(Settings(theme="light", language="en"), names=("crash on this one.jpg", *NAMES[:2]))
    settle(window)
    save(window, path)
    finish(window)


def magnified(path: Path) -> None:
    """The magnifier with its values."""
    window = opened(Settings(theme="light", language="en"), names=NAMES[:2])
    settle(window)
    window.actions_by_name["toggle_magnifier"].trigger()
    place = QPoint(window.canvas.width() // 2, window.canvas.height() // 2)
    for event in (
        QEnterEvent(place.toPointF(), place.toPointF(), window.canvas.mapToGlobal(place).toPointF()),
        QMouseEvent(
            QMouseEvent.Type.MouseMove,
            place.toPointF(),
            window.canvas.mapToGlobal(place).toPointF(),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    ):
        QApplication.sendEvent(window.canvas, event)
    save(window, path)
    finish(window)


def dialog(make: Callable[[MainWindow], QDialog], theme: str = "light", language: str = "en") -> Callable[[Path], None]:
    """A dialog of its own."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language=language), names=NAMES[:3])  # type: ignore[arg-type]
        settle(window)
        made = make(window)
        made.show()
        wait(500)
        save(made, path)
        made.close()
        finish(window)

    return shot


def stalled(theme: str = "light", language: str = "en") -> Callable[[Path], None]:
    """The case folder went away in the middle of work."""

    def shot(path: Path) -> None:
        window = opened(Settings(theme=theme, language=language), names=NAMES[:3])  # type: ignore[arg-type]
        folder = Path(tempfile.mkdtemp(prefix="telltale-screens-")) / "Harbour"
        settle(window)
        window.session.docket.keep_as(folder, "Harbour at dusk", "TT-2026-17", "", ())
        wait(800)
        folder.rename(folder.with_name("pulled out"))
        window.session.write_note(window.session.order[0], "Received by e-mail on Tuesday.")
        wait(2000)
        save(window, path)
        folder.with_name("pulled out").rename(folder)
        finish(window)

    return shot


def new_case(window: MainWindow) -> QDialog:
    from desktop.gui.case_dialogs import CaseDialog

    window.new_case()
    (made,) = window.findChildren(CaseDialog)
    made.title.setText("Harbour at dusk")
    made.number.setText("TT-2026-17")
    made.request.setText("Was the picture taken with a camera?")
    made.folder.setText("/home/analyst/Cases/Harbour at dusk")
    return made


def open_case(window: MainWindow) -> QDialog:
    from desktop.gui.case_dialogs import OpenCaseDialog
    from desktop.gui.places import Known

    known = (
        Known("/home/analyst/Cases/Harbour at dusk", "Harbour at dusk", 1795230000.0),
        Known("/media/stick/Valley", "The valley pictures", 1795130000.0),
    )
    return OpenCaseDialog(window, known, None, QFileDialog.Option.DontUseNativeDialog)


def left_over(window: MainWindow) -> QDialog:
    """What could not be stored when a case was left is offered."""
    from desktop.gui import outbox
    from desktop.gui.outbox import Said, Where
    from desktop.gui.words import Judged, Noted, Tagged

    docket = window.session.docket
    folder = Path(tempfile.mkdtemp(prefix="telltale-screens-")) / "Harbour"
    docket.keep_as(folder, "Harbour at dusk", "TT-2026-17", "", ())
    wait(800)
    case = docket.case
    assert case is not None  # noqa: S101
    words = (Noted(1, "Received by e-mail on Tuesday. The sender says it is his own picture."), Judged(1, 1, "o1c1", "confirmed"))
    said = [Said(word, "2026-11-21T09:12:00.000Z") for word in (*words, Tagged((1, 2), ("press",)))]
    outbox.save(Where(case.id, str(folder), docket.keeper.head), said)
    window.close_case()
    wait(800)
    docket.open(folder)
    wait(1500)
    (made,) = window.findChildren(QMessageBox)
    return made


def tags(window: MainWindow) -> QDialog:
    from desktop.gui.tag_dialog import TagDialog

    window.session.change_tags(window.session.order[:2], ["urgent", "press"])
    window.session.change_tags(window.session.order[:1], ["harbour"])
    return TagDialog(window, window.session, window.session.order[:2])


def compare(split: bool) -> Callable[[MainWindow], QDialog]:
    def make(window: MainWindow) -> QDialog:
        from desktop.gui.compare import CompareDialog

        made = CompareDialog(window, window.session, window.session.order[0], window.session.order[1])
        made.split.setChecked(split)
        return made

    return make


def settings(window: MainWindow) -> QDialog:
    from desktop.gui.settings_dialog import SettingsDialog

    return SettingsDialog(window, window.session.settings)


def experts(window: MainWindow) -> QDialog:
    from desktop.gui.experts_dialog import ExpertsDialog

    return ExpertsDialog(window)


def report(profile: str) -> Callable[[MainWindow], QDialog]:
    def make(window: MainWindow) -> QDialog:
        from desktop.gui.report_dialog import ReportDialog

        item = window.session.item
        picture = window.session.picture(item.key) if item is not None else None
        assert item is not None and item.analysis is not None and picture is not None  # noqa: S101
        made = ReportDialog(window, item, item.analysis, picture)
        made.profile.setCurrentIndex(made.profile.findData(profile))
        made.show()
        for _ in range(400):
            wait(50)
            if made.laid_out:
                break
        return made

    return make


def more_experts(online: bool) -> Callable[[MainWindow], QDialog]:
    def make(window: MainWindow) -> QDialog:
        from desktop.gui.pull_dialog import PullDialog

        made = PullDialog(window, online=online)
        wait(600)
        return made

    return make


def licence(window: MainWindow) -> QDialog:
    from desktop.gui.licence_dialog import LicenceDialog
    from desktop.gui.pull_dialog import terms_text
    from models.catalogue import load_catalogue

    entry = load_catalogue().get("fakevlm")
    said = entry.licence
    size = entry.source.bytes if entry.source is not None else 0
    terms = {"licence": said.id, "declared": "", "training_data": said.training_data, "bytes": size}
    return LicenceDialog(window, entry.name, terms_text(terms), said.text)


def card(window: MainWindow) -> QDialog:
    from desktop.gui.card_dialog import CardDialog
    from models.importing import CardRequest

    checks = {
        "hashes": "applies: both files are hashed before every load",
        "reference": "does not apply: the pair came without reference numbers, so nothing proves that it gives its checkpoint's answers",
    }
    files = (Path("detector-Q4_K_M.gguf"), Path("mmproj-F16.gguf"))
    return CardDialog(window, CardRequest(*files, "Some detector", "llama", "mlp", "llava", 336, checks))


def shortcuts(window: MainWindow) -> QDialog:
    from desktop.gui.dialogs import ShortcutsDialog

    return ShortcutsDialog(window)


def about(window: MainWindow) -> QDialog:
    from desktop.gui.dialogs import AboutDialog

    return AboutDialog(window, window.expert_text.text())
