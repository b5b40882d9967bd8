"""The four outcomes: by what levels a score is told to support one side, and by what levels re-delivered forms let that stand.

The level of a class is how many of its own pictures, of those like the calibration set's, may be told to support the other side
(class-conditional conformal prediction allows a level for each class: Vovk, Gammerman and Shafer 2005, chapter 4). Calling a
photograph AI-made harms more than the reverse, so its level is lower.
"""

from typing import Literal

from desktop.judgement.statistics import conformal_p_values
from models.cards import Calibration

LEVEL_AI = 0.02
"""At most this share of camera pictures may be told to support AI. ``p_real`` must be below it, and a calibration's threshold promises
it."""
LEVEL_CAMERA = 0.05
"""At most this share of AI-made pictures may be told to support camera. ``p_fake`` must be below it."""
FORM_LEVEL_AI, FORM_LEVEL_CAMERA = 0.05, 0.125
"""The same for a re-delivered form of the exhibit, two and a half times as wide: a copy may score somewhat weaker, but not as ordinary
pictures of the other class do. The exhibit's own levels would take back a quarter of all right findings (``models.starter.lines``)."""
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


def keeps(outcome: Outcome, log_odds: float, calibration: Calibration) -> bool:
    """Whether a re-delivered form with this score leaves the exhibit's outcome standing.

    Where the exhibit supports neither side, whether the form does not either.
    """
    p_real, p_fake = conformal_p_values(log_odds, calibration.real_scores, calibration.fake_scores)
    if outcome == "supports-ai":
        return p_real < FORM_LEVEL_AI
    if outcome == "supports-camera":
        return p_fake < FORM_LEVEL_CAMERA
    return outcome_of(log_odds, calibration) not in ("supports-ai", "supports-camera")
