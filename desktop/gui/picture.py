"""Pictures ready for drawing: 32-bit pixels in halving sizes, made off the main thread so that drawing never converts anything.

The only source is the RGB array that came out of the intake worker; Qt decodes nothing. NumPy is imported when the first picture is made,
so that an empty window opens quickly.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SMALLEST_SIDE = 256


@dataclass(frozen=True)
class Picture:
    """``levels[k]`` is BGRA (Qt's RGB32 in memory), C-contiguous, each about half as wide and high as the one before."""

    levels: tuple[NDArray[np.uint8], ...]
    images: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """Drawing handles by level, kept by whoever draws; they borrow the arrays."""

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.levels[0].shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.levels[0].shape[0])

    @property
    def bytes(self) -> int:
        """Memory of all levels."""
        return sum(int(level.nbytes) for level in self.levels)

    def level_for(self, scale: float) -> int:
        """The level whose pixels are nearest to, and at least as fine as, the device's at ``scale``."""
        level = 0
        while level + 1 < len(self.levels) and scale <= 0.5 ** (level + 1):
            level += 1
        return level

    def pixel(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Red, green and blue at a place, or None outside."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        blue, green, red, _alpha = (int(value) for value in self.levels[0][y, x])
        return red, green, blue


def make_picture(rgb: NDArray[np.uint8], *, pyramid: bool = True) -> Picture:
    """Levels of an RGB array of shape (height, width, 3)."""
    import numpy as np

    height, width = rgb.shape[:2]
    full = np.empty((height, width, 4), np.uint8)
    full[..., 2] = rgb[..., 0]
    full[..., 1] = rgb[..., 1]
    full[..., 0] = rgb[..., 2]
    full[..., 3] = 255
    levels = [full]
    while pyramid and max(levels[-1].shape[:2]) > _SMALLEST_SIDE * 2:
        levels.append(_halved(levels[-1]))
    return Picture(tuple(levels))


def _halved(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of each 2 x 2 block; an odd last row or column is averaged with itself."""
    import numpy as np

    height, width = level.shape[:2]
    rows, columns = (height + 1) // 2, (width + 1) // 2
    result = np.empty((rows, columns, 4), np.uint8)
    band = 256  # in bands, so that the 16-bit sums of a large picture do not double its memory
    for start in range(0, rows, band):
        part = level[2 * start : 2 * min(rows, start + band)]
        if part.shape[0] % 2 or width % 2:
            part = np.pad(part, ((0, part.shape[0] % 2), (0, width % 2), (0, 0)), mode="edge")
        total = part[0::2, 0::2].astype(np.uint16)
        total += part[0::2, 1::2]
        total += part[1::2, 0::2]
        total += part[1::2, 1::2]
        total += 2
        total >>= 2
        result[start : start + band] = total
    return result


class PictureCache:
    """Recently shown pictures up to a number of bytes; the newest always stays. Any thread may use it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: OrderedDict[int, Picture] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: int, picture: Picture) -> None:
        """Keep a picture, forgetting the longest unused ones."""
        with self._lock:
            self._items.pop(key, None)
            self._items[key] = picture
            total = sum(item.bytes for item in self._items.values())
            while total > self._limit and len(self._items) > 1:
                _, old = self._items.popitem(last=False)
                total -= old.bytes

    def get(self, key: int) -> Picture | None:
        """A picture that is still kept."""
        with self._lock:
            picture = self._items.get(key)
            if picture is not None:
                self._items.move_to_end(key)
            return picture

    def drop(self, key: int) -> None:
        """Forget one picture."""
        with self._lock:
            self._items.pop(key, None)

    @property
    def bytes(self) -> int:
        """Memory in use."""
        with self._lock:
            return sum(item.bytes for item in self._items.values())
