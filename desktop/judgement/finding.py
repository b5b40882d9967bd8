"""The finding: what one opinion is worth, given how its expert scored pictures whose truth is known.

The outcomes are those of ``outcomes``. The wording is an evidence statement with error rates; it is never a probability that the picture
is AI-made, because that would need a prior that nobody here knows (ENFSI Guideline for Evaluative Reporting, 2015).
"""

import functools
import math
from bisect import bisect_left
from typing import Any

from desktop.document import Finding, Opinion, Reason
from desktop.judgement.outcomes import MINIMUM_PER_CLASS, Outcome, outcome_of
from desktop.judgement.stability import Variant, assess, takes_back
from desktop.judgement.statistics import clopper_pearson, conformal_p_values, likelihood_ratio_bounds, positive_predictive_value
from models.cards import Calibration

PREVALENCES = (0.01, 0.1, 0.5)
_SCALE = ((10.0, "weak"), (100.0, "moderate"), (1000.0, "moderately strong"), (10_000.0, "strong"), (1_000_000.0, "very strong"))


def judge(opinion: Opinion, calibration: Calibration | None, variants: tuple[Variant, ...] = ()) -> Finding:
    """Weigh a detector's opinion against its calibration. Every outcome comes with its reasons and error rates.

    ``variants``: the scores of re-delivered forms of the exhibit (see ``stability``); empty when they were not made.
    """
    forced = _forced_inconclusive(opinion, calibration)
    if calibration is None or not calibration.real_scores or not calibration.fake_scores:
        return Finding(
            outcome="inconclusive", opinion=opinion.id, reasons=tuple(forced), likelihood_ratio=None, error_rates={}, stability={},
            sentence="Inconclusive. How often this expert is wrong has not been measured, so its leaning cannot be weighed.",
        )
    outcome = outcome_of(opinion.log_odds, calibration)
    stability = assess(outcome, variants, calibration) if variants else {}
    if takes_back(outcome, stability):
        forced.append(Reason("unstable", "In a mildly re-delivered form (re-saved, resized, cropped, mirrored) the picture scores as "
                                         "ordinary pictures of the other class do."))
    p_real, p_fake = conformal_p_values(opinion.log_odds, calibration.real_scores, calibration.fake_scores)
    ratio = None if outcome == "out-of-domain" else capped_likelihood_ratio(opinion.log_odds, calibration)
    rates = error_rates(opinion.log_odds, calibration, ratio)
    rates["p_real"], rates["p_fake"] = p_real, p_fake
    reasons = [*forced, *_band_reasons(outcome, p_real, p_fake)]
    if forced:
        outcome = "inconclusive"
    return Finding(
        outcome=outcome, opinion=opinion.id, sentence=_sentence(outcome, ratio, rates, forced), reasons=tuple(reasons),
        likelihood_ratio=ratio, error_rates=rates, stability=stability,
    )


def capped_likelihood_ratio(log_odds: float, calibration: Calibration) -> float:
    """How many times likelier such a score is for AI-made than for camera pictures, no stronger than the calibration set can carry.

    The two-parameter calibration was fitted with both classes weighted alike, so the calibrated log-odds are the log of the ratio.
    """
    lowest, highest = _bounds(calibration.real_scores, calibration.fake_scores)
    exponent = calibration.scale * log_odds + calibration.offset
    return min(max(math.exp(min(max(exponent, -50.0), 50.0)), lowest), highest)


@functools.lru_cache(maxsize=8)
def _bounds(reals: tuple[float, ...], fakes: tuple[float, ...]) -> tuple[float, float]:
    """They hang on the calibration alone, and cost as much as a score with a small expert."""
    return likelihood_ratio_bounds(reals, fakes)


def error_rates(log_odds: float, calibration: Calibration, ratio: float | None) -> dict[str, Any]:
    """What is known of being wrong: counts and 95 % Clopper-Pearson intervals at this very score and at the card's threshold."""
    reals, fakes = len(calibration.real_scores), len(calibration.fake_scores)
    as_high = reals - bisect_left(calibration.real_scores, log_odds)
    as_low = sum(score <= log_odds for score in calibration.fake_scores)
    return {
        "calibration": {"set": calibration.set_id, "date": calibration.date, "domain": calibration.domain, "reals": reals, "fakes": fakes},
        "reals_scoring_as_high": _rate(as_high, reals),
        "fakes_scoring_as_low": _rate(as_low, fakes),
        "at_threshold": {
            "threshold": calibration.threshold,
            "false_positives": _rate(calibration.false_positives, calibration.reals),
            "true_positives": _rate(calibration.true_positives, calibration.fakes),
        },
        "base_rates": [] if ratio is None else [
            {"prevalence": prevalence, "share_ai": positive_predictive_value(ratio, prevalence)} for prevalence in PREVALENCES
        ],
    }


def verbal(ratio: float) -> str:
    """The ENFSI (2015) word for a likelihood ratio at or above 1; ratios below 1 are put as their inverse by the caller."""
    if ratio < 2.0:
        return "no"
    return next((word for limit, word in _SCALE if ratio < limit), "extremely strong")


def _forced_inconclusive(opinion: Opinion, calibration: Calibration | None) -> list[Reason]:
    """Reasons that allow no other outcome."""
    reasons = []
    if opinion.answer == "other":
        reasons.append(Reason("no-answer", "The expert did not answer the question: its two answer words hold too little probability."))
    if calibration is None or not calibration.real_scores or not calibration.fake_scores:
        reasons.append(Reason("not-calibrated", "This expert has no calibration; its error rates are not known."))
    elif min(len(calibration.real_scores), len(calibration.fake_scores)) < MINIMUM_PER_CLASS:
        reasons.append(Reason("calibration-small", f"The calibration set has fewer than {MINIMUM_PER_CLASS} pictures of a class."))
    if contradicts(opinion):
        reasons.append(Reason("contradiction", "The explanation says the opposite of the score."))
    return reasons


def contradicts(opinion: Opinion) -> bool:
    """Whether the explanation's first sentence names the other answer than the score does."""
    if not opinion.text or opinion.answer == "other":
        return False
    first = opinion.text.split(".", 1)[0].lower()
    says_fake, says_real = " fake" in first, " real" in first
    return says_fake != says_real and (opinion.answer == "real") == says_fake


def _band_reasons(outcome: Outcome, p_real: float, p_fake: float) -> list[Reason]:
    texts = {
        "supports-ai": ("unusual-for-camera", f"About {_percent(p_real)} of the calibration's camera pictures score as high as this one."),
        "supports-camera": ("unusual-for-ai", f"About {_percent(p_fake)} of the calibration's AI-made pictures score as low as this one."),
        "inconclusive": ("usual-for-both", "Both camera pictures and AI-made ones of the calibration set score like this."),
        "out-of-domain": ("unlike-anything", "Neither camera pictures nor AI-made ones of the calibration set score like this."),
    }
    return [Reason(*texts[outcome])]


def _sentence(outcome: Outcome, ratio: float | None, rates: dict[str, Any], forced: list[Reason]) -> str:
    counts = rates["reals_scoring_as_high"]
    lows = rates["fakes_scoring_as_low"]
    if forced:
        return f"Inconclusive. {forced[0].text}"
    if outcome == "supports-ai" and ratio is not None:
        return (f"The score gives {verbal(ratio)} support for AI-made over camera. Of {counts['of']} camera pictures in the calibration "
                f"set, {counts['count']} scored at least this high ({_interval(counts)}).")
    if outcome == "supports-camera" and ratio is not None:
        return (f"The score gives {verbal(1 / ratio)} support for camera over AI-made. Of {lows['of']} AI-made pictures in the calibration "
                f"set, {lows['count']} scored this low or lower ({_interval(lows)}).")
    if outcome == "out-of-domain":
        return "Inconclusive. The score is unlike those of any calibrated picture; the error rates do not apply."
    return (f"Inconclusive. Of {counts['of']} camera pictures in the calibration set, {counts['count']} scored at least this high "
            f"({_interval(counts)}); of {lows['of']} AI-made ones, {lows['count']} scored this low or lower ({_interval(lows)}).")


def _rate(count: int, of: int) -> dict[str, Any]:
    low, high = clopper_pearson(count, of)
    return {"count": count, "of": of, "rate": count / of if of else None, "low": low, "high": high, "confidence": 0.95}


def _interval(rate: dict[str, Any]) -> str:
    return f"{_percent(rate['rate'])}; 95 % interval {_percent(rate['low'])} to {_percent(rate['high'])}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
