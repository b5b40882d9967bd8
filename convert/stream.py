"""Weights from the checkpoint into a GGUF file: slabs of rows, quantised on all cores, written in order."""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from convert.ggml import Bytes, quantise
from convert.gguf import Entry, Writer
from convert.plan import GgufPlan, Weight

SLAB = 4 << 20
"""Values in a slab: 16 MB as float32, so that some of them fit beside each other whatever the tensor."""

Advance = Callable[[str, int], None]
"""Told (tensor, bytes written) after every slab; raises Cancelled to stop."""


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _slabs(weight: Weight) -> list[tuple[int, int]]:
    rows, columns = weight.matrix
    unit = weight.head_width or 1
    step = max(unit, SLAB // columns // unit * unit)
    return [(start, min(start + step, rows)) for start in range(0, rows, step)]


def _encode(weight: Weight, entry: Entry, start: int, stop: int) -> Bytes:
    rows = weight.rows(start, stop)
    return quantise(rows.reshape(-1, entry.shape[-1]), entry.kind)


def write_gguf(path: Path, plan: GgufPlan, *, threads: int, advance: Advance) -> tuple[str, int, dict[str, int]]:
    """Write one GGUF file; returns (sha256, bytes, tensor name -> position of its data).

    Memory: about (threads + 2) slabs. Raises ConversionError and whatever `advance` raises; the unfinished file is left.
    """
    with ThreadPoolExecutor(threads) as pool, Writer(path, plan.keys, plan.entries) as writer:
        waiting: deque[tuple[str, Future[Bytes]]] = deque()

        def take() -> None:
            name, future = waiting.popleft()
            data = future.result()
            writer.write(data)
            advance(name, data.nbytes)

        try:
            for weight, entry in zip(plan.weights, plan.entries, strict=True):
                for start, stop in _slabs(weight):
                    if len(waiting) > threads:
                        take()
                    waiting.append((weight.name, pool.submit(_encode, weight, entry, start, stop)))
            while waiting:
                take()
        except BaseException:
            for _, future in waiting:
                future.cancel()
            raise
        digest, size = writer.close()
        return digest, size, writer.offsets
