"""The engine as the application sees it: opens an expert in a process of its own, asks it, restarts it when it died.

The client imports no native library. It hashes the expert's files before every start of the process, enforces every limit, and turns
whatever happens to the process into a coded error for that one call; the next call starts a fresh process.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop.engine import choosing, replies
from desktop.engine.integrity import Integrity
from desktop.engine.protocol import broken, error_of, memory_ran_out, text_field
from desktop.engine.text import clean
from desktop.engine.values import Answer, Configuration, EngineSettings, Examination, Floats, Picture, Score
from desktop.workers.client import WorkerClient
from desktop.workers.frames import Caps, Frame, Header
from models.cards import CARD_NAME, Card, card_digest, load_card
from models.errors import Cancelled, ExpertError, WorkerError

Progress = Callable[[str, float], None]
_CAPS = Caps(header=1 << 20, payload=256 << 20)
_GIB = float(1 << 30)


def _never() -> bool:
    return False


def _ignore(*_values: object) -> None:
    return None


class Engine:
    """One expert, ready to be asked. Calls from several threads take turns; ``kill`` may come from any thread at any time."""

    card: Card
    facts: dict[str, Any]
    """For the document's ``run.engine``: the same for every run on this machine with this expert and configuration."""
    network_block: str
    """``kernel``, ``best-effort`` or ``none``, as the process proved it."""

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Use ``Engine.open``."""
        self.folder, self.settings = folder.resolve(), settings
        self.card = load_card(self.folder)
        self.card_sha256 = card_digest((self.folder / CARD_NAME).read_bytes())
        self.facts, self.network_block = {}, "none"
        self.configuration = choosing.safe(settings, self.card.language.bytes)
        self._integrity = Integrity(self.folder, self.card)
        self._worker: WorkerClient | None = None
        self._calls = 0
        self._turn = threading.RLock()
        self._gigabytes = (self.card.language.bytes + self.card.projector.bytes) / _GIB

    @classmethod
    def open(cls, folder: Path, *, settings: EngineSettings | None = None, progress: Progress | None = None,
             cancelled: Callable[[], bool] | None = None) -> "Engine":
        """Check the expert's files, start its process, load it and prove it by the self-test.

        ``progress(stage, fraction)``: stages ``files``, ``load``, ``self-test``. Raises ExpertError, WorkerError or Cancelled.
        """
        engine = cls(folder, settings or EngineSettings())
        try:
            with engine._turn:
                engine._start(progress or _ignore, cancelled or _never)
        except BaseException:
            engine.kill()
            raise
        return engine

    # -- asking ----------------------------------------------------------------------------------------------

    def encode(self, picture: Picture, *, corrected: bool = True, cancelled: Callable[[], bool] | None = None) -> Floats:
        """Projected patch embeddings of a prepared picture (S, S, 3), float32 (n_patches, output_width).

        ``corrected=False`` leaves llama.cpp's own (wrong) class-token order; it exists to measure the defect.
        """
        with self._call({"do": "encode", "corrected": corrected}, self._pixels(picture), cancelled) as frames:
            return replies.rows(self._last(frames), self.card.vision.output_width)

    def score(self, picture: Picture, *, cancelled: Callable[[], bool] | None = None) -> Score:
        """The verdict of a prepared picture. Raises Cancelled, ExpertError, WorkerError."""
        with self._call({"do": "score"}, self._pixels(picture), cancelled) as frames:
            return replies.score(self._last(frames).header)

    def examine(self, picture: Picture, *, explain: bool = True, on_score: Callable[[Score], None] | None = None,
                on_text: Callable[[str], None] | None = None, cancelled: Callable[[], bool] | None = None) -> Examination:
        """Verdict first (``on_score``), then the text in pieces (``on_text``), then its claims.

        A cancel before the verdict raises Cancelled. After it the examination comes back with what there is and ``text_state ==
        "cancelled"``, so that the verdict is not lost. ExpertError and WorkerError concern this picture only.
        """
        score: Score | None = None
        pieces: list[str] = []
        started = time.monotonic()
        try:
            with self._call({"do": "examine", "explain": explain}, self._pixels(picture), cancelled) as frames:
                for frame in frames:
                    event = frame.header["event"]
                    if event == "score":
                        score = replies.score(frame.header)
                        (on_score or _ignore)(score)
                    elif event == "text":
                        pieces.append(clean(text_field(frame.header, "text")))
                        (on_text or _ignore)(pieces[-1])
                    else:
                        return replies.examination(frame, self.card)
        except Cancelled:
            if score is None:
                raise
        if score is None:
            raise broken()
        return Examination(score, "".join(pieces), "cancelled", (), time.monotonic() - started, "cancelled before the regions were made")

    def ask(self, picture: Picture, question: str, *, on_text: Callable[[str], None] | None = None,
            cancelled: Callable[[], bool] | None = None) -> Answer:
        """Ask a free question about a picture. The answer never changes a recorded score; a second question about the same picture is
        quick.

        Raises Cancelled, ExpertError (``context-too-small`` when the question is too long), WorkerError.
        """
        with self._call({"do": "ask", "question": question[:4000]}, self._pixels(picture), cancelled) as frames:
            for frame in frames:
                if frame.header["event"] == "text":
                    (on_text or _ignore)(clean(text_field(frame.header, "text")))
                else:
                    return replies.answer(frame.header)
        raise broken()

    def attention(self, picture: Picture, question: str, *, cancelled: Callable[[], bool] | None = None) -> Floats:
        """Attention of the last token of ``question`` to the picture, for each of the card's layers: float32 (layers, rows, columns).

        Raises ExpertError ``attention-unreadable`` when the card names no layers or the configuration hides attention.
        """
        side = self._side()
        with self._call({"do": "attention", "question": question[:4000]}, self._pixels(picture), cancelled) as frames:
            return replies.rows(self._last(frames), side * side).reshape(-1, side, side)

    def score_hidden(self, picture: Picture, hidden: NDArray[np.bool_], *, cancelled: Callable[[], bool] | None = None) -> Score:
        """The verdict with the patches that are true in ``hidden`` (rows, columns) replaced by the picture's mean patch embedding.

        An empty ``hidden`` gives the recorded score, bit for bit. Costs as much as ``score``.
        """
        side = self._side()
        if hidden.shape != (side, side):
            raise ValueError(f"hidden must be ({side}, {side})")
        cells = np.ascontiguousarray(hidden, np.bool_).tobytes().hex()
        with self._call({"do": "hidden", "cells": cells}, self._pixels(picture), cancelled) as frames:
            return replies.score(self._last(frames).header)

    def text_logits(self, ids: list[int]) -> Floats:
        """Logits after token ids without a picture, float32 (vocabulary,); for comparison with a reference implementation."""
        with self._call({"do": "text-logits", "ids": ids}, b"", None) as frames:
            return np.frombuffer(self._last(frames).payload, np.float32)

    def speed(self) -> dict[str, float]:
        """Seconds for encoding, scoring and one token, measured now."""
        with self._call({"do": "speed"}, b"", None) as frames:
            return replies.numbers(self._last(frames).header, "speed", ("encode_s", "score_s", "token_s"))

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None when none runs."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    @property
    def diagnostics(self) -> str:
        """The end of the worker's standard error; for ``doctor -v``, never for a report."""
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

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # -- the process -----------------------------------------------------------------------------------------

    def _start(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Start with the best configuration known; fall back to the safe one, and remember what failed."""
        can_capture = bool(self.card.grounding.layers)
        candidates = choosing.candidates(self.settings, self.card_sha256, self.card.language.bytes, can_capture=can_capture)
        for last, configuration in ((n == len(candidates) - 1, c) for n, c in enumerate(candidates)):
            try:
                self._start_with(configuration, progress, cancelled)
                return
            except (ExpertError, WorkerError) as error:
                self.kill()
                if last or not choosing.blames_configuration(error):
                    raise
                choosing.remember_failure(self.card_sha256, configuration, error.code)

    def _start_with(self, configuration: Configuration, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.kill()  # a process that died unasked still has its pipes open
        progress("files", 0.0)
        self._integrity.check(cancelled)
        progress("files", 1.0)
        options = {"folder": str(self.folder), "configuration": configuration.as_facts(), "capture": self.settings.capture,
                   "memory_limit": self.settings.memory_limit, "drill": self.settings.drill}
        worker = self._worker = WorkerClient("engine", [json.dumps(options)], caps=_CAPS)
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
                progress("self-test", 1.0)
                return
            elif event == "error":
                worker.close()
                raise error_of(frame.header.get("code"))
            else:
                worker.kill()
                raise broken()

    @contextlib.contextmanager
    def _call(self, header: Header, payload: bytes, cancelled: Callable[[], bool] | None) -> Iterator[Iterator[Frame]]:
        """Send a request and hand out its frames. Whatever goes wrong on the way leaves either a worker in step or none."""
        with self._turn:
            if self._worker is None or not self._worker.alive:
                self._start(_ignore, cancelled or _never)
            assert self._worker is not None  # noqa: S101 - for the type checker
            worker = self._worker
            self._calls += 1
            call = self._calls
            try:
                worker.send({**header, "call": call}, payload)
                yield self._frames(worker, call, cancelled)
            except Cancelled:
                self._quiet(worker, call)
                raise
            except WorkerError as error:
                if error.code != "engine-failed":
                    worker.kill()
                raise
            except ExpertError:
                raise
            except BaseException:
                # An exception out of a caller's callback: the worker would go on talking to nobody.
                self._quiet(worker, call)
                raise

    def _frames(self, worker: WorkerClient, call: int, cancelled: Callable[[], bool] | None) -> Iterator[Frame]:
        """The frames of one call, the last of them ``done``. Raises what the worker reports."""
        while True:
            frame = worker.receive(self._limit(120, 900), cancelled)
            if frame.header.get("call") != call:
                continue  # left over from a cancelled call
            event = frame.header.get("event")
            if event == "error":
                raise error_of(frame.header.get("code"))
            if event == "cancelled":
                raise Cancelled()
            if event not in ("score", "text", "done"):
                raise broken()
            yield frame
            if event == "done":
                return

    def _quiet(self, worker: WorkerClient, call: int) -> None:
        """Ask the worker to stop this call; kill it when it does not within the grace time."""
        try:
            worker.send({"do": "cancel", "call": call})
            deadline = time.monotonic() + self.settings.grace
            while True:
                frame = worker.receive(max(0.01, deadline - time.monotonic()))
                if frame.header.get("call") == call and frame.header.get("event") in ("done", "cancelled", "error"):
                    return
        except WorkerError:
            worker.kill()

    def _last(self, frames: Iterator[Frame]) -> Frame:
        for frame in frames:
            if frame.header["event"] == "done":
                return frame
        raise broken()

    def _limit(self, seconds: float, per_gigabyte: float) -> float:
        """Longest silence to put up with: a 7B expert on a busy old laptop may need minutes for one pass."""
        return (seconds + per_gigabyte * self._gigabytes) * self.settings.patience

    def _side(self) -> int:
        return self.card.preparation.size // self.card.vision.patch

    def _pixels(self, picture: Picture) -> bytes:
        size = self.card.preparation.size
        if picture.shape != (size, size, 3) or picture.dtype != np.uint8:
            raise ValueError(f"the engine takes prepared pictures: uint8 ({size}, {size}, 3)")
        return np.ascontiguousarray(picture).tobytes()
