"""Means of residual statistics are the means of their squares' statistics, cell by cell, at any size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from models.preparation import (
    BLOCK,
    REACHES,
    Picture,
    middle_box,
    prepare,
    prepare_residual,
    residual_statistics,
)

SIZE = 288
REACH = REACHES["residual-mean"]
MEAN = {"kind": "residual-mean", "size": SIZE, "mean": (0.5, 0.5, 0.5)}


def picture(width: int, height: int, seed: int = 0) -> Picture:
    """Coarse and fine structure, so that squares differ and every neighbour counts."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 200, (height // 16 + 1, width // 16 + 1, 3)).astype(np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int64)
    return np.clip(smooth + rng.integers(0, 40, smooth.shape), 0, 255).astype(np.uint8)


def by_hand(rgb: Picture, reach: int | None) -> Picture:
    """The definition, square by square, from the statistics of the whole middle."""
    left, top, across, down = middle_box(rgb.shape[1], rgb.shape[0], SIZE, reach)
    rows, columns = down // BLOCK, across // BLOCK
    middle = np.ascontiguousarray(rgb[top : top + down, left : left + across])
    squares = residual_statistics(middle).reshape(rows, BLOCK, columns, BLOCK, 3).transpose(0, 2, 1, 3, 4).astype(np.float64)
    found = np.empty((SIZE, SIZE, 3), np.uint8)
    for row in range(9):
        for column in range(9):
            ys = range(row * rows // 9, (row + 1) * rows // 9)
            xs = range(column * columns // 9, (column + 1) * columns // 9)
            assert len(ys) >= 1 and len(xs) >= 1
            assert reach is None or max(len(ys), len(xs)) <= reach
            mean = squares[np.ix_(ys, xs)].mean((0, 1))
            found[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK] = np.floor(mean + 0.5)
    return found


@pytest.mark.parametrize("reach", [1, 2, 3, None])
@pytest.mark.parametrize(("width", "height"), [(288, 288), (300, 431), (640, 512), (1153, 290), (1600, 1216)])
def test_every_patch_is_the_mean_of_its_part_of_the_middle(width: int, height: int, reach: int | None) -> None:
    rgb = picture(width, height)
    assert np.array_equal(prepare_residual(rgb, SIZE, reach), by_hand(rgb, reach))


@pytest.mark.parametrize(("width", "height"), [(288, 288), (280, 700), (100, 90)])
def test_of_a_small_picture_all_reaches_show_the_same(width: int, height: int) -> None:
    rgb = picture(width, height)
    for reach in (2, None):
        assert np.array_equal(prepare_residual(rgb, SIZE, reach), prepare_residual(rgb, SIZE, 1))
        assert middle_box(width, height, SIZE, reach) == middle_box(width, height, SIZE, 1)


def test_a_reach_of_one_is_a_centre_crop_at_its_own_resolution() -> None:
    rgb = picture(700, 500)
    assert middle_box(700, 500, SIZE, 1) == (206, 106, SIZE, SIZE)
    assert np.array_equal(prepare_residual(rgb, SIZE, 1), residual_statistics(np.ascontiguousarray(rgb[106:394, 206:494])))


def test_without_a_bound_all_whole_squares_are_seen() -> None:
    assert middle_box(1005, 640, SIZE, None) == (6, 0, 992, 640)


def test_more_of_the_middle_counts_and_nothing_outside_of_it() -> None:
    rgb = picture(960, 960)
    around, near = rgb.copy(), rgb.copy()
    around[:190] = 0  # the middle 576 begin at 192
    near[:230] = 0
    assert np.array_equal(prepare_residual(rgb, SIZE, 1), prepare_residual(near, SIZE, 1))
    assert np.array_equal(prepare_residual(rgb, SIZE, REACH), prepare_residual(around, SIZE, REACH))
    before, after = prepare_residual(rgb, SIZE, REACH), prepare_residual(near, SIZE, REACH)
    assert not np.array_equal(before[:BLOCK], after[:BLOCK])
    assert np.array_equal(before[-BLOCK:], after[-BLOCK:])


def loud(period: int) -> Picture:
    """Stripes of opposite colours, as strong as eight bits allow."""
    stripes = (np.arange(64) // period % 2).astype(bool)
    return np.where(stripes[:, None, None] ^ stripes[None, :, None], np.array([255, 0, 255], np.uint8), np.array([0, 255, 0], np.uint8))


@pytest.mark.parametrize("rgb", [picture(64, 64), loud(1), loud(2), loud(5), loud(16), 0 * loud(1)])
def test_spectra_are_the_logarithm_of_the_windowed_power(rgb: Picture) -> None:
    """Against a Fourier transform in floating point; tables of whole numbers may round the other way."""
    found = residual_statistics(rgb)[:BLOCK, BLOCK // 2 : BLOCK, 2]
    blue_green = rgb[:BLOCK, :BLOCK, 2].astype(np.float64) - rgb[:BLOCK, :BLOCK, 1]
    window = 0.5 * (1 - np.cos(2 * np.pi * np.arange(BLOCK) / BLOCK))
    power = np.abs(np.fft.fft2((blue_green - blue_green.mean()) * np.outer(window, window))[:, :16]) ** 2
    wanted = np.clip(np.rint(30 * np.log10(1 + power)), 0, 255)
    clear = wanted > 60  # below, the mean that is taken away in whole quarters of a grey level is a step and more
    assert np.abs(found - wanted)[clear].max(initial=0) <= 1
    assert (found[~clear] <= 62).all()


@settings(max_examples=15)
@given(st.integers(8, 700), st.integers(8, 700))
def test_any_size_is_taken_and_its_box_lies_within(width: int, height: int) -> None:
    found, (x, y, w, h) = prepare(picture(width, height), MEAN)
    assert found.shape == (SIZE, SIZE, 3)
    assert found.dtype == np.uint8
    assert min(x, y) >= 0
    assert x + w <= width
    assert y + h <= height
    assert (x, y, w, h) == middle_box(width, height, SIZE, REACH)
