"""The four outcomes: by what levels and lines a score is told to support one side, and which re-delivered forms take that back.

The level of a class is how many of its own pictures, of those like the calibration set's, may be told to support the other side
(class-conditional conformal prediction allows a level for each class: Vovk, Gammerman and Shafer 2005, chapter 4). Calling a
photograph AI-made harms more than the reverse, so its level is lower.
"""

import math
from typing import Literal

from desktop.judgement.statistics import conformal_p_values
from models.cards import Calibration

LEVEL_AI = 0.02
"""At most this share of camera pictures may be told to support AI. ``p_real`` must be below it, and a calibration's threshold promises
it."""
LEVEL_CAMERA = 0.05
"""At most this share of AI-made pictures may be told to support camera. ``p_fake`` must be below it."""
MINIMUM_PER_CLASS = 100
"""Fewer calibration pictures of a class than this can carry no outcome but "inconclusive"."""

Outcome = Literal["supports-ai", "supports-camera", "inconclusive", "out-of-domain"]


def outcome_of(log_odds: float, calibration: Calibration) -> Outcome:
    """What a score supports by itself.

    AI: ``p_real`` is below its level and the threshold is reached, whichever is stricter. The p-value holds on average over
    calibration sets; the threshold holds with 95 % confidence for this one, and a laboratory may have set it higher still.
    """
    p_real, p_fake = conformal_p_values(log_odds, calibration.real_scores, calibration.fake_scores)
    if p_fake < LEVEL_CAMERA:
        return "out-of-domain" if p_real < LEVEL_AI else "supports-camera"
    return "supports-ai" if p_real < LEVEL_AI and log_odds >= calibration.threshold else "inconclusive"


def calibrated(log_odds: float, calibration: Calibration) -> float:
    """The natural logarithm of the likelihood ratio, not yet capped; positive speaks for AI-made."""
    return min(max(calibration.scale * log_odds + calibration.offset, -50.0), 50.0)


def ratio_of(log_odds: float, calibration: Calibration) -> float:
    """The likelihood ratio, not yet capped."""
    return math.exp(calibrated(log_odds, calibration))
