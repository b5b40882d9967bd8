"""The expert's square picture, made from an exhibit's RGB exactly as the expert's training or reference code made it.

A card's ``[preparation]`` names one of three kinds:

- ``crop``: what ``CLIPImageProcessor`` does for llava-hf checkpoints (shorter side to ``size``, bicubic, centre crop);
- ``pad``: what the original LLaVA code does with ``image_aspect_ratio = "pad"`` (pad to a square with the mean colour, resize);
- ``residual``: no resizing, a centre crop at the exhibit's own resolution turned into three maps of high-frequency residuals,
  which carry traces of making (demosaicing, decoders of generators, inpainting) and little content.

Every function takes and gives ``uint8`` arrays; ``residual`` uses integer arithmetic only, so that it is the same on every machine.
A leaf: NumPy and Pillow, nothing else, so that training and the application share this one file.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the exhibit."""

_LONGEST = 16384
"""Longest side of an intermediate picture; a longer one (a strip of 1:50, say) is cut to the middle before it is resized."""


class Spec(Protocol):
    """The fields of ``models.cards.Preparation`` that are needed here."""

    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def mean(self) -> tuple[float, float, float]: ...


def prepare(rgb: Picture, spec: Spec | Mapping[str, Any]) -> tuple[Picture, Box]:
    """Prepare ``rgb`` (uint8, H x W x 3) as ``spec`` says: (uint8 size x size x 3, box of the exhibit that the picture shows).

    Raises ValueError for an unknown kind or an array of another shape.
    """
    kind, size, mean = (spec["kind"], spec["size"], spec["mean"]) if isinstance(spec, Mapping) else (spec.kind, spec.size, spec.mean)
    if kind == "crop":
        return prepare_crop(rgb, size), centre_box(rgb.shape[1], rgb.shape[0])
    if kind == "pad":
        return prepare_pad(rgb, size, (mean[0], mean[1], mean[2])), padded_box(rgb.shape[1], rgb.shape[0])
    if kind == "residual":
        return prepare_residual(rgb, size), native_box(rgb.shape[1], rgb.shape[0], size)
    raise ValueError(f"unknown kind of preparation: {kind!r}")


def prepare_crop(rgb: Picture, size: int) -> Picture:
    """llava-hf: shorter side to ``size``, longer side to ``int(size * long / short)``, bicubic, centre crop.

    Source: transformers ``CLIPImageProcessor`` (``get_resize_output_image_size``, ``center_crop``) with Pillow.
    """
    resized = _shorter_side_to(_checked(rgb), size)
    return _centre(resized, size)


def prepare_pad(rgb: Picture, size: int, mean: tuple[float, float, float]) -> Picture:
    """Original LLaVA: centred on a square of the colour ``int(mean * 255)``, then resized to ``size``, bicubic.

    Source: ``expand2square`` of LLaVA's ``mm_utils.py``.
    """
    height, width = _checked(rgb).shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = [int(channel * 255) for channel in mean]
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = rgb
    return np.asarray(Image.fromarray(square).resize((size, size), Image.Resampling.BICUBIC))


def prepare_residual(rgb: Picture, size: int) -> Picture:
    """Residual maps of the native-resolution centre square: uint8 size x size x 3.

    A picture whose shorter side is below ``size`` is first enlarged to it (bicubic); none is ever made smaller, because that would
    remove what is looked for. See ``residual_maps`` for the three channels.
    """
    height, width = _checked(rgb).shape[:2]
    square = _centre(_shorter_side_to(rgb, size), size) if min(height, width) < size else _centre(rgb, size)
    return residual_maps(square)


def residual_maps(rgb: Picture) -> Picture:
    """The three residual channels of ``rgb`` (uint8, H x W x 3), same height and width, borders replicated.

    0: pixel minus the mean of its four neighbours in luminance (299 R + 587 G + 114 B), times 6, plus 128;
    1: the same of R - B (colour-filter interpolation and the decoders of generators correlate colours differently);
    2: 70 log10(1 + mean square of the luminance residual over 5 x 5 pixels): how much texture there is to judge by.
    """
    wide = rgb.astype(np.int32)
    red, green, blue = wide[..., 0], wide[..., 1], wide[..., 2]
    light = (6 * _laplacian(299 * red + 587 * green + 114 * blue) + 2000) // 4000
    colour = (6 * _laplacian(red - blue) + 2) // 4
    energy = np.searchsorted(_ENERGY_STEPS, _window_sum(light.astype(np.int64) ** 2), side="right")
    return np.stack([np.clip(light + 128, 0, 255), np.clip(colour + 128, 0, 255), energy], axis=-1).astype(np.uint8)


def centre_box(width: int, height: int) -> Box:
    """The central square of a picture, which is what ``crop`` shows."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side, side


def padded_box(width: int, height: int) -> Box:
    """The square that ``pad`` shows: the whole picture and the padding, so x or y is negative unless the picture is square."""
    side = max(width, height)
    return -((side - width) // 2), -((side - height) // 2), side, side


def native_box(width: int, height: int, size: int) -> Box:
    """What ``residual`` shows: the central ``size`` pixels, or the central square of a picture smaller than that."""
    if min(width, height) < size:
        return centre_box(width, height)
    return (width - size) // 2, (height - size) // 2, size, size


def _energy_steps() -> npt.NDArray[np.int64]:
    """Least sum of 25 squared residuals (in sixths of a grey level) for which channel 2 is 1, 2, … 255.

    A table of integers instead of a logarithm at run time, because the last bit of a logarithm depends on the machine.
    """
    return np.array([round(25 * 36 * (10 ** ((value - 0.5) / 70) - 1)) for value in range(1, 256)], np.int64)


_ENERGY_STEPS = _energy_steps()


def _laplacian(plane: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Four times the pixel minus its four neighbours, borders replicated."""
    padded = np.pad(plane, 1, mode="edge")
    neighbours = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return 4 * plane - neighbours


def _window_sum(plane: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sum over the 5 x 5 window around every pixel, borders replicated."""
    height, width = plane.shape
    padded = np.pad(plane, 2, mode="edge")
    rows = np.zeros((height, width + 4), np.int64)
    for offset in range(5):
        rows += padded[offset : offset + height]
    total = np.zeros((height, width), np.int64)
    for offset in range(5):
        total += rows[:, offset : offset + width]
    return total


def _checked(rgb: Picture) -> Picture:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or min(rgb.shape[:2]) < 1:
        raise ValueError(f"expected a uint8 picture of height x width x 3, got {rgb.dtype} {rgb.shape}")
    return rgb


def _shorter_side_to(rgb: Picture, size: int) -> Picture:
    """Resize so that the shorter side is ``size`` and the longer one ``int(size * long / short)``, bicubic."""
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
