"""Where things are on the canvas: the arithmetic of zoom and pan, of frames and of regions. No Qt in here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

Rectangle = tuple[float, float, float, float]
"""``(x, y, width, height)``."""

SMALLEST = 0.01
LARGEST = 64.0
_STEPS = (
    0.01,
    0.02,
    0.03,
    0.05,
    0.0625,
    0.083,
    0.125,
    0.167,
    0.25,
    0.333,
    0.5,
    0.667,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    6.0,
    8.0,
    12.0,
    16.0,
    24.0,
    32.0,
    48.0,
    64.0,
)


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in a window: ``scale`` window units per picture pixel, the picture's corner at ``(x, y)``."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_window(self, box: Sequence[float]) -> Rectangle:
        """A box of picture pixels as a rectangle of the window."""
        return (self.x + box[0] * self.scale, self.y + box[1] * self.scale, box[2] * self.scale, box[3] * self.scale)

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """A point of the window as a point of the picture."""
        return ((x - self.x) / self.scale, (y - self.y) / self.scale)

    def moved(self, dx: float, dy: float) -> "Placement":
        """Panned."""
        return replace(self, x=self.x + dx, y=self.y + dy)

    def zoomed(self, scale: float, x: float, y: float) -> "Placement":
        """At another scale, with the picture point under ``(x, y)`` staying there."""
        scale = min(LARGEST, max(SMALLEST, scale))
        px, py = self.to_picture(x, y)
        return Placement(scale, x - px * scale, y - py * scale)


def fit(picture: tuple[int, int], window: tuple[int, int], margin: int = 12, largest: float = 1.0) -> Placement:
    """The whole picture in the middle of the window, never larger than ``largest``."""
    width, height = picture
    room_w, room_h = max(1, window[0] - 2 * margin), max(1, window[1] - 2 * margin)
    scale = min(room_w / max(1, width), room_h / max(1, height), largest)
    scale = max(scale, 1e-4)
    return Placement(scale, (window[0] - width * scale) / 2, (window[1] - height * scale) / 2)


def held(placement: Placement, picture: tuple[int, int], window: tuple[int, int]) -> Placement:
    """The same placement, moved so that the picture cannot be lost: centred where smaller than the window, else covering it."""

    def axis(position: float, length: float, room: float) -> float:
        if length <= room:
            return (room - length) / 2
        return min(0.0, max(room - length, position))

    return replace(
        placement,
        x=axis(placement.x, picture[0] * placement.scale, window[0]),
        y=axis(placement.y, picture[1] * placement.scale, window[1]),
    )


def next_zoom(scale: float, direction: int) -> float:
    """The next step of the zoom ladder above (``direction`` > 0) or below ``scale``."""
    if direction > 0:
        return next((step for step in _STEPS if step > scale * 1.001), LARGEST)
    return next((step for step in reversed(_STEPS) if step < scale * 0.999), SMALLEST)


def outside(frame: Sequence[int], picture: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """The up to four boxes of a picture that lie outside ``frame``, without overlap."""
    width, height = picture
    left, top = max(0, frame[0]), max(0, frame[1])
    right, bottom = min(width, frame[0] + frame[2]), min(height, frame[1] + frame[3])
    boxes = [
        (0, 0, width, top),
        (0, bottom, width, height - bottom),
        (0, top, left, bottom - top),
        (right, top, width - right, bottom - top),
    ]
    return [box for box in boxes if box[2] > 0 and box[3] > 0]


def smallest_hit(boxes: Iterable[tuple[str, Sequence[int]]], x: float, y: float) -> str | None:
    """The name of the smallest box that holds the point, so that a region inside another one can be reached; of equal ones the first."""
    hits = [(box[2] * box[3], name) for name, box in boxes if box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]]
    return min(hits, key=lambda hit: hit[0])[1] if hits else None
