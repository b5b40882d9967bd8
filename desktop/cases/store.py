"""The life of an open case: connection, lock, transactions, and the one way by which anything is added to it.

Every row of evidence is written in the same transaction as the custody entry that vouches for it by its digest.
"""

import hashlib
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from desktop.cases import custody
from desktop.cases.database import translated
from desktop.cases.lock import WriterLock
from desktop.cases.storage import Exhibits
from models.errors import CaseError, VerificationError

_DIGESTED = {
    "exhibit": "id, name, sha256, sha512, bytes, added_at, added_by",
    "request": "id, exhibit, settings, at, who",
    "analysis": "id, request, exhibit, kind, sha256, outcome, expert, log_odds, at, who",
    "note": "id, exhibit, text, at, who",
    "tag_event": "id, exhibit, tag, op, at, who",
    "disposition": "id, analysis, claim, value, note, at, who",
    "conclusion": "id, exhibit, analysis, value, text, at, who",
    "answer": "id, exhibit, question, text, expert, at, who",
}


class Store:
    """An open case. Methods may be called from several threads; they take turns."""

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        who: str,
        lock: WriterLock | None,
        copy: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        self.folder = folder
        self.who = who
        self.exhibit_files = Exhibits(folder)
        self._connection = connection
        self._lock = lock
        self._copy = copy
        self._turn = threading.RLock()
        self._in_transaction = False

    @property
    def read_only(self) -> bool:
        """Whether this case was opened without the right to write."""
        return self._lock is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the case. Unless the disk is full, everything that was confirmed is in the one file then, fit for read-only media."""
        with self._turn:
            if self._lock is not None:
                # On a full disk the log cannot be folded in; it stays beside the file with everything in it.
                with suppress(sqlite3.Error):
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
            if self._lock is not None:
                self._lock.release()
            if self._copy is not None:
                self._copy.cleanup()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; on the disk when it ends. Raises CaseError; then nothing of it happened."""
        with self._turn, translated():
            if self.read_only:
                raise CaseError("case-read-only", "The case is open read-only; nothing can be added.")
            if self._in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._in_transaction = True
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._in_transaction = False

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._turn, translated():
            return self._connection.execute(sql, parameters).fetchall()

    def insert(self, table: str, event: str, exhibit: int | None, fields: dict[str, Any], said: dict[str, Any]) -> int:
        """Add one row of evidence and the custody entry that vouches for it. Inside a transaction only. Returns the row's id."""
        names = ", ".join(fields)
        marks = ", ".join("?" * len(fields))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  table and column names are ours
        row = int(self._connection.execute(sql, tuple(fields.values())).lastrowid or 0)
        details = {**said, "table": table, "row": row, "digest": row_digest(self._connection, table, row)}
        self.log(event, row if table == "exhibit" else exhibit, details)
        return row

    def log(self, event: str, exhibit: int | None, details: dict[str, Any]) -> None:
        """Append one entry to the custody log. Inside a transaction only."""
        last = self._connection.execute("SELECT seq, hash FROM custody ORDER BY seq DESC LIMIT 1").fetchone()
        seq, prev = (last[0] + 1, last[1]) if last else (1, custody.GENESIS)
        entry = {"seq": seq, "prev": prev, "at": now(), "who": self.who, "event": event, "details": details}
        if exhibit is not None:
            entry["exhibit"] = self._connection.execute("SELECT sha256 FROM exhibit WHERE id = ?", (exhibit,)).fetchone()[0]
        line = custody.seal(entry)
        head = custody.digest(entry)
        self._connection.execute("INSERT INTO custody (seq, exhibit, line, hash) VALUES (?, ?, ?, ?)", (seq, exhibit, line, head))
        self._connection.execute(
            "INSERT INTO meta VALUES ('custody_head', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (f"{seq} {head}",)
        )

    def meta(self, key: str, default: str = "") -> str:
        """A value of the case itself."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else default

    @property
    def head(self) -> str:
        """Number and hash of the newest custody entry."""
        return self.meta("custody_head")

    def document(self, analysis: int) -> bytes:
        """The document of a recorded analysis, compared with the hash under which it was recorded."""
        found = self.rows("SELECT a.sha256, d.packed FROM analysis a JOIN document d ON d.analysis = a.id WHERE a.id = ?", (analysis,))
        if not found:
            raise CaseError("no-such-analysis", "The case holds no analysis with this number.")
        return unpacked(*found[0])

    def custody_lines(self) -> list[str]:
        """The whole custody log, oldest first."""
        return [str(line) for (line,) in self.rows("SELECT line FROM custody ORDER BY seq")]

    def custody_for(self, exhibit: int) -> list[str]:
        """The log as it may leave with one exhibit: entries about other exhibits are reduced to their hashes, so the chain still holds."""
        found = self.rows("SELECT exhibit, line FROM custody ORDER BY seq")
        return [str(line) if about is None or about == exhibit else custody.stub(line) for about, line in found]


def unpacked(sha256: str, packed: bytes) -> bytes:
    """A stored document, compared with its hash. Raises VerificationError."""
    try:
        data = zlib.decompress(packed)
    except zlib.error:
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise VerificationError("document-changed", "A recorded analysis was changed inside the case file.")
    return data


def row_digest(connection: sqlite3.Connection, table: str, row: int) -> str:
    """The hash of a row of evidence, as the custody log holds it; empty when the row is gone."""
    sql = f"SELECT {_DIGESTED[table]} FROM {table} WHERE id = ?"  # noqa: S608  table and column names are ours
    found = connection.execute(sql, (row,)).fetchone()
    return hashlib.sha256(custody.canonical(found).encode("utf-8", "surrogatepass")).hexdigest() if found else ""


def now() -> str:
    """The time as custody entries carry it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
