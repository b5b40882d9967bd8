"""The engine's worker process: confines itself, loads one expert, answers requests until its input ends.

Arguments: one JSON object ``{"folder", "configuration", "capture", "slots", …}``. Frames out: ``hello``,
``progress``, ``loaded``, then for each request ``score``, ``text``, and one of ``done``, ``cancelled``, ``error``. Requests may come while
others are under way: texts are written together, one token of each a step, and everything else is done between two steps, first come
first served. A ``cancel`` frame is read by a thread of its own and stops the running pass when it is that call's alone.
"""

import contextlib
import json
import os
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from desktop.workers.confine import Confinement, confine, program_paths
from desktop.workers.frames import Caps, EndOfStream, Frame, Header, read_frame, write_frame
from desktop.workers.pipes import take_input, take_output
from models.errors import Cancelled, TelltaleError, WorkerError

_CAPS = Caps(header=1 << 20, payload=64 << 20)


def main(arguments: Sequence[str]) -> int:
    """Run the worker. Returns the exit code: 0 when its input ended, 2 for bad arguments."""
    try:
        options = json.loads(arguments[0])
        folder, on_gpu = Path(options["folder"]), int(options["configuration"]["gpu_layers"]) != 0
    except (IndexError, KeyError, TypeError, ValueError):
        return 2
    # A GPU driver opens device nodes, its own libraries and caches wherever the vendor put them.
    confinement = confine(readable=None if on_gpu else [*program_paths(), folder], writable=[Path("/dev"), Path("/proc")] if on_gpu else (),
                          memory_limit=options.get("memory_limit"))
    frames = take_output()
    return Worker(folder, options, confinement, frames).run(take_input())


class Worker:
    """One loaded expert and the loop around it."""

    def __init__(self, folder: Path, options: dict[str, Any], confinement: Confinement, output: BinaryIO) -> None:
        self._folder, self._options, self._confinement = folder, options, confinement
        self._output, self._lock = output, threading.Lock()
        self._requests: queue.Queue[Frame] = queue.Queue()
        self._waiting: list[Frame] = []
        self._cancelled: set[int] = set()
        self._current: int | None = None
        self._stop: Any = None

    def run(self, source: BinaryIO) -> int:
        """Load, then serve until ``source`` ends."""
        from desktop.engine.serving import Service

        self._send({"event": "hello", "confinement": self._confinement.as_facts()})
        threading.Thread(target=self._read, args=(source,), name="requests", daemon=True).start()
        if self._options.get("drill"):
            os.kill(os.getpid(), signal.SIGSEGV)
        try:
            service = Service(self._folder, self._options, self._send)
            self._stop = service.pair.stop
            self._send({"event": "loaded", "facts": service.facts})
        except (TelltaleError, MemoryError, ImportError) as error:
            self._send({"event": "error", "call": 0, "code": _code(error)})
            return 0
        while True:  # the reader ends the process: unloading has nothing to add but a chance to hang
            self._turn(service)

    def _turn(self, service: Any) -> None:
        """Begin the first request that can be begun, else write one token of every text, else wait."""
        self._stop_cancelled(service)
        frame = next((frame for frame in self._waiting if service.takes(frame.header)), None)
        if frame is not None:
            self._waiting.remove(frame)
            self._do(frame.header["call"], lambda: service.begin(frame, frame.header["call"]))
        elif service.writing:
            calls = service.writing
            self._do(calls[0] if len(calls) == 1 else None, service.step, written=lambda: service.cancel(calls[0]))
        else:
            self._waiting.append(self._requests.get())

    def _stop_cancelled(self, service: Any) -> None:
        """Take in what has come, and answer those that are no longer wanted."""
        with self._lock:
            cancelled, self._cancelled = self._cancelled, set()
        with contextlib.suppress(queue.Empty):  # after the flags: a call's request comes before its cancellation
            while True:
                self._waiting.append(self._requests.get_nowait())
        for call in cancelled:
            service.cancel(call)
            if any(frame.header["call"] == call for frame in self._waiting):
                self._waiting = [frame for frame in self._waiting if frame.header["call"] != call]
                self._send({"event": "cancelled", "call": call})

    def _do(self, call: int | None, work: Callable[[], None], written: Callable[[], None] | None = None) -> None:
        """Run a pass that belongs to one call, or (None) to several. ``written``: what ends its text when it is stopped."""
        with self._lock:
            self._current = call
            self._stop.clear()
            if call in self._cancelled:
                self._stop.set()
        try:
            work()
        except Cancelled:
            if written is not None:
                written()
            else:
                self._send({"event": "cancelled", "call": call})
        except (TelltaleError, MemoryError) as error:
            if call is None:
                raise  # nobody can say whose it was: the process ends, and each is told
            self._send({"event": "error", "call": call, "code": _code(error)})
        finally:
            with self._lock:
                self._current = None

    def _read(self, source: BinaryIO) -> None:
        """Hand requests over; act on a cancel at once; end the process when the client is gone."""
        while True:
            try:
                frame = read_frame(source, _CAPS)
            except WorkerError:
                os._exit(3)
            if isinstance(frame, EndOfStream):
                os._exit(0)
            if frame.header.get("do") == "cancel":
                self._cancel(frame.header.get("call"))
            elif isinstance(frame.header.get("call"), int):
                self._requests.put(frame)

    def _cancel(self, call: object) -> None:
        if not isinstance(call, int):
            return
        with self._lock:
            self._cancelled.add(call)
            if call == self._current and self._stop is not None:
                self._stop.set()

    def _send(self, header: Header, payload: bytes | memoryview = b"") -> None:
        try:
            write_frame(self._output, header, payload)
        except OSError:
            os._exit(0)


def _code(error: BaseException) -> str:
    if isinstance(error, TelltaleError):
        return error.code
    return "engine-out-of-memory" if isinstance(error, MemoryError) else "engine-missing"
