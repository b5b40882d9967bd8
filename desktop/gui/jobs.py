"""The queue: what is to be done next. Exhibits run side by side where the expert can; questions go before exhibits. No Qt in here."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop.gui.seam import Source
from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.gui.item import Item


@dataclass(frozen=True)
class Asked:
    """How far an analysis goes, as the settings say."""

    explain: bool = True
    tiles: bool = False
    effects: bool = False


@dataclass(frozen=True)
class Job:
    """One thing to do for one exhibit. ``stop`` is the only thing that two threads share."""

    key: int
    source: Source
    name: str
    asked: Asked = Asked()
    question: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


class Queue:
    """Waiting exhibits and questions, and the jobs that run."""

    def __init__(self, paused: bool) -> None:
        self.paused = paused
        self.at_once = 1
        """Exhibits that may run side by side; one question may run beside them."""
        self.running: list[Job] = []
        """In the order in which they began."""
        self._waiting: deque[int] = deque()
        self._questions: deque[Job] = deque()

    def add(self, key: int) -> None:
        """Put an exhibit at the end."""
        self._waiting.append(key)

    def ask(self, item: Item, question: str) -> None:
        """Put a question before all exhibits."""
        self._questions.append(Job(item.key, item.source, item.name, question=question))

    def of(self, key: int) -> Job | None:
        """The job that runs for an exhibit; there is never more than one."""
        return next((job for job in self.running if job.key == key), None)

    def ended(self, job: Job) -> None:
        """A job has ended."""
        self.running = [other for other in self.running if other is not job]

    def drop(self, keys: Collection[int]) -> list[int]:
        """Take exhibits out and stop those that run; returns those that had not begun."""
        stopped = [key for key in self._waiting if key in keys]
        self._waiting = deque(key for key in self._waiting if key not in keys)
        for job in self.running:
            if job.key in keys:
                job.stop.set()
        return stopped

    def clear(self) -> None:
        """Stop everything."""
        self._waiting.clear()
        self._questions.clear()
        for job in self.running:
            job.stop.set()

    def next(self, items: Mapping[int, Item], asked: Asked, first: int | None = None) -> Job | None:
        """Begin the next job, ``first`` before the others that wait; None when there is nothing to begin now."""
        job = self._next_question(items) or (None if self.paused else self._next_exhibit(items, asked, first))
        if job is not None:
            self.running.append(job)
        return job

    def _next_question(self, items: Mapping[int, Item]) -> Job | None:
        if any(job.question for job in self.running):
            return None
        for job in list(self._questions):
            if job.key not in items:
                self._questions.remove(job)
            elif self.of(job.key) is None:
                self._questions.remove(job)
                return job
        return None

    def _next_exhibit(self, items: Mapping[int, Item], asked: Asked, first: int | None) -> Job | None:
        # A question that waits lets no other exhibit begin: somebody sits before it.
        if self._questions or sum(not job.question for job in self.running) >= self.at_once:
            return None
        if first is not None and first in self._waiting and self.of(first) is None:
            self._waiting.remove(first)
            self._waiting.appendleft(first)
        for key in list(self._waiting):
            if self.of(key) is not None:
                continue
            self._waiting.remove(key)
            if (item := items.get(key)) is not None:
                item.state = State.RUNNING
                return Job(item.key, item.source, item.name, asked)
        return None
