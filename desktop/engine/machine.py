"""What the engine needs to know about the machine before llama.cpp is loaded: cores, CPU features, GPU libraries, a name for the machine.

Nothing here starts a program or imports a native library.
"""

import contextlib
import ctypes
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from pathlib import Path
from typing import Any

GPU_LIBRARIES = ("cuda", "hip", "vulkan", "metal", "sycl", "opencl", "musa", "cann")
INT8_LIBRARY = "libggml-int8.so"
_INT8_FEATURES = {"avx512f", "avx512bw", "avx512_vnni"}
# The features that decide which code path ggml takes; the whole list of flags is noise in a report.
_FEATURES = (
    "ssse3", "avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8",
    "amx_bf16", "asimd", "asimddp", "i8mm", "sve", "sve2", "bf16",
)


def cpu_facts() -> dict[str, Any]:
    """Name, features and cores of the processor, as far as the system tells."""
    # Not platform.processor(), which starts `uname`: during analysis no program is started but our own workers.
    name, flags = os.environ.get("PROCESSOR_IDENTIFIER") or platform.machine(), set[str]()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            key = key.strip().lower()
            if key == "model name":
                name = value.strip()
            elif key in ("flags", "features"):
                flags = set(value.split())
                break
    return {"name": name, "architecture": platform.machine(), "features": [f for f in _FEATURES if f in flags], "cores": physical_cores()}


def physical_cores() -> int:
    """Cores that this process may use, hyper-threads counted once, a container's quota respected; at least 1."""
    allowed = _affinity()
    cores = set[tuple[str, str]]()
    for cpu in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
        try:
            cores.add(((topology / "physical_package_id").read_text().strip(), (topology / "core_id").read_text().strip()))
        except OSError:
            cores.clear()
            break
    count = len(cores) or _mac_cores() or len(allowed)
    quota = _cgroup_quota()
    return max(1, min(count, quota) if quota else count)


def logical_cores() -> int:
    """Hardware threads that this process may use; at least 1."""
    return max(1, len(_affinity()))


def load() -> float | None:
    """Programs that wanted a core during the last minute, on average; None where the system does not tell."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def gpu_backends() -> tuple[str, ...]:
    """Names of the GPU backends that the installed llama.cpp and the packs beside it carry, by their files (nothing is loaded)."""
    from desktop.engine import packs

    in_packs = {pack.backend for pack in packs.fitting(packs.beside_the_program())}
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        return ()
    files = [path.name.lower() for path in (Path(spec.origin).parent / "lib").glob("*ggml*")]
    return tuple(name for name in GPU_LIBRARIES if name in in_packs or any(f"ggml-{name}" in file for file in files))


def int8_library() -> Path | None:
    """Our library of 8-bit products beside llama.cpp's, where it was built and this processor has its instructions; nothing is loaded."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None or not _INT8_FEATURES.issubset(cpu_facts()["features"]):
        return None
    library = Path(spec.origin).parent / "lib" / INT8_LIBRARY
    return library if library.exists() else None


def library_version() -> str:
    """Version of llama-cpp-python, or "unknown"."""
    try:
        return importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def machine_id() -> str:
    """A name for "this machine with this build of llama.cpp": what was measured on it is true no longer when this changes."""
    cpu = cpu_facts()
    parts = (sys.platform, cpu["architecture"], cpu["name"], cpu["features"], cpu["cores"], library_version(), gpu_backends(),
             int8_library() is not None)
    return hashlib.sha256(repr(parts).encode("utf-8")).hexdigest()[:16]


def _affinity() -> set[int]:
    if sys.platform == "linux":
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _mac_cores() -> int | None:
    if sys.platform != "darwin":
        return None
    value, size = ctypes.c_int(0), ctypes.c_size_t(4)
    # Performance cores only: a slow core holds every matrix product back. Source: sysctl(3), hw.perflevel0.
    for key in (b"hw.perflevel0.physicalcpu", b"hw.physicalcpu"):
        if ctypes.CDLL(None).sysctlbyname(key, ctypes.byref(value), ctypes.byref(size), None, 0) == 0 and value.value > 0:
            return value.value
    return None


def _cgroup_quota() -> int | None:
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None
