"""The window on the real intake: what goes wrong with files ends in words, and the next file is done. Qt itself decodes nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.gui import translating
from desktop.gui.defaults import default_reader
from desktop.gui.findings_panel import label_texts
from desktop.gui.rehearsal import Rehearsal
from desktop.gui.state import State
from tests.conftest import PICTURES
from tests.gui.conftest import Make, settled

GOOD = PICTURES / "real-chelsea.jpg"


def huge(folder: Path) -> Path:
    """Two gigabytes that take no room."""
    path = folder / "huge.jpg"
    with path.open("wb") as stream:
        stream.truncate(2 << 30)
    return path


def gone(folder: Path) -> Path:
    """A file on a drive that was pulled out."""
    return folder / "gone.jpg"


def text(folder: Path) -> Path:
    """No picture at all."""
    path = folder / "text.jpg"
    path.write_text("this is no picture, whatever its name says")
    return path


def empty(folder: Path) -> Path:
    """Nothing."""
    path = folder / "empty.png"
    path.touch()
    return path


def cut(folder: Path) -> Path:
    """Half of a picture."""
    path = folder / "cut.jpg"
    path.write_bytes(GOOD.read_bytes()[:9000])
    return path


@pytest.mark.parametrize("make_file", [huge, gone, text, empty, cut])
def test_a_file_that_cannot_be_examined_says_why_and_the_next_one_is_done(
    make_window: Make, qtbot: QtBot, tmp_path: Path, make_file: Callable[[Path], Path]
) -> None:
    window = make_window(lambda: Rehearsal(default_reader()), default_reader)
    window.session.add_paths([make_file(tmp_path), GOOD])
    qtbot.waitUntil(lambda: len(window.session.items) == 2)
    settled(qtbot, window)
    bad, good = window.session.items.values()
    assert bad.state is State.FAILED and good.state is State.DONE
    words = label_texts(window.findings)
    assert "Not analysed: the picture cannot be read" in words and "picture-" in words and "other exhibits are not affected" in words
    assert window.session.picture(good.key) is not None


def test_a_file_that_changed_is_not_shown_beside_its_old_finding(make_window: Make, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(GOOD.read_bytes())
    window = make_window(lambda: Rehearsal(default_reader()), default_reader)
    window.session.shelf.pictures._limit = 1
    window.session.add_paths([path, PICTURES / "real-coffee.jpg"])
    qtbot.waitUntil(lambda: len(window.session.items) == 2)
    settled(qtbot, window)
    path.write_bytes((PICTURES / "real-rocket.jpg").read_bytes())  # the original, which the case does not need any more
    first, second = window.session.order
    window.session.select(second)
    window.session.select(first)
    qtbot.waitUntil(lambda: window.canvas.picture is not None)
    window.session.select(second)
    qtbot.waitUntil(lambda: window.canvas.picture is not None)
    kept = window.session.items[first].source
    assert isinstance(kept, Path) and kept.is_relative_to(window.session.docket.case.folder)
    kept.chmod(0o600)
    kept.write_bytes((PICTURES / "real-rocket.jpg").read_bytes())
    with qtbot.waitSignal(window.session.picture_failed) as told:
        window.session.select(first)
    assert told.args[1].code == "picture-changed" and window.canvas.picture is None
    assert "changed since it was analysed" in window.canvas_panel.waiting_text.text()


def test_no_decoder_of_qt_is_named_anywhere_in_the_window() -> None:
    decoders = re.compile(r"QImageReader|loadFromData|fromData|imageData\(|QPixmap|QMovie|QPicture\b|QImage\(\s*(str|path|name|\")")
    for path in translating.ROOM.glob("*.py"):
        assert not decoders.search(path.read_text("utf-8")), path.name
