"""Controls have the claim's shape and lie elsewhere; an effect counts only beyond all of them."""

from typing import Any

import numpy as np
import pytest

from desktop.engine import Engine, Score, effects


def block(top: int, left: int, height: int, width: int, side: int = 8) -> Any:
    cells = np.zeros((side, side), np.bool_)
    cells[top:top + height, left:left + width] = True
    return cells


@pytest.mark.parametrize("cells", [block(0, 0, 2, 2), block(3, 3, 2, 3), block(6, 1, 2, 4), block(0, 0, 1, 1)])
def test_controls_are_the_same_shape_elsewhere(cells: Any) -> None:
    made = effects.control_cells(cells, 3)
    assert len(made) == 3 and len({control.tobytes() for control in made}) == 3
    for control in made:
        assert control.sum() == cells.sum() and (control & cells).sum() <= cells.sum() / 4
        down, right = (np.argwhere(control)[0] - np.argwhere(cells)[0]).tolist()
        assert np.array_equal(np.argwhere(control), np.argwhere(cells) + np.array([down, right]))
    assert all(np.array_equal(a, b) for a, b in zip(made, effects.control_cells(cells, 3), strict=True))


def test_no_room_no_controls() -> None:
    assert effects.control_cells(block(0, 0, 8, 8), 3) == []
    assert effects.control_cells(block(0, 0, 0, 0), 3) == []


class Answers:
    """An engine whose log-odds fall by the weight of what is hidden."""

    def __init__(self, weights: Any, start: float) -> None:
        self.weights, self.start = weights, start

    def score_hidden(self, _picture: Any, hidden: Any, *, cancelled: Any = None) -> Score:
        return Score(self.start - float(self.weights[hidden].sum()), 0.5, 1.0, "fake")


@pytest.mark.parametrize(
    ("weight", "start", "supported"), [(1.0, 3.0, True), (0.0, 3.0, False), (-1.0, 3.0, False), (-1.0, -3.0, True), (1.0, -3.0, False)],
)
def test_supported_only_beyond_every_control_and_towards_the_other_answer(weight: float, start: float, supported: bool) -> None:
    cells, weights = block(1, 1, 2, 2), np.full((8, 8), 0.01)
    weights[cells] = weight
    done = effects.measure_effect(Answers(weights, start), np.zeros((8, 8, 3), np.uint8), Score(start, 0.5, 1.0, "fake"), cells)  # type: ignore[arg-type]
    assert done is not None and done.supported is supported
    assert done.delta_log_odds == pytest.approx(-4 * weight) and len(done.controls) == 3


def test_on_the_engine(shared: Engine, reference: dict[str, Any]) -> None:
    picture = reference["pictures"][0]
    score = shared.score(picture)
    done = effects.measure_effect(shared, picture, score, block(2, 2, 2, 2))
    again = effects.measure_effect(shared, picture, score, block(2, 2, 2, 2))
    assert done is not None and done == again and done.delta_log_odds != 0.0
    assert effects.measure_effect(shared, picture, score, block(0, 0, 0, 0)) is None
    assert shared.score(picture) == score
