"""From logits to the verdict: log-odds of the two answer words, and how much probability they hold together. Pure functions."""

from collections.abc import Sequence

import numpy as np

from desktop.engine.values import MIN_MASS, Floats, Verdict
from models.errors import WorkerError


def log_sum_exp(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    """ln Σ exp(values), in float64, without overflow."""
    top = values.max()
    return float(top + np.log(np.exp(values - top).sum()))


def log_odds_of(logits: Floats, yes: Sequence[int], no: Sequence[int]) -> tuple[float, float]:
    """(ln p(yes)/p(no), probability of both sets over the whole vocabulary), in float64.

    Raises WorkerError ``engine-failed`` when the logits are not finite numbers: damaged weights or a broken computation.
    """
    exact = logits.astype(np.float64)
    with np.errstate(all="ignore"):  # what is not finite is found below
        yes_sum, no_sum = log_sum_exp(exact[list(yes)]), log_sum_exp(exact[list(no)])
        log_odds = yes_sum - no_sum
        mass = float(np.exp(np.logaddexp(yes_sum, no_sum) - log_sum_exp(exact)))
    if not (np.isfinite(log_odds) and np.isfinite(mass)):
        raise WorkerError("engine-failed", "the expert's numbers are not finite")
    return log_odds, min(1.0, mass)


def probability(log_odds: float) -> float:
    """The two-way probability of "fake" for ``log_odds``."""
    return float(1.0 / (1.0 + np.exp(-log_odds))) if log_odds >= 0 else float(np.exp(log_odds) / (1.0 + np.exp(log_odds)))


def answer_of(log_odds: float, mass: float) -> Verdict:
    """The word with the higher logit; "other" when both words together hold too little."""
    if mass < MIN_MASS:
        return "other"
    return "fake" if log_odds > 0 else "real"
