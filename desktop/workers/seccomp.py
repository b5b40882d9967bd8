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
    """Allowed when argument 0 is this process: kill, tgkill, prlimit64."""
    seccomp: int
    x32: bool
    computing: tuple[int, ...]
    """All that a sealed process may still call: memory, threads, clocks and the files that are already open."""


# io_uring_*, pidfd_getfd, pidfd_send_signal, the mount calls of 5.2, mount_setattr, process_madvise, process_mrelease, fchmodat2 and the
# *xattrat calls have the same numbers everywhere. Landlock does not govern modes, owners, times and extended attributes, so they are here.
_COMMON_REFUSED = (425, 426, 427, 438, 424, 428, 429, 430, 431, 432, 433, 442, 440, 448, 452, 463, 466)
_CLONE3 = 435
_TABLES = {
    "x86_64": _Table(
        audit_arch=0xC000003E,
        refused=(
            # execve execveat ptrace connect bind listen sendto sendmsg sendmmsg accept accept4 bpf mount umount2 pivot_root chroot
            # init_module finit_module keyctl process_vm_readv process_vm_writev unshare setns tkill rt_sigqueueinfo rt_tgsigqueueinfo
            59, 322, 101, 42, 49, 50, 44, 46, 307, 43, 288, 321, 165, 166, 155, 161, 175, 313, 250, 310, 311, 272, 308, 200, 129, 297,
            # chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat utimensat (l|f)setxattr (l|f)removexattr
            90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199,
            # shared memory, semaphores and queues of other processes: shm* sem* msg* mq_open
            29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71, 240,
            # add_key request_key open_by_handle_at kexec_load kexec_file_load perf_event_open userfaultfd kcmp migrate_pages
            248, 249, 304, 246, 320, 298, 323, 312, 256,
        ),
        socket=41, clone=56, forks=(57, 58), own_process_only=(62, 234, 302), seccomp=317, x32=True,
        computing=(
            # read write close fstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 readv writev
            0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20,
            # select sched_yield mremap madvise dup dup2 nanosleep getpid exit uname fcntl gettimeofday getrlimit getrusage sysinfo times
            23, 24, 25, 28, 32, 33, 35, 39, 60, 63, 72, 96, 97, 98, 99, 100,
            # getuid getgid geteuid getegid getppid sigaltstack arch_prctl gettid time futex sched_getaffinity set_tid_address
            102, 104, 107, 108, 110, 131, 158, 186, 201, 202, 204, 218,
            # restart_syscall clock_gettime clock_getres clock_nanosleep exit_group ppoll pselect6 set_robust_list getcpu getrandom
            219, 228, 229, 230, 231, 271, 270, 273, 309, 318,
            # membarrier rseq
            324, 334,
        ),
    ),
    "aarch64": _Table(
        audit_arch=0xC00000B7,
        refused=(
            221, 281, 117, 203, 200, 201, 206, 211, 269, 202, 242, 280, 40, 39, 41, 51, 105, 273, 219, 270, 271, 97, 268, 130, 138, 240,
            52, 53, 55, 54, 88, 5, 6, 7, 14, 15, 16,
            194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189, 180,
            217, 218, 265, 104, 294, 241, 282, 272, 238,
        ),
        socket=198, clone=220, forks=(), own_process_only=(129, 131, 261), seccomp=277, x32=False,
        computing=(
            63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 29, 67, 65, 66, 124, 216, 233, 23, 24, 101, 172, 93, 160, 25, 169, 163,
            165, 179, 153, 174, 176, 175, 177, 173, 132, 178, 98, 123, 96, 128, 113, 114, 115, 94, 73, 72, 99, 168, 278, 283, 293,
        ),
    ),
}


def _argument(index: int) -> int:
    """Offset of the low 32 bits of system-call argument ``index`` (little-endian)."""
    return 16 + 8 * index


class _Program:
    """A BPF program in the making; after each step the accumulator holds the number of the system call again or the program is over."""

    def __init__(self, table: _Table) -> None:
        """Start with what every filter here has: the right architecture, no x32 calls, clone3 unknown, clone only for threads."""
        self._code: list[tuple[int, int, int, int]] = []
        self._emit(_LD_ABS, 4)
        self._emit(_JEQ, table.audit_arch, 1, 0)
        self._emit(_RET, _KILL)
        self._emit(_LD_ABS, 0)
        if table.x32:
            self._emit(_JGE, _X32_BIT, 0, 1)
            self._emit(_RET, _KILL)
        self.answer(_CLONE3, _ENOSYS)  # glibc falls back to clone, whose flags a filter can read
        self._emit(_JEQ, table.clone, 0, 4)
        self._emit(_LD_ABS, _argument(0))
        self._emit(_JSET, _CLONE_THREAD, 0, 1)
        self._emit(_RET, _ALLOW)
        self._emit(_RET, _EPERM)

    def answer(self, number: int, verdict: int) -> None:
        """Answer system call ``number`` with ``verdict``."""
        self._emit(_JEQ, number, 0, 1)
        self._emit(_RET, verdict)

    def allow_argument(self, number: int, *values: int) -> None:
        """Allow system call ``number`` only when its argument 0 is one of ``values``."""
        self._emit(_JEQ, number, 0, 3 + len(values))
        self._emit(_LD_ABS, _argument(0))
        for index, value in enumerate(values):
            self._emit(_JEQ, value, len(values) - 1 - index, 1 if index == len(values) - 1 else 0)
        self._emit(_RET, _ALLOW)
        self._emit(_RET, _EPERM)

    def otherwise(self, verdict: int) -> bytes:
        """Finish with ``verdict`` for all other calls: the program as bytes of ``struct sock_filter``."""
        self._emit(_RET, verdict)
        return b"".join(struct.pack("<HBBI", op, yes, no, k) for op, yes, no, k in self._code)

    def _emit(self, op: int, k: int, yes: int = 0, no: int = 0) -> None:
        self._code.append((op, yes, no, k))


def _confining(table: _Table, pid: int) -> bytes:
    """Everything but what reaches beyond this process."""
    program = _Program(table)
    for number in (*table.refused, *table.forks, *_COMMON_REFUSED):
        program.answer(number, _EPERM)
    program.allow_argument(table.socket, _AF_UNIX)
    for number in table.own_process_only:  # abort() needs tgkill on itself
        program.allow_argument(number, pid, 0) if number == table.own_process_only[-1] else program.allow_argument(number, pid)
    return program.otherwise(_ALLOW)


def _sealing(table: _Table, pid: int) -> bytes:
    """Nothing but computing on what is already open."""
    program = _Program(table)
    for number in table.computing:
        program.answer(number, _ALLOW)
    for number in table.own_process_only[:2]:
        program.allow_argument(number, pid)
    return program.otherwise(_EPERM)


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install() -> bool:
    """Confine every thread of this process, for good: no network, programs or signals to others. Returns whether the kernel took it."""
    table = _TABLES.get(platform.machine())
    return table is not None and _load(table, _confining(table, os.getpid()))


def seal() -> bool:
    """Leave every thread of this process nothing but computing: it can open no file any more. Returns whether the kernel took it."""
    table = _TABLES.get(platform.machine())
    return table is not None and _load(table, _sealing(table, os.getpid()))


def _load(table: _Table, program: bytes) -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = _SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    if libc.syscall(ctypes.c_long(table.seccomp), ctypes.c_long(_SET_MODE_FILTER), ctypes.c_long(_FLAG_TSYNC), ctypes.byref(fprog)) == 0:
        return True
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(fprog), 0, 0) == 0)
