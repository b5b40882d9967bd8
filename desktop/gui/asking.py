"""A task in the background asks the person something: it waits, the main thread shows a dialog and answers."""

import queue
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from desktop.gui.tasks import Task
from models.errors import Cancelled

_LOOK_EVERY_S = 0.1
Reply = Callable[[Any], None]


class Asker(QObject):
    """``show(request, reply)`` runs in the main thread and must call ``reply`` once, with None when the person does not want to go on."""

    _asked = Signal(object, object)

    def __init__(self, show: Callable[[Any, Reply], None]) -> None:
        super().__init__()
        self._show = show
        self._asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    def ask(self, task: Task, request: Any) -> Any:
        """The answer; called in the task. Raises Cancelled."""
        answers: queue.Queue[Any] = queue.Queue()
        self._asked.emit(request, answers.put)
        while not task.stop.is_set():
            try:
                answer = answers.get(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                continue
            if answer is not None:
                return answer
            break
        raise Cancelled

    @Slot(object, object)
    def _on_asked(self, request: Any, reply: Reply) -> None:
        self._show(request, reply)
