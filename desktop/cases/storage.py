"""Exhibits on disk: one file a content, named by its SHA-256, written once, hashed after writing and before every use."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from models.errors import CaseError, VerificationError
from models.places import NotAFileError, open_file, sync_folder

PIECE = 1 << 20


def open_source(path: Path) -> BinaryIO:
    """Open a picture file to be taken in. Raises CaseError ``source-unreadable`` or ``source-not-a-file``."""
    try:
        return open_file(path)
    except NotAFileError as error:
        raise CaseError("source-not-a-file", f"{(error.strerror or '').capitalize()}; nothing was added.") from None
    except (OSError, ValueError):  # a path with a NUL in it is a ValueError
        raise CaseError("source-unreadable", "The file cannot be read; nothing was added.") from None


@dataclass(frozen=True)
class Stored:
    """What was stored."""

    sha256: str
    sha512: str
    bytes: int


class Exhibits:
    """The exhibit files of one case folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "exhibits"
        self._temporary = folder / "tmp"

    def path(self, sha256: str) -> Path:
        """Where the exhibit with this hash lies."""
        return self._folder / sha256[:2] / sha256

    def prepare(self) -> None:
        """Make the folders, and wipe what an interrupted copy left."""
        for folder in (self._folder, self._temporary):
            folder.mkdir(mode=0o700, exist_ok=True)
        for leftover in self._temporary.iterdir():
            leftover.unlink()

    def store(self, source: bytes | BinaryIO) -> Stored:
        """Copy ``source``, read it back, compare hashes, and give it its name. Content that is there already is compared instead."""
        temporary = self._temporary / secrets.token_hex(8)
        first, second, size = hashlib.sha256(), hashlib.sha512(), 0
        try:
            with temporary.open("xb") as stream:
                for piece in _pieces(source):
                    first.update(piece)
                    second.update(piece)
                    size += len(piece)
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            stored = Stored(first.hexdigest(), second.hexdigest(), size)
            if size == 0:
                raise CaseError("exhibit-empty", "The file is empty; there is nothing to examine.")
            if _hashes(temporary) != (stored.sha256, stored.sha512):
                raise CaseError("copy-differs", "The copy on disk differs from what was read. Check the disk and try again.")
            final = self.path(stored.sha256)
            if final.exists():
                self.verify(stored.sha256, stored.sha512)
            else:
                final.parent.mkdir(mode=0o700, exist_ok=True)
                temporary.chmod(0o400)
                temporary.rename(final)
                sync_folder(final.parent)
                sync_folder(self._folder)
            return stored
        finally:
            temporary.unlink(missing_ok=True)

    def read(self, sha256: str, sha512: str) -> bytes:
        """The bytes of an exhibit, hashed before they are handed out. Raises VerificationError when they changed or are gone."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise VerificationError("exhibit-missing", f"The exhibit {sha256[:16]}… is gone from the case folder.") from None
        if (hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest()) != (sha256, sha512):
            raise VerificationError("exhibit-changed", f"The exhibit {sha256[:16]}… was changed inside the case folder.")
        return data

    def verify(self, sha256: str, sha512: str) -> None:
        """Hash an exhibit without keeping it in memory. Raises like ``read``."""
        path = self.path(sha256)
        if not path.exists():
            raise VerificationError("exhibit-missing", f"The exhibit {sha256[:16]}… is gone from the case folder.")
        if _hashes(path) != (sha256, sha512):
            raise VerificationError("exhibit-changed", f"The exhibit {sha256[:16]}… was changed inside the case folder.")


def _pieces(source: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while piece := source.read(PIECE):
        yield piece


def _hashes(path: Path) -> tuple[str, str]:
    first, second = hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            first.update(piece)
            second.update(piece)
    return first.hexdigest(), second.hexdigest()
