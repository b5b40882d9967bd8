"""Opens a picture file with care and reads its bytes; looks at none of them. Runs in the application, not in the worker."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.intake.problems import problem
from models.errors import Cancelled, InputError

_BLOCK = 1 << 20
_NO_NAME = "pasted picture"
_HIDDEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\ufeff\u200b")
_CODES = {
    errno.ENOENT: "picture-not-found", errno.ENOTDIR: "picture-not-found", errno.ENAMETOOLONG: "picture-not-found",
    errno.EACCES: "picture-no-permission", errno.EPERM: "picture-no-permission", errno.ELOOP: "picture-link-loop",
    errno.EISDIR: "picture-not-a-file", errno.ENXIO: "picture-not-a-file", errno.ENODEV: "picture-not-a-file",
}


@dataclass(frozen=True)
class Source:
    """The bytes of a picture file and what they are called."""

    name: str
    data: bytes | bytearray
    sha256: str
    sha512: str

    @property
    def extension(self) -> str:
        """The ending of the name, lower case with its dot, or nothing."""
        return Path(self.name).suffix.lower()


def acquire(source: Path | bytes, name: str | None, cap: int, cancelled: Callable[[], bool] | None = None) -> Source:
    """The bytes behind a path, or those given. Raises InputError with the reason, or Cancelled."""
    if isinstance(source, bytes):
        if not source:
            raise problem("picture-empty")
        if len(source) > cap:
            raise problem("picture-too-large-file")
        return Source(safe_name(name or _NO_NAME), source, hashlib.sha256(source).hexdigest(), hashlib.sha512(source).hexdigest())
    try:
        return _read(Path(source), safe_name(name or Path(source).name or _NO_NAME), cap, cancelled)
    except OSError as error:
        raise problem(_CODES.get(error.errno or 0, "picture-not-readable")) from None
    except ValueError:  # a path with a NUL in it
        raise problem("picture-not-found") from None
    except MemoryError:
        raise problem("intake-memory") from None


def beside(path: Path, cap: int) -> bytes | None:
    """The content-credential manifest beside a picture file (``picture.jpg.c2pa``, else ``picture.c2pa``); None when none can be read."""
    for manifest in (path.with_name(f"{path.name}.c2pa"), path.with_suffix(".c2pa")):
        if manifest != path and manifest.is_file():
            try:
                return bytes(acquire(manifest, None, cap).data)
            except InputError:
                return None
    return None


def safe_name(name: str) -> str:
    """A file name that can be shown and written to JSON: what is not text, and characters that hide or reorder text, become U+FFFD."""
    return "".join(character if character.isprintable() and character not in _HIDDEN else "\ufffd" for character in name)[:255]


def _read(path: Path, name: str, cap: int, cancelled: Callable[[], bool] | None) -> Source:
    # Looking before opening: opening alone can start a device or let a pipe's writer go on.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - the same call on every kind of path
        raise problem("picture-not-a-file")
    descriptor = _open(path)
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise problem("picture-not-a-file")
        if before.st_size > cap:
            raise problem("picture-too-large-file")
        data = bytearray()
        sha256, sha512 = hashlib.sha256(), hashlib.sha512()
        while block := stream.read(_BLOCK):
            data += block
            if len(data) > cap:
                raise problem("picture-too-large-file")
            if len(data) > before.st_size > 0:
                raise problem("picture-changed")
            sha256.update(block)
            sha512.update(block)
            if cancelled is not None and cancelled():
                raise Cancelled()
        _check_unchanged(before, os.fstat(descriptor), len(data))
    if not data:
        raise problem("picture-empty")
    return Source(name, data, sha256.hexdigest(), sha512.hexdigest())


def _open(path: Path) -> int:
    """Open for reading without waiting, without becoming a terminal's owner, and without touching the access time where that is allowed."""
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, flag, 0)
    try:
        return os.open(path, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # only a file's owner may leave its access time alone
        return os.open(path, flags)


def _check_unchanged(before: os.stat_result, after: os.stat_result, read: int) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (before.st_size and read != before.st_size):
        raise problem("picture-changed")
