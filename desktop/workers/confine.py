"""Takes a worker's powers away, before it touches anything that came from outside, and proves that they are gone.

Linux: seccomp (no network, no programs, no signals to others), Landlock (no writing; reading only what the worker needs), memory and time
limits, death with the parent. macOS: the deprecated but working ``sandbox_init`` profile without network. Elsewhere: nothing yet. The level
that was reached is told in every report: ``kernel`` (proved by a refused attempt), ``best-effort`` or ``none``.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from desktop.workers import landlock, seccomp
from desktop.workers.spawn import PARENT_VARIABLE

Level = Literal["kernel", "best-effort", "none"]
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


@dataclass(frozen=True)
class Confinement:
    """What is in force in this process, as proved by trying."""

    level: Level
    network_refused: bool
    programs_refused: bool
    files: Literal["landlock", "open"]
    memory_limit: int | None
    """Bytes of address space, or None."""

    def as_facts(self) -> dict[str, Any]:
        """For the document's ``run.engine`` and for ``doctor``."""
        return asdict(self)


def program_paths() -> list[Path]:
    """Folders that a Python worker must be able to read to import its own modules and libraries."""
    paths = {Path(entry) for entry in sys.path if entry}
    paths |= {Path(p) for p in (sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values())}
    paths.add(Path(__file__).resolve().parents[2])
    if frozen := getattr(sys, "_MEIPASS", None):
        # Python's modules are inside the executable, which lies beside that folder.
        paths |= {Path(frozen), Path(sys.executable).parent}
    system = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime", "/proc/self",
              "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/null", "/dev/urandom")
    return [*paths, *(Path(p) for p in system)]


def confine(*, readable: Sequence[Path] | None, writable: Sequence[Path] = (), memory_limit: int | None = None,
            cpu_seconds: int | None = None) -> Confinement:
    """Confine this process for good. Call it first thing in a worker, before NumPy and its threads exist.

    ``readable``: beneath which folders files may be read; None means anywhere. ``memory_limit``: bytes of address space (RLIMIT_AS).
    ``cpu_seconds``: processor time after which the kernel ends the process.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        _limit_resources(memory_limit, cpu_seconds)
    files: Literal["landlock", "open"] = "open"
    asked = False
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if (parent := os.environ.get(PARENT_VARIABLE)) is not None and parent != str(os.getppid()):  # it died before the line above
            os._exit(1)
        if landlock.restrict(readable, writable):
            files = "landlock"
        asked = seccomp.install()
    elif sys.platform == "darwin":
        asked = _macos_sandbox()
    network, programs = network_is_refused(), _programs_are_refused() if asked else False
    level: Level = "kernel" if asked and network and programs else "best-effort" if asked or files == "landlock" else "none"
    return Confinement(level, network, programs, files, memory_limit)


def seal() -> bool:
    """Close the door behind the last import: from now on this process can open no file at all, not even to read its own program.

    For a worker that gets all its material through its pipe. Call it when everything is imported and before the first byte from outside.
    Returns whether the kernel refuses an attempt.
    """
    if sys.platform != "linux":
        return False
    landlock.restrict((), ())
    seccomp.seal()
    try:
        os.close(os.open(__file__, os.O_RDONLY))
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def network_is_refused() -> bool:
    """Try to make an internet socket; True when the system refuses. Nothing is ever sent."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
        except OSError:
            continue
        return False
    return True


def _programs_are_refused() -> bool:
    """Try to start a program that does nothing; True when the system refuses."""
    try:
        subprocess.run(["/bin/true"], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _limit_resources(memory_limit: int | None, cpu_seconds: int | None) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit is not None and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    if cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))


def _macos_sandbox() -> bool:
    """Deny network and starting programs through libsandbox. Source: sandbox_init(3)."""
    profile = b"(version 1)(allow default)(deny network*)(deny process-exec*)(deny process-fork)"
    try:
        library = ctypes.CDLL("/usr/lib/libsandbox.1.dylib")
        error = ctypes.c_char_p()
        return bool(library.sandbox_init(profile, ctypes.c_uint64(0), ctypes.byref(error)) == 0)
    except OSError:
        return False
