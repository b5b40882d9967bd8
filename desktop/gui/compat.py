"""One defect of a Qt binding that we may meet, and its remedy."""

import ctypes
import sys

from PySide6 import __version__ as pyside_version

_done: list[bool] = []


def steady() -> None:
    """Keep Python from aborting in a long session under PySide6 6.12.0.

    That version returns ``True`` from every ``emit`` without counting the reference. Python before 3.12 counts references even to
    ``True``, so after some hundred signals the count reaches nought and the interpreter ends with ``bool_dealloc``. A count that is too
    high to be used up is harmless.
    """
    if not _done and sys.version_info < (3, 12) and pyside_version == "6.12.0" and not hasattr(sys, "gettotalrefcount"):
        ctypes.c_ssize_t.from_address(id(True)).value += 1 << 40
        _done.append(True)
