"""One delivered view of every held-out picture and of some training pictures: ``python -m models.starter.prepare_data PICTURES CACHE``.

Writes ``<split>_<class>_0.npy`` (uint8, views x SIZE x SIZE x 3, RGB) and a JSON file beside it that names the picture of each view; what
is finished is not made again. The training views here teach the language model and the baseline; the ensemble is taught with many more
(``prepare_cells``).
"""

import argparse
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from models.preparation import Picture
from models.starter.listing import Entry, balanced, read_list
from models.starter.views import SIZE, make_view

TAUGHT = 1000
"""Training pictures of each class."""


def load_rgb(path: Path) -> Picture:
    """Decode to RGB; transparency is laid on white."""
    with Image.open(path) as file:
        opened: Image.Image = file
        if opened.mode in ("RGBA", "LA", "P"):
            opened = opened.convert("RGBA")
            opened = Image.alpha_composite(Image.new("RGBA", opened.size, "white"), opened)
        return np.asarray(opened.convert("RGB"))


def quadrant(rgb: Picture, rng: np.random.Generator) -> Picture:
    """One of the four pictures of a 2 x 2 sheet, a few pixels inside its seams."""
    height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
    top, left = int(rng.integers(0, 2)) * height, int(rng.integers(0, 2)) * width
    return rgb[top + 4 : top + height - 4, left + 4 : left + width - 4]


def picture_rng(entry: Entry, number: int) -> np.random.Generator:
    """Chances that depend on the picture and the pass only."""
    return np.random.default_rng([zlib.crc32(entry.sha256.encode()), number])


def drawn(entries: Iterable[Entry], root: Path, number: int) -> Iterator[tuple[Entry, Picture, np.random.Generator]]:
    """The pictures that can be read, each with the generator that draws its views in pass ``number``."""
    for entry in entries:
        try:
            rgb = load_rgb(entry.file(root))
        except OSError as error:
            print(f"left out {entry.path}: {error}", flush=True)
            continue
        yield entry, rgb, picture_rng(entry, number)


def make_views(entries: list[Entry], root: Path, target: Path) -> None:
    """Write a view of each entry to ``target`` (.npy) and their hashes to the JSON file beside it."""
    if target.with_suffix(".json").exists():
        return
    store = np.lib.format.open_memmap(target, "w+", np.uint8, (len(entries), SIZE, SIZE, 3))
    names: list[str] = []
    for entry, rgb, rng in drawn(entries, root, 0):
        store[len(names)] = make_view(quadrant(rgb, rng) if entry.montage else rgb, rng)[0]
        names.append(entry.sha256)
    store.flush()
    target.with_suffix(".json").write_text(json.dumps(names))
    print(f"{target.name}: {len(names)} views", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder made by collect")
    parser.add_argument("cache", type=Path)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    entries = read_list()
    for split in ("test", "test_more", "calibration", "train"):
        for fake in (True, False):
            chosen = [entry for entry in entries if entry.split == split and entry.fake == fake]
            if split == "train":
                chosen = balanced(chosen, TAUGHT)
            make_views(chosen, options.pictures, options.cache / f"{split}_{'fake' if fake else 'real'}_0.npy")


if __name__ == "__main__":
    main()
