"""What the expert is taught to say: FakeVLM's form, and only what can be backed.

A view of a wholly real or wholly generated picture has that as its truth. The place that a sentence names is where the tower's own
evidence is strongest (``compile_tower``): there the verdict rests most, hiding it changes the log-odds most, and in pictures with a
pasted region it is the right place far more often than by chance (the model card has the numbers). A real picture gets no place. Nothing
else is ever claimed: no anatomy, no lighting, no lettering.
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

_REASONS: dict[bool, tuple[tuple[str, ...], ...]] = {
    False: (
        (
            "The fine noise looks like that of a camera.",
            "Its fine texture looks like the noise of a camera.",
            "The noise in the fine texture fits a camera.",
            "The residual noise is of the kind that a camera leaves.",
        ),
    ),
    True: (
        (
            "The fine texture looks made by an image generator.",
            "The fine texture carries the traces of an image generator.",
            "The noise in the fine texture does not fit a camera.",
            "The residual noise is of the kind that an image generator leaves.",
        ),
        ("This is clearest in the {place}.",),
    ),
}


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
    """A full answer: verdict and reasons, one of several wordings each."""
    reasons = (group[int(rng.integers(0, len(group)))] for group in _REASONS[fake])
    return " ".join([verdict(fake), *(reason.format(place=place) for reason in reasons)])


def all_sentences() -> list[str]:
    """Every sentence that can occur, for the tokenizer and for tests."""
    found = [verdict(False), verdict(True), QUESTION]
    for groups in _REASONS.values():
        for template in (sentence for group in groups for sentence in group):
            found += [template.format(place=place) for place in PLACES] if "{place}" in template else [template]
    return list(dict.fromkeys(found))
