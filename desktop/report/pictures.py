"""Pictures of a report: PNG bytes made from RGB arrays only, the same bytes every time."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from desktop.document import ClaimMap
from models.errors import InputError

Rgb = NDArray[np.uint8]


LONGEST = {"court": 1400, "newsroom": 512}
"""Pixels of the longer side of the picture that a report shows."""


@dataclass(frozen=True)
class Shown:
    """The pictures of a report, made once for every layout: the exhibit, and the maps of views by their id, as PNG."""

    exhibit: bytes | None
    maps: dict[str, bytes]


def shown(rgb: Rgb | None, views: Mapping[str, Rgb], profile: str) -> Shown:
    """The pictures that a report of that profile shows."""
    longest = LONGEST[profile]
    maps = {name: preview(view, longest // 2) for name, view in views.items()}
    return Shown(None if rgb is None else preview(rgb, longest), maps)


def png(rgb: Rgb, effort: int = 6) -> bytes:
    """``rgb`` (H, W, 3 or 4) as PNG, without metadata."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(out, "PNG", compress_level=effort)
    return out.getvalue()


def preview(rgb: Rgb, longest: int) -> bytes:
    """``rgb`` as PNG with at most ``longest`` pixels on its longer side."""
    height, width = rgb.shape[:2]
    if max(height, width) <= longest:
        return png(rgb)
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return png(np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize(size, Image.Resampling.LANCZOS)))


def heat(claim_map: ClaimMap) -> bytes | None:
    """The attention of a claim as a small transparent PNG to be stretched over the frame; None where the map is not readable."""
    rows, columns = claim_map.grid
    try:
        raw = base64.b64decode(claim_map.values, validate=True)
    except ValueError:
        return None
    if not 0 < rows <= 256 or not 0 < columns <= 256 or len(raw) != 2 * rows * columns:
        return None
    values = np.frombuffer(raw, "<f2").astype(np.float64).reshape(rows, columns)
    if not np.isfinite(values).all() or values.max() <= 0:
        return None
    strength = np.clip(values / np.percentile(values[values > 0], 99.5), 0, 1)
    picture = np.zeros((rows, columns, 4), np.uint8)
    picture[..., 0], picture[..., 1], picture[..., 2] = 255, 176, 32
    picture[..., 3] = np.round(190 * strength).astype(np.uint8)
    return png(picture)


def checked(rgb: Rgb | None, width: int, height: int) -> Rgb | None:
    """``rgb`` when it is a picture of that size; anything else is a mistake of the caller."""
    if rgb is not None and (rgb.dtype != np.uint8 or rgb.shape != (height, width, 3)):
        raise InputError("picture-mismatch", "The pixels do not belong to this analysis: their size or type differs.")
    return rgb


def data_uri(data: bytes) -> str:
    """PNG bytes as an inline address."""
    return "data:image/png;base64," + base64.b64encode(data).decode("ascii")
