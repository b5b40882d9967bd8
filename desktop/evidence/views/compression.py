"""The views that save the picture again as JPEG: error level analysis and JPEG ghosts."""

import io
from typing import Any

import numpy as np
from PIL import Image

from desktop.evidence.views.common import Floats, Mask, Outcome, Picture, Source, components, heat, not_applicable, rounded

_PILLOW_SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def ela(source: Source) -> Outcome:
    """Absolute difference to the picture saved once more at a fixed quality, with the file's own subsampling."""
    if source.structure is None:
        return not_applicable("not a JPEG file")
    again = saved_again(source.rgb, source.parameters["quality"], source.structure.subsampling)
    difference = np.abs(source.rgb.astype(np.int16) - again)
    gain = source.parameters["gain"]
    picture = np.minimum(difference * gain, 255).astype(np.uint8)
    height, width = picture.shape[:2]
    facts = {
        "mean_difference": [rounded(float(difference[:, :, c].mean())) for c in range(3)], "largest_difference": int(difference.max()),
        "clipped_share": rounded(float((difference * gain > 255).mean()), 4), "subsampling": source.structure.subsampling,
    }
    return Outcome(picture, facts, covers=(0, 0, width, height))


def ghost(source: Source) -> Outcome:
    """Mean squared difference per cell at a row of qualities; the map at the quality where a lower-quality region stands out most."""
    p = source.parameters
    height, width = source.rgb.shape[:2]
    if source.structure is None:
        return not_applicable("not a JPEG file")
    if min(height, width) < 512:
        return not_applicable("the shorter side has fewer than 512 pixels")
    qualities = list(range(p["first_quality"], p["last_quality"] + 1, p["step"]))
    half = p["box"] // 2
    curves = np.empty((len(qualities), height // half - 1, width // half - 1), np.float32)
    for index, quality in enumerate(qualities):
        source.check()
        cells = _squared_difference(source.rgb, saved_again(source.rgb, quality, source.structure.subsampling), half)
        # A box of 16 pixels at every 8: the mean of four neighbouring cells of 8.
        curves[index] = (cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]) / 4
    low, high = curves.min(axis=0), curves.max(axis=0)
    normal = (curves - low) / np.maximum(high - low, 1e-6)
    textured = high - low > p["texture_floor"]
    normal[:, ~textured] = 1.0
    best, cells_found, regions = _best_quality(normal, textured, qualities, source)
    own = _host(normal, textured, qualities)
    index = best if cells_found else qualities.index(own)
    shown = normal[index]
    facts = {
        "shown_quality": qualities[index], "own_quality": own, "cells_with_ghost": cells_found, "regions": regions,
        "textured_share": rounded(float(textured.mean())), "qualities": qualities,
    }
    rows, columns = shown.shape
    return Outcome(heat(shown, 0.0, 1.0), facts, covers=(half // 2, half // 2, columns * half, rows * half))


def _squared_difference(first: Picture, second: Picture, size: int) -> Floats:
    """Mean squared difference of all channels per cell; in strips, so that the intermediate values stay in the processor's cache."""
    rows, columns = first.shape[0] // size, first.shape[1] // size
    result = np.empty((rows, columns), np.float32)
    for row in range(rows):
        strip = np.s_[row * size : (row + 1) * size, : columns * size]
        difference = first[strip].astype(np.int16) - second[strip]
        squares = np.square(difference, dtype=np.int32).reshape(size, columns, size * 3)
        result[row] = squares.sum(axis=(0, 2), dtype=np.int64) / (size * size * 3)
    return result


def _host(normal: Floats, textured: Mask, qualities: list[int]) -> int:
    """The quality that most textured cells agree with best: usually the file's own."""
    if not textured.any():
        return qualities[-1]
    counts = np.bincount(normal.argmin(axis=0)[textured], minlength=len(qualities))
    return qualities[int(counts.argmax())]


def _best_quality(normal: Floats, textured: Mask, qualities: list[int], source: Source) -> tuple[int, int, list[dict[str, Any]]]:
    """(index of the quality with the largest ghost region, its cells, boxes of regions in pixels).

    A ghost is a dip of the curve: well below its neighbours on both sides, at a quality below the one that the whole file agrees with. A
    curve that only falls towards the file's own quality has no dip, so a file that was saved once stays quiet.
    """
    p = source.parameters
    gap = max(1, p["gap"] // p["step"])
    own = _host(normal, textured, qualities)
    best, most = 0, 0
    boxes: list[dict[str, Any]] = []
    half = p["box"] // 2
    for index in range(gap, len(qualities) - gap):
        if qualities[index] > own - p["gap"]:
            break
        here = normal[index]
        dip = (here < p["level"]) & (here < p["dip"] * np.minimum(normal[index - gap], normal[index + gap])) & textured
        found = [cells for cells in components(dip) if len(cells) >= p["least_cells"]]
        total = sum(len(cells) for cells in found)
        if total > most:
            best, most = index, total
            boxes = [{"box": _box(cells, half), "cells": len(cells)} for cells in sorted(found, key=len, reverse=True)[:8]]
    return best, most, boxes


def _box(cells: list[tuple[int, int]], half: int) -> list[int]:
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    top, left = min(rows) * half, min(columns) * half
    return [left, top, (max(columns) + 2) * half - left, (max(rows) + 2) * half - top]


def saved_again(rgb: Picture, quality: int, subsampling: str = "4:2:0") -> Picture:
    """The picture after JPEG at an IJG quality (Pillow's libjpeg-turbo, standard tables)."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling=_PILLOW_SUBSAMPLING.get(subsampling, 2))
    with Image.open(buffer, formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))
