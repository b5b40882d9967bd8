"""The cached views as a trainer wants them: batches balanced by verdict, by kind and by source. Needs torch (training only)."""

import json
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
SHARES: dict[Kind, float] = {"real": 0.5, "generated": 0.28, "painted": 0.11, "pasted": 0.11}
"""Share of each kind in a training batch: half real, so that the verdict has no prior."""
FEATURES = PATCH * PATCH * 3
_SOURCE_POWER = 0.5
"""Sources are drawn by the square root of their size: neither the largest nor the smallest rules."""


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
    sources = [entries[name].repository for name in names]
    sizes = {source: sources.count(source) for source in set(sources)}
    chances = np.array([sizes[source] ** (_SOURCE_POWER - 1) for source in sources])
    return Pool(kind, files, np.array(index), names, chances / chances.sum(), truths, places)


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


def shares(pools: list[Pool]) -> npt.NDArray[np.float64]:
    """Chance of each pool: half for the reals, also while a kind of fakes is still missing."""
    wanted = np.array([SHARES[pool.kind] for pool in pools])
    fakes = [index for index, pool in enumerate(pools) if pool.kind != "real"]
    wanted[fakes] *= (1 - SHARES["real"]) / wanted[fakes].sum()
    return wanted / wanted.sum()


def draw(pools: list[Pool], size: int, rng: np.random.Generator) -> list[tuple[Pool, int]]:
    """A balanced batch of (pool, row)."""
    counts = rng.multinomial(size, shares(pools))
    chosen: list[tuple[Pool, int]] = []
    for pool, count in zip(pools, counts, strict=True):
        cumulative = np.cumsum(pool.chances)
        rows = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
        chosen += [(pool, int(row)) for row in np.minimum(rows, len(pool) - 1)]
    return chosen
