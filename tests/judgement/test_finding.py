"""Findings: four outcomes, each with its uncertainty, and the reasons that force "inconclusive"."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.document import ExpertInfo, Frame, Opinion, Timing
from desktop.judgement import conformal_p_values, judge, stability
from desktop.judgement.finding import verbal
from desktop.judgement.outcomes import LEVEL_AI, LEVEL_CAMERA, MINIMUM_PER_CLASS, outcome_of
from desktop.judgement.stability import Variant
from models.cards import Calibration
from models.evaluation.calibration import choose_threshold

REALS = tuple(-4.0 + 0.01 * i for i in range(400))
FAKES = tuple(0.01 * i for i in range(400))


def calibration(reals: tuple[float, ...] = REALS, fakes: tuple[float, ...] = FAKES, **changes: Any) -> Calibration:
    base = Calibration(
        scale=1.0, offset=0.0, threshold=0.0, set_id="t", date="2026-11-21", domain="test", reals=len(reals), fakes=len(fakes),
        false_positives=sum(score >= 0 for score in reals), true_positives=sum(score >= 0 for score in fakes),
        real_scores=reals, fake_scores=fakes,
    )
    return msgspec.structs.replace(base, **changes)


def opinion(log_odds: float, **changes: Any) -> Opinion:
    base = Opinion(
        id="o1", expert=ExpertInfo("x", "X", "detector", "0" * 64, "0" * 64, "0" * 64, "F16", "CC0"),
        frame=Frame((0, 0, 10, 10), "whole", "crop", 336, "0" * 64), log_odds=log_odds, p_fake=0.5, mass=1.0,
        answer="fake" if log_odds > 0 else "real", text="", text_state="not-asked", claims=(), timing=Timing(),
    )
    return msgspec.structs.replace(base, **changes)


def test_a_score_above_nearly_all_reals_supports_ai_with_its_counts() -> None:
    finding = judge(opinion(2.0), calibration())
    assert finding.outcome == "supports-ai"
    assert "Of 400 camera pictures in the calibration set, 0 scored at least this high" in finding.sentence
    assert finding.error_rates["reals_scoring_as_high"]["high"] == pytest.approx(0.0092, abs=1e-4)


def test_a_score_below_nearly_all_fakes_supports_camera() -> None:
    finding = judge(opinion(-2.0), calibration())
    assert finding.outcome == "supports-camera"
    assert finding.likelihood_ratio is not None and finding.likelihood_ratio < 1


def test_a_score_that_both_classes_have_is_inconclusive() -> None:
    both = tuple(0.01 * i for i in range(400))
    assert judge(opinion(2.0), calibration(both, both)).outcome == "inconclusive"


def test_a_score_in_the_gap_between_the_classes_is_out_of_domain() -> None:
    finding = judge(opinion(5.0), calibration(REALS, tuple(10 + score for score in FAKES)))
    assert finding.outcome == "out-of-domain"
    assert finding.likelihood_ratio is None


def test_the_likelihood_ratio_is_capped_by_the_calibration_set() -> None:
    finding = judge(opinion(40.0), calibration(REALS, tuple(score + 1 for score in FAKES)))
    assert finding.likelihood_ratio is not None
    assert 50 < finding.likelihood_ratio < 150  # 400 reals cannot carry e^40


def test_what_the_sentence_says_is_not_said_again() -> None:
    """Contradicted and ordinary: the sentence gives the first reason, the list under it only the other."""
    alike = tuple(number / 100 for number in range(-200, 200))
    finding = judge(opinion(0.1, text="This is a real image."), calibration(alike, alike))
    assert [reason.code for reason in finding.reasons] == ["contradiction", "usual-for-both"]
    assert [reason.code for reason in finding.further_reasons] == ["usual-for-both"]
    assert finding.reasons[0].text in finding.sentence


def test_without_calibration_the_error_rates_are_unknown_and_it_says_so() -> None:
    finding = judge(opinion(9.0), None)
    assert finding.outcome == "inconclusive"
    assert [reason.code for reason in finding.reasons] == ["not-calibrated"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"answer": "other", "mass": 0.4}, "no-answer"), ({"text": "This is a real image. It has noise."}, "contradiction")],
)
def test_what_forces_inconclusive(changes: dict[str, Any], code: str) -> None:
    finding = judge(opinion(2.0, **changes), calibration())
    assert finding.outcome == "inconclusive"
    assert finding.reasons[0].code == code
    assert finding.reasons[0].text in finding.sentence


def test_twenty_pictures_are_too_few_for_an_outcome() -> None:
    finding = judge(opinion(9.0), calibration((-1.0,) * 10, (1.0,) * 10))
    assert finding.outcome == "inconclusive"
    assert "calibration-small" in [reason.code for reason in finding.reasons]
    assert finding.likelihood_ratio is not None and finding.likelihood_ratio < 3


def test_text_that_agrees_is_no_contradiction() -> None:
    assert judge(opinion(2.0, text="This is a fake image. The texture …"), calibration()).outcome == "supports-ai"


@pytest.mark.parametrize(("log_odds", "word"), [(9.0, "probability"), (2.0, "probability"), (-2.0, "probability")])
def test_no_posterior_is_ever_stated(log_odds: float, word: str) -> None:
    assert word not in judge(opinion(log_odds), calibration()).sentence


@pytest.mark.parametrize(("ratio", "word"), [(1.5, "no"), (5, "weak"), (50, "moderate"), (500, "moderately strong"), (5000, "strong")])
def test_the_verbal_scale(ratio: float, word: str) -> None:
    assert verbal(ratio) == word


WIDE = tuple(float(number) for number in range(399)), tuple(float(number) for number in range(200, 599))
"""399 reals from 0 to 398 and 399 fakes from 200 to 598: p-values are whole numbers of 400ths."""


@pytest.mark.parametrize(("score", "threshold", "outcome"), [
    (391.5, 0.0, "inconclusive"),  # 7 reals score as high: p_real is 8/400, not below 2 %
    (392.5, 0.0, "supports-ai"),  # 6 do: 7/400. A threshold for 5 %, as calibrations used to have, allows no more
    (392.5, 397.0, "inconclusive"),  # a stricter threshold does
    (397.0, 397.0, "supports-ai"),
    (218.5, 0.0, "inconclusive"),  # 19 fakes score as low: p_fake is 20/400, not below 5 %
    (217.5, 0.0, "supports-camera"),  # 18 do: 19/400
])  # fmt: skip
def test_each_class_has_its_own_level(score: float, threshold: float, outcome: str) -> None:
    found = calibration(*WIDE, threshold=threshold, scale=0.1, offset=-30.0)
    assert outcome_of(score, found) == outcome
    assert judge(opinion(score), found).outcome == outcome


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-40, 40), min_size=50, max_size=400))
def test_a_threshold_is_never_looser_than_the_level(reals: list[float]) -> None:
    """Whatever reaches a threshold of the usual promise has a p-value below the level, so that both stand for one rate."""
    threshold = choose_threshold(reals)
    assert conformal_p_values(threshold, sorted(reals), [0.0])[0] < LEVEL_AI


def test_the_fewest_pictures_that_carry_an_outcome_reach_its_level() -> None:
    assert 1 / (MINIMUM_PER_CLASS + 1) < LEVEL_AI
    assert 1 / (MINIMUM_PER_CLASS + 1) < LEVEL_CAMERA
    few = calibration((0.0,) * MINIMUM_PER_CLASS, (1.0,) * MINIMUM_PER_CLASS, threshold=0.5)
    assert judge(opinion(2.0), few).outcome == "supports-ai"
    assert judge(opinion(-2.0), few).outcome == "supports-camera"


def test_a_verdict_that_mild_redelivery_turns_is_inconclusive() -> None:
    variants = (Variant("jpeg-75", 1.5), Variant("resize-75", -0.5))
    finding = judge(opinion(2.0), calibration(), variants)
    assert finding.outcome == "inconclusive"
    assert finding.stability["stable"] is False
    assert finding.reasons[0].code == "unstable" and finding.reasons[0].text in finding.sentence
    assert judge(opinion(2.0), calibration(), variants[:1]).outcome == "supports-ai"


@pytest.mark.parametrize(("score", "form", "outcome"), [
    (394.0, 380.5, "supports-ai"),  # 18 reals score as high as the form: its p_real is 19/400, below 5 %
    (394.0, 379.5, "inconclusive"),  # 19 do: 20/400
    (210.0, 247.5, "supports-camera"),  # 48 fakes score as low: its p_fake is 49/400, below 12.5 %
    (210.0, 248.5, "inconclusive"),  # 49 do: 50/400
])  # fmt: skip
def test_a_form_may_be_weaker_but_not_ordinary(score: float, form: float, outcome: str) -> None:
    found = calibration(*WIDE, scale=0.1, offset=-30.0)
    finding = judge(opinion(score), found, (Variant("jpeg-75", score), Variant("resize-75", form)))
    assert finding.outcome == outcome
    assert finding.stability["stable"] is (outcome != "inconclusive")


def test_a_score_that_says_nothing_needs_no_other_reason() -> None:
    """The counts are told; that a form alone would support something stands in the record."""
    finding = judge(opinion(305.0), calibration(*WIDE, scale=0.1, offset=-30.0), (Variant("jpeg-75", 397.0),))
    assert finding.stability["stable"] is False
    assert [reason.code for reason in finding.reasons] == ["usual-for-both"]
    assert "scored at least this high" in finding.sentence
    assert judge(opinion(305.0), calibration(*WIDE), (Variant("jpeg-75", 300.0),)).stability["stable"] is True


def test_the_variants_are_what_they_say_and_repeatable() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (80, 120, 3), np.uint8)
    made = dict(stability.variants(rgb))
    assert tuple(made) == stability.VARIANTS
    assert made["jpeg-75"].shape == (80, 120, 3)
    assert made["resize-75"].shape == (60, 90, 3)
    assert made["crop-95"].shape == (76, 114, 3)
    np.testing.assert_array_equal(made["mirror"][:, ::-1], rgb)
    for name, again in stability.variants(rgb):
        np.testing.assert_array_equal(again, made[name])
