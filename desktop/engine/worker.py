"""The engine's worker process: confines itself, loads one expert, answers requests until its input ends.

Arguments: one JSON object ``{"folder", "configuration", "capture", "slots", "memory_limit", "drill", "proof"}``. Frames out: ``hello``,
``progress``, ``loaded``, then for each request ``score``, ``text``, and one of ``done``, ``cancelled``, ``error``. A ``cancel`` frame is
read by a thread of its own and stops the running pass.
"""

import json
import os
import queue
import signal
import threading
from collections.abc import Sequence
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
    # One BLAS thread: the class-token correction is small, its bits must not depend on the machine's load, and llama.cpp wants the cores.
    # Passive waiting: with spinning threads a busy machine makes a small model up to fifty times slower (measured), a quiet one hardly
    # faster.
    os.environ.update(OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", OMP_WAIT_POLICY="passive")
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
        self._cancelled_calls: set[int] = set()
        self._current = 0
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
            self._serve(service, self._requests.get())

    def _serve(self, service: Any, frame: Frame) -> None:
        call = frame.header.get("call")
        if not isinstance(call, int) or frame.header.get("do") in ("add", "end"):  # the rest of a batch that was cancelled
            return
        with self._lock:
            self._current = call
            self._stop.clear()
            if call in self._cancelled_calls:
                self._stop.set()
        try:
            header, payload = service.answer(frame, call, self._next_frame)
            self._send({**header, "event": "done", "call": call}, payload)
        except Cancelled:
            self._send({"event": "cancelled", "call": call})
        except (TelltaleError, MemoryError) as error:
            self._send({"event": "error", "call": call, "code": _code(error)})

    def _next_frame(self, wait: bool) -> Frame | None:
        try:
            return self._requests.get(block=wait)
        except queue.Empty:
            return None

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
            else:
                self._requests.put(frame)

    def _cancel(self, call: object) -> None:
        if not isinstance(call, int):
            return
        with self._lock:
            self._cancelled_calls = {call}  # only the newest can still matter
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
