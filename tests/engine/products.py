"""A product of quantised weights with activations, by ggml's processor backend or by ours; a program, because native code may crash.

    python -m tests.engine.products DEVICE IN.npz OUT.npy

IN.npz: ``type`` (ggml's number), ``weights`` (uint8, rows x bytes), ``inner``, ``activations`` (float32, columns x inner). OUT.npy:
float32, columns x rows.
"""

import ctypes
import sys
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine import machine
from desktop.engine.ggml import Int8, low_level

_F32 = 0


class _Parameters(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("memory", ctypes.c_void_p), ("without_data", ctypes.c_bool))


def _bind(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)
    return function


def main(device_name: str, source: str, target: str) -> None:
    """See the module. Exit status 3: no such device, or it does not compute such a product."""
    library = machine.int8_library()
    assert library is not None
    Int8(library)
    llama, _ = low_level()
    folder = Path(llama.__file__).parent / "lib"
    base, whole = ctypes.CDLL(str(folder / "libggml-base.so.0")), ctypes.CDLL(str(folder / "libggml.so.0"))
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    given = np.load(source)
    weights, activations = np.ascontiguousarray(given["weights"]), np.ascontiguousarray(given["activations"])
    device = _bind(whole, "ggml_backend_dev_by_name", pointer, ctypes.c_char_p)(device_name.encode())
    if not device:
        raise SystemExit(3)
    backend = _bind(base, "ggml_backend_dev_init", pointer, pointer, ctypes.c_char_p)(device, None)
    context = _bind(base, "ggml_init", pointer, _Parameters)(_Parameters(1 << 20, None, True))
    tensor = _bind(base, "ggml_new_tensor_2d", pointer, pointer, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    a = tensor(context, int(given["type"]), int(given["inner"]), len(weights))
    b = tensor(context, _F32, activations.shape[1], len(activations))
    product = _bind(base, "ggml_mul_mat", pointer, pointer, pointer, pointer)(context, a, b)
    if not _bind(base, "ggml_backend_supports_op", ctypes.c_bool, pointer, pointer)(backend, product):
        raise SystemExit(3)
    graph = _bind(base, "ggml_new_graph", pointer, pointer)(context)
    _bind(base, "ggml_build_forward_expand", None, pointer, pointer)(graph, product)
    assert _bind(base, "ggml_backend_alloc_ctx_tensors", pointer, pointer, pointer)(context, backend)
    write = _bind(base, "ggml_backend_tensor_set", None, pointer, pointer, size, size)
    write(a, weights.ctypes.data, 0, weights.nbytes)
    write(b, activations.ctypes.data, 0, activations.nbytes)
    assert _bind(base, "ggml_backend_graph_compute", ctypes.c_int, pointer, pointer)(backend, graph) == 0
    out = np.empty((len(activations), len(weights)), np.float32)
    _bind(base, "ggml_backend_tensor_get", None, pointer, pointer, size, size)(product, out.ctypes.data, 0, out.nbytes)
    np.save(target, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
