"""A product of quantised weights with activations, by ggml's processor backend or by ours; a program, because native code may crash.

    python -m samples.products DEVICE IN.npz OUT.npy

IN.npz: ``type`` (ggml's number), ``weights`` (uint8, rows x bytes), ``activations`` (float32, columns x inner). OUT.npy: float32, columns
x rows.
"""

import ctypes
import sys
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine import machine
from desktop.engine.ggml import Int8, low_level

_F32 = 0
_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_size_t


class _Parameters(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("memory", ctypes.c_void_p), ("without_data", ctypes.c_bool))


def _bind(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)
    return function


class Products:
    """One product, to be computed by any of ggml's devices in this process."""

    def __init__(self, kind: int, weights: Any, activations: Any) -> None:
        """``weights``: uint8 (rows, bytes) of ggml's type ``kind``; ``activations``: float32 (columns, inner)."""
        library = machine.int8_library()
        assert library is not None
        Int8(library)
        llama, _ = low_level()
        folder = Path(llama.__file__).parent / "lib"
        self._base, self._whole = ctypes.CDLL(str(folder / "libggml-base.so.0")), ctypes.CDLL(str(folder / "libggml.so.0"))
        self._kind, self._weights, self._activations = kind, np.ascontiguousarray(weights), np.ascontiguousarray(activations)
        self._made: dict[str, tuple[Any, Any, Any] | None] = {}

    def compute(self, device: str) -> bool:
        """Compute it there; False when that device does not."""
        if device not in self._made:
            self._made[device] = self._prepare(device)
        made = self._made[device]
        if made is None:
            return False
        assert _bind(self._base, "ggml_backend_graph_compute", ctypes.c_int, _POINTER, _POINTER)(made[0], made[1]) == 0
        return True

    def result(self, device: str) -> Any:
        """What was computed there, float32 (columns, rows)."""
        made = self._made[device]
        assert made is not None
        out = np.empty((len(self._activations), len(self._weights)), np.float32)
        _bind(self._base, "ggml_backend_tensor_get", None, _POINTER, _POINTER, _SIZE, _SIZE)(made[2], out.ctypes.data, 0, out.nbytes)
        return out

    def _prepare(self, name: str) -> tuple[Any, Any, Any] | None:
        base = self._base
        device = _bind(self._whole, "ggml_backend_dev_by_name", _POINTER, ctypes.c_char_p)(name.encode())
        if not device:
            return None
        backend = _bind(base, "ggml_backend_dev_init", _POINTER, _POINTER, ctypes.c_char_p)(device, None)
        registry = _bind(base, "ggml_backend_dev_backend_reg", _POINTER, _POINTER)(device)
        find = _bind(base, "ggml_backend_reg_get_proc_address", _POINTER, _POINTER, ctypes.c_char_p)
        ctypes.CFUNCTYPE(None, _POINTER, ctypes.c_int)(find(registry, b"ggml_backend_set_n_threads"))(backend, 1)
        context = _bind(base, "ggml_init", _POINTER, _Parameters)(_Parameters(1 << 20, None, True))
        tensor = _bind(base, "ggml_new_tensor_2d", _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
        a = tensor(context, self._kind, self._activations.shape[1], len(self._weights))
        b = tensor(context, _F32, self._activations.shape[1], len(self._activations))
        product = _bind(base, "ggml_mul_mat", _POINTER, _POINTER, _POINTER, _POINTER)(context, a, b)
        if not _bind(base, "ggml_backend_supports_op", ctypes.c_bool, _POINTER, _POINTER)(backend, product):
            return None
        graph = _bind(base, "ggml_new_graph", _POINTER, _POINTER)(context)
        _bind(base, "ggml_build_forward_expand", None, _POINTER, _POINTER)(graph, product)
        assert _bind(base, "ggml_backend_alloc_ctx_tensors", _POINTER, _POINTER, _POINTER)(context, backend)
        write = _bind(base, "ggml_backend_tensor_set", None, _POINTER, _POINTER, _SIZE, _SIZE)
        write(a, self._weights.ctypes.data, 0, self._weights.nbytes)
        write(b, self._activations.ctypes.data, 0, self._activations.nbytes)
        return backend, graph, product


def main(device: str, source: str, target: str) -> None:
    """See the module. Exit status 3: no such device, or it does not compute such a product."""
    given = np.load(source)
    products = Products(int(given["type"]), given["weights"], given["activations"])
    if not products.compute(device):
        raise SystemExit(3)
    np.save(target, products.result(device))


if __name__ == "__main__":
    main(*sys.argv[1:])
