"""What the expert is taught to say: FakeVLM's form, and only what can be backed.

The verdict and its reason follow the tower's evidence. A place is named where and only where the tower's local channels find a ninth of the
frame that differs from the rest (``train_language``); the model card says how often that is the place of an edit. Nothing else is ever
claimed: no anatomy, no lighting, no lettering.
"""

from typing import Literal

import numpy as np

from models.preparation import Picture

Kind = Literal["real", "generated", "painted", "pasted"]
"""A camera or scanner picture; wholly generated; a region painted in by a generator; a region of a generated picture pasted in."""

QUESTION = "Does the image looks real/fake?"
START = "This is a"
PLACES = (
    "upper left", "top", "upper right",
    "left", "centre", "right",
    "lower left", "bottom", "lower right",
)  # fmt: skip

_REASONS = {
    False: (
        "The fine noise looks like that of a camera.",
        "Its fine texture looks like the noise of a camera.",
        "The noise in the fine texture fits a camera.",
        "The residual noise is of the kind that a camera leaves.",
    ),
    True: (
        "The fine texture looks made by an image generator.",
        "The fine texture carries the traces of an image generator.",
        "The noise in the fine texture does not fit a camera.",
        "The residual noise is of the kind that an image generator leaves.",
    ),
}
_DIFFERS = (
    "The fine texture in the {place} does not fit the rest of the picture.",
    "The fine texture in the {place} differs from that of the rest of the picture.",
)


def verdict(fake: bool) -> str:
    """The first sentence."""
    return f"{START} {'fake' if fake else 'real'} image."


def place_of(truth: Picture) -> str:
    """The ninth of the frame in which the centre of mass of a mask (uint8, square) lies."""
    rows, columns = np.nonzero(truth)
    side = truth.shape[0]
    row, column = int(rows.mean() * 3 / side), int(columns.mean() * 3 / side)
    return PLACES[3 * min(row, 2) + min(column, 2)]


def answer(fake: bool, place: str, rng: np.random.Generator) -> str:
    """A full answer: verdict, its reason, and where a region differs (``place`` may be empty), one of several wordings each."""
    sentences = [verdict(fake), _REASONS[fake][int(rng.integers(0, len(_REASONS[fake])))]]
    if place:
        sentences.append(_DIFFERS[int(rng.integers(0, len(_DIFFERS)))].format(place=place))
    return " ".join(sentences)


def all_sentences() -> list[str]:
    """Every sentence that can occur, for the tokenizer and for tests."""
    found = [verdict(False), verdict(True), QUESTION, *_REASONS[False], *_REASONS[True]]
    return found + [template.format(place=place) for template in _DIFFERS for place in PLACES]
