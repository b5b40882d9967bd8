"""Memory of large pictures goes back to the system when they are done, and that of ordinary ones does not go to and fro.

The C library of Linux keeps freed blocks of up to 32 MB for later once it has seen some of that size, for every thread its own: after a few
large pictures a program that looks at several at once holds a gigabyte for nothing (measured). A fixed limit ends that: larger blocks are
asked of the system and given back to it. With that limit set, though, it also gives smaller blocks back as soon as 128 kB of them lie free
at the end, and asks anew for the next array: half of what the statistics of ordinary pictures cost was the system clearing pages
(measured). So a few megabytes are kept for each thread. Source: mallopt(3), M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD.
"""

import contextlib
import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_LARGE = 4 << 20
"""Bytes; the pixels of an ordinary photograph are more. Smaller blocks are quicker to reuse than to ask for."""
_KEPT = 16 << 20
"""Bytes that may lie free at the end before they are given back; a quarter of it is asked for at a time."""


def give_back() -> None:
    """From now on blocks above some size are given back as soon as they are free. Does nothing where the C library is another."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            set_limit = ctypes.CDLL(None).mallopt
            set_limit(_M_MMAP_THRESHOLD, _LARGE)
            set_limit(_M_TRIM_THRESHOLD, _KEPT)
            set_limit(_M_TOP_PAD, _KEPT // 4)
