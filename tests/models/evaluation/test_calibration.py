"""Calibration: the fit by hand, the threshold by counting, the file beside the user's data."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from desktop.judgement.statistics import clopper_pearson
from models.cards import Calibration
from models.errors import UsageError
from models.evaluation.calibration import TARGET_FPR, cautions, choose_threshold, fewest_reals, fit_calibration, make_calibration
from models.evaluation.kept import forget_calibration, load_calibration, save_calibration
from models.evaluation.metrics import cllr
from models.evaluation.readers import read_dataset
from models.evaluation.run import run
from tests.models.evaluation.fakes import ScriptedAnalyst, write_set


def test_one_picture_a_class_by_hand() -> None:
    # Platt's targets are 1/3 and 2/3, so sigmoid(scale) = 2/3 at score 1 and the curve goes through the middle: scale ln 2, offset 0.
    assert fit_calibration([-1.0], [1.0]) == (pytest.approx(math.log(2)), pytest.approx(0.0, abs=1e-9))
    assert fit_calibration([4.0], [6.0]) == (pytest.approx(math.log(2)), pytest.approx(-5 * math.log(2)))


def test_classes_count_alike() -> None:
    few, many = fit_calibration([-1.0] * 10, [1.0] * 10), fit_calibration([-1.0] * 10, [1.0] * 1000)
    assert few[1] == pytest.approx(0.0, abs=1e-9)
    # sigmoid(offset - scale) = 1/12 and sigmoid(offset + scale) = 1001/1002 whatever the numbers of pictures.
    assert expit(many[1] - many[0]) == pytest.approx(1 / 12)
    assert expit(many[1] + many[0]) == pytest.approx(1001 / 1002)


def test_it_recovers_a_known_law() -> None:
    chance = np.random.default_rng(3)
    # Normal scores with means -1 and 1 and variance 1 have exactly log LR = 2 x.
    reals, fakes = chance.normal(-1, 1, 20000), chance.normal(1, 1, 5000)
    scale, offset = fit_calibration(list(reals), list(fakes))
    assert scale == pytest.approx(2.0, abs=0.06)
    assert offset == pytest.approx(0.0, abs=0.06)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-40, 40), min_size=1, max_size=30), st.lists(st.floats(-40, 40), min_size=1, max_size=30))
def test_any_scores_give_an_answer_or_a_code(reals: list[float], fakes: list[float]) -> None:
    try:
        scale, offset = fit_calibration(reals, fakes)
    except UsageError as error:
        assert error.code == "calibration-reversed"
        return
    assert math.isfinite(scale)
    assert math.isfinite(offset)
    assert scale > 0
    # A fit is never worse than saying nothing by more than the caution of its targets.
    labels, scores = np.array([0] * len(reals) + [1] * len(fakes)), np.array(reals + fakes)
    cost = cllr(labels, scale * scores + offset)
    assert cost is not None
    assert cost <= 1.25


def test_the_threshold_keeps_its_promise() -> None:
    reals = [float(number) for number in range(200)]
    threshold = choose_threshold(reals, 0.05)
    above = sum(score >= threshold for score in reals)
    assert clopper_pearson(above, 200, one_sided=True)[1] <= 0.05
    assert clopper_pearson(above + 1, 200, one_sided=True)[1] > 0.05
    assert choose_threshold(reals, 0.001) == math.nextafter(199.0, math.inf), "200 reals cannot promise 0.1 %"
    assert choose_threshold([1.0, 1.0]) == math.nextafter(1.0, math.inf)


def test_how_many_reals_a_promise_takes() -> None:
    for target, fewest in ((0.02, 149), (0.05, 59), (0.01, 299)):
        assert fewest_reals(target) == fewest
        assert clopper_pearson(0, fewest, one_sided=True)[1] <= target < clopper_pearson(0, fewest - 1, one_sided=True)[1]
    assert TARGET_FPR == 0.02


@pytest.mark.parametrize(("reals", "fakes", "target", "said"), [
    (149, 100, 0.02, []),
    (148, 99, 0.02, ["fewer than 100", "148 real pictures cannot promise 2 %"]),
    (100, 100, 0.02, ["100 real pictures cannot promise 2 % false positives with 95 % confidence (149 can)"]),
    (100, 100, 0.05, []),
])  # fmt: skip
def test_a_small_calibration_says_what_it_cannot_promise(reals: int, fakes: int, target: float, said: list[str]) -> None:
    scores = [0.0] * reals
    made = Calibration(1.0, 0.0, choose_threshold(scores, target), "t", "2026-11-21", "t", reals, fakes, 0, fakes)
    found = cautions(made, target)
    assert len(found) == len(said)
    assert all(part in sentence for part, sentence in zip(said, found, strict=True))
    if reals == 100 and said:
        assert "promises 3.0 %" in found[0]  # 1 - 0.05 ** (1 / 100) is 2.95 %


def calibrated(tmp_path: Path, **pictures: str) -> tuple[ScriptedAnalyst, object]:
    analyst = ScriptedAnalyst(tmp_path / "expert")
    dataset = read_dataset(write_set(tmp_path / "set", **pictures))
    records = run(dataset, analyst, telltale="1")
    return analyst, make_calibration(dataset, records, "ab" * 32, date="2026-11-21", domain="press photos")


def pictures(reals: int, fakes: int) -> dict[str, str]:
    return {**{f"real__r{n}": str(-2.0 + 0.01 * n) for n in range(reals)}, **{f"fake__f{n}": str(1.0 + 0.01 * n) for n in range(fakes)}}


def test_from_a_folder_to_a_file(tmp_path: Path, own_data_folder: Path) -> None:
    _, stored = calibrated(tmp_path, **pictures(8, 6), real__again="-2.0", real__broken="broken", edited__e="1", fake__o="3 other")
    made = stored.calibration
    assert (made.reals, made.fakes, stored.failed, stored.duplicates) == (8, 6, 2, 1)
    assert made.real_scores == tuple(sorted(made.real_scores))
    assert (made.false_positives, made.true_positives) == (0, 6)
    assert made.domain == "press photos"
    path = save_calibration(stored)
    assert path.parent == own_data_folder / "calibrations"
    assert load_calibration("ab" * 32) == stored
    assert load_calibration("cd" * 32) is None
    path.rename(path.with_name("cd" * 32 + ".json"))
    with pytest.raises(UsageError, match="calibration-invalid"):
        load_calibration("cd" * 32)
    save_calibration(stored)
    path.write_text(path.read_text().replace('"false_positives": 0', '"false_positives": 1'))
    with pytest.raises(UsageError, match="calibration-invalid"):
        load_calibration("ab" * 32)
    assert forget_calibration("ab" * 32)
    assert not forget_calibration("ab" * 32)


def test_the_same_pictures_give_the_same_set(tmp_path: Path) -> None:
    one = calibrated(tmp_path / "a", **pictures(6, 6))[1]
    two = calibrated(tmp_path / "b", **{name.replace("__", "__x"): text for name, text in pictures(6, 6).items()})[1]
    assert one.calibration == two.calibration
    assert one.calibration.set_id.startswith("own-")


@pytest.mark.parametrize(("reals", "fakes", "more", "code"), [
    (4, 9, {}, "calibration-small"), (9, 4, {}, "calibration-small"), (6, 6, {"fake__x": "-2.0"}, "calibration-contradiction"),
])
def test_refusals(tmp_path: Path, reals: int, fakes: int, more: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        calibrated(tmp_path, **pictures(reals, fakes), **more)
    assert caught.value.code == code
    with pytest.raises(UsageError, match="calibration-reversed"):
        fit_calibration([1.0, 2.0], [-1.0, -2.0])
