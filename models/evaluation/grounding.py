"""How well a map over the expert's frame points at what is known to have been changed. Pure functions on small arrays.

A map is (rows, columns) of weights over the frame; the truth is the share of each cell that the mask covers, the same shape. Sources: the
pointing game (Zhang et al. 2016, arXiv 1608.00507), energy inside the mask (Wang et al. 2020, arXiv 1910.01279), deletion and insertion
(Petsiuk et al. 2018, arXiv 1806.07421) on patch embeddings, because a blurred or filled picture would itself read as edited.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop.document import Box

Map = NDArray[np.float32]
Shares = NDArray[np.float64]
"""(rows, columns): how much of each cell lies in the mask, 0…1."""
Cells = NDArray[np.bool_]

STEPS = (0.0, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Shares of the cells that are hidden (or shown) at the points of a curve."""


@dataclass(frozen=True)
class Hit:
    """One map against one mask. Every number is 0…1, higher is better."""

    pointing: float
    """1 when at least half of the strongest cell lies in the mask; a share where several cells are equally strong."""
    energy: float
    """Share of the map's weight that lies in the mask."""
    iou: float
    """Intersection over union with the mask when as many of the strongest cells are taken as the mask covers."""


def mask_of(picture: NDArray[np.uint8], size: tuple[int, int]) -> Cells:
    """The white part of a mask picture (H x W x 3), stretched to ``size`` (width, height) where it has another."""
    width, height = size
    rows, columns = (np.arange(height) * picture.shape[0]) // height, (np.arange(width) * picture.shape[1]) // width
    return np.asarray(picture.max(axis=2)[rows[:, None], columns[None, :]] > 127)


def shares(mask: Cells, frame: Box, grid: tuple[int, int]) -> Shares:
    """How much of each cell of a ``grid`` over ``frame`` (pixels of the exhibit) a ``mask`` (H, W) of the exhibit covers.

    What lies outside the exhibit (padding) is not covered. Cells need not be whole pixels; a pixel counts for the cell of its centre.
    """
    x, y, width, height = frame
    by_row, by_column = _members(mask.shape[0], y, height, grid[0]), _members(mask.shape[1], x, width, grid[1])
    covered = by_row @ mask.astype(np.float64) @ by_column.T
    return np.asarray(covered / np.maximum(np.outer(by_row.sum(axis=1), by_column.sum(axis=1)), 1.0), np.float64)


def _members(pixels: int, start: int, length: int, cells: int) -> NDArray[np.float64]:
    """(cells, pixels): 1 where a pixel's centre lies in a cell of a row of ``cells`` that begins at ``start`` and is ``length`` long."""
    of = np.floor((np.arange(pixels) + 0.5 - start) * cells / length).astype(int)
    return np.asarray(of[None, :] == np.arange(cells)[:, None], np.float64)


def score(found: Map, truth: Shares) -> Hit:
    """``found`` against ``truth``. A map without any weight points nowhere and gets nothing but its chance of overlap."""
    weights = np.maximum(found.astype(np.float64), 0.0)
    total = float(weights.sum())
    top = weights == weights.max()
    chosen = strongest(found, max(1, round(float(truth.sum()))))
    return Hit(
        pointing=float((truth[top] >= 0.5).mean()) if total > 0 else 0.0,
        energy=float((weights * truth).sum() / total) if total > 0 else 0.0,
        iou=overlap(chosen, truth),
    )


def overlap(chosen: Cells, truth: Shares) -> float:
    """Intersection over union of whole cells and a mask known by its shares."""
    both = float(truth[chosen].sum())
    union = float(chosen.sum()) + float(truth.sum()) - both
    return both / union if union > 0 else 0.0


def strongest(found: Map, count: int) -> Cells:
    """The ``count`` strongest cells; of equals the first in reading order."""
    order = np.argsort(-found.ravel(), kind="stable")
    chosen = np.zeros(found.size, np.bool_)
    chosen[order[:count]] = True
    return chosen.reshape(found.shape)


def centre_prior(grid: tuple[int, int]) -> Map:
    """What somebody would draw who never saw the picture: a bell over the middle, a quarter of the side wide."""
    rows, columns = (((np.arange(n) - (n - 1) / 2) / (n / 4)) ** 2 for n in grid)
    return np.exp(-0.5 * (rows[:, None] + columns[None, :])).astype(np.float32)


def random_map(grid: tuple[int, int], number: int) -> Map:
    """An even draw for every cell, the same for the same ``number``."""
    return np.random.default_rng(number).random(grid, np.float32)


def curves(found: Map, log_odds: float, score_hidden: Callable[[Cells], float]) -> tuple[float, float]:
    """(area under the deletion curve, area under the insertion curve) of the log-odds toward the expert's own verdict.

    Deletion hides the strongest cells first: the lower the area, the more of the verdict hangs on them. Insertion shows only the strongest
    ones: the higher, the better. Both cost a pass for every inner step of ``STEPS``.
    """
    toward = 1.0 if log_odds >= 0 else -1.0
    everything = score_hidden(np.ones(found.shape, np.bool_))
    deleted, inserted = [log_odds], [everything]
    for step in STEPS[1:-1]:
        cells = strongest(found, round(step * found.size))
        deleted.append(score_hidden(cells))
        inserted.append(score_hidden(~cells))
    return tuple(toward * area(STEPS, values) for values in ([*deleted, everything], [*inserted, log_odds]))  # type: ignore[return-value]


def area(at: Sequence[float], values: Sequence[float]) -> float:
    """Area under straight lines through the points."""
    x, y = np.asarray(at, np.float64), np.asarray(values, np.float64)
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())
