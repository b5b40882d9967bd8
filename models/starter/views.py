"""One picture as somebody might deliver it: resized, compressed, cropped, by the same chances for every class.

The list's real and AI-made pictures differ in size and format, which a model would learn instead of traces. So both go through
this one mill: pre-compression, resizing by a factor that does not depend on the class, JPEG of a common range of qualities, and a crop
of ``SIZE`` pixels at native resolution.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.preparation import Picture

SIZE = 288
"""Side of the model's picture: 9 x 9 patches of 32, so that thirds of the picture are whole patches."""
SHORT_SIDE, QUALITY = 1080, 75
"""What ``smaller`` brings a picture down to."""
MARGIN = 16
"""Extra pixels that are compressed and then cut off, so that the JPEG grid lies anywhere."""


def jpeg(rgb: Picture, quality: int, subsampling: int) -> Picture:
    """``rgb`` through one JPEG round trip; ``subsampling`` 0 is 4:4:4 and 2 is 4:2:0."""
    stream = io.BytesIO()
    Image.fromarray(rgb).save(stream, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(stream).convert("RGB"))


def draw_factor(rng: np.random.Generator, short: int) -> float:
    """A resizing factor for a picture of this shorter side; 1 is native. Never so small that the crop does not fit."""
    chance = rng.random()
    if chance < 0.40:
        factor = 1.0
    elif chance < 0.80:
        factor = float(np.exp(rng.uniform(np.log(0.72), np.log(1.3))))
    elif chance < 0.90:
        factor = float(rng.uniform(1.3, 2.0))
    else:
        factor = float(rng.uniform(0.45, 0.72))
    least = (SIZE + MARGIN) / short
    if least > 1:
        return least * 1.0001
    return factor if factor >= least else 1.0


@dataclass(frozen=True)
class Delivery:
    """What happens to one picture on its way to the model; drawn from its size and chance alone, so that it can be told afterwards."""

    factor: float
    """Resizing; 1 is native."""
    side: int
    """Of the square that is cut out before resizing."""
    top: int
    left: int
    first: tuple[int, int] | None
    """Quality and subsampling of a JPEG round trip before resizing."""
    kernel: Image.Resampling | None
    last: tuple[int, int] | None
    """The same of the one after resizing."""
    shift: tuple[int, int]
    mirrored: bool


def draw_delivery(height: int, width: int, rng: np.random.Generator) -> Delivery:
    """A delivery for a picture of this size."""
    factor = draw_factor(rng, min(height, width))
    need = SIZE + MARGIN
    side = min(round(need / factor), height, width)
    top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    first = (int(rng.integers(78, 99)), 0 if rng.random() < 0.4 else 2) if rng.random() < 0.4 else None
    kernels = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR)
    kernel = kernels[int(rng.integers(0, 3))] if side != need else None
    last = (int(rng.integers(60, 98)), 0 if rng.random() < 0.3 else 2) if rng.random() > 0.15 or abs(factor - 1) < 0.1 else None
    shift = (int(rng.integers(0, MARGIN + 1)), int(rng.integers(0, MARGIN + 1)))
    return Delivery(factor, side, top, left, first, kernel, last, shift, mirrored=bool(rng.random() < 0.5))


def redelivered(rgb: Picture, rng: np.random.Generator) -> Picture:
    """The whole of ``rgb`` compressed, resized and compressed again by the mill's chances; nothing is cut off."""
    height, width = rgb.shape[:2]
    way = draw_delivery(height, width, rng)
    if way.first:
        rgb = jpeg(rgb, *way.first)
    if way.kernel is not None:
        size = (round(way.factor * width), round(way.factor * height))
        rgb = np.asarray(Image.fromarray(rgb).resize(size, way.kernel))
    return jpeg(rgb, *way.last) if way.last else rgb


def smaller(rgb: Picture) -> Picture:
    """Shorter side at most ``SHORT_SIDE`` (Lanczos), then JPEG ``QUALITY`` with 4:2:0."""
    height, width = rgb.shape[:2]
    factor = SHORT_SIDE / min(height, width)
    if factor < 1:
        size = (round(width * factor), round(height * factor))
        rgb = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
    return jpeg(rgb, QUALITY, 2)


def make_view(rgb: Picture, rng: np.random.Generator, mask: Picture | None = None) -> tuple[Picture, Picture]:
    """A delivered crop of ``rgb`` and the crop of its mask (uint8, 1 = made by AI): (SIZE x SIZE x 3, SIZE x SIZE).

    Without a mask the second array is zero.
    """
    way = draw_delivery(rgb.shape[0], rgb.shape[1], rng)
    need, cut = SIZE + MARGIN, (slice(way.top, way.top + way.side), slice(way.left, way.left + way.side))
    region = np.ascontiguousarray(rgb[cut])
    truth = np.zeros(region.shape[:2], np.uint8) if mask is None else np.ascontiguousarray(mask[cut])
    if way.first:
        region = jpeg(region, *way.first)
    if way.kernel is not None:
        region = np.asarray(Image.fromarray(region).resize((need, need), way.kernel))
        truth = np.asarray(Image.fromarray(truth).resize((need, need), Image.Resampling.NEAREST))
    if way.last:
        region = jpeg(region, *way.last)
    dy, dx = way.shift
    view, truth = region[dy : dy + SIZE, dx : dx + SIZE], truth[dy : dy + SIZE, dx : dx + SIZE]
    if way.mirrored:
        view, truth = view[:, ::-1], truth[:, ::-1]
    return np.ascontiguousarray(view), np.ascontiguousarray(truth)
