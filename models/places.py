"""Where Telltale keeps things on this machine, and the few file operations whose order matters when the power fails.

Everything lies under one data folder: ``experts/`` (the store), ``catalogue/`` (the user's own catalogue files), ``downloads/``
(checkpoints that are being fetched), ``calibrations/`` and ``trust/`` (a laboratory's own; see docs/evidence.md).
"""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import platformdirs

from models.errors import ExpertError

DATA_DIR_VARIABLE = "TELLTALE_DATA_DIR"
SPARE = 64 << 20
"""Bytes that stay free on a disk whatever we write."""


def data_dir() -> Path:
    """The data folder: ``TELLTALE_DATA_DIR`` if set, else the platform's place for user data. It need not exist."""
    chosen = os.environ.get(DATA_DIR_VARIABLE)
    return Path(chosen).absolute() if chosen else platformdirs.user_data_path("telltale", appauthor=False)


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for a folder, pipe, socket or device.

    Looked at before it is opened, and opened without waiting: a pipe has no end, and opening a device can start it.
    """
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, flag, 0)
    _require_regular(path.stat().st_mode)
    stream = os.fdopen(os.open(path, flags), "rb")
    try:
        _require_regular(os.fstat(stream.fileno()).st_mode)
    except OSError:
        stream.close()
        raise
    return stream


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotAFileError(errno.EINVAL, "this is a folder, a pipe, a socket or a device, not a file")


class NotAFileError(OSError):
    """What stands at a path is no regular file."""


def require_space(folder: Path, needed: int) -> None:
    """Raise ExpertError ``disk-full`` unless ``needed`` bytes fit on the disk of ``folder`` (or of its nearest existing parent)."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed + SPARE:
        sizes = f"{readable_size(needed)} are needed and {readable_size(free)} are free on the disk"
        raise ExpertError("disk-full", f"{sizes}; free some room and try again")


def storage_error(error: OSError) -> ExpertError:
    """The coded error for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
        return ExpertError("disk-full", "the disk is full; free some room and try again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ExpertError("store-unwritable", "the folder cannot be written to; choose another with --data-dir or change its permissions")
    return ExpertError("store-failed", f"writing failed: {error.strerror or type(error).__name__}")


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk. Raises OSError."""
    # Windows flushes only handles that may write; a read-only handle is enough elsewhere.
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Force a folder's entries to the disk, where the platform can (Windows journals them itself)."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` so that a crash leaves the old or the new content, never a part. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def delete_folder(path: Path) -> None:
    """Delete a folder of ours, read-only files included; none is fine. Raises OSError."""
    if not path.exists():
        return

    def writable_again(function: Callable[[str], object], name: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            Path(name).chmod(stat.S_IRWXU)
        function(name)

    if sys.version_info >= (3, 12):
        shutil.rmtree(path, onexc=writable_again)
    else:
        shutil.rmtree(path, onerror=writable_again)


def readable_size(size: int) -> str:
    """A byte count for people: ``4.1 GB``."""
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
