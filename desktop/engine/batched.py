"""Many pictures at once: each is scored alone in a slot of its own, then their texts are written together, one token of each a step.

Weights are read once a step for all slots, which is what single tokens cost. A finished text makes room for the next picture. Scores come
from the same passes as one-at-a-time and equal them to the bit. Texts may differ from one-at-a-time only where two tokens are within
rounding of each other, because llama.cpp multiplies several rows by other instructions than one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from desktop.engine.claims import draft_claims
from desktop.engine.passes import Passes
from desktop.engine.values import Examination, Floats, Picture, Score
from desktop.engine.writing import Writing
from models.errors import Cancelled, TelltaleError


@dataclass
class _Slot:
    """A picture whose text is being written."""

    index: int
    score: Score
    end: int
    writing: Writing
    started: float
    contrast: Floats | None


@dataclass(frozen=True)
class Listener:
    """Who is told what: the number of the picture always comes first."""

    on_score: Callable[[int, Score], None]
    on_text: Callable[[int, str], None]
    on_done: Callable[[int, Examination], None]
    on_failed: Callable[[int, TelltaleError], None]


class Batch:
    """Slots of one loaded pair, filled one picture at a time and stepped together."""

    def __init__(self, passes: Passes, listener: Listener) -> None:
        self._passes, self._listener = passes, listener
        self._slots: list[_Slot | None] = [None] * passes.pair.slots

    @property
    def writing(self) -> int:
        """Texts being written."""
        return sum(slot is not None for slot in self._slots)

    @property
    def free(self) -> bool:
        """Whether another picture can be taken."""
        return self.writing < len(self._slots)

    def add(self, index: int, picture: Picture, *, explain: bool) -> None:
        """Score a picture and begin its text. An error is told to the listener; Cancelled is raised."""
        number = self._slots.index(None)
        started = time.perf_counter()
        passes = self._passes
        try:
            encoded = passes.pair.encode(picture)
            try:
                encode_s = time.perf_counter() - started
                logits, position = passes.verdict(encoded, number)
                contrast = passes.contrast(encoded)
            finally:
                encoded.close()
            score = passes.score_of(logits, encode_s, time.perf_counter() - started - encode_s)
        except Cancelled:
            raise
        except TelltaleError as error:
            self._listener.on_failed(index, error)
            return
        self._listener.on_score(index, score)
        if not explain:
            self._listener.on_done(index, Examination(score, "", "not-asked", (), 0.0, "no explanation was asked for"))
            return
        card = passes.card
        writing = Writing(passes.pair, card.prompt.answer_start.lstrip(), logits, position, card.generation.max_tokens,
                          lambda text: self._listener.on_text(index, text))
        self._slots[number] = _Slot(index, score, position - len(passes.tail), writing, time.perf_counter(), contrast)

    def step(self) -> None:
        """Write one token of every text; finish those that end. Raises Cancelled, WorkerError."""
        steps: list[tuple[int, int, int]] = []
        for number, slot in enumerate(self._slots):
            if slot is None:
                continue
            token = slot.writing.choose()
            if token is None:
                self._finish(number, slot)
            else:
                steps.append((number, token, slot.writing.position))
        if not steps:
            return
        pair, passes = self._passes.pair, self._passes
        pair.capture.recording = passes.reads_attention
        try:
            logits = pair.decode_step(steps)
        finally:
            pair.capture.recording = False
        for (number, _, _), row in zip(steps, logits, strict=True):
            slot = self._slots[number]
            if slot is not None:
                attention = pair.capture.take(len(passes.before), passes.patches, number) if passes.reads_attention else None
                slot.writing.follow(row, attention)

    def cancel(self) -> None:
        """End every text where it is."""
        for number, slot in enumerate(self._slots):
            if slot is not None:
                slot.writing.end("cancelled")
                self._finish(number, slot)

    def _finish(self, number: int, slot: _Slot) -> None:
        self._slots[number] = None
        writing = slot.writing
        claims, grounding = draft_claims(self._passes, writing, slot.end, number, slot.contrast)
        seconds = time.perf_counter() - slot.started
        done = Examination(slot.score, writing.reader.text, writing.state or "cut-off", claims, seconds, grounding, writing.tokens)
        self._listener.on_done(slot.index, done)
