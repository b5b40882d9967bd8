"""The block-grid view: which 8 x 8 JPEG grid each place votes for, with numbers of false alarms.

After Nikoukhah, Anger, Ehret, Colom, Morel and Grompone von Gioi, "ZERO: a local JPEG grid origin detector based on the number of DCT
zeros" (CVPR workshops 2019; IPOL 2021), written anew from the papers. Each pixel votes for the grid whose block around it has the most
zero DCT coefficients. Without a JPEG history every grid gets one vote in 64, so a binomial tail times the number of tests bounds the
false alarms.
"""

import colorsys
import math

import numpy as np
import numpy.typing as npt

from desktop.evidence.views.common import (
    Floats,
    Outcome,
    Picture,
    Source,
    components,
    dct_matrix,
    log10_tail,
    luminance,
    not_applicable,
    rounded,
)

NO_VOTE = 255
_STRIP = 512
_EDGE = 8

Votes = npt.NDArray[np.uint8]


def block_grid(source: Source) -> Outcome:
    """Votes, the picture's own grid, and regions with a foreign grid."""
    height, width = source.rgb.shape[:2]
    if min(height, width) < 128:
        return not_applicable("smaller than 128 x 128 pixels")
    votes = pixel_votes(luminance(source.rgb), source)
    cells = cell_votes(votes)
    own, own_nfa = main_grid(votes)
    limit = math.log10(source.parameters["epsilon"])
    found = own_nfa < limit
    regions = foreign_regions(cells, own if found else None, height * width, source)
    facts = {
        "own_grid": [own % 8, own // 8] if found else None, "own_grid_log10_nfa": rounded(own_nfa, 1),
        "begins_in_corner": own == 0 if found else None, "regions": regions, "epsilon": source.parameters["epsilon"],
        "voting_share": rounded(float((votes != NO_VOTE).mean())),
    }
    rows, columns = cells.shape[:2]
    return Outcome(_colours(cells, own if found else None, source.parameters["cell_votes"]), facts, covers=(0, 0, columns * 8, rows * 8))


def pixel_votes(plane: Floats, source: Source) -> Votes:
    """For each pixel the grid 8 * y + x (0…63) whose block has strictly the most zeros, or NO_VOTE.

    Ties do not vote, nor do blocks that are constant along a direction, nor the 8 pixels at the edge, which not every grid can cover.
    """
    height = plane.shape[0]
    votes = np.full(plane.shape, NO_VOTE, np.uint8)
    for top in range(0, height, _STRIP):
        first, last = max(0, top - _EDGE), min(height, top + _STRIP + _EDGE)
        strip = _strip_votes(plane[first:last], source)
        end = min(top + _STRIP, height)
        votes[top:end] = strip[top - first : end - first]
    for edge in (votes[:_EDGE], votes[-_EDGE:], votes[:, :_EDGE], votes[:, -_EDGE:]):
        edge[...] = NO_VOTE
    return votes


def _strip_votes(plane: Floats, source: Source) -> Votes:
    matrix = dct_matrix()
    best = np.zeros(plane.shape, np.uint8)
    votes = np.full(plane.shape, NO_VOTE, np.uint8)
    for x in range(8):
        source.check()
        columns = (plane.shape[1] - x) // 8
        across = np.ascontiguousarray(plane[:, x : x + columns * 8]).reshape(-1, 8) @ matrix.T
        across = across.reshape(plane.shape[0], columns * 8)
        for y in range(8):
            rows = (plane.shape[0] - y) // 8
            both = np.matmul(matrix, across[y : y + rows * 8].reshape(rows, 8, columns * 8))
            np.abs(both, out=both)
            zero = (both < source.parameters["zero_level"]).view(np.uint8).reshape(rows, 8, columns, 8)
            zero[:, 0, :, 0] = 0  # the mean is no sign of quantisation
            by_row, by_column = zero.sum(axis=3, dtype=np.uint8), zero.sum(axis=1, dtype=np.uint8)
            count = by_row.sum(axis=1, dtype=np.uint8)
            # Zero in all 56 coefficients that vary along one direction: a constant block fits every grid.
            flat = (count - by_row[:, 0] == 56) | (count - by_column[:, :, 0] == 56)
            # Views into the two maps, changed in place: every pixel of a block sees the block's count.
            spot = np.s_[y : y + rows * 8, x : x + columns * 8]
            old, mine = (array[spot].reshape(rows, 8, columns, 8) for array in (best, votes))
            new = np.repeat(count, 8, axis=1)[:, None, :].reshape(rows, 1, columns, 8)
            vote = np.repeat(np.where(flat, NO_VOTE, 8 * y + x).astype(np.uint8), 8, axis=1)[:, None, :].reshape(rows, 1, columns, 8)
            np.copyto(mine, np.uint8(NO_VOTE), where=new == old)
            np.copyto(mine, vote, where=new > old)
            np.maximum(old, new, out=old)
    return votes


def cell_votes(votes: Votes) -> npt.NDArray[np.uint8]:
    """Votes per 8 x 8 cell and grid, uint8 (rows, columns, 64)."""
    rows, columns = votes.shape[0] // 8, votes.shape[1] // 8
    cells = np.zeros((rows, columns, 64), np.uint8)
    inner = votes[: rows * 8, : columns * 8]
    present = np.bincount(inner.reshape(-1), minlength=256)
    for grid in range(64):
        if present[grid]:
            cells[:, :, grid] = (inner == grid).reshape(rows, 8, columns, 8).sum(axis=(1, 3), dtype=np.uint8)
    return cells


def main_grid(votes: Votes) -> tuple[int, float]:
    """The grid with the most votes and log10 of its number of false alarms; 64 pixels count as one independent vote."""
    counts = np.bincount(votes.reshape(-1), minlength=256)[:64]
    grid = int(counts.argmax())
    return grid, math.log10(64) + log10_tail(votes.size // 64, int(counts[grid]) // 64, 1 / 64)


def foreign_regions(cells: npt.NDArray[np.uint8], own: int | None, pixels: int, source: Source) -> list[dict[str, object]]:
    """Boxes in which another grid than ``own`` has too many votes for chance; the tests are all boxes of all grids."""
    p = source.parameters
    tests = math.log10(64) + 2 * math.log10(pixels)
    found: list[tuple[float, dict[str, object]]] = []
    for grid in range(64):
        source.check()
        if grid == own:
            continue
        plane = cells[:, :, grid]
        for group in components(plane >= p["cell_votes"]):
            rows, columns = [row for row, _ in group], [column for _, column in group]
            top, left, bottom, right = min(rows), min(columns), max(rows) + 1, max(columns) + 1
            if min(bottom - top, right - left) < p["least_side_cells"]:
                continue
            votes = int(plane[top:bottom, left:right].sum(dtype=np.int64)) // 64
            nfa = tests + log10_tail((bottom - top) * (right - left), votes, 1 / 64)
            if nfa < math.log10(p["epsilon"]):
                box = [left * 8, top * 8, (right - left) * 8, (bottom - top) * 8]
                found.append((nfa, {"box": box, "grid": [grid % 8, grid // 8], "log10_nfa": rounded(nfa, 1)}))
    return [region for _, region in sorted(found, key=lambda item: item[0])[:16]]


def _colours(cells: npt.NDArray[np.uint8], own: int | None, least: int) -> Picture:
    """Grey for the own grid, a colour for each other one, black where no grid has the votes."""
    palette = np.zeros((65, 3), np.uint8)
    for grid in range(64):
        # Steps of the golden section keep neighbouring grids apart in colour.
        palette[grid] = [round(255 * part) for part in colorsys.hsv_to_rgb(grid * 0.618034 % 1, 0.85, 1.0)]
    if own is not None:
        palette[own] = 128
    winner = cells.argmax(axis=2)
    winner[cells.max(axis=2) < least] = 64
    picture: Picture = palette[winner]
    return picture
