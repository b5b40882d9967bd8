"""One writer at a time: a lock that the operating system gives back when its holder dies, however it dies."""

import os
import socket
import sys
from pathlib import Path

from models.errors import CaseError
from models.locks import lock_now


class WriterLock:
    """The writer's lock of one case folder. Holding it is what lets a process change the case."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises CaseError ``case-in-use`` when another process (or window) holds it."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock_now(self._descriptor)
        except OSError:
            holder = _holder(path)
            os.close(self._descriptor)
            raise CaseError(
                "case-in-use", f"The case is open for writing elsewhere ({holder}). Close it there, or open it read-only."
            ) from None
        if sys.platform != "win32":  # there, nobody else could read a locked byte
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _holder(path: Path) -> str:
    try:
        return "".join(c for c in path.read_text("utf-8", "replace")[:120] if c.isprintable()).strip() or "unknown process"
    except OSError:
        return "another process"
