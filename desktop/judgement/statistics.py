"""The statistics behind a finding, from the scores of a calibration set: ascending log-odds by class. No fitting happens here."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95, *, one_sided: bool = False) -> tuple[float, float]:
    """Exact binomial bounds of a rate (Clopper and Pearson 1934, Biometrika 26).

    ``one_sided`` puts the whole error probability on each side in turn, so that either bound alone holds with ``confidence``.
    Raises ValueError for counts that cannot be.
    """
    if not 0 <= successes <= trials:
        raise ValueError("successes must lie between 0 and trials")
    if trials == 0:
        return 0.0, 1.0
    from scipy.special import betaincinv  # imported when first needed: most starts need no statistics

    tail = 1.0 - confidence if one_sided else (1.0 - confidence) / 2.0
    failures = trials - successes
    lower = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    upper = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1.0 - tail))
    return lower, upper


def conformal_p_values(score: float, reals: Sequence[float], fakes: Sequence[float]) -> tuple[float, float]:
    """Class-conditional conformal p-values of ``score`` (Vovk, Gammerman and Shafer 2005, chapter 4): ``(p_real, p_fake)``.

    ``p_real`` is small when the score is higher than nearly all calibration reals have; ``p_fake`` when it is lower than nearly all
    fakes have. ``reals`` and ``fakes`` are ascending. With n pictures of a class no p-value is below 1 / (n + 1).
    """
    above = len(reals) - bisect_left(reals, score)
    below = bisect_right(fakes, score)
    return (1 + above) / (len(reals) + 1), (1 + below) / (len(fakes) + 1)


def likelihood_ratio_bounds(reals: Sequence[float], fakes: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The smallest and largest likelihood ratio that a calibration set can carry: ``(lowest, highest)``.

    The highest is the best ratio over all thresholds of the lower bound of the true-positive rate to the upper bound of the false-positive
    rate, each one-sided Clopper-Pearson; the lowest likewise for the other direction. The idea of bounding a likelihood ratio by what the
    data can support is that of ELUB (Vergeer et al. 2016, Forensic Science International 266). 20 pictures give about 3, never more.
    """
    highest = lowest = 1.0
    for threshold in _thresholds(reals, fakes):
        false_positives = len(reals) - bisect_left(reals, threshold)
        true_positives = len(fakes) - bisect_left(fakes, threshold)
        tpr_low, _ = clopper_pearson(true_positives, len(fakes), confidence, one_sided=True)
        _, fpr_high = clopper_pearson(false_positives, len(reals), confidence, one_sided=True)
        highest = max(highest, tpr_low / fpr_high)
        if fpr_high < 1.0:
            lowest = min(lowest, (1.0 - tpr_low) / (1.0 - fpr_high))
    return lowest, highest


def positive_predictive_value(likelihood_ratio: float, prevalence: float) -> float:
    """Share of AI-made pictures among those that score like this, when ``prevalence`` of all pictures asked about are AI-made."""
    odds = likelihood_ratio * prevalence / (1.0 - prevalence)
    return odds / (1.0 + odds)


def _thresholds(reals: Sequence[float], fakes: Sequence[float], most: int = 200) -> list[float]:
    """Up to about ``most`` thresholds that split the set differently."""
    values = sorted({*reals, *fakes})
    step = max(1, len(values) // most)
    return values[::step]
