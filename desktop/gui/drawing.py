"""Borrowing pixel arrays as Qt images, without a copy and without any decoder."""

from PySide6.QtGui import QImage

from desktop.gui.picture import Picture


def image(picture: Picture, level: int = 0) -> QImage:
    """A level of a picture for drawing. The image is kept with the picture, which owns the pixels."""
    kept = picture.images.get(level)
    if kept is None:
        pixels = picture.levels[level]
        kept = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], QImage.Format.Format_RGB32)
        picture.images[level] = kept
    assert isinstance(kept, QImage)  # noqa: S101
    return kept
