"""What transformers' ``CLIPImageProcessor`` (Pillow backend) makes of known pictures: the references for ``models.preparation``.

``make references`` runs ``tests/references/make_preparation.py``, which computes ``clip.npz`` anew; the tests only read it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
CASES: tuple[tuple[str, int, int, int], ...] = (
    # name, height, width, size
    ("landscape", 300, 533, 336), ("portrait", 533, 300, 112), ("square", 112, 112, 112), ("large square", 700, 700, 112),
    ("tiny", 7, 11, 112), ("one pixel", 1, 1, 112), ("smaller square", 40, 40, 112), ("odd by one", 113, 112, 112),
    ("odd by one, wide", 112, 113, 112), ("panorama", 90, 1300, 112), ("column", 1300, 90, 112), ("camera 3:2", 400, 600, 112),
    ("narrow", 3, 400, 112), ("exactly twice", 224, 448, 112), ("rounding", 151, 227, 112),
)
"""The sizes at which rounding of the long side and of the crop's corner can go wrong, besides the usual ones."""


def picture(height: int, width: int) -> NDArray[Any]:
    """A picture of slopes, edges and fine texture, from whole numbers only, so that it is the same everywhere."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    slopes = np.stack([x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) * 255 // max(1, width + height - 2)], -1)
    edges = (((x // 9 + y // 7) % 2) * 60)[..., None]
    texture = ((x * 73 + y * 151 + x * y * 7) % 41)[..., None]
    return np.clip(slopes * 3 // 5 + edges + texture, 0, 255).astype(np.uint8)
