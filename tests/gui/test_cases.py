"""The window and its case: everything is kept, other cases are opened, and what goes wrong with a disk is told and lost never."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.cases import Case
from desktop.gui import places, session_case, watching
from desktop.gui.case_dialogs import CaseDialog, OpenCaseDialog
from desktop.gui.findings_panel import label_texts
from desktop.gui.places import Desk, Known, Memory
from desktop.gui.rehearsal import Rehearsal
from desktop.gui.settings import Settings
from desktop.gui.settling import Settling, scan
from desktop.gui.state import State
from desktop.gui.tag_dialog import TagDialog
from desktop.gui.window import MainWindow
from tests.gui.conftest import Make, add, settled
from tests.gui.test_accessibility import complaints


def folder_of(window: MainWindow) -> Path:
    """Where the open case is."""
    case = window.session.docket.case
    assert case is not None
    return case.folder


def close(window: MainWindow) -> None:
    """Close without a question being expected."""
    window.close()
    assert not window.isVisible()


def opened(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    """Go over to a case and wait until it is listed."""
    window.session.docket.open(folder)
    qtbot.waitUntil(lambda: folder_of(window) == folder and not window.session._filling.isActive())


def written(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until everything is on the disk."""
    qtbot.waitUntil(lambda: window.session.unsaved() == 0)
    qtbot.wait(50)


def named(qtbot: QtBot, window: MainWindow, folder: Path, title: str = "Harbour") -> None:
    """Make a case under a name."""
    window.session.docket.create(folder, title, "TT-7", "Is it a photograph?", ())
    qtbot.waitUntil(lambda: folder_of(window) == folder)


def test_everything_is_there_again_without_having_been_saved(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    first, second = add(qtbot, window, "one.jpg", "two camera.jpg")
    window.session.dispose(first, "o1c1", "confirmed")
    window.session.dispose(first, "o1c2", "unsure")
    window.session.dispose(first, "o1c2", "open")
    window.session.change_tags([first], ["urgent"])
    window.session.write_note(first, "Received on Tuesday.")
    window.session.conclude(first, "inconclusive")
    window.session.ask(first, "What lies in front?")
    qtbot.waitUntil(lambda: window.session.items[first].turns[0].state == "done")
    window.session.select(second)
    window.record.draft.setPlainText("half a thou")
    window.tabs.setCurrentWidget(window.record)
    close(window)

    again = make_window()
    qtbot.waitUntil(lambda: again.session.item is not None and again.session.item.analysis is not None)
    item = again.session.item
    assert item is not None and item.name == "two camera.jpg" and again.tabs.currentWidget() is again.record
    assert again.record.draft.toPlainText() == "half a thou"
    assert "supports a camera picture" in again.findings.headline.text()
    again.session.select(again.session.order[0])
    qtbot.waitUntil(lambda: again.session.item is not None and again.session.item.analysis is not None)
    item = again.session.item
    assert item is not None and item.dispositions == {"o1c1": "confirmed"} and item.tags == ("urgent",)
    assert item.conclusion == "inconclusive" and again.record.conclusion.currentText().startswith("◆")
    assert [note.text for note in item.notes] == ["Received on Tuesday."] and item.turns[0].answer.startswith("Most of the picture")
    assert again.findings.explanation.rows[0].choice.currentText().endswith("Confirmed")
    assert "What lies in front?" in label_texts(again.questions)
    qtbot.waitUntil(lambda: again.canvas.picture is not None)
    assert again.canvas.layers.frame == (160, 0, 640, 640)
    with Case.open(folder_of(again), read_only=True) as case:
        assert case.check().ok


def test_an_empty_case_without_a_name_leaves_nothing_behind(make_window: Make) -> None:
    window = make_window()
    folder = folder_of(window)
    assert folder.is_dir() and places.is_unnamed(folder)
    close(window)
    assert not folder.exists()


def test_half_done_exhibits_are_queued_again(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(pace=0.02))
    done = window.session.add_data(b"0", "done.jpg")
    settled(qtbot, window)
    window.session.add_data(b"1", "slow one.jpg")
    window.session.add_data(b"2", "two.jpg")
    cancelled = window.session.add_data(b"3", "three.jpg")
    qtbot.waitUntil(lambda: window.session.running not in (None, done) and window.session.items[cancelled].exhibit is not None)
    window.session.cancel([cancelled])
    written(qtbot, window)
    close(window)
    again = make_window()
    qtbot.waitUntil(lambda: len(again.session.items) == 4)
    settled(qtbot, again)
    assert [item.state for item in again.session.items.values()] == [State.DONE, State.DONE, State.DONE, State.CANCELLED]


def test_a_paused_queue_stays_paused(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    window.session.pause(True)
    key = window.session.add_data(b"1", "one.jpg")
    qtbot.waitUntil(lambda: window.session.items[key].exhibit is not None)
    close(window)
    again = make_window()
    qtbot.waitUntil(lambda: len(again.session.items) == 1)
    assert again.session.paused and again.session.running is None
    again.session.pause(False)
    settled(qtbot, again)
    assert [item.state for item in again.session.items.values()] == [State.DONE]


def test_new_close_open_and_the_list_of_recent_cases(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    named(qtbot, window, tmp_path / "harbour")
    assert "Harbour" in window.case_text.text() and "Harbour" in window.windowTitle()
    add(qtbot, window, "one.jpg", "two.jpg")
    window.close_case()
    qtbot.waitUntil(lambda: window.session.docket.unnamed)
    assert not window.session.items and window.exhibits.proxy.rowCount() == 0 and window.canvas.picture is None
    add(qtbot, window, "three.jpg")
    window.open_case()
    (dialog,) = window.findChildren(OpenCaseDialog)
    assert dialog.list.count() == 1 and "Harbour" in dialog.list.item(0).text()
    dialog.reject()
    opened(qtbot, window, tmp_path / "harbour")
    assert [item.name for item in window.session.items.values()] == ["one.jpg", "two.jpg"] and window.exhibits.proxy.rowCount() == 2
    with Case.open(tmp_path / "harbour", read_only=True) as case:
        assert case.info.number == "TT-7" and case.count(state="done") == 2
    memory = places.load(places.memory_path(), Memory)
    assert memory.last == str(tmp_path / "harbour") and len(memory.recent) >= 2


def test_a_case_without_a_name_is_kept_under_one(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (key,) = add(qtbot, window, "one.jpg")
    window.session.write_note(key, "mine")
    old = folder_of(window)
    window.keep_case()
    (dialog,) = window.findChildren(CaseDialog)
    dialog.title.setText("Harbour: 1/2")
    assert dialog.folder.text().endswith("Harbour- 1-2")
    dialog.folder.setText(str(tmp_path / "kept"))
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: folder_of(window) == tmp_path / "kept" and len(window.session.items) == 1)
    assert not old.exists() and "Harbour" in window.case_text.text()
    qtbot.waitUntil(lambda: window.session.item is not None and bool(window.session.item.notes))
    with Case.open(tmp_path / "kept", read_only=True) as case:
        assert case.check().ok and case.info.title == "Harbour: 1/2"
    window.keep_case()
    assert str(tmp_path / "kept") in window.statusBar().currentMessage()


def test_keeping_where_something_is_already_changes_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    add(qtbot, window, "one.jpg")
    old = folder_of(window)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    window.session.docket.keep_as(tmp_path / "full", "x", "", "", ())
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert "needs a folder of its own" in " ".join(box.text() for box in window.findChildren(QMessageBox))
    assert folder_of(window) == old
    (key,) = add(qtbot, window, "two.jpg")
    assert window.session.items[key].state is State.DONE


def test_a_case_that_is_open_elsewhere_is_told_and_can_be_looked_at(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with Case.create(tmp_path / "other", title="Other") as other:
        other.add(b"picture", name="there.jpg")
        window.session.docket.open(tmp_path / "other")
        qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
        (box,) = window.findChildren(QMessageBox)
        assert "open for writing" in box.text()
        (look,) = [button for button in box.findChildren(QPushButton) if "read-only" in button.text()]
        look.click()
        qtbot.waitUntil(lambda: folder_of(window) == tmp_path / "other" and len(window.session.items) == 1)
        assert "read-only" in window.case_text.text()
        assert window.session.add_data(b"x", "no.jpg") == 0 and "look at only" in window.statusBar().currentMessage()
        assert not window.record.draft.isEnabled() and window.session.running is None
        before = other.head
    window.close_case()
    qtbot.waitUntil(lambda: window.session.docket.unnamed)
    with Case.open(tmp_path / "other", read_only=True) as other:
        assert other.head == before


def test_the_last_case_being_away_is_told_and_work_goes_on(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    named(qtbot, window, tmp_path / "stick")
    add(qtbot, window, "one.jpg")
    close(window)
    (tmp_path / "stick").rename(tmp_path / "pulled")
    again = make_window()
    assert again.session.docket.unnamed
    qtbot.waitUntil(lambda: any("stick" in box.text() for box in again.findChildren(QMessageBox)))
    (key,) = add(qtbot, again, "two.jpg")
    assert again.session.items[key].state is State.DONE


def test_the_same_bytes_are_one_exhibit(window: MainWindow, qtbot: QtBot) -> None:
    first = window.session.add_data(b"same", "one.jpg")
    settled(qtbot, window)
    window.session.add_data(b"same", "copy.jpg")
    qtbot.waitUntil(lambda: "already" in window.statusBar().currentMessage())
    assert list(window.session.items) == [first] and window.exhibits.proxy.rowCount() == 1


def test_tags_are_put_on_taken_off_and_filtered(window: MainWindow, qtbot: QtBot) -> None:
    first, second, third = add(qtbot, window, "one.jpg", "two.jpg", "three.jpg")
    window.exhibits.list.selectAll()
    window.tag()
    (dialog,) = window.findChildren(TagDialog)
    qtbot.keyClicks(dialog.field, "harbour, press")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.session.items[third].tags == ("harbour", "press")
    window.session.change_tags([second], remove=["press"])
    qtbot.waitUntil(lambda: window.exhibits.tag.count() == 3)
    assert window.exhibits.tag.isVisibleTo(window)
    window.exhibits.tag.setCurrentIndex(window.exhibits.tag.findData("press"))
    assert [window.exhibits.proxy.index(row, 0).data() for row in range(window.exhibits.proxy.rowCount())] == ["one.jpg", "three.jpg"]
    window.exhibits.tag.setCurrentIndex(0)
    window.session.select(first)
    window.record.tags.setText("press")
    window.record.tags.editingFinished.emit()
    assert window.session.items[first].tags == ("press",)
    written(qtbot, window)
    with Case.open(folder_of(window), read_only=True) as case:
        assert [row.tags for row in case.exhibits()] == [("press",), ("harbour",), ("harbour", "press")]


def test_search_finds_notes_that_are_only_in_the_case(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    first, _second = add(qtbot, window, "one.jpg", "two.jpg")
    window.session.write_note(first, "lighthouse keeper")
    written(qtbot, window)
    window.session.select(_second)
    close(window)
    again = make_window()
    qtbot.waitUntil(lambda: again.exhibits.proxy.rowCount() == 2)
    again.exhibits.search.setText("lighthouse")
    qtbot.waitUntil(lambda: again.exhibits.proxy.rowCount() == 1)
    assert again.exhibits.proxy.index(0, 0).data() == "one.jpg"


def test_custody_is_shown_and_the_case_checked(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "one.jpg", "two.jpg")
    window.check_case()
    qtbot.waitUntil(lambda: "The case holds" in window.custody.status.text())
    qtbot.waitUntil(lambda: window.custody.model.rowCount() == 7)
    model = window.custody.model
    words = [model.index(row, 1).data() for row in range(7)]
    assert words[0] == "Case made" and {"Exhibit received · 1", "Exhibit received · 2", "Analysis recorded · 2"} < set(words)
    window.custody.what.setCurrentIndex(0)
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    window.custody.table.selectRow(0)
    assert "SHA-256: " in window.custody.line.toPlainText()
    next((folder_of(window) / "exhibits").rglob("*/*")).unlink()
    window.custody.check_button.click()
    qtbot.waitUntil(lambda: "does not hold" in window.custody.status.text())


def test_a_case_folder_that_goes_away_stalls_and_comes_back(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    named(qtbot, window, tmp_path / "stick")
    (key,) = add(qtbot, window, "one.jpg")
    (tmp_path / "stick").rename(tmp_path / "pulled")
    qtbot.waitUntil(lambda: window.banner.isVisible())
    assert "not there any more" in window.banner.title.text() and "Nothing is lost" in window.banner.text.text()
    window.session.write_note(key, "written meanwhile")
    window.session.dispose(key, "o1c1", "confirmed")
    late = window.session.add_data(b"late", "late.jpg")
    qtbot.wait(200)
    assert window.session.unsaved() == 3 and window.session.items[late].state is State.WAITING
    window.close()
    assert window.isVisible()  # it asks
    (box,) = window.findChildren(QMessageBox)
    assert "3 findings" in box.text()
    box.reject()
    (tmp_path / "pulled").rename(tmp_path / "stick")
    settled(qtbot, window)
    assert not window.banner.isVisible() and window.session.items[late].state is State.DONE
    assert "nothing was lost" in window.statusBar().currentMessage()
    with Case.open(tmp_path / "stick", read_only=True) as case:
        assert case.check().ok and [note.text for note in case.notes(1)] == ["written meanwhile"]
        assert case.dispositions(1)["o1c1"].value == "confirmed" and case.count(state="done") == 2


def test_an_older_copy_in_the_place_of_the_case_is_not_written_to(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    named(qtbot, window, folder)
    (key,) = add(qtbot, window, "one.jpg")
    shutil.copytree(folder, tmp_path / "older")
    window.session.write_note(key, "after the copy")
    written(qtbot, window)
    folder.rename(tmp_path / "newer")
    (tmp_path / "older").rename(folder)
    qtbot.waitUntil(lambda: window.session.docket.trouble is not None and window.session.docket.trouble.code == "case-other")
    folder.rename(tmp_path / "older")
    (tmp_path / "newer").rename(folder)
    qtbot.waitUntil(lambda: window.session.docket.trouble is None)
    with Case.open(tmp_path / "older", read_only=True) as case:
        assert case.notes(1) == []


def test_a_failed_copy_can_be_tried_again(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    missing = tmp_path / "late.jpg"
    window.session.add_paths([missing])
    qtbot.waitUntil(lambda: any(item.state is State.FAILED for item in window.session.items.values()))
    assert "picture-not-found" in label_texts(window.findings)
    missing.write_bytes(b"here it is")
    window.findings.retry_button.click()
    settled(qtbot, window)
    (item,) = window.session.items.values()
    assert item.state is State.DONE and item.exhibit == 1


def test_what_was_given_and_not_taken_yet_is_taken_after_a_crash(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    add(qtbot, window, "one.jpg")
    case = window.session.docket.case
    assert case is not None
    (tmp_path / "coming.jpg").write_bytes(b"coming")
    close(window)
    desk = places.load(places.desk_path(case.id), Desk)
    places.save(places.desk_path(case.id), Desk(selected=desk.selected, coming=(str(tmp_path / "coming.jpg"),)))
    again = make_window()
    qtbot.waitUntil(lambda: len(again.session.items) == 2)
    settled(qtbot, again)
    assert again.session.docket.desk.coming == ()


def test_reanalysis_keeps_the_earlier_analysis_in_the_case(window: MainWindow, qtbot: QtBot) -> None:
    (key,) = add(qtbot, window, "one.jpg")
    window.session.dispose(key, "o1c1", "confirmed")
    window.retry()
    settled(qtbot, window)
    assert window.session.items[key].dispositions == {}
    with Case.open(folder_of(window), read_only=True) as case:
        entries = case.analyses(1)
        assert len(entries) == 2 and case.dispositions(entries[0].id)["o1c1"].value == "confirmed"


def test_a_data_folder_that_cannot_be_used_is_told_and_pictures_wait(make_window: Make, qtbot: QtBot, own_data_folder: Path) -> None:
    (own_data_folder / "unnamed").write_text("a file where a folder should be")
    window = make_window(ready=False)
    qtbot.waitUntil(lambda: window.banner.isVisible())
    key = window.session.add_data(b"1", "one.jpg")
    qtbot.wait(100)
    assert window.session.items[key].state is State.WAITING and window.session.unsaved() == 1
    (own_data_folder / "unnamed").unlink()
    settled(qtbot, window)
    assert window.session.items[key].state is State.DONE and not window.banner.isVisible()


def test_case_dialogs_can_be_used_by_keyboard_and_heard(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    window.session.change_tags([first], ["press"])
    plain = QFileDialog.Option.DontUseNativeDialog
    dialogs = [
        TagDialog(window, window.session, [first, second]),
        OpenCaseDialog(window, (Known("/a/case", "A case", 0.0),), None, plain),
        CaseDialog(window, "New case", "A case is a folder.", "Make case", tmp_path, plain),
    ]
    for dialog in dialogs:
        dialog.show()
        assert dialog.windowTitle() and complaints(dialog) == []
        dialog.close()
    window.new_case()
    (made,) = [dialog for dialog in window.findChildren(CaseDialog) if dialog.isVisible()]
    made._home = tmp_path
    qtbot.keyClicks(made.title, "Harbour")
    qtbot.keyClick(made.title, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: folder_of(window) == tmp_path / "Harbour")
    window.banner.tell("✕ Title", "Text.", {"Try again": lambda: None})
    assert window.banner.accessibleName() == "✕ Title Text."


def test_pictures_in_a_watched_folder_settle_before_they_are_taken(tmp_path: Path) -> None:
    settling = Settling({})
    path = tmp_path / "a.jpg"
    path.write_bytes(b"1")
    (tmp_path / "b.txt").write_bytes(b"no picture")
    (tmp_path / ".hidden.jpg").write_bytes(b"x")
    for inner in ("a case", "a report", "plain"):
        (tmp_path / inner).mkdir()
        (tmp_path / inner / "inside.png").write_bytes(b"x")
    (tmp_path / "a case" / "case.sqlite").touch()
    (tmp_path / "a report" / "bagit.txt").touch()
    inside = str(tmp_path / "plain" / "inside.png")
    assert set(scan(tmp_path)) == {str(path), inside}
    assert settling.look(scan(tmp_path), 0.0) == []
    path.write_bytes(b"12")
    assert settling.look(scan(tmp_path), 1.6) == [inside]
    assert settling.look(scan(tmp_path), 2.0) == [] and settling.unsettled
    assert settling.look(scan(tmp_path), 3.2) == [str(path)]
    assert settling.look(scan(tmp_path), 9.0) == [] and not settling.unsettled
    path.write_bytes(b"")
    assert settling.look(scan(tmp_path), 10.0) == [] and settling.look(scan(tmp_path), 20.0) == []
    path.write_bytes(b"another")
    assert settling.look(scan(tmp_path), 30.0) == [] and settling.look(scan(tmp_path), 32.0) == [str(path)]
    with pytest.raises(FileNotFoundError):
        scan(tmp_path / "gone")


def test_a_folder_is_watched_on_demand_and_no_longer(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "old.jpg").write_bytes(b"old")
    watching.ask(window, folder_of(window))
    assert "own folder" in window.statusBar().currentMessage()
    watching.ask(window, inbox)
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    (box,) = window.findChildren(QMessageBox)
    assert box.text().endswith(": 1")
    next(button for button in box.findChildren(QPushButton) if button.text() == "Only new ones").click()
    assert window.actions_by_name["watch_folder"].isChecked()
    (inbox / "new.jpg").write_bytes(b"new")
    qtbot.waitUntil(lambda: len(window.session.items) == 1)
    settled(qtbot, window)
    window.watch_folder()
    assert not window.actions_by_name["watch_folder"].isChecked() and window.session.docket.desk.watch is None
    (inbox / "later.jpg").write_bytes(b"later")
    qtbot.wait(2500)
    assert [item.name for item in window.session.items.values()] == ["new.jpg"]


def test_thumbnails_come_back_with_the_rows_that_are_seen(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    add(qtbot, window, "one.jpg", "two.jpg", "three.jpg")
    close(window)
    again = make_window()
    qtbot.waitUntil(lambda: len(again.session.shelf.thumbnails) == 3)
    qtbot.waitUntil(lambda: again.session.item is not None and again.session.item.analysis is not None)
    assert sum(item.analysis is not None for item in again.session.items.values()) == 1  # others are read when somebody looks


def test_only_the_analyses_that_were_looked_at_lately_are_in_memory(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_case, "_MOST_READ", 2)
    keys = add(qtbot, window, *(f"{number}.jpg" for number in range(5)))
    items = [window.session.items[key] for key in keys]
    window.session.write_note(keys[1], "kept")
    assert [item.analysis is not None for item in items] == [True, False, False, True, True]
    assert all(item.outcome == "supports-ai" and item.log_odds == 4.31 for item in items)
    written(qtbot, window)
    window.session.select(keys[1])
    qtbot.waitUntil(lambda: items[1].analysis is not None)
    assert "supports AI generation" in window.findings.headline.text() and [note.text for note in items[1].notes] == ["kept"]
    assert len(window.findings.explanation.rows) == 3 and sum(item.analysis is not None for item in items) == 3


def test_another_language_keeps_the_case_on_screen(window: MainWindow, qtbot: QtBot) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    window.session.change_tags([first], ["press"])
    window.use_settings(Settings(language="zh_CN"))
    assert window.tabs.tabText(5) == "保管链" and "未命名案件" in window.case_text.text()
    window.session.write_note(first, "after the change")
    window.session.select(second)
    settled(qtbot, window)
    written(qtbot, window)
    assert window.session.items[first].notes[0].text == "after the change"
    window.use_settings(Settings(language="en"))


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    """Press a key on whatever has the keyboard: a dialog that is open, else the window."""
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    top = next((dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()), window)
    top.activateWindow()
    qtbot.waitUntil(top.isActiveWindow)
    qtbot.keyClick(top.focusWidget() or top, key, held)


def test_a_case_by_keyboard_alone(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    named(qtbot, window, tmp_path / "first", "First")
    add(qtbot, window, "one.jpg", "two.jpg")
    named(qtbot, window, tmp_path / "second", "Second")
    window.activateWindow()
    window.exhibits.list.setFocus()
    press(qtbot, window, Qt.Key.Key_K, control, shift)
    qtbot.waitUntil(lambda: bool([dialog for dialog in window.findChildren(OpenCaseDialog) if dialog.isVisible()]))
    press(qtbot, window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: folder_of(window) == tmp_path / "first" and len(window.session.items) == 2)
    qtbot.waitUntil(lambda: window.session.item is not None and window.session.item.analysis is not None)
    window.exhibits.list.setFocus()
    press(qtbot, window, Qt.Key.Key_N, control, shift)
    assert window.focusWidget() is window.record.draft
    qtbot.keyClicks(window.record.draft, "by keyboard")
    press(qtbot, window, Qt.Key.Key_Return, control)
    qtbot.waitUntil(lambda: "by keyboard" in window.record.notes.toPlainText())
    window.exhibits.list.setFocus()
    press(qtbot, window, Qt.Key.Key_T, control)
    (dialog,) = [dialog for dialog in window.findChildren(TagDialog) if dialog.isVisible()]
    qtbot.keyClicks(dialog.field, "urgent")
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.session.item is not None and window.session.item.tags == ("urgent",)
    window.exhibits.list.setFocus()
    press(qtbot, window, Qt.Key.Key_Delete)
    assert window.exhibits.proxy.rowCount() == 1
    press(qtbot, window, Qt.Key.Key_L, control, shift)
    qtbot.waitUntil(lambda: "The case holds" in window.custody.status.text())
    press(qtbot, window, Qt.Key.Key_W, control)
    qtbot.waitUntil(lambda: window.session.docket.unnamed)


def test_waiting_exhibits_of_a_paused_queue_have_thumbnails(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    window.session.pause(True)
    for number in range(3):
        window.session.add_data(bytes([number]), f"{number}.jpg")
    qtbot.waitUntil(lambda: all(item.exhibit is not None for item in window.session.items.values()))
    qtbot.waitUntil(lambda: len(window.session.shelf.thumbnails) == 3)
    assert window.session.counts()[State.WAITING] == 3
