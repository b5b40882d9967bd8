"""A safetensors file: its header, checked, and its tensors by byte range.

The header is JSON that anyone may have written, so every number in it is checked against the file before it is used. Tensors are read
with plain reads into memory of our own (no mapping): a file that shrinks underneath becomes an error, not a SIGBUS, and the memory in use
stays what was asked for. Format: https://huggingface.co/docs/safetensors.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convert.ggml import Bytes, Floats, widen
from models.errors import ConversionError

WIDTH = {"F32": 4, "F16": 2, "BF16": 2}
_OTHER_WIDTH = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "I32": 4,
    "U32": 4,
    "I16": 2,
    "U16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
}
MAX_HEADER = 100_000_000
"""The limit that the reference implementation has (bytes)."""


@dataclass(frozen=True)
class Tensor:
    """One stored tensor: where it lies. `dtype` is the safetensors word."""

    path: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int
    """Absolute position in the file, bytes."""
    nbytes: int

    @property
    def matrix(self) -> tuple[int, int]:
        """(rows, columns) with everything but the first dimension as columns; a vector is one row."""
        if len(self.shape) < 2:
            return 1, math.prod(self.shape)
        return self.shape[0], math.prod(self.shape[1:])

    def rows(self, start: int, stop: int) -> Floats:
        """Rows `start` to `stop` of `matrix` as float32 (stop-start, columns).

        Raises ConversionError `checkpoint-unreadable`, `dtype-unsupported` or `weight-not-finite`.
        """
        if self.dtype not in WIDTH:
            raise ConversionError(
                "dtype-unsupported", f"weights stored as {self.dtype} are not supported; save the checkpoint as bf16, f16 or f32"
            )
        columns = self.matrix[1]
        width = WIDTH[self.dtype] * columns
        raw = read_exactly(self.path, self.offset + start * width, (stop - start) * width)
        values = widen(raw, self.dtype)
        if not np.isfinite(values).all():
            raise ConversionError(
                "weight-not-finite", f"{self.path.name} contains NaN or infinite weights; the training run that wrote it failed"
            )
        return values.reshape(stop - start, columns)


def read_exactly(path: Path, offset: int, count: int) -> Bytes:
    """`count` bytes of a file from `offset`. Raises ConversionError `checkpoint-unreadable`."""
    out = np.empty(count, np.uint8)
    view = out.data
    try:
        with path.open("rb", buffering=0) as stream:
            stream.seek(offset)
            done = 0
            while done < count:
                got = stream.readinto(view[done:])
                if not got:
                    raise ConversionError("checkpoint-truncated", f"{path.name} ends too early; download it again")
                done += got
    except OSError as error:
        raise ConversionError("checkpoint-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
    return out


def read_header(path: Path) -> dict[str, Tensor]:
    """The tensors of one file, by name. Raises ConversionError `checkpoint-unreadable`, `checkpoint-truncated` or `safetensors-invalid`."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ConversionError("checkpoint-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
    if size < 8:
        raise ConversionError("checkpoint-truncated", f"{path.name} is empty or cut off; download it again")
    length = int.from_bytes(read_exactly(path, 0, 8).tobytes(), "little")
    if length > MAX_HEADER or length < 2:
        raise ConversionError("safetensors-invalid", f"{path.name} is not a safetensors file")
    if 8 + length > size:
        raise ConversionError("checkpoint-truncated", f"{path.name} ends inside its header; download it again")
    try:
        header = json.loads(read_exactly(path, 8, length).tobytes().decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ConversionError("safetensors-invalid", f"the header of {path.name} is not valid JSON") from None
    if not isinstance(header, dict):
        raise ConversionError("safetensors-invalid", f"the header of {path.name} is not a table of tensors")
    header.pop("__metadata__", None)
    tensors = {name: _tensor(path, entry, 8 + length, size) for name, entry in header.items()}
    end = 8 + length
    for tensor in sorted(tensors.values(), key=lambda item: (item.offset, item.nbytes)):
        if tensor.offset != end:
            raise ConversionError("safetensors-invalid", f"tensors of {path.name} overlap or leave gaps")
        end += tensor.nbytes
    if end != size:
        raise ConversionError("checkpoint-truncated", f"{path.name} has {size} bytes but its header describes {end}; download it again")
    return tensors


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name occurs twice")
    return table


def _tensor(path: Path, entry: object, start: int, size: int) -> Tensor:
    def whole(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1 << 48

    bad = ConversionError("safetensors-invalid", f"the header of {path.name} describes an impossible tensor")
    if not isinstance(entry, dict):
        raise bad
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    width = WIDTH.get(str(dtype)) or _OTHER_WIDTH.get(str(dtype))
    if width is None:
        raise ConversionError(
            "dtype-unsupported", f"{path.name} stores weights in a type that is not supported; save it as bf16, f16 or f32"
        )
    if not (isinstance(shape, list) and all(whole(item) for item in shape) and len(shape) <= 8):
        raise bad
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(whole(item) for item in offsets)):
        raise bad
    begin, end = offsets
    if end < begin or end - begin != math.prod(shape) * width:
        raise bad
    if start + end > size:
        raise ConversionError("checkpoint-truncated", f"{path.name} is cut off; download it again")
    return Tensor(path, str(dtype), tuple(shape), start + begin, end - begin)
