"""Does hiding what a claim points at change the verdict more than hiding as much elsewhere?

The claim's cells are replaced by the picture's mean patch embedding (no blur: blur itself reads as fake), the verdict is read again, and
the change is compared with that of control cells of the same shape. Source: deletion tests as in Petsiuk et al. 2018
(arXiv 1806.07421), on embeddings.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from desktop.document import Effect

Cells = NDArray[np.bool_]
CONTROLS = 4
MINIMUM_CONTROLS = 3
METHOD = "mean-embedding: the cells' projected patch embeddings replaced by the picture's mean, full verdict pass"


def effect_of(cells: Cells, log_odds: float, score_hidden: Callable[[Cells], float]) -> Effect | None:
    """The effect of hiding ``cells`` (rows, columns), or None when there is no room for three controls of the same shape.

    ``score_hidden`` gives the log-odds with some cells hidden. ``delta_log_odds`` is hidden minus shown. A claim is supported when hiding
    it takes away more of the verdict than hiding any control does.
    """
    controls = control_cells(cells)
    if len(controls) < MINIMUM_CONTROLS:
        return None
    delta = score_hidden(cells) - log_odds
    changes = tuple(score_hidden(control) - log_odds for control in controls)
    toward = 1.0 if log_odds >= 0 else -1.0
    supported = -toward * delta > max(0.0, *(-toward * change for change in changes))
    return Effect(delta_log_odds=delta, controls=changes, method=METHOD, supported=supported)


def hiding_map(shape: tuple[int, int], log_odds: float, score_hidden: Callable[[Cells], float]) -> NDArray[np.float32]:
    """How much of the verdict hangs on each place, (rows, columns): the mean change toward the other answer of the windows over a cell.

    Windows are an eighth of the side and at least three cells wide, and overlap by a cell; each costs a full pass. Where hiding would
    strengthen the verdict there is nothing. It is about the verdict, not about any one sentence.
    """
    toward = 1.0 if log_odds >= 0 else -1.0
    side = max(3, shape[0] // 8)
    changes, seen = np.zeros(shape), np.zeros(shape)
    for top, left in ((t, c) for t in _starts(shape[0], side) for c in _starts(shape[1], side)):
        cells = np.zeros(shape, np.bool_)
        cells[top : top + side, left : left + side] = True
        changes += np.where(cells, toward * (log_odds - score_hidden(cells)), 0.0)
        seen += cells
    return np.maximum(changes / seen, 0.0).astype(np.float32)


def _starts(length: int, side: int) -> list[int]:
    """Where windows of ``side`` begin so that they cover ``length`` and overlap by a cell."""
    return sorted({*range(0, max(1, length - side), side - 1), max(0, length - side)})


def control_cells(cells: Cells, count: int = CONTROLS) -> list[Cells]:
    """Up to ``count`` shifted copies of ``cells`` that stay inside the grid and do not overlap it, spread evenly over the possible shifts.

    The choice is fixed by the cells alone, so that it can be repeated.
    """
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    if rows.size == 0:
        return []
    patch = cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    possible = []
    for top in range(cells.shape[0] - patch.shape[0] + 1):
        for left in range(cells.shape[1] - patch.shape[1] + 1):
            shifted = np.zeros_like(cells)
            shifted[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
            if not (shifted & cells).any():
                possible.append(shifted)
    if len(possible) <= count:
        return possible
    return [possible[round(index * (len(possible) - 1) / (count - 1))] for index in range(count)]
