"""The few functions of ggml that llama-cpp-python does not bind, and its low-level modules without the rest of the package.

Only the worker imports this module.
"""

import collections
import contextlib
import ctypes
import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.protocol import memory_ran_out
from desktop.engine.values import Floats
from models.errors import ExpertError

_LOG_LINES = 400
# struct ggml_tensor on a 64-bit machine: `flags` stands behind type, buffer, ne[4], nb[4], op and op_params[16]; `name` behind src[10],
# view_src, view_offs and data.
_FLAGS_AT, _NAME_AT = 148, 256
_FLAG_COMPUTE = 16
_GPU_TYPES = (1, 2)  # enum ggml_backend_dev_type: a GPU with memory of its own, one with the system's


def low_level() -> tuple[Any, Any]:
    """The modules ``llama_cpp.llama_cpp`` and ``llama_cpp.mtmd_cpp``.

    The package's own ``__init__`` would import chat templates, a disk cache and a logger that the worker never uses; an empty package
    object in its place keeps them out of a process that reads foreign files. Raises ImportError when llama-cpp-python is not installed or
    its libraries do not load.
    """
    if "llama_cpp" not in sys.modules:
        spec = importlib.util.find_spec("llama_cpp")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("llama-cpp-python is not installed")
        package = types.ModuleType("llama_cpp")
        package.__path__ = list(spec.submodule_search_locations)
        package.__spec__ = spec
        sys.modules["llama_cpp"] = package
    try:
        return importlib.import_module("llama_cpp.llama_cpp"), importlib.import_module("llama_cpp.mtmd_cpp")
    except (OSError, RuntimeError, AttributeError) as error:
        raise ImportError(f"llama.cpp's libraries cannot be loaded: {error}") from error


class Ggml:
    """Tensors as the evaluation callbacks see them, and the list of devices. Source: ggml.h, ggml-backend.h of llama.cpp 0c1e57098."""

    def __init__(self, library_folder: Path) -> None:
        base = _library(library_folder, "ggml-base")
        whole = _library(library_folder, "ggml")
        _load_backends(whole, library_folder)
        self.name = base.ggml_get_name
        self.name.restype, self.name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        self._name_address = base["ggml_get_name"]
        self._name_address.restype, self._name_address.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        self.nbytes = base.ggml_nbytes
        self.nbytes.restype, self.nbytes.argtypes = ctypes.c_size_t, [ctypes.c_void_p]
        self._set, self._get = base.ggml_backend_tensor_set, base.ggml_backend_tensor_get
        for function in (self._set, self._get):
            function.restype, function.argtypes = None, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
        self._device_count = whole.ggml_backend_dev_count
        self._device_count.restype, self._device_count.argtypes = ctypes.c_size_t, []
        self._device = whole.ggml_backend_dev_get
        self._device.restype, self._device.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        self._device_name, self._device_description = base.ggml_backend_dev_name, base.ggml_backend_dev_description
        for function in (self._device_name, self._device_description):
            function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
        self._device_type = base.ggml_backend_dev_type
        self._device_type.restype, self._device_type.argtypes = ctypes.c_int, [ctypes.c_void_p]

    def write(self, tensor: int, values: Floats) -> None:
        """Overwrite the whole tensor; works for tensors on a GPU too."""
        self._set(tensor, values.ctypes.data, 0, values.nbytes)

    def read(self, tensor: int, values: Floats, offset: int) -> None:
        """Fill ``values`` from byte ``offset`` of the tensor on."""
        self._get(tensor, values.ctypes.data, offset, values.nbytes)

    def leave_out(self, tensor: int) -> bool:
        """Have the graph that is about to run not compute this tensor. False, and nothing happens, where it looks otherwise than known.

        Backends compute nodes that carry ``GGML_TENSOR_FLAG_COMPUTE``; llama.cpp has no function that takes it away.
        """
        if (self._name_address(tensor) or 0) - tensor != _NAME_AT:
            return False
        flags = ctypes.c_int32.from_address(tensor + _FLAGS_AT)
        if not flags.value & _FLAG_COMPUTE or flags.value & ~0x1F:
            return False
        flags.value &= ~_FLAG_COMPUTE
        return True

    def devices(self) -> list[dict[str, str]]:
        """Name and description of every device that llama.cpp may use."""
        found = []
        for number in range(self._device_count()):
            device = self._device(number)
            found.append({"name": self._device_name(device).decode("utf-8", "replace"),
                          "description": self._device_description(device).decode("utf-8", "replace")})
        return found

    def has_gpu(self) -> bool:
        """Whether one of the devices is a GPU. Without one llama.cpp computes on the processor, whatever it was asked for."""
        return any(self._device_type(self._device(number)) in _GPU_TYPES for number in range(self._device_count()))


def _load_backends(whole: ctypes.CDLL, library_folder: Path) -> None:
    """Load the backends that lie beside llama.cpp as libraries of their own: of the processor's variants the best one, and a GPU's.

    Packages are built so. A build for this machine alone has its backends inside already, and then there is nothing to load. llama.cpp
    leaves this to its programs, and without it a model finds no device at all.
    """
    whole.ggml_backend_reg_count.restype, whole.ggml_backend_reg_count.argtypes = ctypes.c_size_t, []
    whole.ggml_backend_load_all_from_path.restype, whole.ggml_backend_load_all_from_path.argtypes = None, [ctypes.c_char_p]
    if whole.ggml_backend_reg_count() == 0:
        # Only this folder: by default ggml would search the current one too.
        whole.ggml_backend_load_all_from_path(str(library_folder).encode("utf-8", "surrogateescape"))
    if whole.ggml_backend_reg_count() == 0:
        raise ImportError("llama.cpp has no backend for this processor")


def load_packs(folders: Sequence[Path]) -> None:
    """Load the GPU backends in ``folders``, after the processor's own. A driver that is not there makes a pack offer no device.

    Called only for a configuration that computes on a GPU: a broken driver must not be able to hurt the safe one.
    """
    llama, _ = low_level()
    own = Path(llama.__file__).parent / "lib"
    whole = _library(own, "ggml")
    _load_backends(whole, own)
    for folder in folders:
        whole.ggml_backend_load_all_from_path(str(folder).encode("utf-8", "surrogateescape"))


class Int8:
    """Our library of 8-bit products, loaded into ggml as an accelerator beside the processor (``int8/backend.c``)."""

    def __init__(self, library: Path) -> None:
        """Raises ExpertError ``expert-load-failed`` when ggml does not take it: a processor may lack what it is said to have."""
        llama, _ = low_level()
        own = Path(llama.__file__).parent / "lib"
        whole = _library(own, "ggml")
        _load_backends(whole, own)
        whole.ggml_backend_load.restype, whole.ggml_backend_load.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        if not whole.ggml_backend_load(str(library).encode("utf-8", "surrogateescape")):
            raise ExpertError("expert-load-failed", "ggml does not take the library of 8-bit products")
        opened = ctypes.CDLL(str(library))
        self._pose, self.fewest_columns = opened.int8_pose_as_gpu, opened.int8_fewest_columns
        for function in (self._pose, self.fewest_columns):
            function.restype, function.argtypes = None, [ctypes.c_int]

    @contextlib.contextmanager
    def as_gpu(self) -> Iterator[None]:
        """While this lasts it says that it is a GPU: llama.cpp runs a vision tower on the processor or on a GPU, and knows no accelerator
        there."""
        self._pose(1)
        try:
            yield
        finally:
            self._pose(0)


class Log:
    """Keeps the last lines that llama.cpp and mtmd wrote, so that a failure can be told apart; nothing of it reaches a report."""

    def __init__(self, llama: Any, mtmd: Any) -> None:
        self._lines: collections.deque[bytes] = collections.deque(maxlen=_LOG_LINES)

        def take(_level: int, text: bytes | None, _data: int | None) -> None:
            if text:
                self._lines.append(text)

        self._callback = llama.llama_log_callback(take)  # must live as long as the library
        for function in (llama.llama_log_set, mtmd.mtmd_log_set, mtmd.mtmd_helper_log_set):
            with contextlib.suppress(AttributeError):
                function(self._callback, ctypes.c_void_p(0))

    def text(self) -> str:
        """Everything kept."""
        return b"".join(self._lines).decode("utf-8", "replace")

    def out_of_memory(self) -> bool:
        """Whether the lines speak of memory that could not be had."""
        return memory_ran_out(self.text())


class Stop:
    """A flag that llama.cpp itself looks at between two nodes of a graph, so that a running prefill can be stopped.

    The callback is C's own ``strlen`` over a two-byte buffer: it says 0 while the first byte is 0, else 1. No Python runs during the
    computation.
    """

    def __init__(self, llama: Any) -> None:
        self._flag = ctypes.create_string_buffer(2)
        runtime = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self.callback = ctypes.cast(runtime.strlen, llama.ggml_abort_callback)
        self.data = ctypes.cast(self._flag, ctypes.c_void_p)

    def set(self) -> None:
        """Ask to stop. May be called from any thread."""
        self._flag[0] = b"\x01"

    def clear(self) -> None:
        """Allow work again."""
        self._flag[0] = b"\x00"

    def __bool__(self) -> bool:
        return self._flag[0] != b"\x00"


def as_pointer(values: "np.ndarray[Any, Any]", kind: Any) -> Any:
    """A ctypes pointer to a C-contiguous array's first item; the array must outlive its use."""
    return values.ctypes.data_as(ctypes.POINTER(kind))


def _library(folder: Path, name: str) -> ctypes.CDLL:
    # The first name is what llama.cpp's libraries ask for themselves. A wheel keeps copies, not links, under the others, and a copy would
    # be loaded beside it: another registry of backends, which llama.cpp never looks at.
    for file in (f"lib{name}.so.0", f"lib{name}.so", f"lib{name}.0.dylib", f"lib{name}.dylib", f"{name}.dll", f"lib{name}.dll"):
        if (folder / file).exists():
            return ctypes.CDLL(str(folder / file))
    raise ImportError(f"llama.cpp's library {name} is missing")
