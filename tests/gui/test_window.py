"""The window's behaviour, panel by panel, on a scripted analyst."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from desktop.gui import canvas_layers, dropping
from desktop.gui.findings_panel import label_texts
from desktop.gui.pull_dialog import PullDialog
from desktop.gui.rehearsal import Rehearsal
from desktop.gui.seam import ExpertFacts, Failed
from desktop.gui.settings import Settings
from desktop.gui.state import State
from desktop.gui.window import MainWindow
from models.errors import ExpertError
from tests.gui.conftest import ENGLISH, Make, add, settled


def drop(window: MainWindow, mime: QMimeData) -> bool:
    """Drop something on the window as the platform would."""
    rest = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), *rest)
    QGuiApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QGuiApplication.sendEvent(window, QDropEvent(QPointF(5, 5), *rest))
    return enter.isAccepted()


def test_empty_window_says_what_to_do_and_who_will_answer(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: isinstance(window.session.expert, ExpertFacts))
    assert "Drop pictures here" in label_texts(window.canvas_panel)
    assert "Rehearsal" in window.expert_text.text()
    assert "FakeVLM" in window.canvas_panel.more_button.text() and window.canvas_panel.more_button.isVisible()
    window.canvas_panel.more_button.click()
    (dialog,) = window.findChildren(PullDialog)
    dialog.close()
    assert not window.actions_by_name["export_report"].isEnabled()


def test_nothing_to_click_moves_when_the_expert_comes_and_large_text_can_be_scrolled(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="en", theme="light", text_percent=200))
    qtbot.waitUntil(lambda: isinstance(window.session.expert, ExpertFacts))
    button, page = window.canvas_panel.first_button, window.canvas_panel.stack.widget(0)
    assert button is not None and isinstance(page, QScrollArea)
    window.resize(1360, 1600)
    places = []
    for facts in (None, window.session.expert):
        window.session.expert = facts
        window.session.expert_changed.emit()
        qtbot.wait(20)
        places.append(button.mapTo(window, button.rect().topLeft()))
    assert places[0] == places[1] and not page.verticalScrollBar().isVisible()
    assert isinstance(window.session.expert, ExpertFacts)
    window.session.expert = window.session.expert._replace(not_for="many words " * 80)
    window.session.expert_changed.emit()
    window.resize(1280, 720)
    qtbot.waitUntil(page.verticalScrollBar().isVisible)
    page.ensureWidgetVisible(window.canvas_panel.more_button)
    more = window.canvas_panel.more_button
    assert page.viewport().rect().contains(QRect(more.mapTo(page.viewport(), QPoint()), more.size()))


def test_a_dropped_file_is_analysed_and_its_finding_shown(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "harbour.jpg"
    path.write_bytes(b"x")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert drop(window, mime)
    qtbot.waitUntil(lambda: bool(window.session.items))
    settled(qtbot, window)
    texts = label_texts(window.findings)
    assert "The evidence supports AI generation" in texts and "does not prove" in texts
    assert "14 scored at least this high" in texts
    assert "The model's stated reasons" in texts and "This is a fake image." in texts
    assert "%" not in window.findings.score_line.text()
    assert window.canvas.picture is not None and window.canvas.layers.frame == (160, 0, 640, 640)
    assert window.windowTitle().startswith("harbour.jpg")


def test_a_dropped_folder_is_walked(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png", "c.txt"):
        (tmp_path / name).write_bytes(name.encode())
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    with qtbot.waitSignal(window.session.message) as told:
        assert drop(window, mime)
    settled(qtbot, window)
    assert [item.name for item in window.session.items.values()] == ["a.jpg", "b.png"]
    assert "1" in told.args[0]


def test_a_web_address_is_refused_with_words(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/a.jpg")])
    assert drop(window, mime)
    assert "never goes online" in window.statusBar().currentMessage()
    assert not window.session.items


def test_a_picture_from_a_browser_goes_to_intake_as_bytes(window: MainWindow, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/a.jpg")])
    mime.setData("image/png", b"raw bytes of a picture")
    assert drop(window, mime)
    settled(qtbot, window)
    (item,) = window.session.items.values()
    assert isinstance(item.source, Path) and item.source.read_bytes() == b"raw bytes of a picture" and item.name == "Dropped picture 1"


def test_text_is_not_taken(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("no picture")
    assert not drop(window, mime)
    assert dropping.read(mime, "x").refusal


def test_paste(window: MainWindow, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setData("image/jpeg", b"copied bytes")
    QGuiApplication.clipboard().setMimeData(mime)
    window.paste()
    settled(qtbot, window)
    (item,) = window.session.items.values()
    assert isinstance(item.source, Path) and item.source.read_bytes() == b"copied bytes" and item.state is State.DONE
    QGuiApplication.clipboard().clear()  # data of a Python program must not outlive its interpreter


@pytest.mark.parametrize(
    ("name", "words"),
    [("camera", "supports a camera picture"), ("unclear", "Inconclusive"), ("unlike", "Unlike anything"), ("x", "supports AI generation")],
)
def test_outcomes(window: MainWindow, qtbot: QtBot, name: str, words: str) -> None:
    add(qtbot, window, name)
    assert words in window.findings.headline.text()
    assert window.findings.headline.text()[0] in "▲●◆■"


def test_an_unreadable_picture_costs_itself_only(window: MainWindow, qtbot: QtBot) -> None:
    keys = add(qtbot, window, "broken.jpg", "good.jpg")
    states = [window.session.items[key].state for key in keys]
    assert states == [State.FAILED, State.DONE]
    texts = label_texts(window.findings)
    assert "picture-truncated" in texts and "another copy" in texts
    assert window.findings.retry_button.isVisibleTo(window)


def test_retry_after_a_crash(window: MainWindow, qtbot: QtBot) -> None:
    (key,) = add(qtbot, window, "crash.jpg")
    assert window.session.items[key].state is State.FAILED
    assert "worker-crashed" in label_texts(window.findings)
    window.findings.retry_button.click()
    settled(qtbot, window)
    assert window.session.items[key].state is State.DONE
    assert window.findings.failure_card.isHidden()


def test_cancel_the_running_one_and_the_next_goes_on(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(pace=0.01))
    first = window.session.add_data(b"1", "slow one.jpg")
    second = window.session.add_data(b"2", "two.jpg")
    qtbot.waitUntil(lambda: bool(window.session.items[first].text))
    assert window.findings.explanation.stream.isVisibleTo(window) and window.findings.explanation.stream.toPlainText()
    window.cancel()
    settled(qtbot, window)
    assert window.session.items[first].state is State.CANCELLED
    assert window.session.items[second].state is State.DONE
    assert "Cancelled" in label_texts(window.findings)


def test_pause_cancel_all_and_counts(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="en", start_at_once=False))
    keys = [window.session.add_data(bytes([n]), f"{n}.jpg") for n in range(5)]
    qtbot.waitUntil(lambda: "0 of 5 done · paused" in window.exhibits.queue_text.text())  # counted at the pace of eyes
    assert window.session.running is None
    window.exhibits.pause_button.click()
    settled(qtbot, window)
    assert all(window.session.items[key].state is State.DONE for key in keys)
    window.toggle_pause()
    key = window.session.add_data(b"y", "late.jpg")
    window.exhibits.cancel_button.click()
    assert window.session.items[key].state is State.CANCELLED


def test_no_expert_is_told_where_it_matters(make_window: Make, qtbot: QtBot) -> None:
    def fail() -> Rehearsal:
        raise ExpertError("expert-unknown", "there is no expert on this computer")

    window = make_window(fail)
    qtbot.waitUntil(lambda: isinstance(window.session.expert, Failed))
    assert "no expert on this computer" in window.expert_text.text()
    (key,) = add(qtbot, window, "a.jpg")
    assert window.session.items[key].failure == Failed("expert-unknown", "there is no expert on this computer")
    assert "Choose another expert" in label_texts(window.findings)


def test_claims_and_regions_light_each_other(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    window.next_claim()
    assert window.canvas.layers.lit == "o1c1"
    window.next_claim()
    assert window.canvas.layers.lit == "o1c2"
    rows = window.findings.explanation.rows
    assert [row.property("lit") for row in rows] == [False, True, False]
    box = window.canvas.layers.claims[2].regions[0].box
    x, y, w, h = window.canvas.placement.to_window(box)
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPointF(x + w / 2, y + h / 2).toPoint())
    assert window.canvas.layers.lit == "o1c3" and rows[2].property("lit")
    assert window.findings.explanation.kept == "o1c3"
    window.previous_claim()
    assert window.findings.explanation.kept == "o1c2"


def test_sentences_that_share_a_place_are_drawn_once(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    add(qtbot, window, "harbour.jpg")
    canvas = window.canvas
    place = canvas.layers.claims[2].regions
    canvas.show_claims(tuple(msgspec.structs.replace(claim, regions=place) for claim in canvas.layers.claims))
    drawn: list[tuple[str, bool]] = []
    monkeypatch.setattr(canvas_layers, "draw_region", lambda _surface, _box, number, lit: drawn.append((number, lit)))
    canvas.light("o1c2")
    canvas.grab()
    assert drawn == [("1, 2, 3", True)]
    x, y, w, h = canvas.placement.to_window(place[0].box)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPointF(x + w / 2, y + h / 2).toPoint())
    assert canvas.layers.lit == "o1c2"


def test_the_examiners_judgement_is_kept_per_exhibit(window: MainWindow, qtbot: QtBot) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    row = window.findings.explanation.rows[0]
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_2)
    assert window.session.items[first].dispositions == {"o1c1": "not-seen"}
    window.session.select(second)
    assert window.findings.explanation.rows[0].choice.currentIndex() == 0
    window.session.select(first)
    assert window.findings.explanation.rows[0].choice.currentText().endswith("Not seen")


def test_marks_and_record(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    window.tabs.setCurrentWidget(window.marks)
    marks = label_texts(window.marks)
    window.tabs.setCurrentWidget(window.record)
    assert marks.index("EXIF") < marks.index("IPTC") < marks.index("Looked for and not found") and "Camera 1" in marks
    assert "Content Credentials" in marks
    record = window.record.facts.toPlainText()
    item = window.session.item
    assert item is not None and item.sha256 in record and "960 × 640" in record and "kernel" in record
    window.record.draft.setPlainText("seen at the desk")
    window.record.note_button.click()
    qtbot.waitUntil(lambda: "seen at the desk" in window.record.notes.toPlainText())
    assert [note.text for note in item.notes] == ["seen at the desk"] and not window.record.draft.toPlainText()


def test_select_remove_and_search(window: MainWindow, qtbot: QtBot) -> None:
    first, second, third = add(qtbot, window, "alpha.jpg", "beta.jpg", "gamma.jpg")
    window.next_exhibit()
    assert window.session.current == second
    window.exhibits.search.setText("gam")
    assert window.exhibits.proxy.rowCount() == 1
    window.exhibits.search.clear()
    window.set_aside()
    assert window.exhibits.proxy.rowCount() == 2 and window.session.items[second].aside
    window.exhibits.filter.setCurrentIndex(window.exhibits.filter.findData("aside"))
    assert window.exhibits.proxy.rowCount() == 1
    window.exhibits.list.setCurrentIndex(window.exhibits.proxy.index(0, 0))
    window.set_aside()
    assert not window.session.items[second].aside
    window.exhibits.order.setCurrentIndex(1)
    window.exhibits.filter.setCurrentIndex(2)
    assert window.exhibits.proxy.rowCount() == 0 and {first, third} < set(window.session.items)


def test_a_forgotten_picture_is_read_again(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="en", picture_memory_mb=100))
    window.session.shelf.pictures._limit = 1
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    assert window.session.picture(first) is None
    window.session.select(second)
    window.session.select(first)
    qtbot.waitUntil(lambda: window.canvas.picture is not None)
    assert window.session.picture(first) is window.canvas.picture


def test_waiting_exhibits_can_be_looked_at(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="en", start_at_once=False))
    window.session.add_data(b"x", "first.jpg")
    qtbot.waitUntil(lambda: window.canvas.picture is not None)
    assert window.session.item is not None and window.session.item.state is State.WAITING


def test_zoom_and_pan(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    canvas = window.canvas
    window.actual_size()
    assert canvas.placement.scale == 1.0 and "100 %" in window.canvas_panel.zoom_text.text()
    window.zoom_in()
    assert canvas.placement.scale == 1.5
    before = canvas.placement.x
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.placement.x < before
    window.fit()
    assert canvas.fitted and canvas.placement.scale <= 1.0
    window.actions_by_name["toggle_magnifier"].trigger()
    qtbot.mouseMove(canvas, canvas.rect().center())
    assert canvas.layers.magnifier and not canvas.grab().isNull()


def test_a_window_of_a_general_expert_gives_no_finding(window: MainWindow) -> None:
    assert window.findings.outcome_card.isHidden()
    assert ENGLISH.language == "en"
