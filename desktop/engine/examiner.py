"""What the worker does with a loaded expert: self-test, score, explanation, free question. One picture at a time, one sequence.

A score is always the same passes from an empty memory: BOS (and text before the picture), picture, question with forced answer start. So
it can be repeated bit for bit, whatever happened before. Free questions reuse the picture's state of the last call; a score never does.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.native import EncodedPicture, Pair
from desktop.engine.text import PieceReader, sentences
from desktop.engine.values import MIN_MASS, Answer, ClaimDraft, Examination, Floats, Picture, Score, TextState
from desktop.engine.verdict import answer_of, log_odds_of, probability
from models.errors import Cancelled, ExpertError, WorkerError

_EPSILON = 1e-6


@dataclass
class _Held:
    """What the context holds from its beginning: this picture's prompt up to ``end``."""

    picture: str
    end: int


class Examiner:
    """Asks one loaded pair. Not thread-safe."""

    def __init__(self, pair: Pair) -> None:
        """Raises ExpertError ``prompt-ids-differ`` when llama.cpp tokenises the card's question in another way than the card says, or
        ``context-too-small`` when the prompt leaves no room for an answer."""
        self.pair, self.card = pair, pair.card
        prompt = self.card.prompt
        question = pair.tokenize(prompt.question) if prompt.question else []
        if tuple(question) != prompt.question_ids:
            raise ExpertError("prompt-ids-differ", "llama.cpp reads the expert's question as other tokens than the expert was asked with")
        self._before = [prompt.bos_id, *(pair.tokenize(prompt.before_picture) if prompt.before_picture else [])]
        self._tail = [*question, *prompt.answer_start_ids]
        self._held: _Held | None = None
        patches = self.card.vision.patches(self.card.preparation.size)
        if self.card.vision.family == "llava" and len(self._before) + patches + len(self._tail) >= pair.context_size:
            raise ExpertError("context-too-small", "the card's context does not hold the picture and the question")

    def self_test(self, folder: Path) -> dict[str, Any]:
        """Prove that this pair, here, gives the stored embeddings and log-odds. Returns the numbers; empty when the card has no reference.

        Raises ExpertError ``self-test-failed``.
        """
        reference = self.card.reference
        if reference is None:
            return {}
        try:
            with np.load(folder / reference.file, allow_pickle=False) as stored:
                picture, wanted = np.ascontiguousarray(stored["picture"]), stored["patches"].astype(np.float32)
        except (OSError, KeyError, ValueError):
            raise ExpertError("self-test-failed", "the expert's reference picture cannot be read") from None
        size = self.card.preparation.size
        if picture.shape != (size, size, 3) or picture.dtype != np.uint8:
            raise ExpertError("self-test-failed", "the expert's reference picture has the wrong shape")
        encoded = self.pair.encode(picture)
        try:
            cosine = row_cosines(encoded.embeddings, wanted)
            logits, _ = self._verdict_logits(encoded)
            log_odds, mass = log_odds_of(logits, self.card.prompt.fake_ids, self.card.prompt.real_ids)
        finally:
            encoded.close()
            self._held = None
        difference = abs(log_odds - reference.log_odds)
        # Written so that a NaN fails.
        if not (cosine.min() >= reference.min_cosine and difference <= reference.max_log_odds_difference):
            raise ExpertError("self-test-failed", "this expert does not give its stored reference numbers on this machine; no verdicts")
        return {"min_cosine": float(cosine.min()), "mean_cosine": float(cosine.mean()), "log_odds": log_odds, "mass": mass,
                "reference_log_odds": reference.log_odds, "wanted_cosine": reference.min_cosine,
                "allowed_log_odds_difference": reference.max_log_odds_difference}

    def embeddings(self, picture: Picture, *, corrected: bool = True) -> Floats:
        """Projected patch embeddings, float32 (n_patches, output_width)."""
        encoded = self.pair.encode(picture, corrected=corrected)
        try:
            return encoded.embeddings
        finally:
            encoded.close()

    def text_logits(self, ids: list[int]) -> Floats:
        """Logits after a prompt of token ids without a picture, float32 (vocabulary,)."""
        self._held = None
        self.pair.clear()
        return self.pair.decode_ids(ids, 0).copy()

    def score(self, picture: Picture) -> Score:
        """The verdict. Raises Cancelled, ExpertError, WorkerError."""
        return self._score(picture)[0]

    def attention(self, picture: Picture, question: str) -> Floats:
        """Attention of the last token of ``question`` to the picture: float32 (layers, n_patches), mean over heads.

        Raises ExpertError ``attention-unreadable``.
        """
        self._hold(picture)
        taken = self._last_attention(question)
        if taken is None:
            raise ExpertError("attention-unreadable", "attention cannot be read for this expert in this configuration")
        return taken

    def score_hidden(self, picture: Picture, hidden: "np.ndarray[Any, np.dtype[np.bool_]]") -> Score:
        """The verdict with some patch embeddings, (n_patches,) true, replaced by the mean of all: what these patches' content was worth.

        The tower is not run on a changed picture: a fill or a blur would itself look like a trace of something (grounding.md §7).
        """
        started = time.perf_counter()
        self._held = None
        encoded = self.pair.encode(picture)
        try:
            rows = encoded.embeddings
            if hidden.shape != (len(rows),) or len([part for part in encoded.parts if part.chunk is not None]) != 1:
                raise WorkerError("engine-failed", "regions cannot be hidden for this expert")
            if hidden.any():
                (part,) = [part for part in encoded.parts if part.chunk is not None]
                part.rows = np.where(hidden[:, None], rows.mean(axis=0, dtype=np.float64).astype(np.float32), rows)
            encode_s = time.perf_counter() - started
            logits, _ = self._verdict_logits(encoded)
        finally:
            encoded.close()
        return self._as_score(logits, encode_s, time.perf_counter() - started - encode_s)

    def speed(self, tokens: int = 8) -> dict[str, float]:
        """Seconds to encode and to score a grey picture and to decode one token more, measured once; for choosing a configuration."""
        picture = np.full((self.card.preparation.size, self.card.preparation.size, 3), 128, np.uint8)
        score, _, position = self._score(picture)
        started = time.perf_counter()
        for n in range(tokens):
            self.pair.decode_ids([self.card.prompt.bos_id], position + n)
        return {"encode_s": score.encode_s, "score_s": score.score_s, "token_s": (time.perf_counter() - started) / tokens}

    def _score(self, picture: Picture) -> tuple[Score, Floats, int]:
        started = time.perf_counter()
        self._held = None
        encoded = self.pair.encode(picture)
        try:
            encode_s = time.perf_counter() - started
            logits, position = self._verdict_logits(encoded)
        finally:
            encoded.close()
        self._held = _Held(_name(picture), position - len(self._tail))
        return self._as_score(logits, encode_s, time.perf_counter() - started - encode_s), logits, position

    def _as_score(self, logits: Floats, encode_s: float, score_s: float) -> Score:
        log_odds, mass = log_odds_of(logits, self.card.prompt.fake_ids, self.card.prompt.real_ids)
        return Score(log_odds, probability(log_odds), mass, answer_of(log_odds, mass), encode_s, score_s)

    def examine(self, picture: Picture, *, explain: bool, on_score: Callable[[Score], None], on_text: Callable[[str], None]) -> Examination:
        """Score, then text and claims. Cancelled before the verdict raises; after it the text ends with state ``cancelled``."""
        score, logits, position = self._score(picture)
        on_score(score)
        started = time.perf_counter()
        if not explain:
            return Examination(score, "", "not-asked", (), 0.0, "no explanation was asked for")
        reader = PieceReader(self.card.prompt.answer_start.lstrip())
        on_text(reader.text)
        maps, state, count = self._continue(logits, position, self.card.generation.max_tokens, reader, on_text)
        claims, grounding = self._claims(reader, maps, state)
        return Examination(score, reader.text, state, claims, time.perf_counter() - started, grounding, count)

    def ask(self, picture: Picture, question: str, on_text: Callable[[str], None]) -> Answer:
        """Answer a free question about a picture, in the card's prompt form without the forced start."""
        started = time.perf_counter()
        position, reused = self._hold(picture)
        ids = self.pair.tokenize(question)
        logits = self.pair.decode_ids(ids, position)
        first_token_s = time.perf_counter() - started
        yes_log_odds = self._yes_log_odds(logits)
        reader = PieceReader("")
        room = min(self.card.generation.max_tokens, self.pair.context_size - position - len(ids))
        _, state, _ = self._continue(logits, position + len(ids), room, reader, on_text, capture=False)
        return Answer(reader.text.strip(), state, question not in (self.card.prompt.question, *self.card.prompt.questions), yes_log_odds,
                      first_token_s, time.perf_counter() - started, reused)

    # -- passes ----------------------------------------------------------------------------------------------

    def _hold(self, picture: Picture) -> tuple[int, bool]:
        """Make the context hold the prompt up to and with this picture and no more; (position after it, whether it was there already)."""
        name = _name(picture)
        if self._held is not None and self._held.picture == name and self.pair.forget_from(self._held.end):
            return self._held.end, True
        self._held = None
        encoded = self.pair.encode(picture)
        try:
            self._held = _Held(name, self._prefix(encoded))
        finally:
            encoded.close()
        return self._held.end, False

    def _last_attention(self, question: str) -> Floats | None:
        """Ask after the held picture; the last token's attention to it, (layers, n_patches), or None."""
        if not self.pair.capture.layers or self._held is None or self.card.vision.family != "llava":
            return None
        self.pair.capture.recording = True
        try:
            self.pair.decode_ids(self.pair.tokenize(question), self._held.end)
        finally:
            self.pair.capture.recording = False
        return self.pair.capture.take(len(self._before), self.card.vision.patches(self.card.preparation.size))

    def _prefix(self, encoded: EncodedPicture) -> int:
        """Decode everything up to and with the picture into an empty memory; the position after it."""
        self.pair.capture.recording = False
        self.pair.clear()
        self.pair.decode_ids(self._before, 0)
        position = len(self._before)
        for part in encoded.parts:
            if part.chunk is None:
                self.pair.decode_ids(part.ids, position)
                position += len(part.ids)
            else:
                position = self.pair.decode_picture(part, position)
        return position

    def _verdict_logits(self, encoded: EncodedPicture) -> tuple[Floats, int]:
        """Logits at the answer token and the position after the forced start."""
        position = self._prefix(encoded)
        logits = self.pair.decode_ids(self._tail, position)
        return logits.copy(), position + len(self._tail)

    def _continue(self, logits: Floats, position: int, limit: int, reader: PieceReader, on_text: Callable[[str], None], *,
                  capture: bool = True) -> tuple[list[Floats | None], TextState, int]:
        """Greedy text from ``logits`` on. One attention map a generated token (None where none was read)."""
        maps: list[Floats | None] = []
        state: TextState = "cut-off"
        recording = capture and bool(self.pair.capture.layers) and self._held is not None
        patches = self.card.vision.patches(self.card.preparation.size)
        try:
            for _ in range(limit):
                if position >= self.pair.context_size:
                    break
                token = self.pair.greedy(logits)
                if self.pair.is_end(token):
                    state = "complete"
                    break
                fresh = reader.feed(self.pair.piece(token))
                if fresh:
                    on_text(fresh)
                self.pair.capture.recording = recording
                logits = self.pair.decode_ids([token], position)
                maps.append(self.pair.capture.take(len(self._before), patches) if recording else None)
                position += 1
        except Cancelled:
            state = "cancelled"
        finally:
            self.pair.capture.recording = False
        if rest := reader.finish():
            on_text(rest)
        return maps, state, len(reader.spans)

    # -- claims ----------------------------------------------------------------------------------------------

    def _claims(self, reader: PieceReader, maps: list[Floats | None], state: TextState) -> tuple[tuple[ClaimDraft, ...], str]:
        """Every sentence but the verdict itself, with its map; and which method made the maps or why there are none."""
        spans = [span for span in sentences(reader.text) if span[0] > 0]
        baseline, reason = (None, "cancelled before the regions were made") if state == "cancelled" else self._baseline(maps)
        claims = []
        for span in spans:
            grid = None
            if baseline is not None:
                taken = [m for n in reader.tokens_in(span) if n < len(maps) and (m := maps[n]) is not None]
                grid = self._grid(np.mean(taken, axis=0), baseline) if taken else None
            claims.append(ClaimDraft(reader.text[span[0]:span[1]], span, grid))
        return tuple(claims), reason

    def _baseline(self, maps: list[Floats | None]) -> tuple[Floats | None, str]:
        """Attention of the last token of a generic question about the same picture, (layers, patches); None with the reason."""
        grounding = self.card.grounding
        if not grounding.layers:
            return None, "the card names no layers for regions"
        if not self.pair.capture.layers:
            return None, "attention was not read in this configuration"
        if self.card.vision.family != "llava" or self._held is None or not any(m is not None for m in maps):
            return None, "attention cannot be read for this expert"
        if grounding.method == "attention":
            patches = self.card.vision.patches(self.card.preparation.size)
            return np.ones((len(self.pair.capture.layers), patches), np.float32), grounding.method
        if not self.pair.forget_from(self._held.end):
            return None, "this expert's memory cannot be rewound for the comparison question"
        try:
            taken = self._last_attention(grounding.baseline_question)
        except Cancelled:
            return None, "cancelled before the regions were made"
        return (taken, grounding.method) if taken is not None else (None, "attention cannot be read for this expert")

    def _grid(self, attention: Floats, baseline: Floats) -> Floats:
        """Relative attention, layer by layer, then their mean, scaled to mean 1; (rows, columns).

        Source: MLLMs Know (relative attention); dividing a layer by itself first keeps one loud layer from deciding alone.
        """
        relative = attention / (baseline + np.float32(_EPSILON))
        relative = relative / np.maximum(relative.mean(axis=1, keepdims=True), np.float32(1e-12))
        side = self.card.preparation.size // self.card.vision.patch
        return np.ascontiguousarray(relative.mean(axis=0).reshape(side, side), np.float32)

    def _yes_log_odds(self, logits: Floats) -> float | None:
        """For closed questions: ln p(yes)/p(no) over the words' usual spellings."""
        def ids(*words: str) -> list[int]:
            return sorted({found[0] for word in words if len(found := self.pair.tokenize(word)) == 1})

        yes, no = ids("Yes", "yes"), ids("No", "no")
        if not yes or not no:
            return None
        log_odds, mass = log_odds_of(logits, yes, no)
        return log_odds if mass >= 1.0 - MIN_MASS else None


def row_cosines(one: Floats, other: Floats) -> Floats:
    """Cosine of each pair of rows. Zero rows and different shapes give -1, so that they fail every threshold."""
    if one.shape != other.shape:
        return np.full(max(1, len(other)), -1.0, np.float32)
    lengths = np.linalg.norm(one.astype(np.float64), axis=1) * np.linalg.norm(other.astype(np.float64), axis=1)
    products = np.einsum("ij,ij->i", one.astype(np.float64), other.astype(np.float64))
    return np.where(lengths > 0, products / np.maximum(lengths, 1e-300), -1.0).astype(np.float32)


def _name(picture: Picture) -> str:
    return hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest()
