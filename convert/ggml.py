"""ggml's own quantiser, through ctypes on the `libggml-base` that the installed llama_cpp carries.

Using the library that will later run the weights makes every quantised block byte-identical to what llama.cpp itself would write, and
keeps one implementation of each format. The calls release the interpreter lock, so that threads use all cores.
"""

import ctypes
import importlib.util
import os
import sys
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ConversionError

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

F16_MAX = 65504.0


class GgmlType(IntEnum):
    """The tensor types that a conversion may write (values of `enum ggml_type`, ggml.h)."""

    F32 = 0
    F16 = 1
    Q5_0 = 6
    Q5_1 = 7
    Q8_0 = 8
    Q4_K = 12
    Q5_K = 13
    Q6_K = 14
    BF16 = 30


BLOCK: dict[GgmlType, tuple[int, int]] = {
    GgmlType.F32: (1, 4),
    GgmlType.F16: (1, 2),
    GgmlType.BF16: (1, 2),
    GgmlType.Q5_0: (32, 22),
    GgmlType.Q5_1: (32, 24),
    GgmlType.Q8_0: (32, 34),
    GgmlType.Q4_K: (256, 144),
    GgmlType.Q5_K: (256, 176),
    GgmlType.Q6_K: (256, 210),
}
"""Type -> (values in a block, bytes of a block)."""


def row_bytes(kind: GgmlType, columns: int) -> int:
    """Bytes of one row of `columns` values. The caller has made sure that `columns` is a multiple of the block."""
    values, size = BLOCK[kind]
    return columns // values * size


class _Traits(ctypes.Structure):
    """`struct ggml_type_traits` as far as it is read here (ggml.h)."""

    _fields_ = (
        ("type_name", ctypes.c_char_p),
        ("blck_size", ctypes.c_int64),
        ("blck_size_interleave", ctypes.c_int64),
        ("type_size", ctypes.c_size_t),
        ("is_quantized", ctypes.c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
    )


def library_path() -> Path:
    """Where the installed llama_cpp keeps `libggml-base`. Raises ConversionError `ggml-missing`."""
    name = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}.get(sys.platform, "libggml-base.so")
    spec = importlib.util.find_spec("llama_cpp")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "lib" / name
        if path.is_file():
            return path
    raise ConversionError("ggml-missing", "llama-cpp-python is not installed completely: its ggml library was not found; install it again")


@cache
def _library() -> Any:
    path = library_path()
    if sys.platform == "win32":
        os.add_dll_directory(str(path.parent))
    lib = ctypes.CDLL(str(path))
    lib.ggml_quantize_chunk.restype = ctypes.c_size_t
    lib.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p,
    ]  # fmt: skip
    lib.ggml_validate_row_data.restype = ctypes.c_bool
    lib.ggml_validate_row_data.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
    lib.ggml_get_type_traits.restype = ctypes.POINTER(_Traits)
    lib.ggml_get_type_traits.argtypes = [ctypes.c_int]
    lib.ggml_bf16_to_fp32_row.restype = None
    lib.ggml_bf16_to_fp32_row.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    lib.ggml_fp16_to_fp32_row.restype = None
    lib.ggml_fp16_to_fp32_row.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    for kind, (values, size) in BLOCK.items():
        traits = lib.ggml_get_type_traits(int(kind)).contents
        if (traits.blck_size, traits.type_size) != (values, size):
            raise ConversionError("ggml-changed", f"the installed ggml stores {kind.name} differently; use the pinned llama-cpp-python")
    return lib


def widen(raw: Bytes, dtype: str) -> Floats:
    """Little-endian `F32`, `F16` or `BF16` bytes -> float32 values (flat)."""
    if dtype == "F32":
        return raw.view("<f4").astype(np.float32, copy=False)
    lib = _library()
    out = np.empty(raw.nbytes // 2, np.float32)
    convert = lib.ggml_bf16_to_fp32_row if dtype == "BF16" else lib.ggml_fp16_to_fp32_row
    convert(raw.ctypes.data, out.ctypes.data, out.size)
    return out


def quantise(rows: Floats, kind: GgmlType) -> Bytes:
    """Rows (n, columns) of finite float32 -> their bytes as `kind`.

    Raises ConversionError `weight-overflow` when a value does not fit the type.
    """
    rows = np.ascontiguousarray(rows, np.float32)
    count, columns = rows.shape
    if kind is GgmlType.F16 and rows.size and max(float(rows.max()), -float(rows.min())) > F16_MAX:
        raise ConversionError("weight-overflow", "a weight is too large for F16; convert to BF16 or F32 instead")
    out = np.empty(count * row_bytes(kind, columns), np.uint8)
    lib = _library()
    written = lib.ggml_quantize_chunk(int(kind), rows.ctypes.data, out.ctypes.data, 0, count, columns, None)
    if written != out.nbytes:
        raise ConversionError("ggml-changed", f"ggml wrote {written} bytes of {kind.name} where {out.nbytes} were expected")
    if not lib.ggml_validate_row_data(int(kind), out.ctypes.data, out.nbytes):
        raise ConversionError("weight-overflow", f"a weight is too large for {kind.name}; convert to BF16 or F32 instead")
    return out


def dequantise(raw: Bytes, kind: GgmlType, columns: int) -> Floats:
    """Bytes of whole rows of `kind` -> float32 (rows, columns)."""
    count = raw.nbytes // row_bytes(kind, columns)
    if kind is GgmlType.F32:
        return raw.view("<f4").astype(np.float32, copy=True).reshape(count, columns)
    out = np.empty((count, columns), np.float32)
    _library().ggml_get_type_traits(int(kind)).contents.to_float(raw.ctypes.data, out.ctypes.data, out.size)
    return out
