"""Many pictures at once: each is scored alone in a slot of its own, then their texts are written together, one token of each a step.

Weights are read once a step for all slots, which is what single tokens cost. A finished text makes room for the next picture. Scores come
from the same passes whatever else is under way and are equal to the bit. Texts may differ from one-at-a-time only where two tokens are
within rounding of each other, because several rows are multiplied by other instructions than one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from desktop.engine.claims import draft_claims
from desktop.engine.drafting import Drafts
from desktop.engine.examiner import Examiner
from desktop.engine.values import Examination, Floats, Picture, Score
from desktop.engine.writing import Writing
from models.errors import Cancelled, TelltaleError


@dataclass
class _Slot:
    """A picture whose text is being written."""

    call: int
    score: Score
    end: int
    writing: Writing
    started: float
    contrast: Floats | None
    chosen: int | None = None
    """A token that is in the text already and not decoded yet."""


@dataclass(frozen=True)
class Listener:
    """Who is told what: the number of the call always comes first."""

    on_score: Callable[[int, Score], None]
    on_text: Callable[[int, str], None]
    on_done: Callable[[int, Examination], None]
    on_failed: Callable[[int, TelltaleError], None]


class Batch:
    """The slots for texts of one loaded pair, filled one picture at a time and stepped together."""

    def __init__(self, examiner: Examiner, listener: Listener, drafts: Drafts | None = None) -> None:
        """``drafts``: guess at the words of a text that is written alone, unless its attention is read."""
        self._drafts = None if examiner.passes.reads_attention else drafts
        self._examiner, self._passes, self._listener = examiner, examiner.passes, listener
        self._slots: dict[int, _Slot] = {}

    @property
    def calls(self) -> list[int]:
        """Calls whose text is being written."""
        return [slot.call for slot in self._slots.values()]

    @property
    def free(self) -> bool:
        """Whether another picture can be taken."""
        return len(self._slots) < len(self._passes.pair.text_slots)

    def add(self, call: int, picture: Picture, *, explain: bool) -> None:
        """Score a picture and begin its text. Raises Cancelled, ExpertError, WorkerError."""
        passes = self._passes
        number = self._examiner.place(set(self._slots))
        seen = self._examiner.look(picture, number, keep=explain)
        score = seen.score
        self._listener.on_score(call, score)
        if not explain:
            self._listener.on_done(call, Examination(score, "", "not-asked", (), 0.0, "no explanation was asked for"))
            return
        card = passes.card
        writing = Writing(passes.pair, card.prompt.answer_start.lstrip(), seen.logits, seen.position, card.generation.max_tokens,
                          lambda text: self._listener.on_text(call, text))
        self._slots[number] = _Slot(call, score, seen.position - len(passes.tail), writing, time.perf_counter(), seen.contrast)

    def step(self) -> None:
        """Write one token of every text; finish those that end. Raises Cancelled when there is only one text and it is to stop."""
        steps: list[tuple[int, int, int]] = []
        for number, slot in sorted(self._slots.items()):
            token, slot.chosen = slot.writing.choose() if slot.chosen is None else slot.chosen, None
            if token is None:
                self._finish(number, slot)
            else:
                steps.append((number, token, slot.writing.position))
        if not steps:
            return
        if self._drafts is not None and len(steps) == 1:
            self._run(self._drafts, *steps[0])
            return
        pair, passes = self._passes.pair, self._passes
        pair.capture.recording = passes.reads_attention
        try:
            logits = pair.decode_step(steps)
        except Cancelled:
            raise
        except TelltaleError as error:  # nobody can say whose token it was
            for number, _, _ in steps:
                self._listener.on_failed(self._slots.pop(number).call, error)
            return
        finally:
            pair.capture.recording = False
        for (number, _, _), row in zip(steps, logits, strict=True):
            attention = pair.capture.take(len(passes.before), passes.patches, number) if passes.reads_attention else None
            self._slots[number].writing.follow(row, attention)

    def _run(self, drafts: Drafts, number: int, token: int, position: int) -> None:
        """Decode a text's next token and guesses at what follows it; keep those that the expert would have written."""
        pair, slot = self._passes.pair, self._slots[number]
        writing = slot.writing
        guesses = drafts.after(writing.ids, pair.context_size - position - 1)
        drafts.begin()
        try:
            rows = pair.decode_run([token, *guesses], position, number)
        except Cancelled:
            raise
        except TelltaleError as error:
            self._listener.on_failed(self._slots.pop(number).call, error)
            return
        writing.follow(rows[0], None)
        for guess, row in zip(guesses, rows[1:], strict=True):
            slot.chosen = writing.choose()
            if slot.chosen != guess:
                break
            slot.chosen = None
            writing.follow(row, None)
        drafts.ended(len(guesses), writing.position - position)
        if writing.position < position + 1 + len(guesses):
            pair.forget_from(writing.position, number)

    def cancel(self, call: int) -> None:
        """End the text of one call where it is."""
        for number, slot in list(self._slots.items()):
            if slot.call == call:
                slot.writing.end("cancelled")
                self._finish(number, slot)

    def _finish(self, number: int, slot: _Slot) -> None:
        del self._slots[number]
        writing = slot.writing
        if self._drafts is not None and writing.state in ("complete", "cut-off"):
            self._drafts.learn(writing.ids)
        try:
            claims, grounding = draft_claims(self._passes, writing, slot.end, number, slot.contrast)
        except TelltaleError as error:
            self._listener.on_failed(slot.call, error)
            return
        seconds = time.perf_counter() - slot.started
        done = Examination(slot.score, writing.reader.text, writing.state or "cut-off", claims, seconds, grounding, writing.tokens)
        self._listener.on_done(slot.call, done)
