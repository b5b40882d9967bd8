"""Several calls at once on one worker: every answer carries the number of its call, and a thread hands it to whoever waits for it."""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator

from desktop.engine.protocol import broken, error_of
from desktop.workers.client import WorkerClient
from desktop.workers.frames import Frame, Header
from models.errors import Cancelled, WorkerError

_EVENTS = ("score", "text", "done")
_POLL_S = 0.05
_WAITING_FRAMES = 256
"""Answers that may wait for one call; beyond this the worker waits."""

Box = queue.Queue[Frame]


class Traffic:
    """The calls in progress on one started worker. Any thread may call."""

    def __init__(self, worker: WorkerClient, silence: float) -> None:
        """``silence``: seconds without any answer after which the worker is taken for dead."""
        self.worker = worker
        self._silence = silence
        self._numbers = itertools.count(1)
        self._boxes: dict[int, Box] = {}
        self._heard = time.monotonic()
        self._failure: WorkerError | None = None
        self._sending = threading.Lock()
        threading.Thread(target=self._deliver, name="engine-answers", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the worker can still be asked."""
        return self._failure is None and self.worker.alive

    @property
    def busy(self) -> int:
        """Calls in progress."""
        return len(self._boxes)

    def open(self, header: Header, payload: bytes) -> int:
        """Send a request; the number of its call, which must be closed. Raises WorkerError."""
        number = next(self._numbers)
        self._heard = max(self._heard, time.monotonic()) if self._boxes else time.monotonic()
        self._boxes[number] = queue.Queue(_WAITING_FRAMES)
        try:
            self._send({**header, "call": number}, payload)
        except WorkerError:
            self._boxes.pop(number, None)
            raise
        return number

    def close(self, number: int) -> None:
        """What still comes for this call is dropped."""
        self._boxes.pop(number, None)

    def frames(self, number: int, cancelled: Callable[[], bool]) -> Iterator[Frame]:
        """What the worker answers to one call, the last of it ``done``.

        Raises what the worker reports, WorkerError when it dies, is silent or breaks the protocol, and Cancelled.
        """
        while True:
            frame = self._next(number, cancelled)
            event = frame.header.get("event")
            if event == "error":
                raise error_of(frame.header.get("code"))
            if event == "cancelled":
                raise Cancelled()
            if event not in _EVENTS:
                raise broken()
            yield frame
            if event == "done":
                return

    def quiet(self, number: int, grace: float) -> None:
        """Ask the worker to stop this call. When nobody else waits for it, it is killed unless it stops within ``grace`` seconds."""
        try:
            self._send({"do": "cancel", "call": number}, b"")
            deadline = time.monotonic() + grace
            while self.busy <= 1 and (left := deadline - time.monotonic()) > 0:
                box, failure = self._boxes.get(number), self._failure
                if box is None or failure is not None:
                    return
                try:
                    frame = box.get(timeout=min(_POLL_S, left))
                except queue.Empty:
                    continue
                if frame.header.get("event") in ("done", "cancelled", "error"):
                    return
            if self.busy <= 1:
                self.worker.kill()
        except WorkerError:
            self.worker.kill()

    def _next(self, number: int, cancelled: Callable[[], bool]) -> Frame:
        box = self._boxes[number]
        while True:
            if cancelled():
                raise Cancelled()
            try:
                return box.get(timeout=_POLL_S)
            except queue.Empty:
                pass
            if self._failure is not None and box.empty():
                raise WorkerError(self._failure.code, self._failure.message)
            if time.monotonic() - self._heard > self._silence:
                self._fail(WorkerError("worker-timeout", f"the engine process took longer than {self._silence:.0f} s and was stopped"))
                self.worker.kill()

    def _send(self, header: Header, payload: bytes) -> None:
        with self._sending:
            try:
                self.worker.send(header, payload)
            except WorkerError as error:
                self._fail(error)
                raise

    def _fail(self, error: WorkerError) -> None:
        if self._failure is None:
            self._failure = error

    def _deliver(self) -> None:
        """Hand out answers until the worker ends. What belongs to no call in progress was cancelled, and is dropped."""
        while True:
            try:
                frame = self.worker.receive()
            except WorkerError as error:
                self._fail(error)
                return
            self._heard = time.monotonic()
            number = frame.header.get("call")
            while isinstance(number, int) and (box := self._boxes.get(number)) is not None:
                try:
                    box.put(frame, timeout=_POLL_S)
                    break
                except queue.Full:
                    continue
