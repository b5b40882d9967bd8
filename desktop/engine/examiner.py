"""What the worker does with a loaded expert: self-test, score, explanation, free question. One picture at a time, in slot 0.

A score is always the same passes from an empty memory: BOS (and text before the picture), picture, question with forced answer start. So it
can be repeated bit for bit, whatever happened before. Free questions reuse the picture's state of the last call; a score never does.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.claims import draft_claims
from desktop.engine.native import EncodedPicture, Pair
from desktop.engine.passes import Passes, grey, hide
from desktop.engine.values import MIN_MASS, Answer, Examination, Floats, Picture, Score
from desktop.engine.verdict import log_odds_of
from desktop.engine.writing import Writing
from models.errors import Cancelled, ExpertError, WorkerError


@dataclass
class _Held:
    """What the context holds from its beginning: this picture's prompt up to ``end``."""

    picture: str
    end: int


class Examiner:
    """Asks one loaded pair. Not thread-safe."""

    def __init__(self, pair: Pair) -> None:
        """Raises ExpertError ``prompt-ids-differ`` or ``context-too-small``."""
        self.pair, self.card = pair, pair.card
        self.passes = Passes(pair)
        self._held: _Held | None = None
        self._encoded: tuple[str, EncodedPicture] | None = None
        self._contrast: Floats | None = None

    def forget(self) -> None:
        """The context is about to be used by somebody else."""
        self._held = None

    def self_test(self, folder: Path, proof: dict[str, float] | None = None) -> dict[str, float]:
        """Prove that this pair, here, gives the stored embeddings and log-odds. Returns the numbers; empty when the card has no reference.

        ``proof``: the numbers of an earlier pass of the very same files, library, machine and configuration; then only the embeddings are
        computed again, and the log-odds are taken from it.

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
            trusted = proof is not None and abs(proof.get("log_odds", np.inf) - reference.log_odds) <= reference.max_log_odds_difference
            if proof is not None and trusted and "mass" in proof:
                log_odds, mass = float(proof["log_odds"]), float(proof["mass"])
            else:
                logits, _ = self.passes.verdict(encoded)
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
        end, _ = self.hold(picture)
        taken = self.passes.attention_of(question, end)
        if taken is None:
            raise ExpertError("attention-unreadable", "attention cannot be read for this expert in this configuration")
        return taken

    def score_hidden(self, picture: Picture, hidden: "np.ndarray[Any, np.dtype[np.bool_]]") -> Score:
        """The verdict with some patch embeddings, (n_patches,) true, replaced by the mean of all: what these patches' content was worth.

        The tower is run once for all questions of this kind about the same picture.
        """
        started = time.perf_counter()
        self._held = None
        encoded = self._encoded_once(picture)
        encode_s = time.perf_counter() - started
        with hide(encoded, hidden) as possible:
            if not possible:
                raise WorkerError("engine-failed", "regions cannot be hidden for this expert")
            logits, _ = self.passes.verdict(encoded)
        return self.passes.score_of(logits, encode_s, time.perf_counter() - started - encode_s)

    def _encoded_once(self, picture: Picture) -> EncodedPicture:
        """The embeddings of ``picture``, kept until those of another one are wanted. Belongs to this object: do not close it."""
        name = _name(picture)
        if self._encoded is None or self._encoded[0] != name:
            if self._encoded is not None:
                self._encoded[1].close()
            self._encoded = None
            self._encoded = name, self.pair.encode(picture)
        return self._encoded[1]

    def speed(self, tokens: int = 8) -> dict[str, float]:
        """Seconds to encode and to score a grey picture and to decode one token more, measured once; for choosing a configuration."""
        score, _, position = self._score(grey(self.card.preparation.size))
        started = time.perf_counter()
        for n in range(tokens):
            self.pair.decode_ids([self.card.prompt.bos_id], position + n)
        return {"encode_s": score.encode_s, "score_s": score.score_s, "token_s": (time.perf_counter() - started) / tokens}

    def examine(self, picture: Picture, *, explain: bool, on_score: Callable[[Score], None], on_text: Callable[[str], None]) -> Examination:
        """Score, then text and claims. Cancelled before the verdict raises; after it the text ends with state ``cancelled``."""
        score, logits, position = self._score(picture)
        contrast = self._contrast
        on_score(score)
        started = time.perf_counter()
        if not explain:
            return Examination(score, "", "not-asked", (), 0.0, "no explanation was asked for")
        start = self.card.prompt.answer_start.lstrip()
        writing = Writing(self.pair, start, logits, position, self.card.generation.max_tokens, on_text)
        self._write(writing, capture=self.passes.reads_attention)
        claims, grounding = draft_claims(self.passes, writing, position - len(self.passes.tail), contrast=contrast)
        return Examination(score, writing.reader.text, writing.state or "cut-off", claims, time.perf_counter() - started, grounding,
                           writing.tokens)

    def ask(self, picture: Picture, question: str, on_text: Callable[[str], None]) -> Answer:
        """Answer a free question about a picture, in the card's prompt form without the forced start."""
        started = time.perf_counter()
        position, reused = self.hold(picture)
        ids = self.pair.tokenize(question)
        logits = self.pair.decode_ids(ids, position)
        first_token_s = time.perf_counter() - started
        yes_log_odds = self._yes_log_odds(logits)
        writing = Writing(self.pair, "", logits, position + len(ids), self.card.generation.max_tokens, on_text)
        self._write(writing, capture=False)
        experimental = question not in (self.card.prompt.question, *self.card.prompt.questions)
        return Answer(writing.reader.text.strip(), writing.state or "cut-off", experimental, yes_log_odds, first_token_s,
                      time.perf_counter() - started, reused)

    def _score(self, picture: Picture) -> tuple[Score, Floats, int]:
        started = time.perf_counter()
        self._held = None
        encoded = self.pair.encode(picture)
        try:
            encode_s = time.perf_counter() - started
            logits, position = self.passes.verdict(encoded)
            self._contrast = self.passes.contrast(encoded)
        finally:
            encoded.close()
        self._held = _Held(_name(picture), position - len(self.passes.tail))
        return self.passes.score_of(logits, encode_s, time.perf_counter() - started - encode_s), logits, position

    def hold(self, picture: Picture) -> tuple[int, bool]:
        """Make the context hold the prompt up to and with this picture and no more; (position after it, whether it was there already)."""
        name = _name(picture)
        if self._held is not None and self._held.picture == name and self.pair.forget_from(self._held.end):
            return self._held.end, True
        self._held = None
        encoded = self.pair.encode(picture)
        try:
            self._held = _Held(name, self.passes.prefix(encoded))
        finally:
            encoded.close()
        return self._held.end, False

    def _write(self, writing: Writing, *, capture: bool) -> None:
        """Write until the end; a cancel ends the text, it does not lose it."""
        pair = self.pair
        try:
            while (token := writing.choose()) is not None:
                pair.capture.recording = capture
                logits = pair.decode_ids([token], writing.position)
                writing.follow(logits, pair.capture.take(len(self.passes.before), self.passes.patches) if capture else None)
        except Cancelled:
            writing.end("cancelled")
        finally:
            pair.capture.recording = False

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
