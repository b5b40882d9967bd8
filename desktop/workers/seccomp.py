"""A seccomp filter for worker processes on Linux: no network, no programs, no signals to others. No dependency but ctypes.

Source: seccomp(2), Documentation/userspace-api/seccomp_filter.rst of the Linux kernel. The filter is classic BPF over
``struct seccomp_data``: int nr; u32 arch; u64 instruction_pointer; u64 args[6].
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

_LD_ABS, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_AF_UNIX = 1
_CLONE_THREAD = 0x00010000
_X32_BIT = 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_SET_MODE_FILTER, _FLAG_TSYNC = 1, 1


@dataclass(frozen=True)
class _Table:
    """System-call numbers of one architecture. Source: the kernel's syscall tables."""

    audit_arch: int
    refused: tuple[int, ...]
    socket: int
    clone: int
    forks: tuple[int, ...]
    own_process_only: tuple[int, ...]
    seccomp: int
    x32: bool


_COMMON_REFUSED = (425, 426, 427, 438, 424)  # io_uring_*, pidfd_getfd, pidfd_send_signal: the same numbers everywhere
_CLONE3 = 435
_TABLES = {
    "x86_64": _Table(
        audit_arch=0xC000003E,
        # execve execveat ptrace connect bind listen sendto sendmsg sendmmsg accept accept4 bpf mount umount2 pivot_root chroot init_module
        # finit_module keyctl process_vm_readv process_vm_writev unshare setns tkill rt_sigqueueinfo rt_tgsigqueueinfo
        refused=(59, 322, 101, 42, 49, 50, 44, 46, 307, 43, 288, 321, 165, 166, 155, 161, 175, 313, 250, 310, 311, 272, 308, 200, 129, 297),
        socket=41, clone=56, forks=(57, 58), own_process_only=(62, 234), seccomp=317, x32=True,
    ),
    "aarch64": _Table(
        audit_arch=0xC00000B7,
        refused=(221, 281, 117, 203, 200, 201, 206, 211, 269, 202, 242, 280, 40, 39, 41, 51, 105, 273, 219, 270, 271, 97, 268, 130, 138,
                 240),
        socket=198, clone=220, forks=(), own_process_only=(129, 131), seccomp=277, x32=False,
    ),
}


def _argument(index: int) -> int:
    """Offset of the low 32 bits of system-call argument ``index`` (little-endian)."""
    return 16 + 8 * index


def _program(table: _Table, pid: int) -> bytes:
    """The BPF program as bytes of ``struct sock_filter``."""
    code: list[tuple[int, int, int, int]] = []

    def emit(op: int, k: int, yes: int = 0, no: int = 0) -> None:
        code.append((op, yes, no, k))

    emit(_LD_ABS, 4)
    emit(_JEQ, table.audit_arch, 1, 0)
    emit(_RET, _KILL)
    emit(_LD_ABS, 0)
    if table.x32:
        emit(_JGE, _X32_BIT, 0, 1)
        emit(_RET, _KILL)
    emit(_JEQ, _CLONE3, 0, 1)
    emit(_RET, _ENOSYS)  # glibc falls back to clone, whose flags a filter can read
    for number in (*table.refused, *table.forks, *_COMMON_REFUSED):
        emit(_JEQ, number, 0, 1)
        emit(_RET, _EPERM)
    emit(_JEQ, table.clone, 0, 4)
    emit(_LD_ABS, _argument(0))
    emit(_JSET, _CLONE_THREAD, 0, 1)
    emit(_RET, _ALLOW)
    emit(_RET, _EPERM)
    emit(_JEQ, table.socket, 0, 4)
    emit(_LD_ABS, _argument(0))
    emit(_JEQ, _AF_UNIX, 0, 1)
    emit(_RET, _ALLOW)
    emit(_RET, _EPERM)
    for number in table.own_process_only:  # abort() needs tgkill on itself
        emit(_JEQ, number, 0, 4)
        emit(_LD_ABS, _argument(0))
        emit(_JEQ, pid, 0, 1)
        emit(_RET, _ALLOW)
        emit(_RET, _EPERM)
    emit(_RET, _ALLOW)
    return b"".join(struct.pack("<HBBI", op, yes, no, k) for op, yes, no, k in code)


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install() -> bool:
    """Install the filter for every thread of this process, for good. Returns whether the kernel took it."""
    table = _TABLES.get(platform.machine())
    if sys.platform != "linux" or table is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    program = _program(table, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = _SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    if libc.syscall(ctypes.c_long(table.seccomp), ctypes.c_long(_SET_MODE_FILTER), ctypes.c_long(_FLAG_TSYNC), ctypes.byref(fprog)) == 0:
        return True
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(fprog), 0, 0) == 0)
