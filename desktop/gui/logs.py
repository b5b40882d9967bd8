"""A small log on this computer: warnings and unexpected errors, never evidence, never sent. Shown by Help › Show log."""

import contextlib
import faulthandler
import logging
import sys
import threading
from collections import deque
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from desktop.gui import folders

_lines: deque[str] = deque(maxlen=2000)
_LIMIT = 500_000
_QUIET = ("propagateSizeHints", "This plugin does not support")


class _Memory(logging.Handler):
    """Keeps the last lines for the dialog."""

    def emit(self, record: logging.LogRecord) -> None:
        _lines.append(self.format(record))


def path() -> Path:
    """Where the log file is."""
    return folders.logs() / "window.log"


def text() -> str:
    """The last lines."""
    return "\n".join(_lines)


def install() -> None:
    """Send warnings, uncaught exceptions, Qt's complaints and native crashes to the log."""
    form = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    root = logging.getLogger("desktop")
    memory = _Memory(logging.WARNING)
    memory.setFormatter(form)
    root.addHandler(memory)
    with contextlib.suppress(OSError):  # a full or read-only disk must not keep the window from opening
        path().parent.mkdir(parents=True, exist_ok=True)
        # Once at the start is often enough to rotate; Python's rotating handler would load the whole network library.
        if path().is_file() and path().stat().st_size > _LIMIT:
            path().replace(path().with_suffix(".old.log"))
        file = logging.FileHandler(path(), encoding="utf-8", delay=True)
        file.setLevel(logging.WARNING)
        file.setFormatter(form)
        root.addHandler(file)
        if not faulthandler.is_enabled():
            faulthandler.enable(path().with_name("crash.log").open("a", encoding="utf-8"))
    sys.excepthook = _uncaught
    threading.excepthook = lambda arguments: _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    qInstallMessageHandler(_qt_message)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    logging.getLogger("desktop.gui").error("unexpected error", exc_info=(kind, error or kind(), trace))
    sys.__excepthook__(kind, error or kind(), trace)


def _qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg) and not any(word in message for word in _QUIET):
        logging.getLogger("desktop.gui.qt").warning("%s", message)
