"""From the paths on the command line to the pictures behind them."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from models.errors import InputError, TelltaleError

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".mpo", ".avif"})
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")


def expand(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, TelltaleError]]]:
    """The pictures to analyse, in order, and the paths that give none, each with its error.

    A folder is walked (sorted, without following links or entering hidden folders) for files that look like pictures by name or first
    bytes. A folder in it that cannot be opened is told beside the pictures of the others. A path named outright is taken as it is; intake
    says what is wrong with it.
    """
    pictures: list[Path] = []
    failures: list[tuple[Path, TelltaleError]] = []
    for path in paths:
        if not path.is_dir():
            pictures.append(path)
            continue
        closed: list[Path] = []
        found = sorted(_walk(path, closed))
        pictures.extend(found)
        failures.extend((folder, InputError("folder-unreadable", "this folder cannot be opened; are you allowed to?")) for folder in closed)
        if not found and not closed:
            failures.append((path, InputError("folder-without-pictures", "there is no picture in this folder that Telltale can read")))
    return pictures, failures


def _walk(folder: Path, closed: list[Path]) -> list[Path]:
    found: list[Path] = []
    for root, folders, files in os.walk(folder, followlinks=False, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(Path(root) / name for name in files if not name.startswith(".") and looks_like_picture(Path(root) / name))
    return found


def looks_like_picture(path: Path) -> bool:
    """Whether a file found in a folder is worth giving to intake: a regular file with a picture's suffix or first bytes."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        if path.suffix.lower() in SUFFIXES:
            return True
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError:
        return path.suffix.lower() in SUFFIXES
    return head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:12] in {b"ftypavif", b"ftypavis"}
