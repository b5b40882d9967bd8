"""Computes one view as a pure function of the picture and, where there is one, its JPEG file: the same input gives the same view."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from desktop.document import Box, View
from desktop.evidence.marks.exif import read_exif
from desktop.evidence.marks.jpeg import JpegStructure, quality_of, read_structure
from desktop.evidence.views import bits, compression, grid, noise, periodic, structure
from desktop.evidence.views.catalogue import spec
from desktop.evidence.views.common import Outcome, Picture, Source
from models.errors import UsageError

_FUNCTIONS: dict[str, Callable[[Source], Outcome]] = {
    "jpeg-structure": structure.jpeg_structure, "thumbnail": structure.thumbnail, "ela": compression.ela, "ghost": compression.ghost,
    "block-grid": grid.block_grid, "noise": noise.noise, "cfa": periodic.cfa, "resampling": periodic.resampling,
    "spectrum": periodic.spectrum, "bit-planes": bits.bit_planes,
}


def compute(view_id: str, rgb: Picture, jpeg: bytes | None = None, cancelled: Callable[[], bool] = lambda: False) -> tuple[View, Picture]:
    """The view and its picture, uint8 (h, w, 3); an inapplicable view has a picture of one black pixel.

    ``rgb``: the exhibit's oriented pixels, uint8 (H, W, 3). ``jpeg``: the file's bytes when it is a JPEG, else None. Facts carry the fixed
    words, the parameters and ``timing`` (seconds, the only fact that may differ between two runs). Raises UsageError for an unknown view
    or a wrong array, Cancelled when ``cancelled()`` becomes true.
    """
    view = spec(view_id)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise UsageError("view-input", "a view needs an array of uint8 (height, width, 3)")
    started = time.perf_counter()
    bones = read_structure(jpeg) if jpeg is not None else None
    turn = _orientation(bones, rgb) if bones is not None else 1
    stored = _turned(rgb, {6: 8, 8: 6}.get(turn, turn))
    quality = quality_of(bones)[1] if bones is not None else None
    outcome = _FUNCTIONS[view_id](Source(stored, jpeg, bones, quality, view.parameters, cancelled))
    facts = {**view.words(), **_turned_facts(outcome, turn, stored.shape[1], stored.shape[0])}
    facts["timing"] = {"seconds": time.perf_counter() - started}
    picture = outcome.picture if outcome.covers is None else _turned(outcome.picture, turn)
    why = outcome.why or f"applicable: {view.gate}"
    return View(view_id, outcome.applicable, why, facts), np.ascontiguousarray(picture)


def _orientation(bones: JpegStructure, rgb: Picture) -> int:
    """How the exhibit was turned from the stored picture. 1 when the sizes say that it was not turned that way after all."""
    block = next((s.body[6:] for s in bones.segments if s.name == "APP1" and s.body[:6] == b"Exif\x00\x00"), b"")
    turn = int(read_exif(block).number("Orientation") or 1)
    size = (bones.width, bones.height) if turn < 5 else (bones.height, bones.width)
    return turn if 1 < turn <= 8 and size == (rgb.shape[1], rgb.shape[0]) else 1


def _turned(picture: Picture, turn: int) -> Picture:
    """A stored picture as EXIF orientation ``turn`` shows it. Source: CIPA DC-008, tag 0x0112."""
    if turn in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    if turn in (3, 4, 7, 8):
        picture = picture[::-1]
    if turn in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return picture


def turned_box(box: Box, turn: int, width: int, height: int) -> Box:
    """A box of the stored picture (``width`` x ``height``) in the oriented one."""
    x, y, w, h = box
    if turn in (5, 6, 7, 8):
        x, y, w, h, width, height = y, x, h, w, height, width
    if turn in (3, 4, 7, 8):
        y = height - y - h
    if turn in (2, 3, 6, 7):
        x = width - x - w
    return x, y, w, h


def _turned_facts(outcome: Outcome, turn: int, width: int, height: int) -> dict[str, Any]:
    facts = dict(outcome.facts)
    if outcome.covers is not None:
        facts["covers"] = list(turned_box(outcome.covers, turn, width, height))
    if "regions" in facts:
        facts["regions"] = [{**region, "box": list(turned_box(tuple(region["box"]), turn, width, height))} for region in facts["regions"]]
    return facts
