"""A window on a scripted analyst, closed and checked for threads and timers that were left behind."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.gui import languages, logs
from desktop.gui.app import create_window
from desktop.gui.rehearsal import Rehearsal, RehearsalReader
from desktop.gui.settings import Settings
from desktop.gui.state import State
from desktop.gui.window import MainWindow

ENGLISH = Settings(language="en", theme="light", native_dialogs=False)
Factory = Callable[[], Any]
Make = Callable[..., MainWindow]


class PatientBot(QtBot):
    """Waits two minutes where pytest-qt waits five seconds: what is asked is whether something comes, and a machine may be busy."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = 120_000) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = 120_000, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitExposed(self, widget: QWidget, *, timeout: int = 120_000) -> Any:
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's, with more patience."""
    return PatientBot(request)


@pytest.fixture
def make_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Builds windows; at the end each is closed, and no thread that it started may be alive."""
    windows: list[MainWindow] = []
    started: list[QThread] = []
    start = QThread.start

    def record(thread: QThread, *arguments: Any) -> None:
        started.append(thread)
        start(thread, *arguments)

    monkeypatch.setattr(QThread, "start", record)

    def make(
        analyst: Factory = Rehearsal, reader: Factory = RehearsalReader, settings: Settings = ENGLISH, ready: bool = True
    ) -> MainWindow:
        window = create_window(analyst, reader, settings)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        qtbot.waitUntil(lambda: window.tabs.count() == 6 and (not ready or window.session.docket.case is not None))
        return window

    yield make
    for window in windows:
        window.sure = True
        window.close()
    assert not [thread.objectName() for thread in started if thread.isRunning()]
    started.clear()
    windows.clear()
    gc.collect()  # here, in the main thread: the collector must not meet widgets of this window in a worker thread of the next
    languages.use("en")
    assert not logs.text()


@pytest.fixture
def window(make_window: Make) -> MainWindow:
    """A window on the scripted analyst."""
    return make_window()


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing waits or runs any more."""

    def check() -> None:
        counts = window.session.counts()
        assert counts[State.WAITING] == 0 and counts[State.RUNNING] == 0 and window.session.running is None

    qtbot.waitUntil(lambda: check() is None)
    QApplication.processEvents()  # panels show what changed in events of their own


def add(qtbot: QtBot, window: MainWindow, *names: str) -> list[int]:
    """Give the window pictures of these names and wait until they are done."""
    keys = [window.session.add_data(name.encode(), name) for name in names]
    settled(qtbot, window)
    return keys
