"""From a claim's attention map to regions in the exhibit. Pure functions; the grid is honest about its coarseness.

A map is a (rows, columns) array of non-negative weights over the expert's frame, row-major like the vision tower's patches. Regions are
boxes in exhibit pixels: the inverse of the crop and resize that made the frame.
"""

import base64

import numpy as np
from numpy.typing import NDArray

from desktop.document import Box, ClaimMap, Region

KEEP = 3
"""At most so many regions a claim."""
MINIMUM_CELLS = 2
THRESHOLD_STD = 1.5
"""Cells above mean + this many standard deviations of the smoothed map count."""


def from_grid(grid: NDArray[np.float32], frame: Box, exhibit: tuple[int, int]) -> tuple[Region, ...]:
    """The few places where ``grid`` (rows, columns) is clearly above its surroundings, as boxes in exhibit pixels, heaviest first.

    ``frame`` is where the grid lies in an exhibit of ``exhibit`` = (width, height) pixels; a padded frame may reach beyond it. ``weight``
    is the region's share of the whole map.
    """
    found = []
    for weight, cells in parts(grid):
        rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
        box = cells_to_box((rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1), grid.shape, frame)
        x, y, width, height = _clip(box, exhibit)
        if width > 0 and height > 0:  # else it lies in the padding
            found.append(Region(box=(x, y, width, height), weight=round(weight, 6)))
    return tuple(found)


def parts(grid: NDArray[np.float32]) -> list[tuple[float, NDArray[np.bool_]]]:
    """The parts of a map that stand out: (share of the map, cells as bool (rows, columns)), heaviest first.

    The map is smoothed with a 3 x 3 mean, thresholded at mean + 1.5 standard deviations, and its connected parts of at least two cells are
    kept, at most three. An even map has no specific region and gives none.
    """
    from scipy import ndimage  # takes longer to import than a small picture to analyse

    smooth = smoothed(grid)
    spread, total = float(smooth.std()), float(grid.sum())
    if spread <= 1e-12 or total <= 0.0:
        return []
    labels, count = ndimage.label(smooth > smooth.mean() + THRESHOLD_STD * spread)
    found = [(float(grid[labels == number].sum()) / total, labels == number) for number in range(1, count + 1)]
    found = [(weight, cells) for weight, cells in found if int(cells.sum()) >= MINIMUM_CELLS]
    return sorted(found, key=lambda part: -part[0])[:KEEP]


def smoothed(grid: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean of every cell and its eight neighbours (the edge's own cells repeated): one cell alone is noise."""
    padded = np.pad(grid.astype(np.float64), 1, mode="edge")
    rows, columns = grid.shape
    return np.asarray(sum(padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)) / 9.0)


def cells_to_box(rows: tuple[int, int], columns: tuple[int, int], grid: tuple[int, ...], frame: Box) -> Box:
    """Cells ``rows`` x ``columns`` (half-open) of a grid over ``frame`` as a box of whole exhibit pixels that covers them."""
    x, y, width, height = frame
    top, bottom = (y + height * row / grid[0] for row in rows)
    left, right = (x + width * column / grid[1] for column in columns)
    x0, y0 = int(np.floor(left + 1e-9)), int(np.floor(top + 1e-9))
    x1, y1 = int(np.ceil(right - 1e-9)), int(np.ceil(bottom - 1e-9))
    return x0, y0, x1 - x0, y1 - y0


def _clip(box: Box, exhibit: tuple[int, int]) -> Box:
    x, y, width, height = box
    left, top = max(x, 0), max(y, 0)
    return left, top, min(x + width, exhibit[0]) - left, min(y + height, exhibit[1]) - top


def as_map(grid: NDArray[np.float32]) -> ClaimMap:
    """The raw map for the document, so that anybody can draw or threshold it differently."""
    values = np.ascontiguousarray(grid, dtype="<f2")
    return ClaimMap(grid=(int(grid.shape[0]), int(grid.shape[1])), values=base64.b64encode(values.tobytes()).decode("ascii"))


def from_map(claim_map: ClaimMap) -> NDArray[np.float32]:
    """The inverse of ``as_map``: float32 (rows, columns). Raises ValueError when the size does not fit."""
    return np.frombuffer(base64.b64decode(claim_map.values), dtype="<f2").reshape(claim_map.grid).astype(np.float32)
