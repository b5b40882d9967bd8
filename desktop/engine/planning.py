"""How many pictures fit into this machine's memory at once."""

import contextlib
import ctypes
import sys
from pathlib import Path

from desktop.engine.choosing import CACHED
from models.cards import load_card
from models.gguf_scan import ArrayValue, GgufHead, scan_gguf

_RESERVE = 1 << 30
"""Bytes left to everybody else."""
_MOST = 32
"""Core time for a token of a 7B expert in Q4_K: 169 ms alone, 94 among 8, 47 among 16, 33 among 32, 24 among 64 (measured)."""
_MOST_OF_SMALL = 4
"""A small model's weights stay in the cache; beyond this its keys and values no longer do, and a token costs more again (measured)."""


def plan_slots(folder: Path, wanted: int = _MOST) -> int:
    """Slots for ``EngineSettings.slots``: at most ``wanted``, as many as the free memory holds beside the expert itself, at least 1.

    Where the free memory cannot be read, 1. Raises ExpertError when the folder is no expert.
    """
    card = load_card(folder)
    available = available_memory()
    if available is None:
        return 1
    slot = slot_bytes(scan_gguf(folder / card.language.file, "language"), card.generation.context)
    room = available - card.language.bytes - card.projector.bytes - _RESERVE
    # One more beside them, for everything that is no text.
    return max(1, min(wanted, _MOST_OF_SMALL if card.language.bytes < CACHED else _MOST, room // slot - 1))


def slot_bytes(head: GgufHead, context: int) -> int:
    """Bytes of one slot's keys and values, 16 bits each."""
    def number(key: str, otherwise: int) -> int:
        value = head.keys.get(f"{head.keys.get('general.architecture')}.{key}", otherwise)
        if isinstance(value, ArrayValue):  # per layer
            return int(max(value.numbers, default=otherwise))
        return int(value) if isinstance(value, int | float) else otherwise

    heads = number("attention.head_count", 1)
    width = number("embedding_length", 1) // max(1, heads)
    keys, values = number("attention.key_length", width), number("attention.value_length", width)
    return max(1, number("block_count", 1) * number("attention.head_count_kv", heads) * (keys + values) * 2 * context)


def available_memory() -> int | None:
    """Bytes that can be used without swapping, or None where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if sys.platform == "linux":
            lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
            free = int(lines["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in lines else None
            limit = _cgroup_room()
            return free if limit is None or free is None else min(free, limit)
        if sys.platform == "win32":
            status = (ctypes.c_uint64 * 8)(64)  # MEMORYSTATUSEX: length and load share the first eight bytes
            if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
                return int(status[2])
        if sys.platform == "darwin":
            total, size = ctypes.c_uint64(0), ctypes.c_size_t(8)
            if ctypes.CDLL(None).sysctlbyname(b"hw.memsize", ctypes.byref(total), ctypes.byref(size), None, 0) == 0:
                return total.value // 2  # the rest is somebody's, or the file cache's
    return None


def _cgroup_room() -> int | None:
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        return None if limit == "max" else max(0, int(limit) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    except (OSError, ValueError):
        return None
