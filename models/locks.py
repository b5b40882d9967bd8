"""Locks on files: held by a process, gone when the process is, however it ended.

That is what makes it safe to clean up after a writer that was killed: whose lock can be taken is dead.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from models.errors import ExpertError

if sys.platform == "win32":
    import msvcrt

    def lock_now(handle: int) -> None:
        """Take the lock on an open file; it goes with the handle. Raises OSError when another process holds it."""
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock_now(handle: int) -> None:
        """Take the lock on an open file; it goes with the handle. Raises OSError when another process holds it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """One lock on one file, taken at once or not at all; ``release`` or the end of the process frees it."""

    def __init__(self, path: Path) -> None:
        """Take the lock, creating the file. Raises BlockingIOError when another holds it, OSError when the file cannot be made."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOINHERIT", 0), 0o600)
        try:
            lock_now(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise BlockingIOError(error.errno, "locked by another process") from None

    def release(self) -> None:
        """Free the lock; the file stays."""
        os.close(self._handle)


@contextlib.contextmanager
def hold(path: Path, wait_s: float = 30.0) -> Iterator[None]:
    """Hold the lock on ``path`` for the duration of a ``with``, waiting for it up to ``wait_s`` seconds.

    Raises ExpertError ``store-busy`` when it stays taken, OSError when the file cannot be made.
    """
    end = time.monotonic() + wait_s
    while True:
        try:
            lock = FileLock(path)
            break
        except BlockingIOError:
            if time.monotonic() >= end:
                raise ExpertError("store-busy", "another Telltale is writing to the store; try again when it has finished") from None
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.release()
