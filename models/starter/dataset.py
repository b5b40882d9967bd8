"""The cached views as a trainer wants them: by kind, with chances that balance the sources. Needs torch (training only)."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from models.starter.answers import Kind
from models.starter.listing import Entry, read_list
from models.starter.model import GRID, PATCH, TOKENS

KINDS: tuple[Kind, ...] = ("real", "generated", "painted", "pasted")
FEATURES = PATCH * PATCH * 3
_SOURCE_POWER = 0.5
"""Sources are drawn by the square root of their size: neither the largest nor the smallest rules."""
_SOURCE_FACTOR = {"EliSchwartz/imagenet-sample-images": 2.5}
"""The only varied photographs from the web among the real sources of the first list are drawn more often."""


@dataclass(frozen=True)
class Pool:
    """Views of one kind: several files of maps, one row of ``index`` (file, row) a view."""

    kind: Kind
    files: list[npt.NDArray[np.uint8]]
    index: npt.NDArray[np.int64]
    names: list[str]
    """sha256 of the (real) picture behind each view."""
    chances: npt.NDArray[np.float64]
    truths: npt.NDArray[np.float16] | None
    """Share of each patch that AI made, (views, GRID, GRID), for the local kinds."""
    places: list[str]

    def __len__(self) -> int:
        return len(self.names)

    def maps(self, row: int) -> npt.NDArray[np.uint8]:
        """The picture of one view, (SIZE, SIZE, 3)."""
        file, line = self.index[row]
        return np.asarray(self.files[file][line])

    def truth(self, row: int) -> npt.NDArray[np.float32]:
        """Share of each patch that AI made, (TOKENS,)."""
        if self.truths is not None:
            return self.truths[row].reshape(TOKENS).astype(np.float32)
        return np.full(TOKENS, float(self.kind == "generated"), np.float32)


def open_pool(cache: Path, split: str, kind: Kind, entries: dict[str, Entry]) -> Pool | None:
    """All finished files of one kind and split; None when there is none yet."""
    local = kind in ("painted", "pasted")
    pattern = f"edits/{split}_{kind}.json" if local else f"{split}_{'fake' if kind == 'generated' else 'real'}_*.json"
    files: list[npt.NDArray[np.uint8]] = []
    index: list[tuple[int, int]] = []
    names: list[str] = []
    places: list[str] = []
    truths = None
    for path in sorted(cache.glob(pattern)):
        maps = path.with_suffix(".npy" if local else ".maps.npy")
        if not maps.exists():
            continue
        rows: list[Any] = json.loads(path.read_text())
        index += [(len(files), row) for row in range(len(rows))]
        files.append(np.load(maps, mmap_mode="r"))
        names += [row["sha256"] for row in rows] if local else rows
        places += [row["place"] for row in rows] if local else [""] * len(rows)
        if local:
            truths = np.load(path.with_suffix(".truth.npy"))
    if not files:
        return None
    return Pool(kind, files, np.array(index), names, chances_of([entries[name] for name in names]), truths, places)


def chances_of(entries: list[Entry], first_list: float | None = None) -> npt.NDArray[np.float64]:
    """How often the view of each entry is drawn: by the square root of its source's size, both classes alike; the sum is 1.

    ``first_list``: the share of the rows of the first list in either class (None: as it comes).
    """
    sizes = Counter(entry.repository for entry in entries)
    chances = np.array([sizes[entry.repository] ** (_SOURCE_POWER - 1) * _SOURCE_FACTOR.get(entry.repository, 1.0) for entry in entries])
    fake, later = np.array([entry.fake for entry in entries]), np.array([bool(entry.named_split) for entry in entries])
    parts = [(fake, 0.5), (~fake, 0.5)]
    if first_list is not None:
        parts = [(mine & side, 0.5 * share) for mine in (fake, ~fake) for side, share in ((~later, first_list), (later, 1 - first_list))]
    for part, share in parts:
        chances[part] *= share / max(chances[part].sum(), 1e-12)
    return chances / chances.sum()


def open_pools(cache: Path, split: str) -> list[Pool]:
    """The pools of a split that exist so far."""
    entries = {entry.sha256: entry for entry in read_list()}
    pools = (open_pool(cache, split, kind, entries) for kind in KINDS)
    return [pool for pool in pools if pool is not None]


def as_tokens(maps: npt.NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (N, SIZE, SIZE, 3) -> uint8 (N, TOKENS, FEATURES), patches row by row, each (row, column, channel)."""
    count = maps.shape[0]
    tiles = maps.reshape(count, GRID, PATCH, GRID, PATCH, 3).transpose(0, 1, 3, 2, 4, 5)
    return torch.from_numpy(np.ascontiguousarray(tiles).reshape(count, TOKENS, FEATURES))
