"""Opens the window. ``create_window`` builds it under an existing QApplication; nothing runs at import."""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QApplication

from desktop.gui import languages, logs, settings, theme
from desktop.gui.defaults import default_analyst, default_reader
from desktop.gui.seam import AnalystFactory, ReaderFactory
from desktop.gui.session import Session
from desktop.gui.settings import Settings
from desktop.gui.window import MainWindow


def create_window(
    analyst_factory: AnalystFactory | None = None, reader_factory: ReaderFactory | None = None, chosen: Settings | None = None
) -> MainWindow:
    """The main window with its session started. Needs a QApplication."""
    if chosen is None:
        chosen = settings.load(settings.settings_path())
    languages.use(chosen.language)
    look = theme.choose(chosen.theme)
    theme.colour(look, chosen.text_percent)
    session = Session(analyst_factory or default_analyst(chosen), reader_factory or default_reader, chosen)
    window = MainWindow(session)
    theme.dress(look)
    return window


def run(paths: Sequence[str | Path] = ()) -> int:
    """Open the window with ``paths`` in it and stay until it is closed."""
    application = QApplication.instance() or QApplication(["telltale", "-style", theme.STYLE])
    assert isinstance(application, QApplication)  # noqa: S101
    application.setProperty(theme.STYLED, True)
    application.setApplicationName("telltale")
    application.setApplicationDisplayName("Telltale")
    application.setDesktopFileName("telltale")
    logs.install()
    window = create_window()
    application.styleHints().colorSchemeChanged.connect(lambda _scheme: follow_desktop(window))
    window.started.connect(lambda: follow_desktop(window))
    undo: list[Callable[[], None]] = []
    window.started.connect(lambda: undo.append(close_on_signals(window)))
    if paths:
        window.started.connect(lambda: window.session.add_paths(Path(path) for path in paths))
    window.started.connect(collect_again)
    window.show()
    status = application.exec()
    for step in undo:
        step()
    take_down(window)
    return status


def follow_desktop(window: MainWindow) -> None:
    """Be as dark or light as the settings, or the desktop, say now."""
    chosen = window.session.settings
    if (look := theme.choose(chosen.theme)) is not theme.current():
        theme.apply(look, chosen.text_percent)


def take_down(window: MainWindow) -> None:
    """Remove a closed window while its QApplication is still there."""
    if not window.ended:
        # A thread hangs in a drive or a network share that does not answer. Everything that could be stored is; Qt would abort on it.
        os._exit(0)
    # At the interpreter's end, widgets and the application that they need would go in any order; a program that was done has crashed there.
    shiboken6.delete(window)


def collect_again() -> None:
    """What was made for the window lives as long as it does: it is left out when garbage is looked for from now on."""
    gc.freeze()
    gc.enable()


def close_on_signals(window: MainWindow) -> Callable[[], None]:
    """Let Ctrl-C and a polite kill close the window as its button would; returns what undoes this.

    Python runs signal handlers between its own instructions only, of which an idle window executes none: the byte that Python writes to a
    socket on a signal wakes the event loop.
    """
    import signal
    import socket

    from PySide6.QtCore import QSocketNotifier

    if sys.platform == "win32":  # its socket pairs are network sockets, of which this program has none; consoles close windows there
        return lambda: None
    receiver, sender = socket.socketpair()
    receiver.setblocking(False)
    sender.setblocking(False)
    notifier = QSocketNotifier(receiver.fileno(), QSocketNotifier.Type.Read, window)

    def leave(*_arguments: object) -> None:
        window.sure = True
        window.close()

    notifier.activated.connect(lambda *_arguments: receiver.recv(64))
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}

    def undo() -> None:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        receiver.close()
        sender.close()

    return undo
