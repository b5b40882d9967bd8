"""A real window on a real (virtual) screen, and a real drag from another program."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PICTURES
from tests.e2e.screen import Hands, Screen

pytestmark = pytest.mark.xvfb


class Program:
    """The window's process and what it tells."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                self._queue.put(line.rstrip("\n"))
        except ValueError:
            pass  # closed by the screen at the end

    def wait(self, word: str, timeout: float = 120.0) -> Any:
        """What follows the next line that begins with ``word``."""
        while True:
            try:
                line = self._queue.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no {word} within {timeout} s; it said: {self.lines}") from None
            self.lines.append(line)
            if line.startswith(word):
                rest = line[len(word) :].strip()
                return json.loads(rest) if rest else None


def open_window(desk: Screen, *arguments: str) -> Program:
    """Start the window and wait until it is on the screen."""
    program = Program(desk.python("-m", "tests.e2e.window_program", *arguments))
    program.wait("READY")
    desk.find("Telltale")
    return program


def drag_onto_window(desk: Screen, *words: str) -> str:
    """Drag paths or addresses from a program of their own onto the window; what the source was told."""
    source = desk.python("tests/e2e/drag_source.py", *words)
    sx, sy, width, height = desk.place(desk.find("drag-source"))
    tx, ty, target_width, target_height = desk.place(desk.find("Telltale"))
    desk.drag((sx + width // 2, sy + height // 2), (tx + target_width // 2, ty + target_height // 2))
    output, _ = source.communicate(timeout=120)
    return output


def test_a_picture_dragged_from_another_program_is_found_on_the_window(desk: Screen, tmp_path: Path) -> None:
    picture = tmp_path / "harbour at dusk.jpg"
    picture.write_bytes(b"rehearsed")
    program = open_window(desk, "--rehearsal")
    assert "CopyAction" in drag_onto_window(desk, str(picture))
    shown = program.wait("SHOWN")
    assert shown["name"] == "harbour at dusk.jpg" and shown["state"] == "done"
    assert "supports AI generation" in shown["headline"]
    assert "The model's stated reasons" in shown["texts"]


def test_two_files_and_a_folder_dragged_together_are_all_taken(desk: Screen, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    paths = [tmp_path / "a.jpg", tmp_path / "b.png", folder / "c.jpg"]
    for path in paths:
        path.write_bytes(path.name.encode())
    program = open_window(desk, "--rehearsal")
    drag_onto_window(desk, str(paths[0]), str(paths[1]), str(folder))
    assert {program.wait("SHOWN")["name"] for _ in paths} == {"a.jpg", "b.png", "c.jpg"}


def test_a_dragged_web_address_is_refused_with_words(desk: Screen) -> None:
    program = open_window(desk, "--rehearsal")
    drag_onto_window(desk, "https://example.org/picture.jpg")
    assert "never goes online" in program.wait("SAYS")


def test_keyboard_alone_opens_a_picture(desk: Screen, tmp_path: Path) -> None:
    picture = tmp_path / "typed.jpg"
    picture.write_bytes(b"rehearsed")
    program = open_window(desk, "--rehearsal")
    hands = Hands(desk)
    hands.on("Telltale")
    hands.press("ctrl+o")
    hands.on("Open pictures")
    hands.type(str(picture))
    hands.press("Return")
    assert program.wait("SHOWN")["name"] == "typed.jpg"


def test_the_real_expert_finds_something_in_a_dragged_picture_and_the_next_one_after_a_kill(desk: Screen, tmp_path: Path) -> None:
    """The whole way with nothing scripted; then its engine is killed, and the window lives and goes on."""
    program = open_window(desk)
    assert "CopyAction" in drag_onto_window(desk, str(PICTURES / "real-chelsea.jpg"))
    shown = program.wait("SHOWN", 120)
    assert shown["name"] == "real-chelsea.jpg" and shown["state"] == "done", shown
    assert shown["headline"] and "The model's stated reasons" in shown["texts"] and "not a probability" in shown["texts"]
    for pid in workers_of(program.process.pid, "engine"):
        os.kill(pid, signal.SIGKILL)
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes((PICTURES / "real-chelsea.jpg").read_bytes()[:3000])
    drag_onto_window(desk, str(damaged))
    shown = program.wait("SHOWN", 120)
    assert shown["state"] == "failed" and "Code: " in shown["texts"]
    second = tmp_path / "again.jpg"
    second.write_bytes((PICTURES / "real-coffee.jpg").read_bytes())
    drag_onto_window(desk, str(second))
    states = [program.wait("SHOWN", 120)["state"]]
    if states == ["failed"]:  # the first to meet the dead engine may fall with it; after that a new one is there
        third = tmp_path / "third.jpg"
        third.write_bytes((PICTURES / "real-rocket.jpg").read_bytes())
        drag_onto_window(desk, str(third))
        states.append(program.wait("SHOWN", 120)["state"])
    assert states[-1] == "done"
    assert program.process.poll() is None


def workers_of(parent: int, name: str) -> list[int]:
    """Processes that the window started for ``name``."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                status = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(status[1]) == parent and b"--worker" in words and name.encode() in words:
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_opens_the_window_and_a_signal_closes_it_with_its_processes(desk: Screen, number: signal.Signals) -> None:
    """``telltale`` without arguments; Ctrl-C leaves nothing behind."""
    process = desk.python("-m", "desktop")
    desk.find("Telltale")
    deadline = time.monotonic() + 120
    while not workers_of(process.pid, "engine") and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = workers_of(process.pid, "engine") + workers_of(process.pid, "intake")
    assert workers
    process.send_signal(number)
    assert process.wait(120) == 0
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
