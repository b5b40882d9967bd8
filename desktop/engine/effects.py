"""What hiding a claim's cells does to the verdict, against the same shape elsewhere: the only way to tell a reason from a habit of looking.

Cells are hidden by replacing their projected patch embeddings (``Engine.score_hidden``), so no fill or blur can look like a trace of
something. Each hidden variant costs a prefill: seconds on a GPU, up to minutes for a large expert on a small processor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop.engine.client import Engine
from desktop.engine.values import Picture, Score

METHOD = "patch embeddings replaced by the picture's mean; full prefill"
Cells = np.ndarray[Any, np.dtype[np.bool_]]
_MOST_OVERLAP = 0.25


@dataclass(frozen=True)
class EffectDraft:
    """Change of the log-odds (hidden minus original) for the claim's cells and for each control."""

    delta_log_odds: float
    controls: tuple[float, ...]
    method: str
    supported: bool
    """Hiding the cells moves the verdict back by more than hiding any control does."""


def measure_effect(engine: Engine, picture: Picture, score: Score, cells: Cells, *, controls: int = 3,
                   cancelled: Callable[[], bool] | None = None) -> EffectDraft | None:
    """Hide ``cells`` (rows, columns), then ``controls`` shifted copies; None when the picture has no room for three controls or no cell is
    true.

    ``score`` is the picture's recorded score. Raises what ``Engine.score_hidden`` raises.
    """
    elsewhere = control_cells(cells, max(3, controls))
    if not cells.any() or len(elsewhere) < 3:
        return None
    deltas = [engine.score_hidden(picture, hidden, cancelled=cancelled).log_odds - score.log_odds for hidden in (cells, *elsewhere)]
    back = np.asarray(deltas) * (-1.0 if score.log_odds > 0 else 1.0)
    return EffectDraft(deltas[0], tuple(deltas[1:]), METHOD, bool(back[0] > max(0.0, back[1:].max())))


def control_cells(cells: Cells, count: int) -> list[Cells]:
    """Up to ``count`` copies of the same shape elsewhere in the grid, overlapping the original by a quarter at most, as far apart as
    possible.

    Deterministic: the same cells give the same controls.
    """
    rows, columns = np.nonzero(cells)
    if not len(rows):
        return []
    height, width = cells.shape
    places: list[tuple[int, int, Cells]] = []
    for down in range(-rows.min(), height - rows.max()):
        for right in range(-columns.min(), width - columns.max()):
            moved = np.zeros_like(cells)
            moved[rows + down, columns + right] = True
            if (moved & cells).sum() <= _MOST_OVERLAP * len(rows):
                places.append((down, right, moved))
    chosen: list[tuple[int, int, Cells]] = []
    taken = [(0, 0)]
    while places and len(chosen) < count:
        # The place farthest from everything taken so far; the first of equals.
        best = max(places, key=lambda place: min((place[0] - y) ** 2 + (place[1] - x) ** 2 for y, x in taken))
        places = [place for place in places if place is not best]
        chosen.append(best)
        taken.append((best[0], best[1]))
    return [place[2] for place in chosen]
