"""What lies outside an expert's frame, as further frames of the same kind, and how much of the picture each of them speaks for.

Pure functions; boxes are pixels of the oriented exhibit. An expert that sees the central square (``crop``) is given that square shifted
along the longer side; one that reads pixels at their own size (``residual``) is given squares of that size, or as large as its means reach
(``residual-mean``). One that sees the whole picture (``pad``) has nothing outside. Tiles may overlap; every pixel counts once, shared among
the frames that show it.
"""

from collections.abc import Sequence

import numpy as np

from desktop.document import Box
from models.preparation import REACHES, Spec, middle_box

MOST = 24
"""Tiles that are made at most unless another number is asked for; each costs a scoring pass."""


def plan(width: int, height: int, preparation: Spec, frame: Box, most: int = MOST) -> tuple[Box, ...]:
    """Boxes that cover a picture of ``width`` x ``height`` as far as ``frame`` does not, at most ``most``, in reading order.

    Where more were needed, those that are taken are spread evenly, and the rest stays unseen.
    """
    if preparation.kind == "pad":
        return ()
    short, left, top = min(width, height), 0, 0
    if preparation.kind == "residual-mean" and short >= preparation.size:
        # Of its squares only whole ones are seen, by frame and tiles alike.
        left, top, width, height = middle_box(width, height, preparation.size, reach=None)
        short = min(width, height)
    side = min(REACHES[preparation.kind] * preparation.size, short) if preparation.kind in REACHES else short
    boxes = [(left + x, top + y, side, side) for y in _starts(height, side) for x in _starts(width, side)]
    boxes = [box for box in boxes if not _within(box, frame)]
    if len(boxes) > most:
        boxes = [boxes[round(n * (len(boxes) - 1) / max(1, most - 1))] for n in range(most)] if most > 0 else []
    return tuple(boxes)


def _starts(length: int, side: int) -> list[int]:
    """Where as few squares of ``side`` as needed begin so that they cover ``length``, evenly spaced."""
    count = -(-length // side)
    return [round(n * (length - side) / max(1, count - 1)) for n in range(count)]


def _within(inner: Box, outer: Box) -> bool:
    return (outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= outer[0] + outer[2]
            and inner[1] + inner[3] <= outer[1] + outer[3])


def shift(box: Box, tile: Box) -> Box:
    """A box within the pixels of ``tile`` as a box of the exhibit."""
    return box[0] + tile[0], box[1] + tile[1], box[2], box[3]


def shares(boxes: Sequence[Box], width: int, height: int) -> tuple[tuple[float, ...], float]:
    """(what share of the seen pixels each box speaks for, what share of the picture is seen at all).

    A pixel that n boxes show counts one n-th for each, so the first numbers sum to 1.
    """
    clipped = [(max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)) for x, y, w, h in boxes]
    xs, ys = (np.array(sorted({edge for box in clipped for edge in (box[at], box[at + 2])})) for at in (0, 1))
    areas = np.outer(np.diff(ys), np.diff(xs)).astype(np.float64)
    covers = [np.outer((ys[:-1] >= top) & (ys[1:] <= bottom), (xs[:-1] >= left) & (xs[1:] <= right))
              for left, top, right, bottom in clipped]
    depth = np.sum(covers, axis=0)
    seen = float(areas[depth > 0].sum())
    if seen <= 0.0:
        return tuple(0.0 for _ in boxes), 0.0
    return tuple(float((areas * cover / np.maximum(depth, 1)).sum()) / seen for cover in covers), seen / (width * height)
