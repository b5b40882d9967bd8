"""The engine as the application sees it: opens an expert in a process of its own, asks it, restarts it when it died.

The client imports no native library. The expert's files are hashed before every start of the process, every limit is enforced here, and
whatever happens to the process becomes a coded error for that one call; the next call starts a fresh process.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop.engine import replies
from desktop.engine.lanes import Lanes
from desktop.engine.link import Progress, ignore, never
from desktop.engine.protocol import broken, text_field
from desktop.engine.text import clean
from desktop.engine.values import Answer, Configuration, EngineSettings, Examination, Floats, Picture, Score, Trace
from desktop.workers.frames import Frame
from models.cards import CARD_NAME, card_digest, load_card
from models.errors import Cancelled


class Engine:
    """One expert, ready to be asked, from several threads at once if need be: texts of up to ``settings.slots`` pictures are then written
    together, one token of each a step, and everything else is done between two steps; a small expert gets several processes (``lanes``).
    ``kill`` may come from any thread at any time.
    """

    def __init__(self, folder: Path, settings: EngineSettings) -> None:
        """Read the card; nothing runs yet. Use ``Engine.open``."""
        self.folder, self.settings = folder.resolve(), settings
        self.card = load_card(self.folder)
        self.card_sha256 = card_digest((self.folder / CARD_NAME).read_bytes())
        self._lanes = Lanes(self.folder, self.card, self.card_sha256, settings)

    @classmethod
    def open(cls, folder: Path, *, settings: EngineSettings | None = None, progress: Progress | None = None,
             cancelled: Callable[[], bool] | None = None) -> "Engine":
        """Check the expert's files, start its process, load it and prove it by the self-test.

        ``progress(stage, fraction)``: stages ``files``, ``load``, ``self-test``. Raises ExpertError, WorkerError or Cancelled.
        """
        engine = cls(folder, settings or EngineSettings())
        try:
            engine._lanes.first.start(progress or ignore, cancelled or never)
        except BaseException:
            engine.kill()
            raise
        return engine

    # -- asking ----------------------------------------------------------------------------------------------

    def encode(self, picture: Picture, *, corrected: bool = True, cancelled: Callable[[], bool] | None = None) -> Floats:
        """Projected patch embeddings of a prepared picture (S, S, 3), float32 (n_patches, output_width).

        ``corrected=False`` leaves llama.cpp's own (wrong) class-token order; it exists to measure the defect.
        """
        with self._lanes.call({"do": "encode", "corrected": corrected}, self._pixels(picture), cancelled) as call:
            return replies.rows(_last(call), self.card.vision.output_width)

    def score(self, picture: Picture, *, cancelled: Callable[[], bool] | None = None) -> Score:
        """The verdict of a prepared picture. Raises Cancelled, ExpertError, WorkerError."""
        with self._lanes.call({"do": "score"}, self._pixels(picture), cancelled) as call:
            return replies.score(_last(call).header)

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
            with self._lanes.call({"do": "examine", "explain": explain}, self._pixels(picture), cancelled) as call:
                for frame in call:
                    event = frame.header["event"]
                    if event == "score":
                        score = replies.score(frame.header)
                        (on_score or ignore)(score)
                    elif event == "text":
                        pieces.append(clean(text_field(frame.header, "text")))
                        (on_text or ignore)(pieces[-1])
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
        with self._lanes.call({"do": "ask", "question": question[:4000]}, self._pixels(picture), cancelled) as call:
            for frame in call:
                if frame.header["event"] == "text":
                    (on_text or ignore)(clean(text_field(frame.header, "text")))
                else:
                    return replies.answer(frame.header)
        raise broken()

    def attention(self, picture: Picture, question: str, *, cancelled: Callable[[], bool] | None = None) -> Floats:
        """Attention of the last token of ``question`` to the picture, for each of the card's layers: float32 (layers, rows, columns).

        Raises ExpertError ``attention-unreadable`` when the card names no layers or the configuration hides attention.
        """
        side = self._side()
        with self._lanes.call({"do": "attention", "question": question[:4000]}, self._pixels(picture), cancelled) as call:
            return replies.rows(_last(call), side * side).reshape(-1, side, side)

    def trace(self, picture: Picture, *, cancelled: Callable[[], bool] | None = None) -> Trace:
        """Explain a picture and give the raw attention behind every claim; with ``settings.every_layer``, of all layers and heads.

        Raises ExpertError ``attention-unreadable``, Cancelled, WorkerError.
        """
        with self._lanes.call({"do": "trace"}, self._pixels(picture), cancelled) as call:
            return replies.trace(_last(call), self._side())

    def score_hidden(self, picture: Picture, hidden: NDArray[np.bool_], *, cancelled: Callable[[], bool] | None = None) -> Score:
        """The verdict with the patches that are true in ``hidden`` (rows, columns) replaced by the picture's mean patch embedding.

        An empty ``hidden`` gives the recorded score, bit for bit. Costs as much as ``score``.
        """
        side = self._side()
        if hidden.shape != (side, side):
            raise ValueError(f"hidden must be ({side}, {side})")
        cells = np.ascontiguousarray(hidden, np.bool_).tobytes().hex()
        with self._lanes.call({"do": "hidden", "cells": cells}, self._pixels(picture), cancelled) as call:
            return replies.score(_last(call).header)

    def text_logits(self, ids: list[int]) -> Floats:
        """Logits after token ids without a picture, float32 (vocabulary,); for comparison with a reference implementation."""
        with self._lanes.call({"do": "text-logits", "ids": ids}, b"", None) as call:
            return np.frombuffer(_last(call).payload, np.float32)

    def speed(self, *, cancelled: Callable[[], bool] | None = None) -> dict[str, float]:
        """Seconds for encoding, scoring and one token, each the shortest of some measured now. Raises Cancelled, WorkerError."""
        with self._lanes.call({"do": "speed"}, b"", cancelled) as call:
            return replies.numbers(_last(call).header, "speed", ("encode_s", "score_s", "token_s"))

    @property
    def pid(self) -> int | None:
        """Process id of the worker that speaks for all, None when it does not run."""
        return self._lanes.first.pid

    @property
    def pids(self) -> list[int]:
        """Process ids of all workers that run: several for a small expert that many threads ask."""
        return self._lanes.pids

    @property
    def facts(self) -> dict[str, Any]:
        """For the document's ``run.engine``: the same for every run on this machine with this expert and configuration."""
        return self._lanes.first.facts

    @property
    def network_block(self) -> str:
        """``kernel``, ``best-effort`` or ``none``, as the process proved it."""
        return self._lanes.first.network_block

    @property
    def configuration(self) -> Configuration:
        """The configuration that runs now."""
        return self._lanes.first.configuration

    @property
    def diagnostics(self) -> str:
        """The end of the worker's standard error; for ``doctor -v``, never for a report."""
        return self._lanes.first.diagnostics

    def kill(self) -> None:
        """End the process now. A running call in another thread gets its WorkerError; the next call starts a new process."""
        self._lanes.kill()

    def close(self) -> None:
        """End the process."""
        self._lanes.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _side(self) -> int:
        return self.card.preparation.size // self.card.vision.patch

    def _pixels(self, picture: Picture) -> bytes:
        size = self.card.preparation.size
        if picture.shape != (size, size, 3) or picture.dtype != np.uint8:
            raise ValueError(f"the engine takes prepared pictures: uint8 ({size}, {size}, 3)")
        return np.ascontiguousarray(picture).tobytes()


def _last(call: Iterator[Frame]) -> Frame:
    for frame in call:
        if frame.header["event"] == "done":
            return frame
    raise broken()
