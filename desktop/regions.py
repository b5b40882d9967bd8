"""From a claim's attention map to regions in the exhibit. Pure functions; the grid is honest about its coarseness.

A map is a (rows, columns) array of non-negative weights over the expert's frame, row-major like the vision tower's patches. Regions are
boxes in exhibit pixels: the inverse of the crop and resize that made the frame.
"""

import base64

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from desktop.document import Box, ClaimMap, Region

KEEP = 3
"""At most so many regions a claim."""
MINIMUM_CELLS = 2
THRESHOLD_STD = 1.5
"""Cells above mean + this many standard deviations of the smoothed map count."""


def from_grid(grid: NDArray[np.float32], frame: Box, exhibit: tuple[int, int]) -> tuple[Region, ...]:
    """The few places where ``grid`` (rows, columns) is clearly above its surroundings, as boxes in exhibit pixels, heaviest first.

    ``frame`` is where the grid lies in an exhibit of ``exhibit`` = (width, height) pixels; a padded frame may reach beyond it.

    The map is smoothed with a 3 x 3 mean, thresholded at mean + 1.5 standard deviations, and its connected parts of at
    least two cells are kept. An even map has no specific region and gives none.
    """
    smooth = ndimage.uniform_filter(grid.astype(np.float64), size=3, mode="nearest")
    spread = float(smooth.std())
    total = float(grid.sum())
    if spread <= 1e-12 or total <= 0.0:
        return ()
    labels, count = ndimage.label(smooth > smooth.mean() + THRESHOLD_STD * spread)
    found: list[tuple[float, Region]] = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        cells = labels[rows, columns] == number
        if int(cells.sum()) < MINIMUM_CELLS:
            continue
        weight = float(grid[rows, columns][cells].sum()) / total
        box = _clip(cells_to_box((rows.start, rows.stop), (columns.start, columns.stop), grid.shape, frame), exhibit)
        if box[2] <= 0 or box[3] <= 0:  # all in the padding
            continue
        found.append((weight, Region(box=box, weight=round(weight, 6))))
    found.sort(key=lambda item: (-item[0], item[1].box))
    return tuple(region for _, region in found[:KEEP]) if count else ()


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
