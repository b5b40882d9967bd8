"""Hashes of the checkpoint's files, for the card, taken beside the conversion that reads the same files."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import Self

from models.errors import Cancelled, ConversionError

_PIECE = 1 << 20
"""Bytes hashed at a time."""


class Hashing:
    """SHA-256 of `files` in a thread of its own. Leaving the block stops it."""

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        self._folder, self._files = folder, tuple(files)
        self._stopped = threading.Event()
        self._at = ("", 0)
        """Name of the file that is being read, and how many bytes of all are hashed."""
        self._pool = ThreadPoolExecutor(1)
        self._result = self._pool.submit(self._all)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._pool.shutdown()

    def wait(self, tell: Callable[[str, int, int], None]) -> dict[str, str]:
        """File name (with its folder when that is not the checkpoint's) -> hash. `tell`: (name, bytes done, bytes of all), again and again.

        Raises ConversionError `checkpoint-unreadable` and whatever `tell` raises.
        """
        total = sum(path.stat().st_size for path in self._files if path.exists())
        while True:
            tell(*self._at, total)
            try:
                return self._result.result(timeout=0.1)
            except NotYet:
                continue

    def _all(self) -> dict[str, str]:
        return {self._name(path): self._hash(path) for path in self._files}

    def _name(self, path: Path) -> str:
        return path.name if path.parent == self._folder else f"{path.parent.name}/{path.name}"

    def _hash(self, path: Path) -> str:
        digest = hashlib.sha256()
        piece = bytearray(_PIECE)
        try:
            with path.open("rb", buffering=0) as stream:
                while count := stream.readinto(piece):
                    if self._stopped.is_set():
                        raise Cancelled
                    digest.update(memoryview(piece)[:count])
                    self._at = (path.name, self._at[1] + count)
        except OSError as error:
            raise ConversionError("checkpoint-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
        return digest.hexdigest()
