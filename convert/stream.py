"""Weights from the checkpoint into a GGUF file, and through the reference's arithmetic on the same way.

Slabs of rows are read and quantised on all cores, a few ahead of where they are wanted, and written in file order. Whoever computes the
reference (`convert.forward`) drives the stream by asking for products: every slab is multiplied while it is in memory, once as it was in
the checkpoint and once as it will stand in the file, so that nothing is read a second time. The products run side by side, too: the number
library need not start threads of its own, which would wait for each other wherever the cores have other work.
"""

import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from convert.ggml import Bytes, Floats, dequantise, quantise, row_bytes
from convert.gguf import Entry, Writer
from convert.plan import GgufPlan, Weight
from convert.safetensors import read_exactly

SLAB = 4 << 20
"""Values in a slab: 16 MB as float32, so that some of them fit beside each other whatever the tensor."""

Advance = Callable[[str, int], None]
"""Told (tensor, bytes written) after every slab; raises Cancelled to stop."""


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Slab:
    """Rows start..stop of a tensor: their bytes for the file, and what the reference multiplies with, one array for each set of tensors."""

    entry: Entry
    start: int
    stop: int
    data: Bytes
    sets: tuple[Floats, ...]


class Stream:
    """One GGUF file on its way to disk, and a `forward.Source` meanwhile. `finish` writes what is left.

    `sets`: how many sets of tensors are answered (the leading axis of everything that is returned): 0 none, 1 the checkpoint's, 2 first the
    file's (dequantised), then the checkpoint's. Memory: about (3 threads + 3) slabs in each form. Raises ConversionError and whatever
    `advance` raises; the unfinished file is left.
    """

    def __init__(self, path: Path, plan: GgufPlan, *, threads: int, advance: Advance, sets: int = 0) -> None:
        self._path, self._advance, self._sets = path, advance, sets
        self._weights = {weight.name: weight for weight in plan.weights}
        self._entries = {entry.name: entry for entry in plan.entries}
        self._order = {entry.name: number for number, entry in enumerate(plan.entries)}
        self._done = 0
        """Tensors that are written whole."""
        self._writer = Writer(path, plan.keys, plan.entries)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads)
        self._coming = self._slabs(plan)
        self._waiting: deque[Future[_Slab]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._waiting:
            future.cancel()
        self._pool.shutdown()
        self._writer.__exit__()

    def __contains__(self, name: object) -> bool:
        return name in self._weights

    def values(self, name: str) -> Floats:
        """See `forward.Source`."""
        weight = self._weights[name]
        return weight.rows(0, weight.matrix[0])

    def rows(self, name: str, ids: Sequence[int]) -> Floats:
        """See `forward.Source`; (sets, len(ids), columns)."""
        self._write_to(name, through=True)
        return np.concatenate([np.stack(self._both(name, number, number + 1)) for number in ids], axis=1)

    def product(self, name: str, x: Floats) -> Floats:
        """See `forward.Source`. `x` (tokens, columns) is the same for every set; otherwise its first axis are the sets."""
        rows = self._weights[name].matrix[0]
        out = np.empty((self._sets, x.shape[-2], rows), np.float32)
        running: deque[Future[None]] = deque()
        each = [x if x.ndim == 2 else x[number] for number in range(self._sets)]

        def multiply(start: int, stop: int, sets: Sequence[Floats]) -> None:
            for number, (vectors, slab) in enumerate(zip(each, sets, strict=True)):
                out[number, :, start:stop] = vectors @ slab.T

        def hand_over(start: int, stop: int, sets: Sequence[Floats]) -> None:
            if len(running) > self._threads:
                running.popleft().result()
            running.append(self._pool.submit(multiply, start, stop, sets))

        if self._order[name] < self._done:
            for start, stop in _pieces(self._weights[name]):
                hand_over(start, stop, self._both(name, start, stop))
        else:
            self._write_to(name, through=False)
            while self._done == self._order[name]:
                slab = self._take()
                hand_over(slab.start, slab.stop, slab.sets)
        for future in running:
            future.result()
        return out

    def finish(self) -> tuple[str, int]:
        """Write what is left, sync and close; returns (sha256, bytes)."""
        while self._done < len(self._entries):
            self._take()
        return self._writer.close()

    def _write_to(self, name: str, *, through: bool) -> None:
        while self._done < self._order[name] + through:
            self._take()

    def _take(self) -> _Slab:
        """Write the next slab."""
        while len(self._waiting) < 2 * self._threads and (job := next(self._coming, None)) is not None:
            self._waiting.append(self._pool.submit(self._encode, *job))
        slab = self._waiting.popleft().result()
        self._writer.write(slab.data)
        if slab.stop == self._weights[slab.entry.name].matrix[0]:
            self._done += 1
        self._advance(slab.entry.name, slab.data.nbytes)
        return slab

    @staticmethod
    def _slabs(plan: GgufPlan) -> Iterator[tuple[Weight, Entry, int, int]]:
        for weight, entry in zip(plan.weights, plan.entries, strict=True):
            for start, stop in _pieces(weight):
                yield weight, entry, start, stop

    def _encode(self, weight: Weight, entry: Entry, start: int, stop: int) -> _Slab:
        rows = weight.rows(start, stop)
        data = quantise(rows.reshape(-1, entry.shape[-1]), entry.kind)
        sets = (dequantise(data, entry.kind, entry.shape[-1]).reshape(rows.shape), rows) if self._sets == 2 else (rows,) * self._sets
        return _Slab(entry, start, stop, data, sets)

    def _both(self, name: str, start: int, stop: int) -> tuple[Floats, ...]:
        """The same rows for every set, of a tensor that is written already."""
        rows = self._weights[name].rows(start, stop)
        return (self._read_back(self._entries[name], start, stop), rows) if self._sets == 2 else (rows,)

    def _read_back(self, entry: Entry, start: int, stop: int) -> Floats:
        # A convolution's rows are stored as several short rows; their values lie one after another all the same.
        columns = math.prod(entry.shape[1:])
        width = row_bytes(entry.kind, entry.shape[-1]) * (columns // entry.shape[-1])
        self._writer.flush()
        raw = read_exactly(self._path, self._writer.offsets[entry.name] + start * width, (stop - start) * width)
        return dequantise(raw, entry.kind, entry.shape[-1]).reshape(-1, columns)


def _pieces(weight: Weight) -> list[tuple[int, int]]:
    rows, columns = weight.matrix
    unit = weight.head_width or 1
    step = max(unit, SLAB // columns // unit * unit)
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]
