"""Turn cached RGB views into the expert's pictures: ``python -m models.starter.prepare_maps CACHE [--part I/N]``.

``x.npy`` (RGB views) becomes ``x.maps.npy`` (the same shape, ``residual`` preparation).
"""

import argparse
from pathlib import Path

import numpy as np

from models.preparation import residual_statistics


def prepare_file(source: Path) -> None:
    """Write the maps of one file of views, unless they are there already."""
    target = source.with_suffix(".maps.npy")
    if target.exists():
        return
    views = np.load(source, mmap_mode="r")
    partial = source.with_suffix(".partial")
    maps = np.lib.format.open_memmap(partial, "w+", np.uint8, views.shape)
    for index, view in enumerate(views):
        maps[index] = residual_statistics(np.asarray(view))
    maps.flush()
    partial.rename(target)
    print(target.name, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--part", default="0/1", help="I/N: the I-th of N processes that share the work")
    options = parser.parse_args()
    part, parts = (int(text) for text in options.part.split("/"))
    sources = sorted(path.with_suffix(".npy") for path in options.cache.glob("*.json"))
    for source in sources[part::parts]:
        if source.exists():
            prepare_file(source)


if __name__ == "__main__":
    main()
