"""Mild re-delivery: does the verdict survive what messengers and editors do to every picture?

Variants are made from the exhibit's RGB and scored like it. An outcome that one of them does not bear out is not told: it forces
"inconclusive". Stability is not correctness, so it never strengthens a finding. The complaint it answers is the best documented one of
all: the same picture, in another copy, gets the opposite verdict.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from desktop.judgement.outcomes import Outcome, keeps
from models.cards import Calibration

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Variant:
    """One re-delivered form and the log-odds it got."""

    id: str
    log_odds: float


VARIANTS = ("jpeg-75", "resize-75", "crop-95", "mirror")


def variants(rgb: Picture) -> Iterator[tuple[str, Picture]]:
    """The re-delivered forms of ``rgb`` (uint8, H x W x 3), in the order of ``VARIANTS``.

    jpeg-75: saved as JPEG of quality 75 with 4:2:0; resize-75: made three quarters as wide and high (Lanczos); crop-95: the central 95 %
    of width and height; mirror: left and right exchanged.
    """
    image = Image.fromarray(rgb)
    width, height = image.size
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75, subsampling=2)
    with Image.open(buffer, formats=("JPEG",)) as again:  # bytes of our own making
        yield "jpeg-75", np.asarray(again.convert("RGB"))
    smaller = image.resize((max(1, round(width * 0.75)), max(1, round(height * 0.75))), Image.Resampling.LANCZOS)
    yield "resize-75", np.asarray(smaller)
    left, top = round(width * 0.025), round(height * 0.025)
    yield "crop-95", np.ascontiguousarray(rgb[top : max(top + 1, height - top), left : max(left + 1, width - left)])
    yield "mirror", np.ascontiguousarray(rgb[:, ::-1])


def assess(outcome: Outcome, scores: tuple[Variant, ...], calibration: Calibration) -> dict[str, Any]:
    """The stability part of a finding: every variant's log-odds, and whether all leave what the exhibit's own score supports standing."""
    return {
        "rule": "every variant is unusual for the other class, at 2.5 times the exhibit's level; where the exhibit supports neither side, "
                "no variant supports one",
        "stable": all(keeps(outcome, variant.log_odds, calibration) for variant in scores),
        "variants": [{"id": variant.id, "log_odds": variant.log_odds} for variant in scores],
    }


def takes_back(outcome: Outcome, assessment: dict[str, Any]) -> bool:
    """Whether what ``assess`` gave (empty: nothing was assessed) allows only "inconclusive" in place of an outcome for one side."""
    return outcome in ("supports-ai", "supports-camera") and assessment.get("stable") is False
