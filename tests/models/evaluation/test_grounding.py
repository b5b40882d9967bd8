"""Where an expert points, against the truth: every number worked out by hand, and one command for any expert."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from desktop.cli import main
from desktop.engine import Engine, EngineSettings
from desktop.intake import Intake
from models import store
from models.errors import Cancelled, UsageError
from models.evaluation import grounding, grounding_run
from models.evaluation.grounding import area, centre_prior, curves, mask_of, overlap, random_map, score, shares, strongest
from models.evaluation.grounding_maps import Way, candidates
from models.evaluation.readers import read_dataset
from models.places import data_dir
from tests.conftest import PICTURES

TRUTH = np.array([[1.0, 0.5], [0.25, 0.0]])


def grid(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_a_hit_by_hand() -> None:
    hit = score(grid([4, 2], [1, 1]), TRUTH)
    assert hit.pointing == 1.0
    assert hit.energy == pytest.approx((4 * 1 + 2 * 0.5 + 1 * 0.25) / 8)
    # 1.75 cells of mask: the two strongest cells; 1.5 in both, 2 + 1.75 - 1.5 in either
    assert hit.iou == pytest.approx(1.5 / 2.25)


def test_a_miss_and_a_tie() -> None:
    assert score(grid([0, 0], [0, 3]), TRUTH).pointing == 0.0 == score(grid([0, 0], [0, 3]), TRUTH).energy
    assert score(grid([3, 0], [3, 3]), TRUTH).pointing == pytest.approx(1 / 3)
    assert score(grid([0, 0], [0, 0]), TRUTH).pointing == 0.0 == score(grid([0, 0], [0, 0]), TRUTH).energy
    assert score(grid([-5, 1], [0, 0]), TRUTH).energy == 0.5  # what is negative points nowhere


def test_shares_of_cells() -> None:
    mask = np.zeros((4, 6), bool)
    mask[:2, 1:4] = True
    np.testing.assert_allclose(shares(mask, (0, 0, 6, 4), (2, 3)), [[0.5, 1.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(shares(mask, (1, 0, 4, 4), (2, 2)), [[1.0, 0.5], [0.0, 0.0]])
    # a frame that reaches one row of cells above the picture: padding is not covered
    np.testing.assert_allclose(shares(mask, (0, -2, 6, 6), (3, 3)), [[0, 0, 0], [0.5, 1, 0], [0, 0, 0]])


def test_a_mask_of_another_size_is_stretched() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0, 1] = 255
    assert mask_of(picture, (4, 4)).tolist() == [[False, False, True, True]] * 2 + [[False] * 4] * 2


def test_overlap_and_order() -> None:
    assert overlap(np.array([[True, False], [False, False]]), TRUTH) == pytest.approx(1 / 1.75)
    assert strongest(grid([1, 3], [3, 2]), 2).tolist() == [[False, True], [True, False]]
    assert not strongest(grid([1, 3], [3, 2]), 0).any()


def test_guesses() -> None:
    prior = centre_prior((3, 5))
    assert prior.argmax() == 7 and np.allclose(prior, prior[::-1, ::-1])
    assert (random_map((2, 2), 7) == random_map((2, 2), 7)).all() and (random_map((2, 2), 7) != random_map((2, 2), 8)).any()


def test_curves_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounding, "STEPS", (0.0, 0.5, 1.0))
    worth = grid([4, 2], [1, 1])

    def hidden(cells: np.ndarray) -> float:
        return float(worth[~cells].sum())

    deletion, insertion = curves(worth, 8.0, hidden)
    assert deletion == pytest.approx((8 + 2) / 4 + (2 + 0) / 4)
    assert insertion == pytest.approx((0 + 6) / 4 + (6 + 8) / 4)
    worst, best = curves(-worth, 8.0, hidden)
    assert worst > deletion and best < insertion
    assert area((0.0, 1.0), (1.0, 3.0)) == 2.0
    turned = curves(worth, -8.0, lambda cells: -hidden(cells))  # toward "real" it is the same
    assert turned == pytest.approx((deletion, insertion))


def test_candidates_are_all_different() -> None:
    found = [str(way) for way in candidates(3, 4)]
    assert len(found) == len(set(found)) == 1 + 2 * (6 + 12)
    assert str(Way("relative-attention", (1,), ((1, 2),))) in found and "patch-contrast" in found


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Three edited pictures with their masks, and a broken one."""
    for folder in ("edited", "masks"):
        (tmp_path / folder).mkdir()
    for path in PICTURES.glob("painted-*.mask.png"):
        shutil.copy(path, tmp_path / "masks" / path.name.replace(".mask", ""))
        shutil.copy(PICTURES / path.name.replace(".mask.png", ".jpg"), tmp_path / "edited")
    (tmp_path / "edited" / "broken.png").write_bytes(b"no picture")
    shutil.copy(PICTURES / "painted-coffee.mask.png", tmp_path / "masks" / "broken.png")
    return tmp_path


def test_one_command_for_any_expert(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path = edited
    assert main(["evaluate", str(tmp_path), "--grounding", "--choose", "--curves", "1", "--json"]) == 3  # one is broken
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "telltale.grounding/1" and found["pictures"] + found["searched"] == 3
    assert found["pictures"] >= 1 and found["searched"] >= 1 and list(found["left_out"].values()) == [1]
    for row in found["methods"].values():
        assert all(0.0 <= row[name] <= 1.0 for name in ("pointing", "energy", "iou"))
    assert {"patch-contrast", "relative-attention", "attention", "centre", "random"} <= set(found["methods"])
    assert found["claims"]["claims"] > 0


def test_an_interrupted_measurement_goes_on_and_comes_to_the_same(edited: Path, tmp_path: Path) -> None:
    dataset, results = read_dataset(edited), tmp_path / "kept" / "seen.jsonl"
    with Engine.open(store.default_expert(), settings=EngineSettings(every_layer=True)) as engine, Intake() as intake:
        looked: list[str] = []
        stop_at = 0

        def read(path: Path) -> np.ndarray:
            return intake.read(path).rgb

        def measure(kept: Path | None, curves: int = 1) -> dict[str, object]:
            looked.clear()
            wishes = grounding_run.Wishes(choose=True, curves=curves, effects=1, results=kept)
            return grounding_run.measure(dataset, engine, read, wishes, telltale="1", cancelled=lambda: 0 < stop_at <= len(looked),
                                         on_progress=lambda _done, _of, name: looked.append(name))

        whole = measure(None)
        everything = list(looked)
        assert len(everything) == 4 and not list((data_dir() / "evaluations").glob("*.jsonl"))
        for stop_at in (2, 1, 2):  # noqa: B007 - read by ``measure``
            with pytest.raises(Cancelled):
                measure(results)
        lines = results.read_bytes()
        assert len(lines.splitlines()) == 1 + 2
        results.write_bytes(lines[:-20])  # as a power cut leaves it
        stop_at = 0
        assert measure(results) == whole
        assert looked == everything[1:], "only what was not there whole"
        assert measure(results) == whole and not looked
        with pytest.raises(UsageError, match="records-differ"):
            measure(results, curves=0)


def test_no_masks_no_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real").mkdir()
    shutil.copy(PICTURES / "real-coffee.jpg", tmp_path / "real")
    assert main(["evaluate", str(tmp_path), "--grounding"]) == 2
    assert "masks" in capsys.readouterr().err
