"""Several pictures read at once, each by an intake of its own: one intake reads one picture at a time."""

import threading
from collections.abc import Callable
from pathlib import Path

from desktop.intake.client import Intake
from desktop.intake.exhibit import Exhibit
from desktop.intake.limits import Limits
from models.errors import Cancelled

_POLL_S = 0.05


class Intakes:
    """Intakes that are lent out for one picture each. A second one is started only when two pictures are read at the same time."""

    def __init__(self, limits: Limits, most: int) -> None:
        """Start the first one. ``most``: pictures that may be read at once; the others wait. Raises WorkerError."""
        self._limits, self._most = limits, most
        self._condition = threading.Condition()
        self._every = [Intake(limits)]
        self._idle = list(self._every)
        self._closed = False

    def read(self, source: Path | bytes, name: str | None, cancelled: Callable[[], bool]) -> Exhibit:
        """As ``Intake.read``, from any thread."""
        intake = self._take(cancelled)
        try:
            return intake.read(source, name, cancelled=cancelled)
        finally:
            with self._condition:
                self._idle.append(intake)
                self._condition.notify()

    def close(self) -> None:
        """End all of them; reads that are going on raise Cancelled."""
        with self._condition:
            self._closed = True
            every = list(self._every)
        for intake in every:
            intake.close()

    def _take(self, cancelled: Callable[[], bool]) -> Intake:
        with self._condition:
            while True:
                if self._closed or cancelled():
                    raise Cancelled()
                if self._idle:
                    return self._idle.pop()
                if len(self._every) < self._most:
                    self._every.append(Intake(self._limits))
                    return self._every[-1]
                self._condition.wait(_POLL_S)
