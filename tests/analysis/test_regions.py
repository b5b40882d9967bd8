"""A planted map comes back at the right pixels, for every way of making the frame."""

import numpy as np
import pytest

from desktop import regions
from models import preparation


def planted(row: int, column: int, size: int = 24) -> np.ndarray:
    grid = np.full((size, size), 0.01, np.float32)
    grid[row - 1 : row + 2, column - 1 : column + 2] = 1.0
    return grid


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (336, 336), (4000, 3000), (100, 90)])
@pytest.mark.parametrize("cell", [(3, 4), (12, 12), (21, 20)])
def test_centre_crop(width: int, height: int, cell: tuple[int, int]) -> None:
    frame = preparation.centre_box(width, height)
    (region, *_) = regions.from_grid(planted(*cell), frame, (width, height))
    x, y, w, h = region.box
    side = min(width, height)
    centre = (frame[0] + side * (cell[1] + 0.5) / 24, frame[1] + side * (cell[0] + 0.5) / 24)
    assert x <= centre[0] <= x + w and y <= centre[1] <= y + h
    assert abs(x + w / 2 - centre[0]) <= side / 24 and abs(y + h / 2 - centre[1]) <= side / 24


def test_a_bright_pixel_block_is_found_where_it_was_drawn() -> None:
    """Through the real preparation: a white block in the exhibit, the grid from the prepared picture's brightness."""
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[200:280, 300:380] = 255
    picture, frame = preparation.prepare(rgb, {"kind": "crop", "size": 336, "mean": (0.0, 0.0, 0.0)})
    grid = picture[..., 0].reshape(24, 14, 24, 14).mean(axis=(1, 3)).astype(np.float32)
    (region,) = regions.from_grid(grid, frame, (640, 480))
    x, y, w, h = region.box
    assert abs(x - 300) <= 20 and abs(y - 200) <= 20 and abs(x + w - 380) <= 20 and abs(y + h - 280) <= 20


def test_padding_is_clipped_away() -> None:
    frame = preparation.padded_box(600, 300)
    assert frame == (0, -150, 600, 600)
    assert regions.from_grid(planted(2, 12), frame, (600, 300)) == ()
    (region,) = regions.from_grid(planted(7, 12), frame, (600, 300))
    assert region.box[1] >= 0


def test_an_even_map_points_nowhere() -> None:
    assert regions.from_grid(np.ones((24, 24), np.float32), (0, 0, 336, 336), (336, 336)) == ()


def test_one_cell_is_exactly_its_pixels() -> None:
    assert regions.cells_to_box((0, 1), (23, 24), (24, 24), (10, 20, 336, 336)) == (10 + 322, 20, 14, 14)


def test_a_map_survives_the_document() -> None:
    grid = np.random.default_rng(1).random((12, 12), np.float32)
    back = regions.from_map(regions.as_map(grid))
    np.testing.assert_allclose(back, grid, atol=1e-3)
