"""A private X server for a test, and a mouse and a keyboard on it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def needs_screen() -> None:
    """Skip, with the reason, where there is no virtual X server or no mouse for it."""
    missing = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")


class Screen:
    """An X server of our own and the programs started on it."""

    def __init__(self, folder: Path, size: str) -> None:
        read_end, write_end = os.pipe()
        command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as stream:
            number = stream.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self._children: list[subprocess.Popen[str]] = []
        self.folder = folder
        self.environment = os.environ | {
            "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "XDG_RUNTIME_DIR": str(folder), "QT_SCALE_FACTOR": "1", "QT_FONT_DPI": "96",
            "PYTHONUNBUFFERED": "1", "NO_AT_BRIDGE": "1",
        }
        if shutil.which("openbox"):  # drags work without a window manager too; with one, windows get frames and the keyboard
            self.start(["openbox"])

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a program on this screen; its output goes to a pipe."""
        child = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._children.append(child)
        return child

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python program on this screen."""
        return self.start([sys.executable, *arguments])

    def tool(self, *arguments: str) -> str:
        """Run xdotool."""
        return subprocess.run(["xdotool", *arguments], env=self.environment, check=True, capture_output=True, text=True, timeout=60).stdout

    def find(self, title: str, timeout: float = 120.0) -> str:
        """The id of the visible window whose title matches, as soon as it is there."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            command = ["xdotool", "search", "--onlyvisible", "--name", title]
            found = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
            if found.stdout.split():
                return found.stdout.split()[-1]
            time.sleep(0.2)
        ended = [child.communicate()[0] for child in self._children if child.poll()]
        raise AssertionError(f"no window called {title!r} appeared; of what was started ended in failure: {ended}")

    def place(self, window: str) -> tuple[int, int, int, int]:
        """Where a window is: x, y, width, height."""
        lines = dict(line.split("=", 1) for line in self.tool("getwindowgeometry", "--shell", window).splitlines() if "=" in line)
        return int(lines["X"]), int(lines["Y"]), int(lines["WIDTH"]), int(lines["HEIGHT"])

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag with the left button as a hand does: the protocol between programs needs several motions."""
        self.tool("mousemove", str(start[0]), str(start[1]))
        time.sleep(0.3)
        self.tool("mousedown", "1")
        time.sleep(0.2)
        self.tool("mousemove", str(start[0] - 15), str(start[1] + 5))
        time.sleep(0.3)
        for step in range(1, 9):
            x, y = (a + (b - a) * step // 8 for a, b in zip(start, end, strict=True))
            self.tool("mousemove", str(x), str(y))
            time.sleep(0.12)
        for step in range(6):  # a window that was busy has not said yet that it takes what is dragged
            time.sleep(0.3)
            self.tool("mousemove", str(end[0] + step % 2), str(end[1]))
        time.sleep(0.3)
        self.tool("mouseup", "1")

    def close(self) -> None:
        """End what was started here, and the server."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self._server.terminate()
        self._server.wait()


class Hands:
    """Types into whatever window has the keyboard, after making sure that it is the one that is meant."""

    def __init__(self, desk: Screen) -> None:
        self._desk = desk

    def on(self, title: str) -> None:
        """Wait until the window with this title has the keyboard; a window manager gives it to a new one, without one we do."""
        window = self._desk.find(title)
        deadline = time.monotonic() + 120
        while self._focused() != window:
            assert time.monotonic() < deadline, f"{title!r} never got the keyboard"
            self._desk.tool("windowfocus", window)
            time.sleep(0.3)
        time.sleep(1.0)  # the program hears of it after the screen knows

    def _focused(self) -> str:
        """The window that has the keyboard, or nothing while none has it."""
        try:
            return self._desk.tool("getwindowfocus").strip()
        except subprocess.CalledProcessError:
            return ""

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self._desk.tool("key", "--clearmodifiers", key)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self._desk.tool("type", "--clearmodifiers", "--delay", "25", text)
        time.sleep(0.5)


@contextmanager
def screen(folder: Path, size: str = "1440x900") -> Iterator[Screen]:
    """A screen for a ``with``."""
    opened = Screen(folder, size)
    try:
        yield opened
    finally:
        opened.close()
