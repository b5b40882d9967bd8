"""How the command line talks: results on standard output, progress and errors on standard error, both free of control characters."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from types import FrameType
from typing import TextIO
from unicodedata import category

from models.errors import TelltaleError

EXIT_DONE, EXIT_USAGE, EXIT_SOME_FAILED, EXIT_NO_EXPERT, EXIT_NOT_VERIFIED, EXIT_CANCELLED = 0, 2, 3, 4, 5, 130


def plain(text: str) -> str:
    """``text`` without control, format and line-separator characters but the newline: names and model text cannot steer a terminal."""
    return "".join(c for c in text if c == "\n" or not (category(c).startswith("C") or category(c) in {"Zl", "Zp"}))


def use_streams() -> None:
    """Let every name be printed: what a stream's encoding lacks is escaped instead of ending the command.

    Under Windows text that goes to a file or to another program is UTF-8, as JSON is anyway: Python would choose the system's old code
    page, which has one script alone.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a program without a console has none
            stream.reconfigure(encoding="utf-8" if sys.platform == "win32" else stream.encoding, errors="backslashreplace")


def say(text: str) -> None:
    """One line (or several) of result on standard output."""
    sys.stdout.write(plain(text) + "\n")
    sys.stdout.flush()


def complain(name: str, error: TelltaleError) -> None:
    """A failure on standard error: ``name: code: message``."""
    sys.stderr.write(plain(f"{name}: {error.code}: {error.message}") + "\n")


def use_log(verbose: int) -> None:
    """Send the log to standard error when somebody asked for more words; else nowhere: Python's own last resort would print it there."""
    import logging  # a third of the time in which --help answers

    handler = logging.StreamHandler() if verbose else logging.NullHandler()
    handler.set_name("command line")
    log = logging.getLogger("desktop")
    for former in [former for former in log.handlers if former.get_name() == handler.get_name()]:
        log.removeHandler(former)
    log.addHandler(handler)


def emit_json(data: bytes) -> None:
    """One JSON document as one line on standard output."""
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.buffer.flush()


def emit_value(value: object) -> None:
    """A plain value as one line of canonical JSON."""
    emit_json(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8"))


class StatusLine:
    """A single line of progress on standard error, only when that is a terminal. Any thread may show."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()
        self._width = 0
        self._lock = threading.Lock()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._on:
            text = plain(text)[:120]
            with self._lock:
                self._stream.write("\r" + text.ljust(self._width))
                self._stream.flush()
                self._width = len(text)

    def clear(self) -> None:
        """Remove the line before something else is printed."""
        with self._lock:
            if self._on and self._width:
                self._stream.write("\r" + " " * self._width + "\r")
                self._stream.flush()
                self._width = 0


@contextmanager
def cancel_on_interrupt() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C (or SIGTERM) into a cancel flag; a second one interrupts at once."""
    cancelled = threading.Event()

    def handler(_number: int, _frame: FrameType | None) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()

    previous = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancelled
    finally:
        for number, old in previous.items():
            signal.signal(number, old)
