"""One defect of a Qt binding that we may meet, and its remedy."""

import ctypes
import sys

from PySide6 import __version__ as pyside_version

_done: list[bool] = []


def steady() -> None:
    """Keep Python from aborting in a long session under PySide6 6.12.0.

    That version gives ``True`` and ``None`` away without counting the reference: each ``emit`` takes one of ``True``, and analysing one
    picture takes two hundred of ``None``. Python before 3.12 counts references even to these, so that after some hundred signals a count
    reaches nought and the interpreter ends with ``bool_dealloc`` or ``none_dealloc``. A count too high to be used up is harmless.
    """
    if not _done and sys.version_info < (3, 12) and pyside_version == "6.12.0" and not hasattr(sys, "gettotalrefcount"):
        for eternal in (None, True, False):
            ctypes.c_ssize_t.from_address(id(eternal)).value += 1 << 40
        _done.append(True)
