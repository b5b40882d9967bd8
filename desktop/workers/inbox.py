"""Frames on their way from a worker's reader thread to whoever waits for them, bounded in number and bytes."""

import threading
from collections import deque

from desktop.workers.frames import EndOfStream, Frame
from models.errors import WorkerError

Item = Frame | EndOfStream | WorkerError


class Inbox:
    """A queue whose writer waits while it is full, so that a worker which floods its pipe cannot fill the application's memory."""

    def __init__(self, byte_cap: int, count_cap: int = 256) -> None:
        """Hold at most ``count_cap`` frames and ``byte_cap`` bytes of payload, but always one frame."""
        self._byte_cap = byte_cap
        self._count_cap = count_cap
        self._condition = threading.Condition()
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._last: Item | None = None

    def put(self, item: Item) -> None:
        """Add an item, waiting for room. After ``close`` it is dropped."""
        size = len(item.payload) if isinstance(item, Frame) else 0
        with self._condition:
            while self._last is None and self._items and (self._bytes + size > self._byte_cap or len(self._items) >= self._count_cap):
                self._condition.wait()
            if self._last is None:
                self._items.append(item)
                self._bytes += size
                self._condition.notify_all()

    def get(self, timeout: float) -> Item | None:
        """The next item, or None when there is none within ``timeout`` seconds."""
        with self._condition:
            if not self._items and self._last is None:
                self._condition.wait(timeout)
            if not self._items:
                return self._last
            item = self._items.popleft()
            self._bytes -= len(item.payload) if isinstance(item, Frame) else 0
            self._condition.notify_all()
            return item

    def close(self) -> None:
        """Drop what is there; from now on every ``get`` gives EndOfStream at once."""
        with self._condition:
            self._items.clear()
            self._bytes = 0
            self._last = EndOfStream()
            self._condition.notify_all()
