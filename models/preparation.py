"""The expert's square picture, made from an exhibit's RGB just as the expert's training or reference code made it.

A card's ``[preparation]`` names one of four kinds:

- ``crop``: what ``CLIPImageProcessor`` does for llava-hf checkpoints (shorter side to ``size``, centre crop);
- ``pad``: what the original LLaVA code does with ``image_aspect_ratio = "pad"`` (pad to a square, resize);
- ``residual``: a centre crop at the exhibit's own resolution, in which every square of 32 pixels is replaced by
  statistics of its fine residuals (spectra and co-occurrences): traces of making, hardly any content;
- ``residual-mean``: the same of up to twice as many pixels each way, as means over up to four neighbouring squares.

Every function takes and gives ``uint8`` arrays. ``residual`` and ``residual-mean`` compute with whole numbers only (also where they use
float64, whose sums of whole numbers below 2**53 are exact in any order), so they are the same on every machine.
A leaf: NumPy and Pillow, nothing else, so that training and the application share this one file.
"""

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int32]
Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the exhibit."""

BLOCK = 32
"""Side of the squares that ``residual`` replaces; the expert's tower must have patches of this size."""
REACHES = {"residual": 1, "residual-mean": 2}
"""How many times ``size`` the pixels are, each way, that these kinds look at."""
_LONGEST = 16384
"""Longest side of an intermediate picture; a longer one (a strip of 1:50, say) is cut to the middle first."""


class Spec(Protocol):
    """The fields of ``models.cards.Preparation`` that are needed here."""

    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def mean(self) -> tuple[float, float, float]: ...


def prepare(rgb: Picture, spec: Spec | Mapping[str, Any]) -> tuple[Picture, Box]:
    """Prepare ``rgb`` (uint8, H x W x 3) as ``spec`` says.

    Gives the picture (uint8, size x size x 3) and the box of the exhibit that it shows. Raises ValueError for an
    unknown kind or an array of another shape.
    """
    if isinstance(spec, Mapping):
        kind, size, mean = spec["kind"], spec["size"], spec["mean"]
    else:
        kind, size, mean = spec.kind, spec.size, spec.mean
    if kind == "crop":
        return prepare_crop(rgb, size), centre_box(rgb.shape[1], rgb.shape[0])
    if kind == "pad":
        return prepare_pad(rgb, size, (mean[0], mean[1], mean[2])), padded_box(rgb.shape[1], rgb.shape[0])
    if kind in REACHES:
        return prepare_residual(rgb, size, REACHES[kind]), middle_box(rgb.shape[1], rgb.shape[0], size, REACHES[kind])
    raise ValueError(f"unknown kind of preparation: {kind!r}")


def prepare_crop(rgb: Picture, size: int) -> Picture:
    """llava-hf: shorter side to ``size``, longer to ``int(size * long / short)``, bicubic, centre crop.

    Source: transformers ``CLIPImageProcessor`` with Pillow.
    """
    resized = _shorter_side_to(_checked(rgb), size)
    return _centre(resized, size)


def prepare_pad(rgb: Picture, size: int, mean: tuple[float, float, float]) -> Picture:
    """Original LLaVA: centred on a square of the colour ``int(mean * 255)``, then resized, bicubic.

    Source: ``expand2square`` of LLaVA's ``mm_utils.py``.
    """
    height, width = _checked(rgb).shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = [int(channel * 255) for channel in mean]
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = rgb
    return np.asarray(Image.fromarray(square).resize((size, size), Image.Resampling.BICUBIC))


def prepare_residual(rgb: Picture, size: int, reach: int | None) -> Picture:
    """Mean residual statistics of the middle at native resolution: uint8 size x size x 3.

    ``size`` is ``n`` times ``BLOCK``. The middle of the picture, at most ``reach * size`` pixels wide and high and of whole squares (None:
    all whole squares), is divided into n x n cells of, with a reach of 1, one square, else up to ``reach`` x ``reach``; each patch of the
    result is the mean of its cell's statistics, rounded. An expert that judges by means of statistics sees more squares less noisily. A
    picture whose shorter side is below ``size`` is first enlarged to it (bicubic) and its centre taken; none is ever made smaller, because
    that would remove what is looked for.
    """
    if min(_checked(rgb).shape[:2]) < size:
        return residual_statistics(_centre(_shorter_side_to(rgb, size), size))
    left, top, across, down = middle_box(rgb.shape[1], rgb.shape[0], size, reach)
    found = residual_statistics(rgb[top : top + down, left : left + across])
    if (across, down) == (size, size):
        return found
    rows, columns, parts = down // BLOCK, across // BLOCK, size // BLOCK
    sums = _sums(_sums(found.reshape(rows, BLOCK, columns, BLOCK, 3), _firsts(rows, parts), 0), _firsts(columns, parts), 2)
    counts = np.outer(*(np.diff([*_firsts(count, parts), count]) for count in (rows, columns)))[:, None, :, None, None]
    return np.ascontiguousarray((2 * sums + counts) // (2 * counts)).astype(np.uint8).reshape(size, size, 3)


def _firsts(count: int, parts: int) -> list[int]:
    """Where each of ``parts`` cells begins when ``count`` squares in a row are dealt out to them."""
    return [part * count // parts for part in range(parts)]


def _sums(values: npt.NDArray[Any], firsts: list[int], axis: int) -> Whole:
    """Sums along ``axis`` from each of ``firsts`` to the next; twenty times as fast as ``np.add.reduceat`` for a few short stretches."""
    return np.stack([part.sum(axis, dtype=np.int32) for part in np.split(values, firsts[1:], axis)], axis)


def residual_statistics(rgb: Picture) -> Picture:
    """Statistics of every ``BLOCK`` x ``BLOCK`` square of ``rgb`` (sides multiples of ``BLOCK``), in its place.

    Within a square (row, column):

    - channel 0, columns 0-15: spectrum of luminance; columns 16-31: co-occurrence of the residuals of red and green
      (rows 0-15) and of blue and green (rows 16-31);
    - channel 1: co-occurrences of neighbouring residuals of luminance, along rows (left) and columns (right), in steps
      of one grey level (above) and of three (below), after the rich models of Fridrich and Kodovsky (2012);
    - channel 2: spectra of R - G (columns 0-15) and B - G (columns 16-31).

    A spectrum is 30 log10(1 + power) under a Hann window, all 32 vertical by the first 16 horizontal
    frequencies, power in squared grey levels; periodic traces of upsampling (generators) and of JPEG blocks stand at
    its multiples of 4. A co-occurrence is 8 sqrt(count) of pairs of residuals in 16 x 16 bins.
    """
    rows, columns = rgb.shape[0] // BLOCK, rgb.shape[1] // BLOCK
    if rgb.shape[:2] != (rows * BLOCK, columns * BLOCK):
        raise ValueError(f"expected sides that are multiples of {BLOCK}, got {rgb.shape[:2]}")
    red, green, blue = (rgb[..., channel].astype(np.int32) for channel in range(3))
    light = 77 * red + 150 * green + 29 * blue  # 256 times luminance
    statistics = np.empty((rows * columns, BLOCK, BLOCK, 3), np.uint8)
    statistics[:, :, :16, 0] = _spectrum(_blocks(light >> 6), 4)
    statistics[:, :, :16, 2] = _spectrum(_blocks(red - green), 1)
    statistics[:, :, 16:, 2] = _spectrum(_blocks(blue - green), 1)
    along = [_residual(plane, 1) for plane in (red, green, blue)]
    for index, other in enumerate((along[0], along[2])):
        half = slice(16 * index, 16 * index + 16)
        statistics[:, half, 16:, 0] = _pairs(_bins(other, 2), _bins(along[1], 2))
    for index, axis in enumerate((1, 0)):
        residual = _residual(light, axis)
        for level, step in enumerate((1, 3)):
            bins = _bins(residual, 512 * step)
            place = (slice(None), slice(16 * level, 16 * level + 16), slice(16 * index, 16 * index + 16), 1)
            statistics[place] = _pairs(bins, _next(bins, axis))
    tiles = statistics.reshape(rows, columns, BLOCK, BLOCK, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(tiles.reshape(rgb.shape))


def centre_box(width: int, height: int) -> Box:
    """The central square of a picture, which is what ``crop`` shows."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side, side


def padded_box(width: int, height: int) -> Box:
    """The square that ``pad`` shows: the whole picture and the padding, so x or y is negative unless the picture is square."""
    side = max(width, height)
    return -((side - width) // 2), -((side - height) // 2), side, side


def middle_box(width: int, height: int, size: int, reach: int | None) -> Box:
    """What the residual kinds show: the middle ``reach * size`` pixels, or as many whole squares of ``BLOCK`` as there are.

    ``reach`` None: all whole squares. Of a picture with a side below ``size`` it is the central square.
    """
    if min(width, height) < size:
        return centre_box(width, height)
    whole = (length // BLOCK * BLOCK for length in (width, height))
    across, down = (length if reach is None else min(length, reach * size) for length in whole)
    return (width - across) // 2, (height - down) // 2, across, down


def _blocks(plane: Whole) -> Whole:
    """(H, W) -> (squares, BLOCK, BLOCK), row by row."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    return plane.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3).reshape(-1, BLOCK, BLOCK)


def _residual(plane: Whole, axis: int) -> Whole:
    """Twice a pixel minus its two neighbours along ``axis``, borders replicated."""
    padded = np.pad(plane, [(1, 1) if axis == 0 else (0, 0), (1, 1) if axis == 1 else (0, 0)], mode="edge")
    length = plane.shape[axis]
    residual: Whole = 2 * plane - padded.take(range(length), axis) - padded.take(range(2, length + 2), axis)
    return residual


def _next(plane: Whole, axis: int) -> Whole:
    """The neighbour after each pixel along ``axis``, the last one replicated."""
    order = np.minimum(np.arange(1, plane.shape[axis] + 1), plane.shape[axis] - 1)
    neighbours: Whole = plane.take(order, axis)
    return neighbours


def _bins(residual: Whole, step: int) -> Whole:
    """Residuals rounded to multiples of ``step``, as bins 0-15 of which 7 is zero."""
    return np.clip((2 * residual + step) // (2 * step), -7, 8) + 7


def _pairs(first: Whole, second: Whole) -> Picture:
    """Co-occurrences of two planes of bins in every square: uint8 (squares, 16, 16)."""
    pairs = _blocks(16 * first + second).reshape(-1, BLOCK * BLOCK)
    squares = pairs.shape[0]
    counts = np.bincount((pairs + 256 * np.arange(squares)[:, None]).ravel(), minlength=256 * squares)
    roots: Picture = _ROOTS[counts]
    return roots.reshape(squares, 16, 16)


def _spectrum(blocks: Whole, unit: int) -> Picture:
    """Log power of the windowed Fourier transform, (squares, 32, 32) -> uint8 (squares, 32, 16).

    ``unit``: how many steps of ``blocks`` make one grey level.
    """
    values = blocks.astype(np.float64) * (4 // unit)  # quarters of a grey level
    values -= np.floor(values.mean(axis=(1, 2), keepdims=True))  # the tables' rounding would let brightness leak
    cosine, sine = values @ _COSINES[:16].T, values @ _SINES[:16].T
    real = np.floor((_COSINES @ cosine - _SINES @ sine) / 2**24)
    imaginary = np.floor((_COSINES @ sine + _SINES @ cosine) / 2**24)
    return _decibels(real**2 + imaginary**2)


def _decibels(power: npt.NDArray[np.float64]) -> Picture:
    """How many of ``_POWERS`` are no larger than each ``power`` (whole numbers), without a search: what a binary search gives, sooner.

    The leading bits of a number name a step so narrow that at most one limit lies in it.
    """
    step = np.maximum(power, 1.0).view(np.int64) >> _STEP_BITS
    step -= _FIRST_STEP
    levels: Picture = _BELOW[step] + (power >= _LIMITS[step])
    return levels


def _waves(function: Any) -> npt.NDArray[np.float64]:
    """A wave of each of 32 frequencies under a periodic Hann window, in whole 16384ths: (frequency, position)."""
    return np.array(
        [
            [round(8192 * (1 - math.cos(math.tau * n / BLOCK)) * function(math.tau * (k * n % BLOCK) / BLOCK)) for n in range(BLOCK)]
            for k in range(BLOCK)
        ],
        np.float64,
    )


_COSINES, _SINES = _waves(math.cos), _waves(math.sin)
# Tables instead of logarithms and roots at run time, whose last bits depend on the machine.
# Power is in (1/64 of a grey level) squared.
_POWERS = np.array([round(4096 * (10 ** ((value - 0.5) / 30) - 1)) for value in range(1, 256)], np.float64)
# Steps of 1/64 of a power of two, from 1 to 2**48, which no power reaches; of each how many limits lie below it, and the one inside it.
_STEP_BITS, _FIRST_STEP = 46, 1023 << 6
_EDGES = (np.arange(_FIRST_STEP, _FIRST_STEP + (48 << 6) + 1) << _STEP_BITS).view(np.float64)
_BELOW = np.searchsorted(_POWERS, _EDGES[:-1], side="left").astype(np.uint8)
_LIMITS = np.append(_POWERS, np.inf)[_BELOW]
_ROOTS = np.array([min(255, round(8 * math.sqrt(count))) for count in range(BLOCK * BLOCK + 1)], np.uint8)


def _checked(rgb: Picture) -> Picture:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or min(rgb.shape[:2]) < 1:
        raise ValueError(f"expected a uint8 picture of height x width x 3, got {rgb.dtype} {rgb.shape}")
    return rgb


def _shorter_side_to(rgb: Picture, size: int) -> Picture:
    """Resize: shorter side ``size``, longer side ``int(size * long / short)``, bicubic."""
    height, width = rgb.shape[:2]
    short, long = min(height, width), max(height, width)
    if int(size * long / short) > _LONGEST:
        keep = max(short, _LONGEST * short // size)
        top, left = (height - min(height, keep)) // 2, (width - min(width, keep)) // 2
        rgb = rgb[top : top + keep, left : left + keep]
        height, width = rgb.shape[:2]
        long = max(height, width)
    other = int(size * long / short)
    target = (size, other) if width <= height else (other, size)
    if target == (width, height):
        return rgb
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(target, Image.Resampling.BICUBIC))


def _centre(rgb: Picture, size: int) -> Picture:
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    return np.ascontiguousarray(rgb[top : top + size, left : left + size])
