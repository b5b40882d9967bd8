"""Metrics of a detector: pure functions of labels and scores.

Scores are log-odds of "fake" against "real"; labels are 1 for fake and 0 for real. Fake is the positive class unless a name says otherwise.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def f1(true_positives: int, false_positives: int, false_negatives: int) -> float | None:
    """Harmonic mean of precision and recall; None when there is nothing to find and nothing was found."""
    below = 2 * true_positives + false_positives + false_negatives
    return 2 * true_positives / below if below else None


def auc(labels: Labels, scores: Floats) -> float | None:
    """Area under the ROC curve, ties counted half (Mann and Whitney 1947); None unless both classes are there."""
    fakes, reals = scores[labels == 1], scores[labels == 0]
    if not len(fakes) or not len(reals):
        return None
    return float(_placements(fakes, reals).mean())


def auc_interval(labels: Labels, scores: Floats, confidence: float = 0.95) -> tuple[float, float] | None:
    """Confidence interval of the AUC by DeLong's variance (DeLong et al. 1988, Biometrics 44); None with fewer than 2 of a class."""
    fakes, reals = scores[labels == 1], scores[labels == 0]
    if len(fakes) < 2 or len(reals) < 2:
        return None
    above, below = _placements(fakes, reals), 1.0 - _placements(reals, fakes)
    error = math.sqrt(above.var(ddof=1) / len(fakes) + below.var(ddof=1) / len(reals))
    half = float(ndtri(0.5 + confidence / 2)) * error
    middle = float(above.mean())
    return max(0.0, middle - half), min(1.0, middle + half)


def auc_difference(labels: Labels, first: Floats, second: Floats,
                   confidence: float = 0.95) -> tuple[float, tuple[float, float]] | None:
    """By how much ``second`` has the larger AUC on the same pictures, with its interval; None with fewer than 2 of a class.

    The variance is that of paired areas (DeLong et al. 1988): what both get wrong alike does not widen it.
    """
    if (labels == 1).sum() < 2 or (labels == 0).sum() < 2:
        return None
    above, below = (
        _placements(second[mine], second[others]) - _placements(first[mine], first[others])
        for mine, others in ((labels == 1, labels == 0), (labels == 0, labels == 1))
    )
    half = float(ndtri(0.5 + confidence / 2)) * math.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    middle = float(above.mean())
    return middle, (middle - half, middle + half)


def average_precision(labels: Labels, scores: Floats) -> float | None:
    """Mean of the precision over the steps in recall, highest score first, equal scores taken together; None without a fake."""
    fakes = int(labels.sum())
    if not fakes:
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    last_of_ties = np.append(np.diff(scores[order]) != 0, True)
    found, shown = hits[last_of_ties], np.flatnonzero(last_of_ties) + 1
    steps = np.diff(np.concatenate([[0], found]))
    return float((steps * found / shown).sum() / fakes)


def expected_calibration_error(labels: Labels, log_odds: Floats, bins: int = 15) -> float | None:
    """Mean distance, over equally wide bins of P(fake), of the stated probability from the share of fakes (Guo et al. 2017, ICML)."""
    if not len(labels):
        return None
    stated = expit(log_odds)
    which = np.minimum((stated * bins).astype(np.int64), bins - 1)
    gaps = [abs(float(stated[which == one].sum() - labels[which == one].sum())) for one in np.unique(which)]
    return sum(gaps) / len(labels)


def cllr(labels: Labels, log_ratios: Floats) -> float | None:
    """Cost of log-likelihood-ratios in bits (Brummer and du Preez 2006): 0 is perfect, 1 says nothing. Natural-log ratios in.

    None unless both classes are there.
    """
    fakes, reals = log_ratios[labels == 1], log_ratios[labels == 0]
    if not len(fakes) or not len(reals):
        return None
    return float((np.logaddexp(0.0, -fakes).mean() + np.logaddexp(0.0, reals).mean()) / (2.0 * math.log(2.0)))


def cllr_min(labels: Labels, scores: Floats) -> float | None:
    """The Cllr that the best monotone calibration on these very pictures would give: what discrimination alone costs.

    By pool-adjacent-violators (Brummer and du Preez 2006); None unless both classes are there.
    """
    fakes, reals = int(labels.sum()), int((1 - labels).sum())
    if not fakes or not reals:
        return None
    values, inverse = np.unique(scores, return_inverse=True)
    # Blocks of equal posterior: [fakes, pictures, number of distinct scores].
    blocks: list[list[float]] = []
    for one, all_ in zip(np.bincount(inverse, labels, len(values)), np.bincount(inverse, minlength=len(values)), strict=True):
        blocks.append([float(one), float(all_), 1.0])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0] + last[0], blocks[-1][1] + last[1], blocks[-1][2] + last[2]]
    ratios = [_log_ratio(one, all_ - one, fakes, reals) for one, all_, _ in blocks]
    return cllr(labels, np.repeat(ratios, [int(block[2]) for block in blocks])[inverse])


def rank_correlation(first: Floats, second: Floats) -> float | None:
    """Spearman's rank correlation, ties sharing their mean rank; None with fewer than 3 pairs or when either side never varies."""
    if len(first) < 3:
        return None
    one, two = (_ranks(side) for side in (first, second))
    one, two = one - one.mean(), two - two.mean()
    below = math.sqrt(float((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / below if below else None


def mean_rank_correlation(first: Floats, second: Floats, groups: Sequence[str], least: int = 20) -> tuple[float | None, int, int]:
    """Spearman's correlation within each group, averaged with the groups' sizes as weights: ``(mean, pairs, groups)``.

    Groups of fewer than ``least`` pairs, or in which a side never varies, are left out; None when none is left. What goes along with the
    group (a source whose pictures are large and easy) cannot show here.
    """
    names = np.asarray(groups)
    parts = [(int(mine.sum()), rank_correlation(first[mine], second[mine])) for mine in (names == name for name in sorted(set(groups)))]
    kept = [(count, value) for count, value in parts if count >= least and value is not None]
    pairs = sum(count for count, _ in kept)
    return (sum(count * value for count, value in kept) / pairs if pairs else None), pairs, len(kept)


def partial_rank_correlation(first: Floats, second: Floats, groups: Sequence[str]) -> float | None:
    """Rank correlation given the group: both sides' ranks (over all pairs) less their group's mean rank, then Pearson's correlation.

    Unlike ``mean_rank_correlation`` it uses every group with two different pairs, and those that vary more weigh more. None with fewer than
    3 pairs or when either side never varies within a group.
    """
    if len(first) < 3:
        return None
    _, which = np.unique(np.asarray(groups), return_inverse=True)
    one, two = (ranks - (np.bincount(which, ranks) / np.bincount(which))[which] for ranks in (_ranks(first), _ranks(second)))
    below = math.sqrt(float((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / below if below > 1e-9 else None


def stratified_auc(labels: Labels, scores: Floats, strata: Sequence[str],
                   confidence: float = 0.95) -> tuple[float, tuple[float, float], int] | None:
    """AUC of pairs within the same stratum only, with its interval and the number of scores that it rests on.

    Strata with at least 2 of each class, weighted by n m / (n + m) for their n fakes and m reals (Mantel and Haenszel's weights); the
    variance is the sum of DeLong's by the squares of the weights. What only goes along with the stratum gives 0.5. None without such a
    stratum.
    """
    names, parts = np.asarray(strata), []
    for name in sorted(set(strata)):
        mine = names == name
        fakes, reals = scores[mine & (labels == 1)], scores[mine & (labels == 0)]
        if len(fakes) < 2 or len(reals) < 2:
            continue
        above, below = _placements(fakes, reals), 1.0 - _placements(reals, fakes)
        variance = above.var(ddof=1) / len(fakes) + below.var(ddof=1) / len(reals)
        parts.append((len(fakes) * len(reals) / (len(fakes) + len(reals)), float(above.mean()), float(variance), int(mine.sum())))
    if not parts:
        return None
    total = sum(weight for weight, *_ in parts)
    middle = sum(weight * area for weight, area, *_ in parts) / total
    half = float(ndtri(0.5 + confidence / 2)) * math.sqrt(sum((weight / total) ** 2 * variance for weight, _, variance, _ in parts))
    return middle, (max(0.0, middle - half), min(1.0, middle + half)), sum(count for *_, count in parts)


def mcnemar(first_right: Sequence[bool], second_right: Sequence[bool]) -> dict[str, int | float]:
    """Exact McNemar test of two experts on the same pictures: how many each alone got right, and the two-sided p-value.

    Raises ValueError when the sequences differ in length.
    """
    only_first = sum(a and not b for a, b in zip(first_right, second_right, strict=True))
    only_second = sum(b and not a for a, b in zip(first_right, second_right, strict=True))
    flips, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(flips, k) for k in range(fewer + 1))
    p_value = 1.0 if not flips else min(1.0, float(2 * tail / 2**flips))
    return {"only_first_right": only_first, "only_second_right": only_second, "pictures": len(first_right), "p_value": p_value}


def _log_ratio(fakes: float, reals: float, all_fakes: int, all_reals: int) -> float:
    if not fakes:
        return -math.inf
    return math.inf if not reals else math.log(fakes / all_fakes) - math.log(reals / all_reals)


def _ranks(values: Floats) -> Floats:
    _, inverse, numbers = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(numbers)
    return np.asarray((last - (numbers - 1) / 2.0)[inverse], dtype=np.float64)


def _placements(ones: Floats, others: Floats) -> Floats:
    """For each of ``ones`` the share of ``others`` below it, ties half."""
    ranked = np.sort(others)
    below, upto = np.searchsorted(ranked, ones, side="left"), np.searchsorted(ranked, ones, side="right")
    return np.asarray((below + upto) / (2.0 * len(others)), dtype=np.float64)
