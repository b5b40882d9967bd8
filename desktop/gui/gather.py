"""From what was dropped or chosen to the files that will be examined. No Qt; run off the main thread, folders can be large and slow."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".mpo", ".avif", ".heic", ".heif", ".jxl", ".dng"}
)
_BATCH = 200


@dataclass(frozen=True)
class Batch:
    """Some of the files found, and how many others of a folder were left out as no pictures."""

    files: tuple[Path, ...]
    left_out: int = 0


def gather(paths: Sequence[Path], cancelled: Callable[[], bool] = lambda: False) -> Iterator[Batch]:
    """Files in the order given; folders are walked in name order. A file that was named itself is always taken, whatever it is called."""
    files: list[Path] = []
    left_out = 0
    for path in paths:
        if not path.is_dir():
            files.append(path)
        else:
            for folder, names, found in os.walk(path):
                if cancelled():
                    return
                names[:] = sorted(name for name in names if not name.startswith("."))
                for name in sorted(found):
                    if Path(name).suffix.lower() in PICTURE_SUFFIXES and not name.startswith("."):
                        files.append(Path(folder) / name)
                    else:
                        left_out += 1
                    if len(files) >= _BATCH:
                        yield Batch(tuple(files))
                        files = []
        if len(files) >= _BATCH:
            yield Batch(tuple(files))
            files = []
    yield Batch(tuple(files), left_out)
