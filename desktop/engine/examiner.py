"""What the worker does with a loaded expert: self-test, score, free question. One picture at a time; texts of several are ``batched``.

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

from desktop.engine.encoded import EncodedPicture
from desktop.engine.native import Pair
from desktop.engine.passes import Passes, grey, hide
from desktop.engine.values import MIN_MASS, Answer, Floats, Picture, Score
from desktop.engine.verdict import log_odds_of
from desktop.engine.writing import Writing
from models.errors import Cancelled, ExpertError, WorkerError


@dataclass
class _Held:
    """What the context holds from its beginning: this picture's prompt up to ``end``."""

    picture: str
    end: int


@dataclass(frozen=True, eq=False)
class Look:
    """A verdict, and what a text needs to go on from it."""

    score: Score
    logits: Floats
    position: int
    contrast: Floats | None
    """How much each patch differs from the rest, where the card points that way."""


class Examiner:
    """Asks one loaded pair. Not thread-safe."""

    def __init__(self, pair: Pair) -> None:
        """Raises ExpertError ``prompt-ids-differ`` or ``context-too-small``."""
        self.pair, self.card = pair, pair.card
        self.passes = Passes(pair)
        self._held: dict[int, _Held] = {}  # by slot, the slot that was used last at the end
        self._encoded: dict[str, EncodedPicture] = {}  # of the pictures used last

    def place(self, taken: set[int]) -> int:
        """A slot for a text that is not ``taken``: an unused one, else the one whose picture was asked about longest ago."""
        free = [number for number in self.pair.text_slots if number not in taken]
        unused = [number for number in free if number not in self._held]
        return unused[0] if unused else next(number for number in self._held if number in free)

    def look(self, picture: Picture, slot: int = 0, *, keep: bool = False) -> "Look":
        """The verdict from an emptied slot, and what a text needs to go on from it. ``keep``: text and hidden regions are to follow.

        Raises Cancelled, ExpertError, WorkerError.
        """
        started = time.perf_counter()
        self._held.pop(slot, None)
        name = _name(picture)
        encoded = self.pair.encode(picture)
        try:
            encode_s = time.perf_counter() - started
            logits, position = self.passes.verdict(encoded, slot)
            contrast = self.passes.contrast(encoded) if keep else None
        finally:
            if keep:
                if (old := self._encoded.pop(name, None)) is not None:
                    old.close()
                self._keep(name, encoded)
            else:
                encoded.close()
        self._held[slot] = _Held(name, position - len(self.passes.tail))
        return Look(self.passes.score_of(logits, encode_s, time.perf_counter() - started - encode_s), logits, position, contrast)

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
            self._held.pop(0, None)
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
        self._held.pop(0, None)
        self.pair.clear()
        return self.pair.decode_ids(ids, 0).copy()

    def score(self, picture: Picture) -> Score:
        """The verdict. Raises Cancelled, ExpertError, WorkerError."""
        return self.look(picture).score

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
        self._held.pop(0, None)
        encoded = self._encoded_once(picture)
        encode_s = time.perf_counter() - started
        with hide(encoded, hidden) as possible:
            if not possible:
                raise WorkerError("engine-failed", "regions cannot be hidden for this expert")
            logits, _ = self.passes.verdict(encoded)
        return self.passes.score_of(logits, encode_s, time.perf_counter() - started - encode_s)

    def _encoded_once(self, picture: Picture) -> EncodedPicture:
        """The embeddings of ``picture``, kept while few others are wanted. Belongs to this object: do not close it."""
        name = _name(picture)
        return self._keep(name, self._encoded.pop(name) if name in self._encoded else self.pair.encode(picture))

    def _keep(self, name: str, encoded: EncodedPicture) -> EncodedPicture:
        self._encoded[name] = encoded
        while len(self._encoded) > len(self.pair.text_slots) + 1:
            self._encoded.pop(next(iter(self._encoded))).close()
        return encoded

    def speed(self, tokens: int = 8, seconds: float = 2.0) -> dict[str, float]:
        """Seconds to encode and to score a grey picture and to decode one token more; for choosing a configuration.

        Each is the shortest of at least two and at most twenty times within ``seconds``: whatever else a machine does only adds, and the
        first time fetches the weights.
        """
        best: dict[str, float] = {}
        started = time.perf_counter()
        for turn in range(20):
            if turn >= 2 and time.perf_counter() - started > seconds:
                break
            look = self.look(grey(self.card.preparation.size))
            before = time.perf_counter()
            for n in range(tokens):
                self.pair.decode_ids([self.card.prompt.eos_id], look.position + n)
            token_s = (time.perf_counter() - before) / tokens
            now = {"encode_s": look.score.encode_s, "score_s": look.score.score_s, "token_s": token_s}
            best = {name: min(value, best.get(name, value)) for name, value in now.items()}
        return best

    def ask(self, picture: Picture, question: str, on_text: Callable[[str], None]) -> Answer:
        """Answer a free question about a picture, in the card's prompt form without the forced start."""
        started = time.perf_counter()
        self._recall(picture)
        position, reused = self.hold(picture)
        ids = self.passes.asked(question)
        logits = self.pair.decode_ids(ids, position)
        first_token_s = time.perf_counter() - started
        yes_log_odds = self._yes_log_odds(logits)
        writing = Writing(self.pair, "", logits, position + len(ids), self.card.generation.max_tokens, on_text)
        self._write(writing)
        experimental = question not in (self.card.prompt.question, *self.card.prompt.questions)
        return Answer(writing.reader.text.strip(), writing.state or "cut-off", experimental, yes_log_odds, first_token_s,
                      time.perf_counter() - started, reused)

    def hold(self, picture: Picture) -> tuple[int, bool]:
        """Make slot 0 hold the prompt up to and with this picture and no more; (position after it, whether it was there already)."""
        held = self._held.pop(0, None)
        name = _name(picture)
        reused = held is not None and held.picture == name and self.pair.forget_from(held.end)
        if held is None or not reused:
            encoded = self.pair.encode(picture)
            try:
                held = _Held(name, self.passes.prefix(encoded))
            finally:
                encoded.close()
        self._held[0] = held
        return held.end, reused

    def _recall(self, picture: Picture) -> None:
        """Copy this picture's state into slot 0 when another slot still has it: one picture's questions cost its pass once."""
        name = _name(picture)
        held = next((item for item in self._held.items() if item[1].picture == name), None)
        if held is not None and held[0] != 0 and self.pair.copy_slot(held[0], 0, held[1].end):
            self._held[0] = held[1]

    def _write(self, writing: Writing) -> None:
        """Write until the end; a cancel ends the text, it does not lose it."""
        try:
            while (token := writing.choose()) is not None:
                writing.follow(self.pair.decode_ids([token], writing.position), None)
        except Cancelled:
            writing.end("cancelled")

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
