"""What the views share: the picture under view, outcomes, block transforms, false-alarm arithmetic and colours."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from desktop.document import Box
from desktop.evidence.marks.jpeg import JpegStructure
from models.errors import Cancelled

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Source:
    """The picture as it was stored (not turned): RGB, and the JPEG file with its structure when it came from one."""

    rgb: Picture
    jpeg: bytes | None
    structure: JpegStructure | None
    quality: float | None
    """JPEG quality 1…100 (exact or estimated), None when not a JPEG."""
    parameters: Mapping[str, Any]
    cancelled: Callable[[], bool]

    def check(self) -> None:
        """Raise Cancelled when the user stopped; called between steps."""
        if self.cancelled():
            raise Cancelled()


@dataclass(frozen=True)
class Outcome:
    """What a view's function gives. ``picture`` uint8 (h, w, 3); ``covers`` the part of the exhibit that it shows, None for a diagram."""

    picture: Picture
    facts: dict[str, Any] = field(default_factory=dict)
    covers: Box | None = None
    applicable: bool = True
    why: str = ""


def not_applicable(why: str) -> Outcome:
    """The gate is closed, for this reason."""
    return Outcome(np.zeros((1, 1, 3), np.uint8), applicable=False, why=why)


def luminance(rgb: Picture) -> Floats:
    """Rec. 601 luma, rounded to whole levels, float32 0…255."""
    weighted = rgb[:, :, 0] * np.float32(0.299) + rgb[:, :, 1] * np.float32(0.587) + rgb[:, :, 2] * np.float32(0.114)
    plane: Floats = np.rint(weighted).astype(np.float32, copy=False)
    return plane


def dct_matrix(size: int = 8) -> Floats:
    """Orthonormal DCT-II."""
    row, column = np.arange(size)[:, None], np.arange(size)[None, :]
    matrix = math.sqrt(2 / size) * np.cos(math.pi * (2 * column + 1) * row / (2 * size))
    matrix[0] /= math.sqrt(2)
    result: Floats = matrix.astype(np.float32)
    return result


def blocks_of(plane: Floats, size: int) -> Floats:
    """Non-overlapping blocks (rows, columns, size, size), the incomplete ones at the right and bottom left out."""
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    return plane[: rows * size, : columns * size].reshape(rows, size, columns, size).swapaxes(1, 2)


def log10_tail(n: int, k: int, p: float) -> float:
    """log10 of P(X >= k) for X binomial(n, p). Exact but for rounding; never above 0."""
    if k <= 0:
        return 0.0
    if k > n:
        return -math.inf
    log_term = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    total, term, ratio = 1.0, 1.0, p / (1 - p)
    for i in range(k, n):
        term *= (n - i) / (i + 1) * ratio
        total += term
        if term < total * 1e-12:
            break
        if total > 1e250:
            return 0.0
    return min(0.0, (log_term + math.log(total)) / math.log(10))


def log10_chernoff(n: npt.NDArray[np.float64], k: npt.NDArray[np.float64], p: float) -> npt.NDArray[np.float64]:
    """An upper bound of ``log10_tail`` for many (n, k) at once (Chernoff-Hoeffding): what it promises is kept, some power is given away."""
    share = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    q = np.clip(share, 1e-12, 1 - 1e-12)
    divergence = q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))
    bound: npt.NDArray[np.float64] = np.where(share > p, -n * divergence / math.log(10), 0.0)
    return bound


def components(mask: Mask) -> Iterator[list[tuple[int, int]]]:
    """The 8-connected components of a small mask, as lists of (row, column)."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True))
    while left:
        stack = [left.pop()]
        found = []
        while stack:
            row, column = stack.pop()
            found.append((row, column))
            for near in ((row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
                if near in left:
                    left.remove(near)
                    stack.append(near)
        yield found


_COLOURS = np.array(
    [(0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51), (249, 140, 10), (249, 201, 50), (252, 255, 164)],
    dtype=np.float32,
)
"""A dark-to-light scale of even steps that people with colour-blindness can read."""


def heat(values: Floats, low: float, high: float) -> Picture:
    """Values as colours from dark (``low``) to light (``high``), uint8 (h, w, 3)."""
    scaled = np.clip((values - low) / max(high - low, 1e-9), 0, 1) * (len(_COLOURS) - 1)
    below = np.minimum(scaled.astype(np.int32), len(_COLOURS) - 2)
    part = (scaled - below)[..., None]
    picture: Picture = np.rint(_COLOURS[below] * (1 - part) + _COLOURS[below + 1] * part).astype(np.uint8)
    return picture


def magnified(picture: Picture, factor: int) -> Picture:
    """Every pixel repeated ``factor`` times both ways."""
    return np.repeat(np.repeat(picture, factor, axis=0), factor, axis=1)


def rounded(value: float, digits: int = 3) -> float:
    """A finite number for the document."""
    return round(float(value), digits) if math.isfinite(value) else math.copysign(9999.0, value)
