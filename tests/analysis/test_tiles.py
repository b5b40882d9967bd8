"""Tiles cover what the frame leaves out, bring everything back to the right pixels, and count no pixel twice."""

from collections.abc import Sequence
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import document, regions, tiles
from desktop.judgement import tiles as judgement
from models.cards import Calibration
from models.preparation import BLOCK, REACHES, centre_box, middle_box, padded_box, prepare
from samples import documents

RESIDUAL = SimpleNamespace(kind="residual", size=288, mean=(0.5, 0.5, 0.5))
CROP = SimpleNamespace(kind="crop", size=336, mean=(0.5, 0.5, 0.5))
PAD = SimpleNamespace(kind="pad", size=336, mean=(0.5, 0.5, 0.5))
MEAN = SimpleNamespace(kind="residual-mean", size=288, mean=(0.5, 0.5, 0.5))


def frame_of(width: int, height: int, spec: SimpleNamespace) -> document.Box:
    return prepare(np.zeros((height, width, 3), np.uint8), spec)[1]


def box_of(width: int, height: int, spec: SimpleNamespace) -> document.Box:
    """As ``frame_of``, without making the picture."""
    if spec.kind in REACHES:
        return middle_box(width, height, spec.size, REACHES[spec.kind])
    return centre_box(width, height) if spec.kind == "crop" else padded_box(width, height)


@given(st.integers(1, 1400), st.integers(1, 1400), st.sampled_from([RESIDUAL, CROP, PAD]))
def test_frame_and_tiles_together_cover_every_pixel(width: int, height: int, spec: SimpleNamespace) -> None:
    if not 1 / 10 < width / height < 10:
        return
    frame = box_of(width, height, spec)
    boxes = tiles.plan(width, height, spec, frame, most=10_000)
    if spec is PAD:
        assert boxes == ()
    covered = np.zeros((height, width), bool)
    for x, y, w, h in (frame, *boxes):
        assert spec is PAD or (x >= 0 and y >= 0 and x + w <= width and y + h <= height)
        covered[max(y, 0) : y + h, max(x, 0) : x + w] = True
    assert covered.all()
    assert all(w == h for _, _, w, h in boxes) and len(set(boxes)) == len(boxes)
    weights, seen = tiles.shares((frame, *boxes), width, height)
    assert seen == pytest.approx(1.0) and sum(weights) == pytest.approx(1.0) and min(weights) >= 0.0


@given(st.integers(288, 1400), st.integers(288, 1400))
def test_frame_and_tiles_of_means_cover_all_whole_squares(width: int, height: int) -> None:
    frame = box_of(width, height, MEAN)
    boxes = tiles.plan(width, height, MEAN, frame, most=10_000)
    covered = np.zeros((height, width), bool)
    for x, y, w, h in (frame, *boxes):
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        covered[y : y + h, x : x + w] = True
    left, top = width % BLOCK // 2, height % BLOCK // 2
    assert covered[top : top + height // BLOCK * BLOCK, left : left + width // BLOCK * BLOCK].all()
    assert all(w == h and box_of(w, h, MEAN) == (0, 0, w, h) for _, _, w, h in boxes), "a tile is seen as it is cut"
    if max(width, height) < 576 + BLOCK:
        assert boxes == ()


def test_no_pixel_counts_twice() -> None:
    weights, seen = tiles.shares([(0, 0, 4, 4), (2, 0, 4, 4)], 8, 4)
    assert weights == pytest.approx((0.5, 0.5)) and seen == 24 / 32
    weights, _ = tiles.shares([(0, 0, 4, 4), (0, 0, 4, 4), (4, 0, 4, 4)], 8, 4)
    assert weights == pytest.approx((0.25, 0.25, 0.5))


def test_at_most_so_many_and_spread() -> None:
    frame = frame_of(4000, 3000, RESIDUAL)
    some = tiles.plan(4000, 3000, RESIDUAL, frame, 24)
    assert len(some) == 24
    assert some[0][:2] == (0, 0) and some[-1][:2] == (4000 - 288, 3000 - 288)
    assert tiles.plan(4000, 3000, RESIDUAL, frame, 0) == ()
    assert len(tiles.plan(288, 288, RESIDUAL, (0, 0, 288, 288))) == 0


@pytest.mark.parametrize(("width", "height", "spec"), [
    (1000, 700, RESIDUAL), (700, 1000, RESIDUAL), (500, 240, RESIDUAL), (1300, 480, CROP), (336, 900, CROP),
])
def test_a_planted_spot_comes_back_from_every_tile(width: int, height: int, spec: SimpleNamespace) -> None:
    """A spot of noise in a flat picture, seen through the real preparation of each tile, is found where it was put."""
    rng = np.random.default_rng(3)
    frame = frame_of(width, height, spec)
    boxes = (frame, *tiles.plan(width, height, spec, frame, 10_000))
    spot = min(boxes[0][2] // 3, 96)
    for target in boxes:
        x, y = target[0] + target[2] // 3, target[1] + target[3] // 3
        rgb = np.full((height, width, 3), 90, np.uint8)
        rgb[y : y + spot, x : x + spot] = rng.integers(100, 255, (spot, spot, 3))
        left, top, w, h = target
        if target == frame:
            picture, box = prepare(rgb, spec)
        else:
            picture, within = prepare(np.ascontiguousarray(rgb[top : top + h, left : left + w]), spec)
            box = tiles.shift(within, target)
        assert box == target
        cell = BLOCK if spec is RESIDUAL else 14
        side = picture.shape[0] // cell
        flat = prepare(np.full((h, w, 3), 90, np.uint8), spec)[0]
        change = np.abs(picture.astype(int) - flat.astype(int)).sum(axis=2)
        grid = change.reshape(side, cell, side, cell).mean(axis=(1, 3)).astype(np.float32)
        (region, *_) = regions.from_grid(grid, box, (width, height))
        rx, ry, rw, rh = region.box
        reach = 1.6 * w / side  # smoothing reaches a cell beyond; the spot may begin within one
        assert abs(rx - x) <= reach and abs(ry - y) <= reach
        assert abs(rx + rw - x - spot) <= reach and abs(ry + rh - y - spot) <= reach


def opinions(scores: Sequence[float], width: int, height: int) -> list[document.Opinion]:
    whole = documents.analysis().opinions[0]
    side = height
    boxes = [(n * side, 0, side, side) for n in range(len(scores))]
    return [msgspec.structs.replace(whole, id=f"o{n + 1}", log_odds=score, answer="fake" if score > 0 else "real",
                                    frame=msgspec.structs.replace(whole.frame, box=box, role="tile" if n else "whole"))
            for n, (score, box) in enumerate(zip(scores, boxes, strict=True))]


def calibration() -> Calibration:
    return Calibration(scale=1.0, offset=0.0, threshold=2.0, set_id="x", date="2026-01-01", domain="tests", reals=999, fakes=999,
                       false_positives=20, true_positives=800, real_scores=tuple(np.linspace(-8, 3, 999)),
                       fake_scores=tuple(np.linspace(-2, 9, 999)))


def finding(outcome: str) -> document.Finding:
    made = documents.analysis().finding
    assert isinstance(made, document.Finding)
    return msgspec.structs.replace(made, outcome=outcome, opinion="o1", reasons=())


def test_summed_up_by_hand() -> None:
    some = opinions([-4.0, 2.0], 200, 100)
    summary = judgement.summarise(some, 200, 100, calibration())
    assert summary.mean_log_odds == pytest.approx(-1.0) and summary.share_leaning_fake == pytest.approx(0.5)
    assert summary.strongest == "o2" and summary.seen == 1.0 and summary.frames == 2
    above = sum(score >= 2.0 for score in calibration().real_scores)
    assert summary.corrected_p_real == pytest.approx(2 * (1 + above) / 1000)
    assert judgement.summarise(some, 200, 100, None).corrected_p_real is None


@pytest.mark.parametrize(("outcome", "score", "wanted", "departs"), [
    ("supports-camera", 3.5, "inconclusive", True),  # above every camera picture, also for two frames
    ("supports-camera", 2.6, "supports-camera", False),  # above nearly all, but one of two frames
    ("supports-ai", 3.5, "supports-ai", True),
    ("inconclusive", 9.0, "inconclusive", True),  # a tile never strengthens
])
def test_tiles_weaken_and_never_strengthen(outcome: str, score: float, wanted: str, departs: bool) -> None:
    some = opinions([-6.0, score], 200, 100)
    done = judgement.with_tiles(finding(outcome), judgement.summarise(some, 200, 100, calibration()), some)
    assert done.outcome == wanted and done.tiles is not None
    assert ("tile-departs" in [reason.code for reason in done.reasons]) == departs
    (said,) = [reason.text for reason in done.reasons if reason.code == "tiles"]
    assert "the tile 100 x 100 at (100, 0) (o2)" in said and "none were measured" in said


def test_the_main_frame_may_be_the_strongest() -> None:
    some = opinions([6.0, -1.0], 200, 100)
    done = judgement.with_tiles(finding("supports-ai"), judgement.summarise(some, 200, 100, calibration()), some)
    assert done.outcome == "supports-ai" and "the main frame (o1)" in done.reasons[-1].text
    assert "tile-departs" not in [reason.code for reason in done.reasons]
