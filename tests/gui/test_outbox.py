"""What was said while the case could not be written outlives the window, and comes back into the case once."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.cases import Case
from desktop.cases.store import now
from desktop.gui import case_wording, outbox, places
from desktop.gui.findings_panel import label_texts
from desktop.gui.outbox import Said, Where
from desktop.gui.window import MainWindow
from desktop.gui.words import KINDS, Answered, Concluded, Exported, Judged, Noted, Pasted, Tagged
from models.errors import CaseError
from tests.gui.conftest import Make, add, settled
from tests.gui.test_cases import folder_of, named, opened, written

EVERYTHING = (
    Noted(1, "Received on Tuesday. “Ünïcode”\nand a second line"),
    Judged(1, 1, "o1c1", "confirmed"),
    Concluded(1, "inconclusive", 1),
    Tagged((1,), ("press",), ("urgent",)),
    Answered(1, "What lies in front?", "A harbour.", "rehearsal"),
    Exported(1, "report, court", "ab" * 32),
    Pasted("pasted.png", {"explain": "yes"}, b"nowhere else"),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder."""
    monkeypatch.setenv("TELLTALE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def where(case: Case) -> Where:
    """The case as it is now."""
    return Where(case.info.id, str(case.folder), case.head)


def analysed(window: MainWindow, qtbot: QtBot, folder: Path) -> int:
    """A case in ``folder`` with one analysed exhibit, which carries a tag; its key."""
    named(qtbot, window, folder)
    (key,) = add(qtbot, window, "one.jpg")
    window.session.change_tags([key], ["urgent"])
    written(qtbot, window)
    return key


def file_of(case_id: str) -> Path:
    """Where the words are."""
    return places.outbox(case_id) / "waiting.json"


def buttons(box: QMessageBox) -> dict[str, QPushButton]:
    """The buttons of a question by their words."""
    return {button.text(): button for button in box.findChildren(QPushButton)}


def question(window: MainWindow, qtbot: QtBot, words: str) -> QMessageBox:
    """The question that says this, as soon as it is there."""

    def found() -> list[QMessageBox]:
        return [box for box in window.findChildren(QMessageBox) if words in box.text() and box.isVisible()]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]


def test_every_kind_comes_back_as_it_was_and_goes_when_there_is_nothing_left(data: Path, tmp_path: Path) -> None:
    assert {type(word) for word in EVERYTHING} == set(KINDS.values())
    with Case.create(tmp_path / "case", title="Case") as case:
        case.add(b"x", name="x.jpg")
        kinds = Noted | Answered | Exported | Pasted
        said = tuple(Said(word, "2026-11-21T10:00:00.000Z") for word in EVERYTHING if isinstance(word, kinds))
        outbox.save(where(case), said)
        assert outbox.restore(case) == outbox.Left(said) and outbox.count_for(case.folder) == len(said)
        assert all(case_wording.said(one).startswith("• ") for one in said)
        outbox.save(where(case), said[:1])
        assert [file.name for file in file_of(case.info.id).parent.iterdir()] == ["waiting.json"]  # the picture went with its word
        outbox.save(where(case), ())
        assert not file_of(case.info.id).parent.exists() and outbox.restore(case) == outbox.Left() and not outbox.count_for(case.folder)


def test_what_the_case_has_already_is_not_offered(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """The window may have been killed between storing a word and forgetting it."""
    analysed(window, qtbot, tmp_path / "case")
    window.close_case()
    qtbot.waitUntil(lambda: window.session.docket.unnamed)
    with Case.open(tmp_path / "case") as case:
        at = now()
        outbox.save(where(case), [Said(word, at) for word in EVERYTHING])
        assert [one.word for one in (outbox.restore(case)).said] == list(EVERYTHING)
        for stored, word in enumerate(EVERYTHING, start=1):
            word.write(case)
            assert [one.word for one in outbox.restore(case).said] == list(EVERYTHING[stored:])
        assert not file_of(case.info.id).exists()


def test_an_older_copy_of_the_case_is_told_from_it(data: Path, tmp_path: Path) -> None:
    with Case.create(tmp_path / "case", title="Case") as case:
        case.add(b"x", name="x.jpg")
        older = case.backup(tmp_path / "older")
        case.note(1, "later")
        outbox.save(where(case), [Said(Noted(1, "said then"), now())])
        with Case.open(older) as copy:
            left = outbox.restore(copy)
        assert not left.said and left.failure is not None and left.failure.code == "outbox-older-case"
        assert len(outbox.restore(case).said) == 1


JSON = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=40, deadline=None)
def test_a_damaged_file_is_put_aside_with_a_code(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELLTALE_DATA_DIR", str(folder / "data"))
        with Case.create(folder / "case", title="Case") as case:
            file = file_of(case.info.id)
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
            left = outbox.restore(case)
            assert not left.said and left.failure is not None and left.failure.code == "outbox-unreadable"
            assert not file.exists() and file.with_suffix(".damaged").read_bytes() == content
            outbox.save(where(case), [Said(Noted(1, "after it"), now())])
            outbox.save(where(case), ())
            assert file.with_suffix(".damaged").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state["said"][0].update(kind="no such kind"),
        lambda state: state["said"][0]["word"].update(exhibit="one"),
        lambda state: state["said"][1]["word"].update(value="perhaps"),
        lambda state: state["said"][2]["word"].update(data="../../../etc/passwd"),
        lambda state: state.update(head="newest"),
    ],
)
def test_words_that_are_not_of_the_known_form_are_refused(data: Path, tmp_path: Path, change: Any) -> None:
    with Case.create(tmp_path / "case", title="Case") as case:
        case.add(b"x", name="x.jpg")
        outbox.save(where(case), [Said(word, now()) for word in (EVERYTHING[0], EVERYTHING[1], EVERYTHING[-1])])
        state = json.loads(file_of(case.info.id).read_bytes())
        change(state)
        file_of(case.info.id).write_text(json.dumps(state))
        left = outbox.restore(case)
        assert not left.said and left.failure is not None and left.failure.code == "outbox-unreadable"


def test_a_case_with_an_id_of_its_own_choice_writes_nothing_elsewhere(data: Path) -> None:
    for wrong in ("../../outside", "/etc", "", "x" * 300, "A" * 32):
        assert places.outbox(wrong).parent == data / "outbox" and places.desk_path(wrong).parent == data / "desks"


def test_what_cannot_be_kept_has_a_code(data: Path, tmp_path: Path) -> None:
    data.write_text("a file where the folder should be")
    with Case.create(tmp_path / "case", title="Case") as case, pytest.raises(CaseError) as caught:
        outbox.save(where(case), [Said(Noted(1, "x"), now())])
    assert caught.value.code == "outbox-unwritable"


def speak(window: MainWindow, key: int) -> None:
    """Say one thing of every kind that the window can say."""
    session = window.session
    session.write_note(key, "while it was away")
    session.dispose(key, "o1c1", "confirmed")
    session.dispose(key, "o1c2", "unsure")
    session.conclude(key, "inconclusive")
    session.change_tags([key], ["press"], ["urgent"])
    session.add_data(b"pasted while it was away", "pasted.png")


def test_what_waits_is_kept_offered_and_stored_once(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    stick = tmp_path / "stick"
    key = analysed(window, qtbot, stick)
    case = window.session.docket.case
    assert case is not None and not file_of(case.id).exists()
    stick.rename(tmp_path / "pulled")
    qtbot.waitUntil(lambda: window.banner.isVisible())
    speak(window, key)
    qtbot.waitUntil(lambda: file_of(case.id).exists() and len(json.loads(file_of(case.id).read_bytes())["said"]) == 6)
    window.close()
    (box,) = window.findChildren(QMessageBox)
    assert "kept on this computer" in box.informativeText() and "lose" not in " ".join(buttons(box))
    buttons(box)["Quit; go on next time"].click()
    assert not window.isVisible() and window.ended

    again = make_window()
    box = question(again, qtbot, "stick")
    assert "waits on this computer: 6" in box.informativeText()
    box.accept()
    (tmp_path / "pulled").rename(stick)
    opened(qtbot, again, stick)
    box = question(again, qtbot, "Waiting since then: 6")
    assert "while it was away" in box.informativeText() and "pasted.png" in box.informativeText()
    box.reject()
    again.close_case()
    qtbot.waitUntil(lambda: again.session.docket.unnamed)
    opened(qtbot, again, stick)
    buttons(question(again, qtbot, "Waiting since then: 6"))["Store now"].click()
    settled(qtbot, again)
    written(qtbot, again)
    qtbot.waitUntil(lambda: not file_of(case.id).parent.exists())
    item = again.session.item
    assert item is not None
    qtbot.waitUntil(lambda: item.dispositions == {"o1c1": "confirmed", "o1c2": "unsure"} and item.conclusion == "inconclusive")
    assert item.tags == ("press",) and "while it was away" in label_texts(again.record) and len(again.session.items) == 2
    with Case.open(stick, read_only=True) as stored:
        assert stored.check().ok and [note.text for note in stored.notes(1)] == ["while it was away"]
        assert {claim: said.value for claim, said in stored.dispositions(1).items()} == {"o1c1": "confirmed", "o1c2": "unsure"}
        assert stored.tags(1) == ("press",) and stored.count(state="done") == 2
    opened(qtbot, again, folder_of(again))
    assert not again.session.docket.holding.left


def test_what_was_left_can_be_thrown_away(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    key = analysed(window, qtbot, tmp_path / "case")
    window.close_case()
    qtbot.waitUntil(lambda: window.session.docket.unnamed)
    with Case.open(tmp_path / "case") as case:
        outbox.save(where(case), [Said(Noted(1, "not needed"), now())])
        file = file_of(case.info.id)
    assert key
    opened(qtbot, window, tmp_path / "case")
    buttons(question(window, qtbot, "Waiting since then: 1"))["Throw away"].click()
    qtbot.waitUntil(lambda: not file.exists())
    with Case.open(tmp_path / "case", read_only=True) as case:
        assert case.notes(1) == []


def test_another_case_can_be_opened_and_the_words_wait_for_theirs(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    key = analysed(window, qtbot, stick)
    stick.rename(tmp_path / "pulled")
    qtbot.waitUntil(lambda: window.banner.isVisible())
    window.session.write_note(key, "for this case only")
    window.close_case()
    buttons(question(window, qtbot, "Not stored yet"))["Leave; go on next time"].click()
    qtbot.waitUntil(lambda: window.session.docket.unnamed and not window.banner.isVisible())
    (other,) = add(qtbot, window, "other.jpg")
    window.session.write_note(other, "for the other one")
    written(qtbot, window)
    (tmp_path / "pulled").rename(stick)
    opened(qtbot, window, stick)
    buttons(question(window, qtbot, "Waiting since then: 1"))["Store now"].click()
    written(qtbot, window)
    with Case.open(stick, read_only=True) as case:
        assert [note.text for note in case.notes(1)] == ["for this case only"]


@pytest.mark.skipif(os.name != "posix", reason="folders are made unwritable another way there")
def test_where_nothing_can_be_kept_closing_says_what_would_be_lost(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    key = analysed(window, qtbot, stick)

    def full(*_arguments: Any) -> None:
        raise CaseError("outbox-unwritable", "no room")

    monkeypatch.setattr(outbox, "save", full)
    stick.rename(tmp_path / "pulled")
    qtbot.waitUntil(lambda: window.banner.isVisible())
    window.session.write_note(key, "in memory only")
    qtbot.waitUntil(lambda: "do not quit" in window.banner.text.text())
    window.close()
    box = question(window, qtbot, "Not stored yet")
    assert "Quit and lose them" in buttons(box) and window.isVisible()
    box.reject()
    (tmp_path / "pulled").rename(stick)
    written(qtbot, window)
    qtbot.waitUntil(lambda: not window.banner.isVisible())
    monkeypatch.undo()
    with Case.open(stick, read_only=True) as case:
        assert [note.text for note in case.notes(1)] == ["in memory only"]
