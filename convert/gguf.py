"""Writing a GGUF file as a stream: header, keys and tensor table first, then one tensor after another.

All sizes are known before the first weight is read, so nothing has to be kept or rewritten. The file is hashed while it is written and
synced before it is closed. Format: ggml/docs/gguf.md, version 3.
"""

import hashlib
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from convert.ggml import Bytes, GgmlType, row_bytes
from models.errors import ConversionError

ALIGNMENT = 32


@dataclass(frozen=True)
class U32:
    value: int


@dataclass(frozen=True)
class I32Array:
    values: tuple[int, ...]


@dataclass(frozen=True)
class F32:
    value: float


@dataclass(frozen=True)
class F32Array:
    values: Sequence[float]


@dataclass(frozen=True)
class StringArray:
    values: Sequence[bytes]


Value = U32 | I32Array | F32 | F32Array | StringArray | str | bool


@dataclass(frozen=True)
class Entry:
    """One tensor as it will be stored. `shape` is row-major (NumPy order), the last dimension is the row."""

    name: str
    shape: tuple[int, ...]
    kind: GgmlType

    @property
    def nbytes(self) -> int:
        """Bytes of the tensor without alignment."""
        rows = 1
        for size in self.shape[:-1]:
            rows *= size
        return rows * row_bytes(self.kind, self.shape[-1])


def _string(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case str():
            return struct.pack("<I", 8) + _string(value.encode("utf-8"))
        case U32():
            return struct.pack("<II", 4, value.value)
        case F32():
            return struct.pack("<If", 6, value.value)
        case I32Array():
            return struct.pack(f"<IIQ{len(value.values)}i", 9, 5, len(value.values), *value.values)
        case F32Array():
            return struct.pack(f"<IIQ{len(value.values)}f", 9, 6, len(value.values), *value.values)
        case StringArray():
            return struct.pack("<IIQ", 9, 8, len(value.values)) + b"".join(_string(item) for item in value.values)


def _padded(size: int) -> int:
    return -size % ALIGNMENT


def head(keys: dict[str, Value], entries: Sequence[Entry]) -> bytes:
    """Everything before the first tensor's data, aligned."""
    parts = [struct.pack("<4sIQQ", b"GGUF", 3, len(entries), len(keys))]
    for key, value in keys.items():
        parts.append(_string(key.encode("ascii")) + _value(value))
    offset = 0
    for entry in entries:
        sizes = entry.shape[::-1]
        parts.append(_string(entry.name.encode("ascii")) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, entry.kind, offset))
        offset += entry.nbytes + _padded(entry.nbytes)
    data = b"".join(parts)
    return data + bytes(_padded(len(data)))


def file_bytes(keys: dict[str, Value], entries: Sequence[Entry]) -> int:
    """Size of the finished file."""
    return len(head(keys, entries)) + sum(entry.nbytes + _padded(entry.nbytes) for entry in entries)


class Writer:
    """Writes the tensors of `entries` in their order; `close` checks that all came and returns (sha256, bytes)."""

    def __init__(self, path: Path, keys: dict[str, Value], entries: Sequence[Entry]) -> None:
        if len({entry.name for entry in entries}) != len(entries):
            raise ConversionError("tensor-duplicate", "two tensors would get the same name in the output")
        self._entries = list(entries)
        self._index = 0
        self._left = entries[0].nbytes if entries else 0
        self._hash = hashlib.sha256()
        self._bytes = 0
        self.offsets: dict[str, int] = {}
        """Tensor name -> absolute position of its data in the file."""
        self._stream: BinaryIO = path.open("xb")
        self._put(head(keys, entries))
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _put(self, data: bytes | Bytes) -> None:
        view = memoryview(data) if isinstance(data, bytes) else data.data
        self._stream.write(view)
        self._hash.update(view)
        self._bytes += view.nbytes

    def _begin(self) -> None:
        if self._index < len(self._entries):
            self._left = self._entries[self._index].nbytes
            self.offsets[self._entries[self._index].name] = self._bytes

    def write(self, data: Bytes) -> None:
        """The next bytes of the current tensor."""
        if data.nbytes > self._left:
            raise ConversionError("shape-mismatch", "a tensor has more data than its shape allows")
        self._put(data)
        self._left -= data.nbytes
        if self._left == 0:
            self._put(bytes(_padded(self._entries[self._index].nbytes)))
            self._index += 1
            self._begin()

    def flush(self) -> None:
        """Hand what is written to the system, so that it can be read."""
        self._stream.flush()

    def close(self) -> tuple[str, int]:
        """Flush, sync and close; returns (sha256, bytes)."""
        if self._index != len(self._entries):
            raise ConversionError("shape-mismatch", "a tensor has less data than its shape says")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        return self._hash.hexdigest(), self._bytes
