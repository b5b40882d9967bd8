"""Metrics against cases worked out by hand, and against their definitions on random data."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation import metrics, texts

LABELS = np.array([0, 0, 1, 1])


def test_auc_by_hand() -> None:
    # Pairs (fake, real): 3 > 1, 3 > 2, 2 > 1 and 2 = 2, which counts half: 3.5 of 4.
    assert metrics.auc(LABELS, np.array([1.0, 2.0, 2.0, 3.0])) == pytest.approx(3.5 / 4)
    assert metrics.auc(LABELS, np.array([1.0, 2.0, 3.0, 4.0])) == 1.0
    assert metrics.auc(LABELS, np.zeros(4)) == 0.5
    assert metrics.auc(np.ones(3, np.int64), np.zeros(3)) is None


def test_auc_interval_by_hand() -> None:
    # Placements of the fakes: 0.75 and 1; of the reals: 1 and 0.75. Both variances 1/32: error sqrt(1/64 + 1/64).
    found = metrics.auc_interval(LABELS, np.array([1.0, 2.0, 2.0, 3.0]))
    assert found is not None
    error = math.sqrt(1 / 32)
    assert found == pytest.approx((0.875 - 1.959964 * error, 1.0), abs=1e-5)


def test_difference_of_paired_areas_by_hand() -> None:
    # Placements of the fakes rise from (0.75, 1) to (1, 1), those of the reals from (1, 0.75) to (1, 1): differences (0.25, 0) twice,
    # each of variance 1/32.
    found = metrics.auc_difference(LABELS, np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert found is not None
    half = 1.959964 * math.sqrt(1 / 64 + 1 / 64)
    assert found[0] == pytest.approx(0.125)
    assert found[1] == pytest.approx((0.125 - half, 0.125 + half), abs=1e-5)
    assert metrics.auc_difference(np.array([0, 1, 1]), np.zeros(3), np.zeros(3)) is None


@given(st.integers(0, 2**32 - 1))
def test_what_two_scores_get_wrong_alike_does_not_widen_their_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.array([0, 1] * 20)
    scores = labels + rng.normal(0, 1, 40)
    same = metrics.auc_difference(labels, scores, 3 * scores + 1)
    assert same == (0.0, (0.0, 0.0))
    there, back = (metrics.auc_difference(labels, *pair) for pair in ((scores, rng.normal(0, 1, 40)), (scores, scores)))
    assert there is not None and back is not None
    assert there[1][0] <= there[0] <= there[1][1]


def test_average_precision_by_hand() -> None:
    # Order: fake (1/1), real, fake (2/3): (1 + 2/3) / 2.
    assert metrics.average_precision(np.array([1, 0, 1]), np.array([3.0, 2.0, 1.0])) == pytest.approx((1 + 2 / 3) / 2)
    # One real and one fake tied on top: precision 1/2 for the one step in recall.
    assert metrics.average_precision(np.array([1, 0]), np.array([1.0, 1.0])) == 0.5
    assert metrics.average_precision(np.zeros(2, np.int64), np.zeros(2)) is None


def test_calibration_error_by_hand() -> None:
    # Two pictures at P = 0.5, one of them fake: no gap. Two at P = 0.75, none fake: a gap of 0.75 for half of the pictures.
    odds = np.array([0.0, 0.0, math.log(3), math.log(3)])
    assert metrics.expected_calibration_error(np.array([1, 0, 0, 0]), odds) == pytest.approx(0.375)
    assert metrics.expected_calibration_error(np.array([1, 0]), np.array([60.0, -60.0])) == pytest.approx(0.0)


def test_cllr_by_hand() -> None:
    assert metrics.cllr(LABELS, np.zeros(4)) == pytest.approx(1.0)
    # Every ratio 3 in the right direction: log2(1 + 1/3) = 0.41504.
    assert metrics.cllr(LABELS, np.log([1 / 3, 1 / 3, 3.0, 3.0])) == pytest.approx(math.log2(4 / 3))
    # Wrong ratios cost more than none: log2(1 + 3) = 2.
    assert metrics.cllr(LABELS, np.log([3.0, 3.0, 1 / 3, 1 / 3])) == pytest.approx(2.0)


def test_cllr_min_by_hand() -> None:
    assert metrics.cllr_min(LABELS, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.0)
    assert metrics.cllr_min(LABELS, np.zeros(4)) == pytest.approx(1.0)
    # real, (fake, real pooled at ratio 1), fake: half of each class costs 1 bit, the other half nothing.
    assert metrics.cllr_min(np.array([0, 1, 0, 1]), np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.5)


def test_f1() -> None:
    assert metrics.f1(1760, 20, 48) == pytest.approx(0.981, abs=5e-4), "the published F1 of FakeVLM on FakeClue is that of the real class"
    assert metrics.f1(0, 0, 0) is None


def test_mcnemar_by_hand() -> None:
    first = [True] * 5 + [False] * 1 + [True] * 4
    second = [False] * 5 + [True] * 1 + [True] * 4
    # 6 flips, 1 the other way: 2 (C(6,0) + C(6,1)) / 64 = 14/64.
    assert metrics.mcnemar(first, second) == {"only_first_right": 5, "only_second_right": 1, "pictures": 10, "p_value": 14 / 64}
    assert metrics.mcnemar([True], [True])["p_value"] == 1.0
    with pytest.raises(ValueError, match="zip"):
        metrics.mcnemar([True], [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-4, 4)), min_size=2, max_size=30))
def test_against_the_definitions(pairs: list[tuple[int, int]]) -> None:
    labels, scores = np.array([pair[0] for pair in pairs]), np.array([float(pair[1]) for pair in pairs])
    fakes, reals = scores[labels == 1], scores[labels == 0]
    if len(fakes) and len(reals):
        wins = np.mean([(f > r) + 0.5 * (f == r) for f in fakes for r in reals])
        assert metrics.auc(labels, scores) == pytest.approx(wins)
        least = metrics.cllr_min(labels, scores)
        assert least is not None
        assert -1e-12 <= least <= 1.0 + 1e-12
        for factor in (0.1, 0.5, 1.0, 2.0):
            cost = metrics.cllr(labels, factor * scores)
            assert cost is not None
            assert cost >= least - 1e-12


def test_rank_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 against 1 2.5 2.5 4: covariance 4.5, variances 5 and 4.5.
    found = metrics.rank_correlation(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 5.0, 5.0, 9.0]))
    assert found == pytest.approx(4.5 / math.sqrt(5 * 4.5))
    assert metrics.rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == pytest.approx(-1.0)
    assert metrics.rank_correlation(np.ones(4), np.arange(4.0)) is None


def test_rank_correlation_within_groups_by_hand() -> None:
    # Within both groups the scores fall with size, while the group of large ones has the higher scores.
    scores, sizes = np.array([3.0, 2.0, 1.0, 13.0, 12.0, 11.0, 10.0]), np.array([1.0, 2.0, 3.0, 11.0, 12.0, 13.0, 14.0])
    groups = ["small"] * 3 + ["large"] * 4
    assert metrics.rank_correlation(scores, sizes) == pytest.approx(0.5)
    assert metrics.mean_rank_correlation(scores, sizes, groups, least=3) == (pytest.approx(-1.0), 7, 2)
    assert metrics.mean_rank_correlation(scores, sizes, groups, least=4) == (pytest.approx(-1.0), 4, 1)
    assert metrics.mean_rank_correlation(scores, sizes, groups, least=5) == (None, 0, 0)
    assert metrics.partial_rank_correlation(scores, sizes, groups) == pytest.approx(-1.0)
    # One group rises by one step (ranks 1 2), one falls over three (ranks 5 4 3): products .5 and -2, squares .5 + 2 on either side.
    mixed = metrics.partial_rank_correlation(np.array([1.0, 2.0, 5.0, 4.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0, 5.0]), list("aabbb"))
    assert mixed == pytest.approx((0.5 - 2.0) / 2.5)
    assert metrics.partial_rank_correlation(scores, np.array([1.0] * 3 + [2.0] * 4), groups) is None


def test_stratified_auc_by_hand() -> None:
    labels = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1], np.int64)
    scores = np.array([1.0, 3.0, 2.0, 4.0, 11.0, 12.0, 13.0, 14.0, 15.0])
    strata = list("aaaabbbbb")
    found = metrics.stratified_auc(labels, scores, strata)
    assert found is not None
    # 3 of 4 pairs in the first stratum, all of 6 in the second; weights 2 * 2 / 4 and 3 * 2 / 5.
    assert found[0] == pytest.approx((1.0 * 0.75 + 1.2 * 1.0) / 2.2)
    # Placements (.5, 1) on both sides of the first: variance .125 / 2 each; none in the second.
    assert found[1][0] == pytest.approx(found[0] - 1.959964 * (1.0 / 2.2) * 0.125**0.5)
    assert found[1][1] == 1.0
    assert found[2] == 9
    assert metrics.stratified_auc(labels, scores, list("abcdefghi")) is None
    alone = metrics.stratified_auc(labels, np.array([0.0] * 4 + [1.0] * 5), strata)
    assert alone is not None
    assert alone[0] == 0.5


def test_rouge_l_by_hand() -> None:
    # "the cat sat on" against "the cat was on": longest common subsequence "the cat on", 2 * 3 / 8.
    assert texts.rouge_l("The cat sat on.", ["the CAT was on"]) == pytest.approx(0.75)
    assert texts.rouge_l("the cat", ["dog", "the cat"]) == 1.0
    assert texts.rouge_l("", ["a"]) == texts.rouge_l("a", []) == 0.0


def test_css_takes_the_best_reference() -> None:
    vectors = {"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [0.6, 0.8]}

    def encode(sentences: object) -> np.ndarray:
        return np.array([vectors[sentence] for sentence in sentences], np.float32)  # type: ignore[attr-defined]

    assert texts.css(["a", "b"], [["b", "c"], []], encode) == pytest.approx(0.6)
    assert texts.css(["a"], [[]], encode) is None
