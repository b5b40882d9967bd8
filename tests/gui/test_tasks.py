"""Background work and the windows it works for."""

import threading

import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.gui import tasks
from desktop.gui.seam import Failed
from desktop.gui.tasks import Task
from models.errors import InputError


def test_every_task_ends_with_one_call(qtbot: QtBot) -> None:
    told: list[object] = []

    def refuse(_task: Task) -> None:
        raise InputError("too-odd", "it is too odd")

    def fall_over(_task: Task) -> None:
        raise ZeroDivisionError

    Task(lambda _task: 7, told.append, told.append).start()
    qtbot.waitUntil(lambda: told == [7])
    Task(refuse, told.append, told.append).start()
    qtbot.waitUntil(lambda: told[1:] == [Failed("too-odd", "it is too odd")])
    Task(fall_over, told.append, told.append).start()
    qtbot.waitUntil(lambda: len(told) == 3)
    assert isinstance(told[2], Failed) and told[2].code == "internal"


def test_a_window_that_is_gone_is_told_nothing(qtbot: QtBot) -> None:
    told: list[object] = []
    gate = threading.Event()
    owner, other = QObject(), QObject()
    Task(lambda _task: gate.wait(10), told.append, told.append, owner=owner).start()
    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: not tasks.busy())
    Task(lambda _task: "still here", told.append, told.append, owner=other).start()
    qtbot.waitUntil(lambda: not tasks.busy())
    assert told == ["still here"]
