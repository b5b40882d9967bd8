"""What the expert is taught to say: FakeVLM's form, and only what the training data knows.

The data knows four kinds (``Kind``) and, for the local ones, the place of the edit in the view. Nothing else is ever claimed: no
anatomy, no lighting, no lettering.
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

_REASONS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "real": (
        (
            "The fine noise looks like that of a camera.",
            "Its fine texture looks like the noise of a camera.",
            "The noise in the fine texture fits a camera.",
            "The residual noise is of the kind that a camera leaves.",
        ),
        (
            "No region differs from the rest of the picture.",
            "No part of the frame looks painted in.",
            "The noise is alike in all parts of the frame.",
            "There are no traces of a generator in any part of the frame.",
        ),
    ),
    "generated": (
        (
            "The fine texture of the whole picture looks made by a generator.",
            "The whole frame carries the traces of an image generator.",
            "The noise in the fine texture does not fit a camera.",
            "The fine texture looks like that of an image generator.",
        ),
        (
            "No region differs from the rest of the picture.",
            "The traces are alike in all parts of the frame.",
            "These traces run through the whole frame.",
            "No part of the frame looks like the noise of a camera.",
        ),
    ),
    "painted": (
        (
            "The texture in the {place} looks painted in by a generator.",
            "A region in the {place} looks painted in by a generator.",
            "The fine texture in the {place} does not fit the rest of the picture.",
            "In the {place} the noise of the camera is missing.",
        ),
        (
            "The rest of the picture looks like the noise of a camera.",
            "The noise around this region fits a camera.",
            "Other parts of the frame look like a real picture.",
            "This region was filled in.",
        ),
    ),
    "pasted": (
        (
            "A region in the {place} looks pasted in from a generated picture.",
            "The texture in the {place} looks like that of a generated picture.",
            "The fine texture in the {place} does not fit the rest of the picture.",
            "The {place} carries the traces of an image generator.",
        ),
        (
            "The rest of the picture looks like the noise of a camera.",
            "The noise around this region fits a camera.",
            "Other parts of the frame look like a real picture.",
            "This region was pasted in.",
        ),
    ),
}


def verdict(kind: Kind) -> str:
    """The first sentence."""
    return f"{START} {'real' if kind == 'real' else 'fake'} image."


def place_of(truth: Picture) -> str:
    """The ninth of the frame in which the centre of mass of a mask (uint8, square) lies."""
    rows, columns = np.nonzero(truth)
    side = truth.shape[0]
    row, column = int(rows.mean() * 3 / side), int(columns.mean() * 3 / side)
    return PLACES[3 * min(row, 2) + min(column, 2)]


def answer(kind: Kind, place: str, rng: np.random.Generator) -> str:
    """A full answer: verdict and two sentences, one of several wordings each."""
    first, second = (group[int(rng.integers(0, len(group)))] for group in _REASONS[kind])
    return f"{verdict(kind)} {first.format(place=place)} {second}"


def all_sentences() -> list[str]:
    """Every sentence that can occur, for the tokenizer and for tests."""
    found = [verdict("real"), verdict("generated"), QUESTION]
    for groups in _REASONS.values():
        for template in (sentence for group in groups for sentence in group):
            found += [template.format(place=place) for place in PLACES] if "{place}" in template else [template]
    return list(dict.fromkeys(found))
