"""An exhibit: a picture's bytes by their hashes, its facts and marks, and the RGB that everything after works on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop.document import ExhibitInfo, Mark


@dataclass(frozen=True)
class Exhibit:
    """A picture under examination, as it came out of the confined worker."""

    info: ExhibitInfo
    rgb: NDArray[np.uint8]
    """uint8 (height, width, 3), C-contiguous, read-only: upright, sRGB."""
    marks: tuple[Mark, ...]
    deviations: tuple[str, ...]
    """Where this RGB differs from what the reference's loader (Pillow, ``convert("RGB")``) gives; empty when it is the same."""
    network_block: str
    """``kernel``, ``best-effort`` or ``none``, as proved by the worker before it saw the file."""
    thumbnail: NDArray[np.uint8]
    """uint8 (h, w, 3), longest side 256 or the picture's own."""
