"""Hand-computed cases for the statistics behind a finding."""

import pytest

from desktop.judgement import clopper_pearson, conformal_p_values, likelihood_ratio_bounds, positive_predictive_value


def test_no_false_positives_in_a_thousand_gives_the_rule_of_three() -> None:
    low, high = clopper_pearson(0, 1000, one_sided=True)
    assert low == 0.0
    assert high == pytest.approx(1 - 0.05 ** (1 / 1000), rel=1e-9)


@pytest.mark.parametrize(("reals", "expected"), [(200, 61), (1000, 301), (3000, 902), (10_000, 3005)])
def test_the_published_table_of_likelihood_ratio_bounds(reals: int, expected: int) -> None:
    assert round(0.9 / clopper_pearson(0, reals, one_sided=True)[1]) == expected


def test_two_sided_interval_of_five_in_fifty() -> None:
    # Published Clopper-Pearson interval of 5 of 50 at 95 %: 0.0333 to 0.2181.
    assert clopper_pearson(5, 50) == pytest.approx((0.0333, 0.2181), abs=5e-5)


def test_interval_of_nothing_is_everything() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and trials"):
        clopper_pearson(3, 2)


def test_conformal_p_values_count_the_as_extreme() -> None:
    reals, fakes = (-3.0, -2.0, -1.0, 0.0), (0.0, 1.0, 2.0, 3.0)
    assert conformal_p_values(0.0, reals, fakes) == pytest.approx((2 / 5, 2 / 5))
    assert conformal_p_values(5.0, reals, fakes) == pytest.approx((1 / 5, 5 / 5))
    assert conformal_p_values(-5.0, reals, fakes) == pytest.approx((5 / 5, 1 / 5))


def test_twenty_pictures_carry_no_strong_statement() -> None:
    lowest, highest = likelihood_ratio_bounds([0.0] * 10, [1.0] * 10)
    # Perfect separation, ten and ten: 0.05 ** 0.1 is the lower bound of 10 of 10, 1 - that the upper bound of 0 of 10.
    bound = 0.05**0.1
    assert highest == pytest.approx(bound / (1 - bound))
    assert highest < 3
    assert lowest == pytest.approx((1 - bound) / bound)


def test_more_pictures_carry_more() -> None:
    assert likelihood_ratio_bounds([0.0] * 1000, [1.0] * 1000)[1] > 300


def test_overlapping_classes_carry_nothing() -> None:
    scores = [float(i) for i in range(100)]
    lowest, highest = likelihood_ratio_bounds(scores, scores)
    assert highest == pytest.approx(1.0)
    assert lowest == pytest.approx(1.0, abs=0.05)


def test_base_rate_matters() -> None:
    assert positive_predictive_value(100.0, 0.01) == pytest.approx(100 * 0.01 / (100 * 0.01 + 0.99))
    assert positive_predictive_value(1.0, 0.5) == 0.5
