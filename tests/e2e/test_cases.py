"""The window's case through real misfortune: a kill, a drive pulled out, a disk that fills up, an engine that dies, a file of 2 GB."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.cases import Case
from tests.conftest import PICTURES, ROOT
from tests.e2e.test_window import Program, workers_of

PROGRAM = [sys.executable, "-m", "tests.e2e.case_program"]


class Window(Program):
    """A window without a screen, told what to do line by line."""

    def __init__(self, *arguments: str) -> None:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONUNBUFFERED": "1"}
        super().__init__(
            subprocess.Popen(
                [*PROGRAM, *arguments], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True,
            )
        )  # fmt: skip
        self.wait("READY")

    def tell(self, *words: str) -> None:
        """Give one order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def state(self) -> dict[str, Any]:
        """What the window shows now."""
        self.tell("state")
        found = self.wait("STATE")
        assert isinstance(found, dict)
        return found

    def until(self, holds: Any, timeout: float = 120.0) -> dict[str, Any]:
        """Wait until what the window shows satisfies ``holds``."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = self.state()
            if holds(found):
                return found
            time.sleep(0.1)
        raise AssertionError(found)

    def end(self) -> None:
        """Close the window as a person would, and wait for its end."""
        self.tell("close")
        assert self.process.wait(120) == 0, self.lines


@pytest.fixture
def windows() -> Iterator[list[Window]]:
    """Windows of a test, ended with it."""
    opened: list[Window] = []
    yield opened
    for window in opened:
        if window.process.poll() is None:
            window.process.kill()
        window.process.wait()
        for stream in (window.process.stdin, window.process.stdout):
            assert stream is not None
            stream.close()


def states(found: dict[str, Any]) -> dict[str, str]:
    """States of the exhibits by name."""
    return {item["name"]: item["state"] for item in found["items"]}


def on_disk(folder: Path, *words: str, timeout: float = 60.0) -> None:
    """Wait until one file below a folder holds all the words."""
    deadline = time.monotonic() + timeout
    while not any(all(word in path.read_text("utf-8", "replace") for word in words) for path in folder.rglob("*.json")):
        assert time.monotonic() < deadline, f"{words} never came to the disk"
        time.sleep(0.05)


def folder_of(found: dict[str, Any]) -> Path:
    """Where the window's case is."""
    return Path(found["case"])


def pictures(folder: Path, *names: str) -> list[str]:
    """Files for the rehearsed analyst, each with bytes of its own."""
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(path.name.encode() * 50)
    return [str(path) for path in paths]


def test_after_a_kill_the_window_is_back_where_it_was(windows: list[Window], tmp_path: Path, own_data_folder: Path) -> None:
    """Three rounds of kill -9 in the middle of a queue: nothing that was found is lost or done twice, the rest is queued again."""
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("add", *pictures(tmp_path, *(f"{number} camera.jpg" for number in range(12))))
    finished: set[str] = set()
    for _round in range(3):
        wanted = len(finished) + 2
        found = window.until(lambda found, wanted=wanted: list(states(found).values()).count("done") >= wanted)
        finished = {name for name, state in states(found).items() if state == "done"}
        window.tell("select", "5 camera.jpg")
        window.tell("note", "seen in round one")
        window.tell("type", "half a sent")
        window.tell("judge", "0 camera.jpg", "o1c1", "confirmed")
        window.until(lambda found: found["unsaved"] == 0 and found["selected"] == "5 camera.jpg")
        on_disk(own_data_folder / "desks", "half a sent")
        window.process.send_signal(signal.SIGKILL)
        window.process.wait()
        window = Window("--rehearsal")
        windows.append(window)
        found = window.until(lambda found: len(found["items"]) == 12)
        assert found["selected"] == "5 camera.jpg" and found["draft"] == "half a sent"
        assert all(states(found)[name] == "done" for name in finished)
    found = window.until(lambda found: set(states(found).values()) == {"done"}, 120)
    folder = folder_of(found)
    window.end()
    with Case.open(folder) as case:
        assert case.check().ok and case.count(state="done") == 12
        assert {note.text for note in case.notes(6)} == {"seen in round one"}
        assert sum(len(case.analyses(row.id)) for row in case.exhibits()) == 12
        assert case.dispositions(case.analyses(1)[-1].id)["o1c1"].value == "confirmed"


def test_a_drive_pulled_out_and_put_back_costs_nothing(windows: list[Window], tmp_path: Path) -> None:
    folder = tmp_path / "stick" / "case"
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("create", str(folder))
    window.tell("add", *pictures(tmp_path, *(f"{number}.jpg" for number in range(6))))
    window.until(lambda found: sum(state == "done" for state in states(found).values()) >= 2)
    (tmp_path / "stick").rename(tmp_path / "pulled")
    found = window.until(lambda found: bool(found["banner"]))
    assert "not there any more" in found["banner"] and "Connect its drive again" in found["banner"] and "Nothing is lost" in found["banner"]
    window.tell("note", "while it was away")
    found = window.until(lambda found: found["unsaved"] >= 1)
    assert "failed" not in states(found).values()
    (tmp_path / "pulled").rename(tmp_path / "stick")
    found = window.until(lambda found: not found["banner"] and set(states(found).values()) == {"done"})
    window.end()
    with Case.open(folder) as case:
        assert case.check().ok and case.count(state="done") == 6
        assert any(note.text == "while it was away" for row in case.exhibits() for note in case.notes(row.id))


@pytest.mark.parametrize("back", ["before the next start", "after it"])
def test_a_kill_while_the_case_is_away_loses_no_word(windows: list[Window], tmp_path: Path, own_data_folder: Path, back: str) -> None:
    folder = tmp_path / "stick" / "case"
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("create", str(folder))
    window.tell("add", *pictures(tmp_path, "one.jpg"))
    window.until(lambda found: set(states(found).values()) == {"done"} and found["unsaved"] == 0)
    (tmp_path / "stick").rename(tmp_path / "pulled")
    window.until(lambda found: bool(found["banner"]))
    window.tell("note", "while it was away")
    window.tell("judge", "one.jpg", "o1c1", "confirmed")
    window.until(lambda found: found["unsaved"] == 2)
    on_disk(own_data_folder / "outbox", "while it was away", "confirmed")
    window.process.send_signal(signal.SIGKILL)
    window.process.wait()
    if back == "before the next start":
        (tmp_path / "pulled").rename(tmp_path / "stick")
    window = Window("--rehearsal")
    windows.append(window)
    if back == "after it":
        assert window.state()["left"] == 0
        (tmp_path / "pulled").rename(tmp_path / "stick")
        window.tell("open", str(folder))
    window.until(lambda found: found["case"] == str(folder) and found["left"] == 2)
    window.tell("store what was left over")
    window.until(lambda found: found["left"] == 0 and found["unsaved"] == 0)
    window.end()
    with Case.open(folder) as case:
        assert case.check().ok and [note.text for note in case.notes(1)] == ["while it was away"]
        assert case.dispositions(case.analyses(1)[-1].id)["o1c1"].value == "confirmed"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB of its own, which can be unmounted while it is in use."""
    place = tmp_path / "small disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting needs rights that this user has not")
    yield place
    subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def test_a_full_disk_is_told_and_everything_is_stored_when_there_is_room(windows: list[Window], tmp_path: Path, small_disk: Path) -> None:
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("create", str(small_disk / "case"))
    window.tell("add", *pictures(tmp_path, "first.jpg"))
    window.until(lambda found: set(states(found).values()) == {"done"})
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(4096))
    window.tell("note", "on a full disk")
    window.tell("add", *pictures(tmp_path, "second.jpg", "third.jpg"))
    found = window.until(lambda found: bool(found["banner"]) and found["unsaved"] == 3)  # the note may be told of before the pictures come
    assert "disk of the case is full" in found["banner"] and "Free some space" in found["banner"]
    assert states(found)["first.jpg"] == "done"
    ballast.unlink()
    window.until(lambda found: not found["banner"] and set(states(found).values()) == {"done"} and found["unsaved"] == 0)
    window.end()
    with Case.open(small_disk / "case") as case:
        assert case.check().ok and case.count(state="done") == 3 and case.notes(1)[0].text == "on a full disk"


def test_a_picture_for_which_there_is_no_room_leaves_room_for_words(windows: list[Window], tmp_path: Path, small_disk: Path) -> None:
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("create", str(small_disk / "case"))
    window.tell("add", *pictures(tmp_path, "first.jpg"))
    window.until(lambda found: set(states(found).values()) == {"done"})
    large = tmp_path / "large.jpg"
    large.write_bytes(os.urandom(4_000_000))
    window.tell("add", str(large))
    window.until(lambda found: bool(found["banner"]))
    window.tell("leave out")
    found = window.until(lambda found: not found["banner"])
    assert states(found)["large.jpg"] == "failed"
    window.tell("select", "first.jpg")
    window.tell("note", "there was room for this")
    window.until(lambda found: found["unsaved"] == 0)
    window.end()
    with Case.open(small_disk / "case") as case:
        assert case.check().ok and case.count() == 1 and case.notes(1)[0].text == "there was room for this"


def test_a_disk_unmounted_and_mounted_again(windows: list[Window], tmp_path: Path, small_disk: Path) -> None:
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("create", str(small_disk / "case"))
    window.tell("add", *pictures(tmp_path, "first.jpg"))
    window.until(lambda found: set(states(found).values()) == {"done"})
    # What lies on a tmpfs goes with its last mount, so a second one keeps it, as the flash of a stick does.
    other = tmp_path / "other mount"
    other.mkdir()
    subprocess.run(["mount", "--bind", str(small_disk), str(other)], check=True)
    try:
        subprocess.run(["umount", "-l", str(small_disk)], check=True)
        window.tell("note", "while it was unmounted")
        found = window.until(lambda found: bool(found["banner"]))
        assert "not there any more" in found["banner"] and found["unsaved"] == 1
        subprocess.run(["mount", "--bind", str(other), str(small_disk)], check=True)
        window.until(lambda found: not found["banner"] and found["unsaved"] == 0)
        window.end()
        with Case.open(small_disk / "case") as case:
            assert case.check().ok and case.notes(1)[0].text == "while it was unmounted"
    finally:
        subprocess.run(["umount", "-l", str(other)], check=True)


def test_a_file_of_two_gigabytes_ends_in_words_and_the_next_goes_on(windows: list[Window], tmp_path: Path) -> None:
    window = Window("--rehearsal")
    windows.append(window)
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as stream:
        stream.truncate(2 << 30)
    window.tell("add", str(huge), *pictures(tmp_path, "next.jpg"))
    found = window.until(lambda found: set(states(found).values()) == {"done", "failed"})
    (text,) = [item["failure"] for item in found["items"] if item["name"] == "huge.jpg"]
    assert "larger than the limit" in text
    assert sum(path.stat().st_size for path in folder_of(found).rglob("*") if path.is_file()) < 10_000_000
    window.end()


def test_a_watched_folder_takes_each_new_picture_once_it_is_written(windows: list[Window], tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    pictures(folder, "old.jpg")
    window = Window("--rehearsal")
    windows.append(window)
    window.tell("watch", str(folder))
    window.until(lambda found: found["watched"] == str(folder))
    whole = threading.Event()

    def grow() -> None:
        with (folder / "growing.jpg").open("wb", buffering=0) as stream:
            while not whole.wait(0.2):
                stream.write(os.urandom(1000))

    writer = threading.Thread(target=grow)
    writer.start()
    for _ in range(6):
        time.sleep(0.5)
        assert "growing.jpg" not in states(window.state())
    whole.set()
    writer.join()
    pictures(folder, "b.png")
    (folder / "notes.txt").write_text("no picture")
    found = window.until(lambda found: len(found["items"]) == 2 and set(states(found).values()) == {"done"})
    assert set(states(found)) == {"growing.jpg", "b.png"}
    window.process.send_signal(signal.SIGKILL)
    window.process.wait()
    pictures(folder, "while it was away.jpg")
    shutil.copy(folder / "b.png", folder / "the same as b.png")
    again = Window("--rehearsal")
    windows.append(again)
    found = again.until(lambda found: len(found["items"]) == 3 and set(states(found).values()) == {"done"})
    time.sleep(5)
    found = again.state()
    assert set(states(found)) == {"growing.jpg", "b.png", "while it was away.jpg"} and found["watched"] == str(folder)
    folder_of_case = folder_of(found)
    again.end()
    with Case.open(folder_of_case) as case:
        assert case.count() == 3 and sum('"received-again"' in line for line in case.custody_lines()) == 1


@pytest.mark.long
def test_the_real_engine_killed_in_the_middle_is_told_and_tried_again(windows: list[Window], tmp_path: Path) -> None:
    window = Window()
    windows.append(window)
    given = sorted([*PICTURES.glob("*.jpg"), *PICTURES.glob("*.png")])  # more than are looked at together, so that some still need it
    window.tell("add", *map(str, given))
    window.until(lambda found: {"running", "waiting"} <= set(states(found).values()) and any(item["text"] for item in found["items"]), 180)
    killed = workers_of(window.process.pid, "engine")
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    found = window.until(lambda found: not {"waiting", "running"} & set(states(found).values()), 180)
    assert not set(killed) & set(workers_of(window.process.pid, "engine"))
    for item in found["items"]:
        if item["state"] == "failed":
            assert item["failure"]
            window.tell("retry", item["name"])
    found = window.until(lambda found: set(states(found).values()) == {"done"}, 180)
    assert workers_of(window.process.pid, "engine")
    folder = folder_of(found)
    window.end()
    with Case.open(folder) as case:
        assert case.check().ok and case.count(state="done") == len(given)
