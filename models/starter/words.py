"""The expert's own SentencePiece vocabulary and the token ids of prompt and answers."""

import io
from dataclasses import dataclass
from pathlib import Path

import sentencepiece  # type: ignore[import-untyped]
import torch

from models.starter.answers import PLACES, QUESTION, START, all_sentences

PIECES = 638
IMAGE_ID, PAD_ID, VOCABULARY = PIECES, PIECES + 1, PIECES + 2
BOS_ID, EOS_ID = 1, 2
NEWLINE_ID = 13
"""Piece ``<0x0A>``: three control pieces, then the 256 bytes."""


def train_words(path: Path) -> None:
    """Write ``tokenizer.model``: byte-pair pieces with byte fallback, normalisation off, as in LLaMA's own vocabulary."""
    sentences = all_sentences()
    # Some lines begin with ">" so that the first word of an answer, which follows a newline, is also one piece without its space.
    corpus = [f">{line}" for line in sentences if line.startswith(START)] * 200 + [QUESTION] * 50 + sentences * 4
    # Ordinary English for free questions; the pieces that are left over after the answers' words.
    corpus += [_PLAIN] * 2
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(corpus), model_writer=model, vocab_size=PIECES, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True, character_coverage=1.0,
        unk_id=0, bos_id=BOS_ID, eos_id=EOS_ID, pad_id=-1, hard_vocab_limit=True, num_threads=1, minloglevel=2,
    )  # fmt: skip
    path.write_bytes(model.getvalue())


_PLAIN = (
    "What can you see in this picture? Where is the region that was made by a generator? Is there a person, an animal, a house or a "
    "document in it? Why do you think so? How sure are you? Please describe the image, the light, the colours and the noise."
)


@dataclass(frozen=True)
class Words:
    """Encoder with the few sequences that the recipe needs."""

    processor: sentencepiece.SentencePieceProcessor

    @classmethod
    def load(cls, path: Path) -> "Words":
        return cls(sentencepiece.SentencePieceProcessor(model_file=str(path)))

    @property
    def question_ids(self) -> list[int]:
        """The question as llama.cpp tokenises it after a picture: with a space prefix."""
        return list(self.processor.encode(QUESTION))

    def answer_ids(self, text: str) -> list[int]:
        """A newline and ``text`` without a space prefix, as text that goes on."""
        ids = list(self.processor.encode("\n" + text))
        space = self.processor.piece_to_id("\u2581")
        if ids[:2] != [space, NEWLINE_ID]:
            raise ValueError(f"the vocabulary does not encode a newline as one piece: {ids}")
        return ids[1:]

    @property
    def start_ids(self) -> list[int]:
        return self.answer_ids(START)

    @property
    def verdict_ids(self) -> tuple[int, int]:
        """Ids of `` fake`` and `` real``, each one piece."""
        fake, real = (self.processor.piece_to_id("\u2581" + word) for word in ("fake", "real"))
        if self.processor.unk_id() in (fake, real):
            raise ValueError("the vocabulary lacks a verdict word")
        return fake, real

    @property
    def place_weights(self) -> torch.Tensor:
        """Loss weight of each piece (VOCABULARY,): the words of places are rare and the hardest to learn."""
        weights = torch.ones(VOCABULARY)
        for word in {word for place in PLACES for word in place.split()}:
            weights[self.processor.piece_to_id("\u2581" + word)] = 6.0
        return weights
