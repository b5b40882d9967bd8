"""The queue: what is to be done next. One job runs at a time; questions go before exhibits. No Qt in here."""

import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from desktop.gui.item import Item, State
from desktop.gui.seam import Source


@dataclass(frozen=True)
class Job:
    """One thing to do for one exhibit. ``stop`` is the only thing that two threads share."""

    key: int
    source: Source
    name: str
    explain: bool = True
    question: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


class Queue:
    """Waiting exhibits and questions, and the job that runs."""

    def __init__(self, paused: bool) -> None:
        self.paused = paused
        self.running: Job | None = None
        self._waiting: deque[int] = deque()
        self._questions: deque[Job] = deque()

    def add(self, key: int) -> None:
        """Put an exhibit at the end."""
        self._waiting.append(key)

    def ask(self, item: Item, question: str) -> None:
        """Put a question before all exhibits."""
        self._questions.append(Job(item.key, item.source, item.name, question=question))

    def drop(self, keys: Collection[int]) -> list[int]:
        """Take exhibits out and stop the running one if it is among them; returns those that had not begun."""
        stopped = [key for key in self._waiting if key in keys]
        self._waiting = deque(key for key in self._waiting if key not in keys)
        if self.running is not None and self.running.key in keys:
            self.running.stop.set()
        return stopped

    def clear(self) -> None:
        """Stop everything."""
        self._waiting.clear()
        self._questions.clear()
        if self.running is not None:
            self.running.stop.set()

    def next(self, items: Mapping[int, Item], explain: bool) -> Job | None:
        """Begin the next job when nothing runs; None when there is nothing to begin."""
        if self.running is not None:
            return None
        while self._questions and self.running is None:
            job = self._questions.popleft()
            self.running = job if job.key in items else None
        if self.running is None and not self.paused:
            while self._waiting and self.running is None:
                item = items.get(self._waiting.popleft())
                if item is not None:
                    item.state = State.RUNNING
                    self.running = Job(item.key, item.source, item.name, explain=explain)
        return self.running
