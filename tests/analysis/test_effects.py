"""Effects against controls of the same shape, with a scorer whose truth is known."""

import numpy as np
import pytest

from desktop.effects import MINIMUM_CONTROLS, control_cells, effect_of


def block(top: int, left: int, height: int = 3, width: int = 3, size: int = 12) -> np.ndarray:
    cells = np.zeros((size, size), bool)
    cells[top : top + height, left : left + width] = True
    return cells


@pytest.mark.parametrize("cells", [block(0, 0), block(5, 5), block(9, 9, 3, 2), block(2, 0, 1, 12)])
def test_controls_have_the_same_shape_lie_elsewhere_and_are_repeatable(cells: np.ndarray) -> None:
    controls = control_cells(cells)
    assert len(controls) >= MINIMUM_CONTROLS
    for control in controls:
        assert control.sum() == cells.sum()
        assert not (control & cells).any()
    assert all((one == two).all() for one, two in zip(controls, control_cells(cells), strict=True))
    assert len({control.tobytes() for control in controls}) == len(controls)


def test_a_region_that_carries_the_verdict_is_supported() -> None:
    cells = block(4, 4)
    effect = effect_of(cells, 3.0, lambda hidden: 3.0 - 0.2 * float((hidden & cells).sum()) - 0.01 * float(hidden.sum()))
    assert effect is not None and effect.supported
    assert effect.delta_log_odds == pytest.approx(-1.89)
    assert effect.controls == pytest.approx((-0.09,) * len(effect.controls))


def test_a_region_that_changes_no_more_than_any_other_is_not_supported() -> None:
    effect = effect_of(block(4, 4), 3.0, lambda hidden: 3.0 - 0.1 * float(hidden.sum()))
    assert effect is not None and not effect.supported


def test_for_a_real_verdict_the_direction_is_the_other_one() -> None:
    cells = block(4, 4)
    assert effect_of(cells, -3.0, lambda hidden: -3.0 + float((hidden & cells).sum())).supported  # type: ignore[union-attr]
    assert not effect_of(cells, -3.0, lambda hidden: -3.0 - float((hidden & cells).sum())).supported  # type: ignore[union-attr]


def test_no_room_for_controls_gives_no_effect() -> None:
    assert effect_of(block(0, 0, 12, 12), 1.0, lambda hidden: 0.0) is None
    assert effect_of(np.zeros((12, 12), bool), 1.0, lambda hidden: 0.0) is None
