"""The heat map of a claim: from the numbers in the document to coloured, transparent pixels. No Qt in here."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from desktop.document import ClaimMap

# Dark violet to pale yellow: lightness rises all the way, so that the map reads without colour vision too.
_RAMP = ((0.0, (48, 18, 80)), (0.35, (140, 41, 129)), (0.6, (222, 73, 104)), (0.8, (254, 159, 109)), (1.0, (252, 253, 191)))


def read_map(claim_map: ClaimMap) -> NDArray[np.float32] | None:
    """Values of a claim's map, rows x columns, or None when they do not fit their grid."""
    import numpy as np

    rows, columns = claim_map.grid
    try:
        values = np.frombuffer(base64.b64decode(claim_map.values, validate=True), "<f2").astype(np.float32)
    except (binascii.Error, ValueError):
        return None
    if rows <= 0 or columns <= 0 or values.size != rows * columns:
        return None
    return np.nan_to_num(values.reshape(rows, columns), nan=0.0, posinf=0.0, neginf=0.0)


def colour(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Premultiplied BGRA pixels of a map: the lowest tenth is clear, the highest value is nearly opaque."""
    import numpy as np

    low, high = float(np.percentile(values, 10)), float(values.max())
    share = np.clip((values - low) / (high - low), 0.0, 1.0) if high > low else np.zeros_like(values)
    stops = [stop for stop, _ in _RAMP]
    alpha = share**0.8 * 0.9
    pixels = np.empty((*values.shape, 4), np.uint8)
    for channel in range(3):
        ramp = np.interp(share, stops, [rgb[channel] for _, rgb in _RAMP])
        pixels[..., 2 - channel] = np.round(ramp * alpha)
    pixels[..., 3] = np.round(alpha * 255)
    return np.ascontiguousarray(pixels)
