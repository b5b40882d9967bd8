"""Opening the SQLite file of a case in every place that a case may lie: local disks, network shares, read-only media.

WAL needs memory that all users of a file share, which a network share has not; there the rollback journal is used. On read-only media a
cleanly closed case is opened as immutable; one that was copied while it was open has a write-ahead log, and is read through a private copy
so that nothing committed is missed.
"""

import errno
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from models.errors import CaseError

NAME = "case.sqlite"
_NETWORK = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.davfs",
    "virtiofs",
    "vboxsf",
)
_FULL_TEXT = "The disk is full. Nothing that was confirmed is lost; free some space and try again."


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of SQLite and of the file system into CaseError with a stable code."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(error) from error
    except OSError as error:
        raise _of_system(error) from error


def _of_sqlite(error: sqlite3.Error) -> CaseError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    known = {
        sqlite3.SQLITE_FULL: ("disk-full", _FULL_TEXT),
        sqlite3.SQLITE_READONLY: ("case-read-only", "The case was opened read-only, or its folder cannot be written."),
        sqlite3.SQLITE_CANTOPEN: ("case-unreadable", "The case file cannot be opened."),
        sqlite3.SQLITE_BUSY: ("case-busy", "The case is being used by another process; try again."),
        sqlite3.SQLITE_LOCKED: ("case-busy", "The case is being used by another process; try again."),
        sqlite3.SQLITE_CORRUPT: (
            "case-damaged",
            "The case file is damaged. Restore it from a backup; the exhibits beside it may still be good.",
        ),
        sqlite3.SQLITE_NOTADB: (
            "case-damaged",
            "The case file is not a database. Restore it from a backup; the exhibits beside it may still be good.",
        ),
        sqlite3.SQLITE_IOERR: ("case-io", "Reading or writing the case failed. Check the disk or the network share."),
    }
    return CaseError(*known.get(code, ("case-failed", "The case could not be read or written.")))


def _of_system(error: OSError) -> CaseError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return CaseError("disk-full", _FULL_TEXT)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return CaseError("case-read-only", "The case folder cannot be written (no permission, or read-only media).")
    return CaseError("case-io", "Reading or writing the case failed. Check the disk or the network share.")


def connect_writer(folder: Path) -> sqlite3.Connection:
    """A connection that may write: WAL with synchronous FULL, or a rollback journal with EXTRA where WAL cannot work."""
    connection = _connect(f"{_uri(folder / NAME)}?mode=rwc")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA fullfsync = ON")  # only macOS has a difference
    wanted = "delete" if on_network(folder) else "wal"
    got = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]
    connection.execute(f"PRAGMA synchronous = {'FULL' if got == 'wal' else 'EXTRA'}")
    return connection


def connect_reader(folder: Path) -> tuple[sqlite3.Connection, tempfile.TemporaryDirectory[str] | None]:
    """A connection that cannot write, and the private copy that it reads through, where one was needed."""
    file, log = folder / NAME, folder / f"{NAME}-wal"
    if not file.exists():
        raise CaseError("case-unreadable", "There is no case in this folder.")
    copy: tempfile.TemporaryDirectory[str] | None = None
    if os.access(folder, os.W_OK) and os.access(file, os.W_OK):
        connection = _connect(f"{_uri(file)}?mode=ro")
    elif not log.exists() or log.stat().st_size == 0:
        connection = _connect(f"{_uri(file)}?mode=ro&immutable=1")
    else:
        copy = tempfile.TemporaryDirectory(prefix="telltale-case-")
        for part in (file, log):
            (Path(copy.name) / part.name).write_bytes(b"")
            shutil.copyfile(part, Path(copy.name) / part.name)
        connection = _connect(f"{_uri(Path(copy.name) / NAME)}?mode=rw")
    connection.execute("PRAGMA query_only = ON")
    return connection, copy


def on_network(folder: Path) -> bool:
    """Whether ``folder`` lies on a share, as far as the system says so."""
    if sys.platform == "win32":
        import ctypes

        root = os.path.splitdrive(folder.absolute())[0]
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root + "\\") == 4
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    place, best, kind = str(folder.resolve()), "", ""
    for line in mounts:
        fields = line.split(" ")
        point = fields[1].replace("\\040", " ")
        if len(point) >= len(best) and (place == point or place.startswith(point.rstrip("/") + "/")):
            best, kind = point, fields[2]
    return kind in _NETWORK


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10.0, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _uri(path: Path) -> str:
    return "file:" + quote(path.absolute().as_posix(), safe="/:")
