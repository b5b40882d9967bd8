"""Memory of large pictures goes back to the system when they are done.

The C library of Linux keeps freed blocks of up to 32 MB for later once it has seen some of that size, for every thread its own: after a few
large pictures a program that looks at several at once holds a gigabyte for nothing (measured). A fixed limit ends that: larger blocks are
asked of the system and given back to it. Source: mallopt(3), M_MMAP_THRESHOLD.
"""

import contextlib
import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_LARGE = 4 << 20
"""Bytes; the pixels of an ordinary photograph are more. Smaller blocks are quicker to reuse than to ask for."""


def give_back() -> None:
    """From now on blocks above some size are given back as soon as they are free. Does nothing where the C library is another."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
