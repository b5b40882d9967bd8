"""The passes that everything is made of: the prompt up to the picture, the question with the forced start, a question's attention.

Each pass works in one slot, a sequence with a memory of its own, so that several pictures can be held at once. The recorded score always
comes from the same passes alone in an emptied slot.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from desktop.engine.contrast import patch_contrast
from desktop.engine.encoded import EncodedPicture
from desktop.engine.native import Pair
from desktop.engine.values import Floats, Picture, Score
from desktop.engine.verdict import answer_of, log_odds_of, probability
from models.cards import Prompt
from models.errors import ExpertError


class Words(Protocol):
    """A vocabulary, as ``native.Pair`` has one."""

    def tokenize(self, text: str, *, control: bool = False) -> list[int]: ...


class Passes:
    """The card's prompt as passes of one loaded pair."""

    def __init__(self, pair: Pair) -> None:
        """Raises ExpertError ``prompt-ids-differ`` when llama.cpp tokenises the card's question in another way than the card says, or
        ``context-too-small`` when the prompt leaves no room for an answer."""
        self.pair, self.card = pair, pair.card
        prompt = self.card.prompt
        question = self.asked(prompt.question)
        if tuple(question) != prompt.question_ids:
            raise ExpertError("prompt-ids-differ", "llama.cpp reads the expert's question as other tokens than the expert was asked with")
        self.before = [] if prompt.bos_id is None else [prompt.bos_id]
        self.before += pair.tokenize(prompt.before_picture, control=True) if prompt.before_picture else []
        self.tail = [*question, *prompt.answer_start_ids]
        self.patches = self.card.vision.patches(self.card.preparation.size)
        self.side = self.card.preparation.size // self.card.vision.patch
        if self.card.vision.family == "llava" and len(self.before) + self.patches + len(self.tail) >= pair.context_size:
            raise ExpertError("context-too-small", "the card's context does not hold the picture and the question")

    def asked(self, question: str) -> list[int]:
        """Token ids that put ``question`` after the picture, in the card's form."""
        return question_ids(self.pair, self.card.prompt, question)

    @property
    def reads_attention(self) -> bool:
        """Whether the picture's tokens stand where they are known to stand, and attention can be seen."""
        return bool(self.pair.capture.layers) and self.card.vision.family == "llava"

    def prefix(self, encoded: EncodedPicture, slot: int = 0) -> int:
        """Decode everything up to and with the picture into an emptied slot; the position after it."""
        pair = self.pair
        pair.capture.recording = False
        pair.clear(slot)
        if self.before:
            pair.decode_ids(self.before, 0, slot)
        position = len(self.before)
        for part in encoded.parts:
            if part.chunk is None:
                pair.decode_ids(part.ids, position, slot)
                position += len(part.ids)
            else:
                position = pair.decode_picture(part, position, slot)
        return position

    def verdict(self, encoded: EncodedPicture, slot: int = 0) -> tuple[Floats, int]:
        """Logits at the answer token, and the position after the forced start."""
        position = self.prefix(encoded, slot)
        logits = self.pair.decode_ids(self.tail, position, slot)
        return logits.copy(), position + len(self.tail)

    def contrast(self, encoded: EncodedPicture) -> Floats | None:
        """Which patches are unlike the rest, (rows, columns), where the card makes regions of that."""
        if self.card.grounding.method != "patch-contrast" or encoded.embeddings.shape[0] != self.patches:
            return None
        return patch_contrast(encoded.embeddings, self.side)

    def score_of(self, logits: Floats, encode_s: float, score_s: float) -> Score:
        """The verdict that the logits at the answer token give."""
        log_odds, mass = log_odds_of(logits, self.card.prompt.fake_ids, self.card.prompt.real_ids)
        return Score(log_odds, probability(log_odds), mass, answer_of(log_odds, mass), encode_s, score_s)

    def attention_of(self, question: str, end: int, slot: int = 0) -> Floats | None:
        """Ask ``question`` after the prompt that ends at ``end``; the last token's attention to the picture, (layers, patches), or None."""
        if not self.watched(self.asked(question), end, slot):
            return None
        return self.pair.capture.take(len(self.before), self.patches, slot)

    def watched(self, ids: list[int], end: int, slot: int = 0) -> bool:
        """Decode ``ids`` from position ``end`` on with attention recorded; False where it cannot be."""
        if not self.reads_attention or not self.pair.forget_from(end, slot):
            return False
        self.pair.capture.recording = True
        try:
            self.pair.decode_ids(ids, end, slot)
        finally:
            self.pair.capture.recording = False
        return True


def question_ids(words: Words, prompt: Prompt, question: str) -> list[int]:
    """Token ids that put ``question`` after the picture, in the form of ``prompt``.

    The whole text is tokenised at once, as in training. Only a question that itself contains the name of a control token is tokenised apart
    from its form, so that it stays words and cannot end the turn.
    """

    def ids(text: str, *, control: bool) -> list[int]:
        return words.tokenize(text, control=control) if text else []

    if ids(question, control=True) == ids(question, control=False):
        return ids(prompt.asked(question), control=True)
    before, after = prompt.question_form.split("{question}")
    return [*ids(before, control=True), *ids(question, control=False), *ids(after, control=True)]


@contextlib.contextmanager
def hide(encoded: EncodedPicture, hidden: "np.ndarray[Any, np.dtype[np.bool_]]") -> Iterator[bool]:
    """Within the block the patch embeddings that are true in ``hidden`` (n_patches,) are the mean of all; gives False, and changes nothing,
    when they do not lie in one piece.

    The tower is not run on a changed picture: a fill or a blur would itself look like a trace of something (grounding.md §7).
    """
    pictures = [part for part in encoded.parts if part.chunk is not None]
    if len(pictures) != 1 or hidden.shape != (len(pictures[0].rows),):
        yield False
        return
    rows = pictures[0].rows
    try:
        if hidden.any():
            pictures[0].rows = np.where(hidden[:, None], rows.mean(axis=0, dtype=np.float64).astype(np.float32), rows)
        yield True
    finally:
        pictures[0].rows = rows


def grey(size: int) -> Picture:
    """A picture without content, for timing."""
    return np.full((size, size, 3), 128, np.uint8)
