"""Landlock for worker processes on Linux: which files a worker may read and write. No dependency but ctypes.

Source: landlock(7), Documentation/userspace-api/landlock.rst of the Linux kernel. On kernels without it nothing happens and the caller is
told so. ``mmap`` of libraries is not governed by it; programs cannot be started anyway (see ``seccomp``).
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_RULE_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_EXECUTE = 1 << 0
_WRITES = (1 << 1) | sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | (1 << 1) | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_SCOPE_SIGNAL_AND_ABSTRACT_SOCKET = 3
_NET_BIND_AND_CONNECT = 3


def restrict(readable: Iterable[Path] | None, writable: Iterable[Path]) -> bool:
    """Allow reading only beneath ``readable`` (None: anywhere) and writing only beneath ``writable``, for good.

    Paths that do not exist are passed over. Returns whether the kernel took the rules.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    abi = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if abi < 1:
        return False
    writes = _WRITES | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_IOCTL_DEV if abi >= 5 else 0)
    reads = 0 if readable is None else _READ_FILE | _READ_DIR
    handled = writes | _EXECUTE | reads
    net = _NET_BIND_AND_CONNECT if abi >= 4 else 0
    scoped = _SCOPE_SIGNAL_AND_ABSTRACT_SOCKET if abi >= 6 else 0
    attributes = struct.pack("<QQQ", handled, net, scoped)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in readable or ():
            _allow(libc, ruleset, path, reads)
        for path in writable:
            _allow(libc, ruleset, path, writes | reads)
        return bool(libc.prctl(38, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_RIGHTS
        rule = struct.pack("<Qi", rights, descriptor)
        libc.syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)
