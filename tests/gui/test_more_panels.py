"""Questions, views, comparing, experts, settings, reports, dialogs, languages."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop import document
from desktop.gui import exporting, settings, tasks, theme
from desktop.gui.compare import CompareDialog
from desktop.gui.dialogs import AboutDialog, LogDialog, ShortcutsDialog
from desktop.gui.experts_dialog import ExpertsDialog
from desktop.gui.findings_panel import label_texts
from desktop.gui.rehearsal import Rehearsal, rehearsed_card
from desktop.gui.seam import ExpertFacts
from desktop.gui.settings_dialog import SettingsDialog, words
from desktop.gui.tasks import Task
from desktop.gui.window import MainWindow
from models.errors import ExpertError, UsageError
from tests.gui.conftest import Make, add


def test_a_question_is_answered_and_changes_no_score(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(card=rehearsed_card()))
    (key,) = add(qtbot, window, "harbour.jpg")
    item = window.session.items[key]
    before = item.analysis
    window.tabs.setCurrentWidget(window.questions)
    window.questions.field.setText("What is this?")
    qtbot.keyClick(window.questions.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(item.turns) and item.turns[0].state == "done")
    assert "one surface" in item.turns[0].answer and "one surface" in label_texts(window.questions)
    assert item.analysis is before and "never change the score" in window.questions.note.text()
    assert "Experimental" in label_texts(window.questions)
    chip = window.questions.findChildren(QPushButton)[0]
    chip.click()
    qtbot.waitUntil(lambda: len(item.turns) == 2 and item.turns[1].state == "done")


def test_a_question_does_not_wait_for_the_queue(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(pace=0.005))
    first = window.session.add_data(b"1", "one.jpg")
    for number in range(5):
        window.session.add_data(b"x", f"{number}.jpg")
    window.session.ask(first, "Why?")
    qtbot.waitUntil(lambda: window.session.items[first].turns[0].state == "done")
    assert sum(item.analysis is not None for item in window.session.items.values()) <= 3
    window.session.cancel()


def fake_view(view_id: str, rgb: Any, _jpeg: bytes | None, _cancelled: Any) -> tuple[document.View, Any]:
    """A view that inverts, one that is a diagram, one that fails."""
    if view_id == "ghost":
        raise UsageError("view-input", "the picture cannot be viewed this way")
    covers = {"covers": [0, 0, rgb.shape[1], rgb.shape[0]]} if view_id == "ela" else {}
    applicable = view_id != "noise"
    return document.View(view_id, applicable, "applicable: JPEG files." if applicable else "too small", {"level": 3, **covers}), 255 - rgb


def choose(window: MainWindow, view_id: str, qtbot: QtBot) -> None:
    window.views.choice.setCurrentIndex(window.views.choice.findData(view_id))
    window.views.compute_button.click()
    qtbot.waitUntil(lambda: not tasks.busy() and window.views.compute_button.text() == "Compute")


def test_views_are_computed_on_demand_and_laid_over(window: MainWindow, qtbot: QtBot) -> None:
    window.views._compute = fake_view
    add(qtbot, window, "harbour.jpg")
    window.tabs.setCurrentWidget(window.views)
    assert window.views.choice.count() >= 8 and window.canvas.layers.overlay is None
    choose(window, "ela", qtbot)
    assert window.canvas.layers.overlay is not None and window.canvas.layers.overlay_box == (0, 0, 960, 640)
    assert "level: 3" in window.views.facts.toPlainText() and window.views.not_means.text()
    window.flip_view()
    assert window.canvas.layers.overlay is None
    window.flip_view()
    window.tabs.setCurrentWidget(window.findings)
    assert window.canvas.layers.overlay is None
    window.tabs.setCurrentWidget(window.views)
    choose(window, "jpeg-structure", qtbot)
    assert window.views.diagram.isVisibleTo(window.views) and window.canvas.layers.overlay is None
    choose(window, "noise", qtbot)
    assert window.views.why.text().startswith("Does not apply to this picture: too small. Applies to: Pictures")
    assert window.canvas.layers.overlay is None
    choose(window, "ghost", qtbot)
    assert "cannot be viewed" in window.views.error.text()


def test_comparing_moves_both_pictures_in_step(window: MainWindow, qtbot: QtBot) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    dialog = CompareDialog(window, window.session, first, second)
    qtbot.addWidget(dialog)
    dialog.show()
    left, right = dialog.canvases
    qtbot.waitUntil(lambda: left.picture is not None and right.picture is not None)
    left.zoom_to(2.0)
    assert right.placement == left.placement
    dialog.split.setChecked(True)
    assert not right.isVisibleTo(dialog) and left.layers.beside is right.picture
    dialog.choices[1].setCurrentIndex(0)
    assert dialog.keys() == (first, first)
    assert not left.grab().isNull()


class FakeStore:
    """A store with one good and one damaged expert."""

    def __init__(self) -> None:
        self.default: str | None = None

    def experts(self) -> list[Any]:
        from models.store import Stored

        return [
            Stored(Path("/good"), "a" * 64, None, bundled=True, problem="the card is missing"),
            Stored(Path("/bad"), "b" * 64, None, problem="x"),
        ]

    def default_expert_or_none(self) -> Path | None:
        return Path("/good")

    def verify(self, path: Path, *, progress: Any) -> Any:
        from models.store import Verification

        progress("language.gguf", 0.5)
        return Verification(path, "", {}, () if path == Path("/good") else ("language.gguf is missing",))

    def remove(self, _path: Path) -> None:
        raise ExpertError("expert-in-use", "the expert is in use")

    def import_folder(self, folder: Path, _task: Task, _ask: Any) -> Path:
        raise ExpertError("import-not-a-pair", f"{folder.name} holds no two model files")


def test_experts_are_listed_verified_and_refused(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExpertsDialog(window, FakeStore())
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.list.count() == 2 and not tasks.busy())
    assert dialog.list.item(0).text().startswith("●") and not dialog.remove_button.isEnabled()
    dialog.verify_button.click()
    qtbot.waitUntil(lambda: "Every file" in dialog.status.text())
    dialog.list.setCurrentRow(1)
    dialog.verify_button.click()
    qtbot.waitUntil(lambda: "language.gguf is missing" in dialog.status.text())
    dialog.remove_button.click()
    qtbot.waitUntil(lambda: "in use" in dialog.status.text())
    dialog.take(tmp_path)
    qtbot.waitUntil(lambda: "no two model files" in dialog.status.text())


def test_the_self_test_of_each_expert_is_told(monkeypatch: pytest.MonkeyPatch, window: MainWindow, qtbot: QtBot) -> None:
    from desktop.engine import choosing

    ended: dict[str, Any] = {"probes": {}}
    monkeypatch.setattr(choosing, "remembered", lambda _digest: ended)
    dialog = ExpertsDialog(window)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "not run on this computer yet" in dialog.facts.toPlainText())
    ended["probes"] = {"fast": {"state": "failed", "code": "self-test-failed"}}
    dialog.reload()
    qtbot.waitUntil(lambda: "not passed (self-test-failed)" in dialog.facts.toPlainText())
    ended["probes"]["safe"] = {"state": "passed", "code": ""}
    dialog.reload()
    qtbot.waitUntil(lambda: "Self-test on this computer: passed" in dialog.facts.toPlainText())


def test_another_expert_is_used_from_now_on(window: MainWindow, qtbot: QtBot) -> None:
    class Other(Rehearsal):
        """Another one."""

    window.session.use_expert(Other)
    qtbot.waitUntil(lambda: isinstance(window.session.expert, ExpertFacts) and window.session.expert.name == "Other")
    assert "Other" in window.expert_text.text()


def test_every_declared_setting_is_in_the_dialog(window: MainWindow, qtbot: QtBot) -> None:
    dialog = SettingsDialog(window, settings.Settings())
    qtbot.addWidget(dialog)
    assert list(dialog.editors) == [field.name for field in settings.declared()] == list(settings.Settings._fields)
    assert all(all(words(field)) for field in settings.declared())
    assert dialog.chosen() == settings.Settings()
    theme_box: Any = dialog.editors["theme"]
    theme_box.setCurrentIndex(theme_box.findData("dark"))
    assert dialog.chosen().theme == "dark"


def test_settings_hold_at_once_and_are_kept(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    chosen = settings.Settings(theme="dark", language="zh_CN", heat_percent=20)
    window.use_settings(chosen)
    assert theme.current().dark and settings.load(settings.settings_path()) == chosen
    assert window.canvas_panel.opacity.value() == 20
    assert window.canvas.picture is not None and window.session.item is not None
    window.use_settings(settings.Settings(language="en", theme="light"))
    assert not theme.current().dark


def test_a_page_behind_another_one_shows_what_changed_when_somebody_looks(window: MainWindow, qtbot: QtBot) -> None:
    (key,) = add(qtbot, window, "harbour.jpg")
    shown: list[str] = []
    for page in (window.findings, window.marks, window.record):
        show = page.show_item
        page.show_item = lambda item, show=show, page=page: (shown.append(page.accessibleName()), show(item))  # type: ignore[method-assign]
    for _ in range(3):
        window.session.changed.emit(key)
    assert not shown, "not in the event in which it changed"
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == ["Findings"]
    window.tabs.setCurrentWidget(window.record)
    assert shown == ["Findings", "Record"], "once, and not the page that nobody looks at"


def test_other_colours_reach_what_has_a_colour_of_its_own(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    assert theme.LIGHT.ai in window.findings.headline.styleSheet()
    theme.apply(theme.DARK)
    qtbot.waitUntil(lambda: theme.DARK.ai in window.findings.headline.styleSheet())
    theme.apply(theme.LIGHT)


def test_a_report_is_written_with_the_examiners_words(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (key,) = add(qtbot, window, "harbour.jpg")
    item = window.session.items[key]
    window.session.dispose(key, "o1c1", "confirmed")
    window.session.write_note(key, "seen at the desk")
    picture = window.session.picture(key)
    assert item.analysis is not None and picture is not None
    exporting.start(window, item, item.analysis, picture, tmp_path)
    qtbot.waitUntil(lambda: "The report of" in window.statusBar().currentMessage())
    (bundle,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert str(bundle) in window.statusBar().currentMessage()
    (report,), (account,) = bundle.rglob("report.html"), bundle.rglob("analysis.json")
    assert "seen at the desk" in report.read_text("utf-8") and document.decode(account.read_bytes()) == item.analysis
    window.tabs.setCurrentWidget(window.custody)
    qtbot.waitUntil(lambda: any(line.event == "exported" for line in window.custody.model.lines))


def test_a_full_disk_is_told(window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (key,) = add(qtbot, window, "harbour.jpg")
    item, picture = window.session.items[key], window.session.picture(key)
    assert item.analysis is not None and picture is not None

    def full(*_arguments: Any) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "write", full)
    exporting.start(window, item, item.analysis, picture, tmp_path)
    qtbot.waitUntil(lambda: any("was not written" in getattr(child, "text", str)() for child in window.findChildren(exporting.QMessageBox)))
    (box,) = window.findChildren(exporting.QMessageBox)
    assert "No space left" in box.text() and "Make room" in box.informativeText()
    box.close()


def test_dialogs(window: MainWindow, qtbot: QtBot) -> None:
    shortcuts = ShortcutsDialog(window)
    about = AboutDialog(window, "Expert: Rehearsal")
    log = LogDialog(window, "", "somewhere")
    for dialog in (shortcuts, about, log):
        qtbot.addWidget(dialog)
    assert "Ctrl+O" in label_texts(shortcuts) and "never proof" in label_texts(about)


def test_every_command_has_its_own_keys(window: MainWindow) -> None:
    keys = [sequence.toString() for action in window.actions_by_name.values() for sequence in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_a_background_task_never_loses_an_error(qtbot: QtBot) -> None:
    results: list[Any] = []

    def fail(_task: Task) -> None:
        raise ExpertError("expert-none", "none")

    Task(fail, results.append, results.append).start()
    Task(
        lambda task: task.tell("half", 0.5) or np.pi, results.append, results.append, lambda what, share: results.append((what, share))
    ).start()
    qtbot.waitUntil(lambda: len(results) == 3)
    assert {getattr(result, "code", result) for result in results} == {"expert-none", ("half", 0.5), np.pi}


def test_questions_come_from_the_card_and_say_which_are_experimental(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(card=rehearsed_card()))
    add(qtbot, window, "harbour.jpg")
    window.tabs.setCurrentWidget(window.questions)
    chips = [chip.accessibleName() or chip.text() for chip in window.questions._chips_host.findChildren(QPushButton)]
    assert chips[0] == "Ask: Is this a real or a fake image?" and any(text.endswith("(experimental)") for text in chips[3:])
    assert len(chips) <= 8, "the rest is in a menu"
    (more,) = [chip for chip in window.questions._chips_host.findChildren(QPushButton) if chip.menu() is not None]
    assert len(more.menu().actions()) >= 10
    more.menu().actions()[0].trigger()
    item = window.session.item
    assert item is not None
    qtbot.waitUntil(lambda: bool(item.turns) and item.turns[0].state == "done")
    assert "not trained on this question" in label_texts(window.questions)


def test_looking_outside_the_frame_is_asked_for_and_recorded(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    wished: list[Any] = []
    real = Rehearsal.analyse

    def spy(self: Rehearsal, *arguments: Any, **named: Any) -> Any:
        wished.append(named["options"])
        return real(self, *arguments, **named)

    monkeypatch.setattr(Rehearsal, "analyse", spy)
    (key,) = add(qtbot, window, "harbour.jpg")
    window.actions_by_name["toggle_tiles"].trigger()
    assert window.session.settings.tiles and settings.load(settings.settings_path()).tiles
    assert "Analyse again" in window.statusBar().currentMessage()
    window.retry()
    qtbot.waitUntil(lambda: len(wished) == 2 and window.session.items[key].analysis is not None)
    assert wished[0].tiles == 0 and wished[1].tiles > 0
    told: list[Any] = []
    window.session.docket.read(lambda case: [row[0] for row in case.rows("SELECT settings FROM request ORDER BY id")], told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert '"tiles":"no"' in told[0][0].replace(" ", "") and '"tiles":"yes"' in told[0][1].replace(" ", "")
    assert wished[0].effects is None, "small experts only"
    window.session.settings = window.session.settings._replace(effects=True)
    window.retry()
    qtbot.waitUntil(lambda: len(wished) == 3)
    assert wished[2].effects is True


def test_marks_and_views_speak_the_windows_language(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=settings.Settings(language="zh_CN"))
    add(qtbot, window, "harbour.jpg")
    window.tabs.setCurrentWidget(window.marks)
    assert "内容凭证" in label_texts(window.marks) or any("\u4e00" <= letter <= "\u9fff" for letter in label_texts(window.marks))
    window.tabs.setCurrentWidget(window.views)
    titles = [window.views.choice.itemText(row) for row in range(window.views.choice.count())]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) for title in titles), titles


def test_device_settings_reach_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.commands import experts
    from desktop.gui.defaults import default_analyst

    wished: list[Any] = []
    monkeypatch.setattr(experts, "Analyst", lambda folder, **named: wished.append(named["settings"]))
    default_analyst(settings.Settings(gpu="off", threads=3))()
    assert (wished[0].gpu, wished[0].threads) == ("off", 3)
