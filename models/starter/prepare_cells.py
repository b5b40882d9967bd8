"""Training views as the teachers want them: ``python -m models.starter.prepare_cells PICTURES CACHE [--passes N] [--part I/N]``.

Every picture of the training split goes through the mill several times a pass; of each view only the sums of its statistics over the
ninths of the frame are kept, which is a twelfth of the space and all that the ensemble reads. One file a pass and source,
``cells/<real or fake>_<pass>_<owner+name>.npy`` (uint16, views x 9 x FEATURES: sums over the 9 squares of a ninth), and a JSON file beside
it that names the picture of each view; a file that is finished is not made again, so more rows and more passes can be added later.
"""

import argparse
import json
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.preparation import Picture, residual_statistics
from models.starter.listing import Entry, read_list
from models.starter.prepare_data import drawn, quadrant
from models.starter.views import SIZE, make_view

VIEWS = {False: 2, True: 4}
"""Views of a picture in one pass, by whether AI made it: there are fewer AI-made ones."""
MOST = 1000
"""Pictures of one source; more of the same would hardly be drawn."""
LATER = 2
"""More views of a picture whose row was added later: these sources are small and their pictures large."""
BLOCK = 32
Cells = npt.NDArray[np.uint16]


def cells_of(maps: Picture) -> Cells:
    """Sums of every statistic over the ninths of the frame: uint8 (SIZE, SIZE, 3) -> uint16 (9, FEATURES)."""
    third = SIZE // BLOCK // 3
    squares = maps.reshape(3, third, BLOCK, 3, third, BLOCK, 3)
    found: Cells = squares.sum((1, 4), dtype=np.uint16).transpose(0, 2, 1, 3, 4).reshape(9, -1)
    return found


def make_source(entries: list[Entry], root: Path, target: Path, number: int) -> None:
    """The views of one source in one pass."""
    found: list[Cells] = []
    names: list[str] = []
    for entry, rgb, rng in drawn(entries, root, number):
        for _ in range(VIEWS[entry.fake] + (LATER if entry.named_split else 0)):
            view = make_view(quadrant(rgb, rng) if entry.montage else rgb, rng)[0]
            found.append(cells_of(residual_statistics(view)))
            names.append(entry.sha256)
    np.save(target, np.stack(found) if found else np.zeros((0, 9, 3 * BLOCK * BLOCK), np.uint16))
    target.with_suffix(".json").write_text(json.dumps(names))
    print(f"{target.name}: {len(names)} views", flush=True)


def sources(entries: list[Entry], label: bool) -> list[tuple[str, list[Entry]]]:
    """The training pictures of one class by repository, at most ``MOST`` each."""
    mine = sorted((entry for entry in entries if entry.split == "train" and entry.fake == label), key=lambda entry: entry.repository)
    return [(name, list(some)[:MOST]) for name, some in groupby(mine, key=lambda entry: entry.repository)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder made by collect")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="I/N: the I-th of N processes that share the work")
    options = parser.parse_args()
    part, parts = (int(text) for text in options.part.split("/"))
    folder = options.cache / "cells"
    folder.mkdir(parents=True, exist_ok=True)
    entries = read_list()
    work = [(number, fake, *some) for number in range(options.passes) for fake in (True, False) for some in sources(entries, fake)]
    for number, fake, name, some in work[part::parts]:
        target = folder / f"{'fake' if fake else 'real'}_{number}_{name.replace('/', '+')}.npy"
        if not target.with_suffix(".json").exists():
            make_source(some, options.pictures, target, number)


if __name__ == "__main__":
    main()
