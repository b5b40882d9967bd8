"""The engine's process, held by the application: started when needed, told what to do, quieted or killed, and started anew when it died.

Everything that a process can do wrong ends here as a coded error; what its answers mean is read in ``replies``.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from desktop.engine import choosing
from desktop.engine.integrity import Integrity
from desktop.engine.protocol import broken, error_of, memory_ran_out
from desktop.engine.traffic import Traffic
from desktop.engine.values import Configuration, EngineSettings
from desktop.workers.client import WorkerClient
from desktop.workers.frames import Caps, Frame, Header
from models.cards import Card
from models.errors import Cancelled, ExpertError, WorkerError

Progress = Callable[[str, float], None]
IsCancelled = Callable[[], bool]
_CAPS = Caps(header=1 << 20, payload=256 << 20)
# One BLAS thread: the class-token correction is small, its bits must not depend on the machine's load, and llama.cpp wants the cores.
# Passive waiting: with spinning threads a busy machine makes a small model up to fifty times slower (measured), a quiet one hardly
# faster. Given at the start: libraries read these when they are loaded, and one that is loaded too early burns a core.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
_GIB = float(1 << 30)
LARGE = 1 << 30
"""A language model from this size on repeats only the vision part of the self-test once the whole test passed here: the rest is half a
minute."""


def never() -> bool:
    """The cancel flag that is never raised."""
    return False


def ignore(*_values: object) -> None:
    """The listener that does not listen."""


class Link:
    """The process of one expert. Several threads may call at once; ``kill`` may come from any thread."""

    def __init__(self, folder: Path, card: Card, card_sha256: str, settings: EngineSettings) -> None:
        self.folder, self.card, self.card_sha256, self.settings = folder, card, card_sha256, settings
        self.facts: dict[str, Any] = {}
        self.network_block = "none"
        self.configuration = choosing.safe(settings, card.language.bytes)
        self._integrity = Integrity(folder, card)
        self._worker: WorkerClient | None = None
        self._traffic: Traffic | None = None
        self._turn = threading.RLock()
        self._gigabytes = (card.language.bytes + card.projector.bytes) / _GIB

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None when none runs."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    @property
    def diagnostics(self) -> str:
        """The end of the worker's standard error."""
        return self._worker.diagnostics if self._worker is not None else ""

    def kill(self) -> None:
        """End the process now. A running call in another thread gets its WorkerError; the next call starts a new process."""
        if (worker := self._worker) is not None:
            worker.kill()

    def close(self) -> None:
        """End the process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def start(self, progress: Progress, cancelled: IsCancelled) -> None:
        """Start with the best configuration known; fall back to the safe one, and remember what failed.

        Raises ExpertError, WorkerError or Cancelled.
        """
        with self._turn:
            self._start(progress, cancelled)

    def _start(self, progress: Progress, cancelled: IsCancelled) -> None:
        candidates = choosing.candidates(self.settings, self.card_sha256, self.card.language.bytes)
        for last, configuration in ((n == len(candidates) - 1, c) for n, c in enumerate(candidates)):
            try:
                self._start_with(configuration, progress, cancelled)
                return
            except (ExpertError, WorkerError) as error:
                self.kill()
                if last or not choosing.blames_configuration(error):
                    raise
                choosing.remember_failure(self.card_sha256, configuration, error.code)

    def _start_with(self, configuration: Configuration, progress: Progress, cancelled: IsCancelled) -> None:
        self.kill()  # a process that died unasked still has its pipes open
        progress("files", 0.0)
        self._integrity.check(cancelled)
        progress("files", 1.0)
        proof = choosing.proof(self.card_sha256, configuration) if self.card.language.bytes >= LARGE else None
        drafts = self.card.language.bytes >= choosing.CACHED if self.settings.drafts is None else self.settings.drafts
        options = {"folder": str(self.folder), "configuration": configuration.as_facts(), "capture": self.settings.capture,
                   "every_layer": self.settings.every_layer, "slots": self.settings.slots, "drafts": drafts,
                   "memory_limit": self.settings.memory_limit, "drill": self.settings.drill, "proof": proof}
        worker = self._worker = WorkerClient("engine", [json.dumps(options)], caps=_CAPS, environment=_ENVIRONMENT)
        while True:
            try:
                frame = worker.receive(self._limit(120, 600), cancelled)
            except WorkerError:
                if memory_ran_out(worker.diagnostics):
                    raise error_of("engine-out-of-memory") from None
                raise
            event = frame.header.get("event")
            if event == "hello":
                confinement = frame.header.get("confinement")
                level = confinement.get("level") if isinstance(confinement, dict) else None
                self.network_block = level if level in ("kernel", "best-effort", "none") else "none"
            elif event == "progress" and frame.header.get("stage") in ("load", "self-test"):
                progress(str(frame.header["stage"]), float(frame.header.get("fraction", 0.0)))
            elif event == "loaded" and isinstance(frame.header.get("facts"), dict):
                self.facts = {**frame.header["facts"], "network_block": self.network_block, "confinement": confinement}
                self.configuration = configuration
                if self.facts.get("self_test"):
                    choosing.note(self.card_sha256, configuration, {"state": "passed", "code": "", "self_test": self.facts["self_test"]})
                self._traffic = Traffic(worker, self._limit(120, 900))
                progress("self-test", 1.0)
                return
            elif event == "error":
                worker.close()
                raise error_of(frame.header.get("code"))
            else:
                worker.kill()
                raise broken()

    @contextlib.contextmanager
    def call(self, header: Header, payload: bytes, cancelled: IsCancelled | None) -> Iterator[Iterator[Frame]]:
        """Send a request and hand out its answers, the last of them ``done``; calls of other threads go on beside it.

        Whatever goes wrong on the way leaves either a worker in step or none.
        """
        cancelled = cancelled or never
        traffic = self._ready(cancelled)
        number = traffic.open(header, payload)
        try:
            yield traffic.frames(number, cancelled)
        except WorkerError as error:
            if error.code != "engine-failed":
                traffic.worker.kill()
            raise
        except ExpertError:
            raise
        except BaseException:
            # Cancelled, or an exception out of a caller's callback: the worker would go on talking to nobody.
            traffic.quiet(number, self.settings.grace)
            raise
        finally:
            traffic.close(number)

    def _ready(self, cancelled: IsCancelled) -> Traffic:
        """The running worker's calls; a dead worker is started anew, by one thread for all."""
        while not self._turn.acquire(timeout=0.1):
            if cancelled():
                raise Cancelled()
        try:
            if self._traffic is None or not self._traffic.alive:
                self._start(ignore, cancelled)
            assert self._traffic is not None  # noqa: S101 - for the type checker
            return self._traffic
        finally:
            self._turn.release()

    def _limit(self, seconds: float, per_gigabyte: float) -> float:
        """Longest silence to put up with: a 7B expert on a busy old laptop may need minutes for one pass."""
        return (seconds + per_gigabyte * self._gigabytes) * self.settings.patience
