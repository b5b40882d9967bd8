"""The noise view: the noise level of each place and, a-contrario, windows whose flat blocks are too often the least or most noisy ones.

After Gardella, Musé, Morel and Colom, "Noisesniffer: a fully automatic image forgery detector based on noise analysis" (IWBF 2021),
written anew and simplified: blocks that do not overlap, luminance only, windows instead of grown regions, and Chernoff's bound on the
binomial tail, with the picture's own scatter taken into account.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from desktop.evidence.views.common import (
    Floats,
    Mask,
    Outcome,
    Picture,
    Source,
    blocks_of,
    dct_matrix,
    heat,
    log10_chernoff,
    luminance,
    not_applicable,
    rounded,
)

_MAP_CELL = 4
"""Blocks per side of one map cell."""


@dataclass(frozen=True)
class Labels:
    """Per block: its noise level (standard deviation in grey levels), whether it was flat enough, and whether it is in either tail."""

    sigma: Floats
    chosen: Mask
    low: Mask
    high: Mask


def noise(source: Source) -> Outcome:
    """Noise map and windows with a small number of false alarms."""
    height, width = source.rgb.shape[:2]
    if min(height, width) < 512:
        return not_applicable("the shorter side has fewer than 512 pixels")
    labels = label_blocks(source)
    source.check()
    regions = windows_beyond_chance(labels, source)
    values = labels.sigma[labels.chosen]
    if not values.size:
        return not_applicable("no block is flat and unclipped")
    low, high = (float(v) for v in np.quantile(values, (0.02, 0.98)))
    picture = _map(labels, low, high)
    facts = {
        "noise_levels": {"lowest_2_percent": rounded(low), "median": rounded(float(np.median(values))), "highest_2_percent": rounded(high)},
        "flat_blocks": int(labels.chosen.sum()), "blocks": int(labels.chosen.size), "regions": regions,
        "epsilon": source.parameters["epsilon"],
    }
    side = source.parameters["block"] * _MAP_CELL
    return Outcome(picture, facts, covers=(0, 0, picture.shape[1] * side, picture.shape[0] * side))


def label_blocks(source: Source) -> Labels:
    """Choose the flattest blocks of every brightness by their low frequencies; find the tails among them by their high frequencies.

    Under pure noise the two are independent, so that every chosen block has the same chance to be in a tail, wherever it lies.
    """
    p = source.parameters
    size = p["block"]
    blocks = blocks_of(luminance(source.rgb), size)
    matrix = dct_matrix(size)
    power = np.square(np.matmul(np.matmul(matrix, blocks), matrix.T))
    order = np.add.outer(np.arange(size), np.arange(size))
    mean = blocks.mean(axis=(2, 3)).reshape(-1)
    low = power[:, :, (order >= 1) & (order <= 4)].sum(axis=2).reshape(-1)
    sigma = np.sqrt(power[:, :, order >= size].mean(axis=2)).reshape(-1)
    usable = _unclipped(source.rgb, size, p["clipped"])
    # Equal values must not fall into order of place: that alone would make clusters. The seed is fixed so that runs repeat.
    shuffle = np.random.default_rng(20210506).permutation(mean.size)
    chosen, lowest, highest = (np.zeros(mean.size, bool) for _ in range(3))
    candidates = shuffle[usable.reshape(-1)[shuffle]]
    ranked = candidates[np.argsort(mean[candidates], kind="stable")]
    for start in range(0, len(ranked), p["bin_blocks"]):
        group = ranked[start : start + p["bin_blocks"]]
        if len(group) < p["bin_blocks"] // 2:
            break
        group = group[np.random.default_rng(start).permutation(len(group))]
        flat = group[np.argsort(low[group], kind="stable")][: round(len(group) * p["flat_share"])]
        flat = flat[np.random.default_rng(start + 1).permutation(len(flat))]
        by_noise = flat[np.argsort(sigma[flat], kind="stable")]
        tail = int(len(flat) * p["tail_share"])
        chosen[flat], lowest[by_noise[:tail]], highest[by_noise[-tail:]] = True, True, True
    shape = blocks.shape[:2]
    return Labels(sigma.reshape(shape), chosen.reshape(shape), lowest.reshape(shape), highest.reshape(shape))


def _unclipped(rgb: Picture, size: int, margin: int) -> Mask:
    """Blocks without a value near black or white in any channel: clipping takes noise away."""
    rows, columns = rgb.shape[0] // size, rgb.shape[1] // size
    part = rgb[: rows * size, : columns * size].reshape(rows, size, columns, size, 3)
    usable: Mask = (part.min(axis=(1, 3, 4)) > margin) & (part.max(axis=(1, 3, 4)) < 255 - margin)
    return usable


def windows_beyond_chance(labels: Labels, source: Source) -> list[dict[str, object]]:
    """Square windows with more tail blocks than chance allows, best first, none overlapping a better one."""
    p = source.parameters
    rows, columns = labels.chosen.shape
    found: list[tuple[float, str, tuple[int, int, int]]] = []
    total = 0
    sums = {name: _cumulated(mask) for name, mask in (("chosen", labels.chosen), ("less", labels.low), ("more", labels.high))}
    for size in p["windows"]:
        if size > min(rows, columns):
            continue
        tops, lefts = np.arange(0, rows - size + 1, size // 2), np.arange(0, columns - size + 1, size // 2)
        total += 2 * len(tops) * len(lefts)
        n = _window_sums(sums["chosen"], tops, lefts, size)
        for name in ("less", "more"):
            k = _window_sums(sums[name], tops, lefts, size)
            spread = _spread(n, k)
            bounds = log10_chernoff(n / spread, k / spread, p["tail_share"])
            for i, j in np.argwhere(bounds < math.log10(p["epsilon"])):
                found.append((float(bounds[i, j]), name, (int(tops[i]), int(lefts[j]), size)))
    kept: list[dict[str, object]] = []
    taken = np.zeros(labels.chosen.shape, bool)
    for bound, name, (top, left, size) in sorted(found):
        nfa = bound + math.log10(total)
        if nfa >= math.log10(p["epsilon"]) or len(kept) >= 16:
            break
        if not taken[top : top + size, left : left + size].any():
            taken[top : top + size, left : left + size] = True
            side = p["block"]
            kept.append({"box": [left * side, top * side, size * side, size * side], "noise": name, "log10_nfa": rounded(nfa, 1)})
    return kept


def _spread(n: npt.NDArray[np.float64], k: npt.NDArray[np.float64]) -> float:
    """How many times more the windows scatter than independent blocks would; at least 1. A median, so that a few odd windows do not count.

    Real pictures are not pure noise: sharpening, denoising and texture make neighbouring blocks alike. Dividing the counts by this factor
    (a quasi-binomial model) keeps such pictures quiet, at the price of insertions in them that are not plainly different.
    """
    counted = n >= 8
    if not counted.any():
        return 1.0
    # Around the windows' own middle: a region that holds most of the tail leaves less of it to all others.
    share = float(np.clip(np.median(k[counted] / n[counted]), 0.02, 0.98))
    squares = np.square(k[counted] - n[counted] * share) / (n[counted] * share * (1 - share))
    return max(1.0, float(np.median(squares)) / 0.455)


def _cumulated(mask: Mask) -> npt.NDArray[np.float64]:
    return np.pad(mask.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _window_sums(sums: npt.NDArray[np.float64], tops: npt.NDArray[np.int_], lefts: npt.NDArray[np.int_],
                 size: int) -> npt.NDArray[np.float64]:
    first, last = tops[:, None], tops[:, None] + size
    left, right = lefts[None, :], lefts[None, :] + size
    result: npt.NDArray[np.float64] = sums[last, right] - sums[first, right] - sums[last, left] + sums[first, left]
    return result


def _map(labels: Labels, low: float, high: float) -> npt.NDArray[np.uint8]:
    """Mean noise level of the chosen blocks per cell; black where there is none."""
    rows, columns = (side // _MAP_CELL for side in labels.sigma.shape)

    def total(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        part = values[: rows * _MAP_CELL, : columns * _MAP_CELL]
        summed: npt.NDArray[np.float32] = part.reshape(rows, _MAP_CELL, columns, _MAP_CELL).sum(axis=(1, 3), dtype=np.float32)
        return summed

    count = total(labels.chosen.astype(np.float32))
    mean = (total(np.where(labels.chosen, labels.sigma, 0).astype(np.float32)) / np.maximum(count, 1)).astype(np.float32)
    picture = heat(mean, low, high)
    picture[count == 0] = 0
    return picture
