"""Calibration on pictures whose truth is known: fitting, the threshold, and what a laboratory's own set says about an expert."""

import hashlib
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit

from desktop.judgement.outcomes import LEVEL_AI, MINIMUM_PER_CLASS
from desktop.judgement.statistics import clopper_pearson
from models.cards import Calibration
from models.errors import UsageError
from models.evaluation.items import Dataset
from models.evaluation.kept import StoredCalibration
from models.evaluation.records import Record

FEWEST = 5
"""Fewer pictures of a class than this are refused; fewer than ``MINIMUM_PER_CLASS`` still give no more than "inconclusive"."""
TARGET_FPR = LEVEL_AI
"""What a threshold promises unless something else is wished for: the rate at which outcomes may be wrong about camera pictures."""


def fit_calibration(real_scores: Sequence[float], fake_scores: Sequence[float]) -> tuple[float, float]:
    """(scale, offset) so that ``scale * score + offset`` is the log of the likelihood ratio.

    Logistic regression with both classes weighted alike. Targets are Platt's (1999), (n + 1) / (n + 2) of each class, so that two classes
    which do not overlap give a finite answer that grows with their number.

    Raises UsageError ``calibration-small``, or ``calibration-reversed`` when fakes score lower than reals.
    """
    reals, fakes = np.asarray(real_scores, np.float64), np.asarray(fake_scores, np.float64)
    if not len(reals) or not len(fakes):
        raise UsageError("calibration-small", "both classes are needed: pictures that are real and pictures that are fake")
    scores = np.concatenate([reals, fakes])
    middle, spread = float(scores.mean()), float(scores.std()) or 1.0
    x = np.stack([(scores - middle) / spread, np.ones_like(scores)], axis=1)
    targets = np.concatenate([np.full(len(reals), 1.0 / (len(reals) + 2)), np.full(len(fakes), (len(fakes) + 1.0) / (len(fakes) + 2))])
    weights = np.concatenate([np.full(len(reals), 0.5 / len(reals)), np.full(len(fakes), 0.5 / len(fakes))])

    def loss(parameters: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        z = x @ parameters
        return float((weights * (np.logaddexp(0.0, z) - targets * z)).sum())

    found = np.zeros(2)
    for _ in range(200):
        z = x @ found
        p = expit(z)
        gradient = x.T @ (weights * (p - targets))
        if np.abs(gradient).max() < 1e-12:
            break
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + 1e-12 * np.eye(2)
        step, size = np.linalg.solve(hessian, gradient), 1.0
        # Newton can overshoot where the curve is flat; halving keeps every step downhill.
        while loss(found - size * step) > loss(found) and size > 1e-6:
            size /= 2
        found = found - size * step
    scale = float(found[0]) / spread
    if scale <= 0.0:
        raise UsageError("calibration-reversed", "on these pictures the expert scores fakes no higher than reals; they cannot calibrate it")
    return scale, float(found[1]) - scale * middle


def choose_threshold(real_scores: Sequence[float], target: float = TARGET_FPR, confidence: float = 0.95) -> float:
    """The lowest score at which the rate of false positives is at most ``target`` with ``confidence`` (Clopper-Pearson, one-sided).

    With too few reals for that, a threshold just above all of them. ``real_scores`` need not be sorted.
    """
    reals = sorted(real_scores)
    for score in sorted(set(reals)):
        above = len(reals) - bisect_left(reals, score)
        if clopper_pearson(above, len(reals), confidence, one_sided=True)[1] <= target:
            return score
    return math.nextafter(reals[-1], math.inf)


def fewest_reals(target: float = TARGET_FPR, confidence: float = 0.95) -> int:
    """How many camera pictures it takes to promise a rate of false positives: with none above the threshold the upper bound of n of
    them is 1 - (1 - confidence) ** (1 / n)."""
    return math.ceil(math.log(1.0 - confidence) / math.log(1.0 - target))


def make_calibration(dataset: Dataset, records: Mapping[str, Record], card_sha256: str, *, date: str, domain: str,
                     target_fpr: float = TARGET_FPR) -> StoredCalibration:
    """Calibrate from the results of a set. The same picture twice counts once.

    Raises UsageError ``calibration-small``, ``calibration-reversed`` or ``calibration-contradiction`` (one picture in both classes).
    """
    scores: dict[str, dict[str, float]] = {"real": {}, "fake": {}}
    failed = duplicates = 0
    for item in dataset.items:
        record = records.get(item.id)
        if item.label not in ("real", "fake"):
            continue
        if record is None or record.log_odds is None or record.answer == "other":
            # A picture without an answer is never given an outcome, so the scores of those with one are what a new score is held against.
            failed += 1
            continue
        duplicates += record.sha256 in scores[item.label]
        scores[item.label][record.sha256] = record.log_odds
    if scores["real"].keys() & scores["fake"].keys():
        raise UsageError("calibration-contradiction", "the same picture is among the real and the fake ones; find out which it is")
    reals, fakes = sorted(scores["real"].values()), sorted(scores["fake"].values())
    if min(len(reals), len(fakes)) < FEWEST:
        raise UsageError("calibration-small", f"at least {FEWEST} pictures of each class are needed that get a clear answer; there are "
                                              f"{len(reals)} real and {len(fakes)} fake ones")
    scale, offset = fit_calibration(reals, fakes)
    threshold = choose_threshold(reals, target_fpr)
    identity = hashlib.sha256("\n".join([*sorted(scores["real"]), "", *sorted(scores["fake"])]).encode()).hexdigest()
    calibration = Calibration(
        scale, offset, threshold, set_id=f"own-{identity[:16]}", date=date, domain=domain, reals=len(reals), fakes=len(fakes),
        false_positives=len(reals) - bisect_left(reals, threshold), true_positives=len(fakes) - bisect_left(fakes, threshold),
        real_scores=tuple(reals), fake_scores=tuple(fakes),
    )
    return StoredCalibration("telltale.calibration/1", card_sha256, calibration, failed, duplicates)


def cautions(made: Calibration, target_fpr: float = TARGET_FPR) -> list[str]:
    """What a calibration has too few pictures for, in sentences for whoever made it."""
    said = []
    if min(made.reals, made.fakes) < MINIMUM_PER_CLASS:
        said.append(f'With fewer than {MINIMUM_PER_CLASS} pictures of a class every finding stays "inconclusive".')
    if made.reals < fewest_reals(target_fpr):
        most = clopper_pearson(0, made.reals, one_sided=True)[1]
        said.append(f"{made.reals} real pictures cannot promise {100 * target_fpr:g} % false positives with 95 % confidence "
                    f"({fewest_reals(target_fpr)} can); the threshold lies just above all of them, which promises {100 * most:.1f} %.")
    return said
