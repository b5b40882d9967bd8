"""The application's side of intake: gives bytes to a confined worker and believes nothing that comes back without checking it."""

import contextlib
import hashlib
import logging
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop.document import ExhibitInfo, Mark
from desktop.intake.answer import Picture, Ready, Refused
from desktop.intake.exhibit import Exhibit
from desktop.intake.limits import Limits
from desktop.intake.problems import DEVIATIONS, problem
from desktop.intake.source import Source, acquire, beside
from desktop.intake.trust import own_trust
from desktop.workers.client import WorkerClient
from desktop.workers.confine import Level
from desktop.workers.frames import Caps, Frame, Header
from models.errors import Cancelled, InputError, WorkerError

log = logging.getLogger(__name__)
_HEADER_CAP = 4 << 20
_STDERR_LIMIT = 16 << 20
_LEVELS: tuple[Level, ...] = ("kernel", "best-effort", "none")
_MARK_DEPTH, _MARK_ITEMS, _MARK_TEXT = 8, 2000, 20_000
# One thread for number libraries: a picture needs none of them, and their threads' stacks would count against the memory limit.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_CODES = {
    "worker-timeout": "intake-timeout", "worker-protocol": "intake-broken-answer", "worker-killed": "intake-killed",
    "worker-crashed": "intake-crashed", "worker-exited": "intake-crashed",
}
Answer = TypeVar("Answer", Ready, Picture, Refused)


class Intake:
    """Reads pictures, one worker process for each. A spare worker is kept started and confined, so that nobody waits for it.

    Use it from one thread; ``close`` may come from any.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Start the first spare. Raises WorkerError when processes cannot be started."""
        self.limits = limits or Limits()
        self._closed = False
        self._busy: WorkerClient | None = None
        self._spare: WorkerClient | None = self._start()

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the spare, and a read that is going on (it raises Cancelled)."""
        self._closed = True
        for worker in (self._spare, self._busy):
            if worker is not None:
                worker.kill()
        self._spare = None

    def read(self, source: Path | bytes, name: str | None = None, *, cancelled: Callable[[], bool] | None = None) -> Exhibit:
        """Read one picture from a file or from its bytes (pasted or dropped data).

        A content-credential manifest beside a file (``picture.jpg.c2pa`` or ``picture.c2pa``) is read with it; one over the limit is left
        out. Signers are looked up in the trust lists of the data folder (``own_trust``), else in those that ship.

        Raises InputError when this picture cannot be examined, whatever it did to its worker; WorkerError when no worker can be started
        at all; Cancelled.
        """

        def is_cancelled() -> bool:
            return self._closed or (cancelled is not None and cancelled())

        material = acquire(source, name, self.limits.file_bytes, is_cancelled)
        trust = own_trust()
        sidecar = beside(source, self.limits.sidecar_bytes) if isinstance(source, Path) else None
        worker, ready = self._take(is_cancelled)
        try:
            frame = self._ask(worker, material, sidecar or b"", trust, is_cancelled)
            return _exhibit(material, frame, str(ready.confinement["level"]))
        except MemoryError:
            raise problem("intake-memory") from None
        finally:
            worker.kill()
            self._busy = None
            if not self._closed:
                with contextlib.suppress(WorkerError):  # the next read tries again and tells
                    self._spare = self._start()

    def confinement(self) -> dict[str, Any]:
        """What a worker proved about its own confinement: level of the network block, refused powers, memory limit. For ``doctor``.

        Raises WorkerError when no worker can be started.
        """
        worker, ready = self._take(lambda: self._closed)
        worker.kill()
        self._busy, self._spare = None, self._start()
        return dict(ready.confinement)

    def _start(self) -> WorkerClient:
        limits = self.limits
        return WorkerClient(
            "intake", [msgspec.json.encode(limits).decode()], environment=_ENVIRONMENT, stderr_limit=_STDERR_LIMIT,
            caps=Caps(header=_HEADER_CAP, payload=3 * limits.pixels + 3 * limits.thumbnail**2),
            admit=lambda header, length: _is_plausible(header, length, limits),
        )

    def _take(self, cancelled: Callable[[], bool]) -> tuple[WorkerClient, Ready]:
        """A worker that is ready. A spare that died while it waited costs nothing but a new start."""
        worker, self._spare = self._spare, None
        for last in (False, True):
            if worker is None or not worker.alive:
                if worker is not None:
                    worker.kill()
                worker = self._start()
            self._busy = worker
            try:
                return worker, _ready(worker.receive(self.limits.start_seconds, cancelled))
            except Cancelled:
                worker.kill()
                raise
            except WorkerError:
                worker.kill()
                if last:
                    raise
                worker = None
        raise AssertionError("unreachable")

    def _ask(self, worker: WorkerClient, material: Source, sidecar: bytes, trust: Mapping[str, Any] | None,
             cancelled: Callable[[], bool]) -> Frame:
        """Hand the bytes over and wait for the one answer. Every death of the worker becomes a code of this picture."""
        deadline = time.monotonic() + self.limits.wall_seconds
        header = {"extension": material.extension[:16], "sidecar": len(sidecar), "trust": trust}
        try:
            try:
                worker.send(header, (material.data, sidecar), timeout=self.limits.wall_seconds, cancelled=cancelled)
            except WorkerError as error:
                if error.code in {"worker-timeout", "worker-killed"}:
                    raise
                raise problem("intake-crashed") from None
            return worker.receive(max(0.1, deadline - time.monotonic()), cancelled)
        except WorkerError as error:
            if self._closed:
                raise Cancelled() from None
            if worker.returncode == -int(getattr(signal, "SIGXCPU", 24)):
                raise problem("intake-timeout") from None
            raise problem(_CODES.get(error.code, "intake-crashed")) from None


def _is_plausible(header: Header, length: int, limits: Limits) -> bool:
    """Whether a frame's numbers fit each other and the limits; asked before its payload is read."""
    if header.get("answer") != "picture":
        return length == 0
    width, height, thumbnail = header.get("width"), header.get("height"), header.get("thumbnail")
    if type(width) is not int or type(height) is not int or not isinstance(thumbnail, list) or len(thumbnail) != 2:
        return False
    across, down = thumbnail
    if type(across) is not int or type(down) is not int or not (1 <= across <= limits.thumbnail and 1 <= down <= limits.thumbnail):
        return False
    if not (1 <= width <= limits.side and 1 <= height <= limits.side) or width * height > limits.pixels:
        return False
    return length == 3 * width * height + 3 * across * down


def _convert(header: Header, kind: type[Answer]) -> Answer:
    try:
        return msgspec.convert(header, kind)
    except (msgspec.ValidationError, RecursionError):
        raise problem("intake-broken-answer") from None


def _ready(frame: Frame) -> Ready:
    try:
        ready = _convert(frame.header, Ready)
    except InputError:
        raise WorkerError("worker-protocol", "the intake process did not start as it should") from None
    if ready.confinement.get("level") not in _LEVELS:
        raise WorkerError("worker-protocol", "the intake process did not tell how it is confined")
    return ready


def _exhibit(material: Source, frame: Frame, network_block: str) -> Exhibit:
    """The exhibit from a worker's answer, every part of it checked. Raises InputError."""
    if frame.header.get("answer") == "refused":
        refused = _convert(frame.header, Refused)
        raise problem(refused.code, refused.detail)
    picture = _convert(frame.header, Picture)
    facts = msgspec.structs.replace(picture.facts, extension=material.extension[:16])
    _check_facts(picture)
    across, down = picture.thumbnail
    size = 3 * picture.width * picture.height
    pixels = memoryview(frame.payload)
    rgb = _array(pixels[:size], picture.width, picture.height)
    info = ExhibitInfo(
        name=material.name, bytes=len(material.data), sha256=material.sha256, sha512=material.sha512,
        rgb_sha256=hashlib.sha256(pixels[:size]).hexdigest(), container=facts.container, width=picture.width, height=picture.height,
        facts=_clean(msgspec.to_builtins(facts)),
    )
    return Exhibit(info, rgb, _marks(picture.marks), _deviations(picture), network_block, _array(pixels[size:], across, down))


def _check_facts(picture: Picture) -> None:
    """What the worker says about turning must fit the sizes that it gives."""
    width, height = picture.facts.stored_size
    expected = (height, width) if picture.facts.orientation.applied >= 5 else (width, height)
    if (picture.width, picture.height) != expected:
        raise problem("intake-broken-answer")


def _array(pixels: memoryview, width: int, height: int) -> NDArray[np.uint8]:
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def _deviations(picture: Picture) -> tuple[str, ...]:
    if any(code not in DEVIATIONS for code in picture.deviations):
        raise problem("intake-broken-answer")
    return tuple(DEVIATIONS[code] for code in picture.deviations)


def _marks(raw: list[Any]) -> tuple[Mark, ...]:
    try:
        marks = tuple(msgspec.convert(_clean(raw), list[Mark]))
    except (msgspec.ValidationError, RecursionError):
        raise problem("intake-broken-answer") from None
    defects = [f"{mark.id}: {mark.facts['error']}" for mark in marks if mark.state == "failed" and "error" in mark.facts]
    if defects:  # said by a process that met hostile bytes: as much as one log line holds
        log.warning("marks that could not be read: %s", " ".join("; ".join(defects).split())[:2000])
    return marks


def _clean(value: Any) -> Any:
    """JSON values with their text free of control, direction and half characters, and with a bounded size. Raises InputError."""
    budget = _MARK_ITEMS * 10

    def walk(item: Any, depth: int) -> Any:
        nonlocal budget
        budget -= 1
        if depth > _MARK_DEPTH or budget < 0:
            raise problem("intake-broken-answer")
        if isinstance(item, str):
            return "".join(c for c in item[:_MARK_TEXT] if c.isprintable() or c in "\n\t")
        if isinstance(item, list | tuple):
            return [walk(part, depth + 1) for part in item]
        if isinstance(item, dict):
            return {walk(str(key), depth + 1): walk(part, depth + 1) for key, part in item.items()}
        if isinstance(item, int) and abs(item) >= 1 << 63:
            raise problem("intake-broken-answer")
        return item

    return walk(value, 0)
