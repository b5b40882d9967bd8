"""What a drop or a paste holds: files, raw picture bytes, or something that an offline program must refuse.

Picture data is taken as the bytes that the other program offered; Qt is never asked for an image, because that would decode hostile bytes
in this process.
"""

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

# Best first: what a program offers first is not always what it has, and a JPEG keeps its marks where a re-encoded PNG has none.
_DATA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/gif", "image/tiff", "image/bmp", "image/x-bmp")


class Dropped(NamedTuple):
    """Files, or the bytes of one picture with a name for it, or the reason why there is nothing to take."""

    paths: tuple[Path, ...] = ()
    data: bytes = b""
    name: str = ""
    refusal: str = ""


def enter(event: QDragEnterEvent) -> None:
    """Answer a drag over the window."""
    if takes(event.mimeData()):
        accept(event)
    else:
        event.ignore()


def accept(event: QDropEvent) -> None:
    """Take what is dropped as a copy, whatever the other program proposes: an original stays where it is."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def takes(mime: QMimeData) -> bool:
    """Whether a drag is worth accepting; refused addresses are accepted too, so that the reason can be told."""
    return mime.hasUrls() or any(mime.hasFormat(kind) for kind in _DATA_TYPES)


def read(mime: QMimeData, label: str) -> Dropped:
    """Take files first, then picture bytes; ``label`` names pictures that have no file."""
    urls = mime.urls() if mime.hasUrls() else []
    paths = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile())
    if paths:
        return Dropped(paths=paths)
    for kind in _DATA_TYPES:
        if mime.hasFormat(kind):
            data = bytes(mime.data(kind).data())
            if data:
                return Dropped(data=data, name=label)
    translate = QCoreApplication.translate
    if urls:
        return Dropped(
            refusal=translate(
                "Dropping", "That is a web address. Telltale never goes online: save the picture as a file and drop the file."
            )
        )
    return Dropped(refusal=translate("Dropping", "There is no picture in that. Drop picture files, folders or a copied picture."))
