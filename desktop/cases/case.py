"""A case: one folder that keeps exhibits, analyses, people's words and the custody log through crashes, power cuts and years."""

import getpass
import json
import shutil
import sqlite3
import tempfile
import uuid
import zlib
from collections.abc import Callable, Mapping
from hashlib import sha256 as _sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from desktop import document
from desktop.cases import check, schema
from desktop.cases.annotations import Annotations
from desktop.cases.database import NAME, connect_reader, connect_writer, translated
from desktop.cases.lock import WriterLock
from desktop.cases.storage import open_source
from desktop.cases.store import now
from desktop.cases.values import CaseInfo, CheckResult, Entry, Exhibit, Pending
from models.errors import CaseError

_LOCK = "case.lock"


class Case(Annotations):
    """An open case; see ``create`` and ``open``. Close it, or use it in a ``with``."""

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        title: str = "",
        number: str = "",
        request: str = "",
        propositions: tuple[str, ...] = (),
        who: str | None = None,
    ) -> "Case":
        """Make a new case in ``folder``, which must not exist or be empty, and open it for writing. Raises CaseError."""
        with translated():
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise CaseError("case-exists", "The folder is not empty; a new case needs a folder of its own.")
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        case = cls._writer(folder, who)
        try:
            schema.migrate(case._connection)
            about = {"id": uuid.uuid4().hex, "title": title or folder.name, "number": number, "request": request}
            about |= {"propositions": json.dumps(propositions, ensure_ascii=False), "created_at": now(), "created_by": case.who}
            with case.transaction() as connection:
                connection.executemany("INSERT INTO meta VALUES (?, ?)", list(about.items()))
                case.log("case-created", None, about)
        except BaseException:
            case.close()
            raise
        return case

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, who: str | None = None) -> "Case":
        """Open a case, checking file and chain. Raises CaseError: ``case-unreadable``, ``case-damaged``, ``case-in-use``, ``case-too-new``…

        For writing, an older case is brought up to date first; the old file stays beside it. Read-only leaves every byte as it is.
        """
        with translated():
            if not (folder / NAME).is_file():
                raise CaseError("case-unreadable", "There is no case in this folder.")
        case = cls._reader(folder, who) if read_only else cls._writer(folder, who)
        try:
            case._arrive()
        except BaseException:
            case.close()
            raise
        return case

    @property
    def info(self) -> CaseInfo:
        """What the case says of itself."""
        about = {str(key): str(value) for key, value in self.rows("SELECT key, value FROM meta")}
        return CaseInfo(
            about["id"], about["title"], about["number"], about["request"], tuple(json.loads(about["propositions"])), about["created_at"],
            about["created_by"], int(self.rows("SELECT count(*) FROM exhibit")[0][0]),
        )  # fmt: skip

    def describe(self, *, title: str, number: str = "", request: str = "", propositions: tuple[str, ...] = ()) -> None:
        """Say anew what the case is about; the log keeps what it said before."""
        about = {"title": title, "number": number, "request": request, "propositions": json.dumps(propositions, ensure_ascii=False)}
        with self.transaction() as connection:
            connection.executemany("UPDATE meta SET value = ? WHERE key = ?", [(value, key) for key, value in about.items()])
            self.log("case-described", None, about)

    def add(
        self, source: bytes | Path, *, name: str | None = None, settings: Mapping[str, str] | None = None, queue: bool = True
    ) -> Exhibit:
        """Take a picture file into the case and, with ``queue``, ask for its analysis with ``settings``.

        The original is only read. The same bytes are the same exhibit, and what was asked for them already is not asked again.
        """
        if self.read_only:
            raise CaseError("case-read-only", "The case is open read-only; nothing can be added.")
        if isinstance(source, Path):
            shown = name or source.name
            with open_source(source) as stream, translated():
                stored = self.exhibit_files.store(stream)
        else:
            shown = name or "pasted picture"
            with translated():
                stored = self.exhibit_files.store(source)
        shown = shown.encode("utf-8", "replace").decode("utf-8")
        with self.transaction():
            known = self.rows("SELECT id, name FROM exhibit WHERE sha256 = ?", (stored.sha256,))
            if known:
                exhibit = int(known[0][0])
                self.log("received-again", exhibit, {"name": shown})
            else:
                fields = {
                    "name": shown,
                    "sha256": stored.sha256,
                    "sha512": stored.sha512,
                    "bytes": stored.bytes,
                    "added_at": now(),
                    "added_by": self.who,
                }
                said = {"name": shown, "sha512": stored.sha512, "bytes": stored.bytes}
                exhibit = self.insert("exhibit", "received", None, fields, said)
            if queue:
                self._request(exhibit, dict(settings or {}), again=False)
            self.reindex(exhibit)
        return self._listed(exhibit)

    def request(self, exhibit: int, settings: Mapping[str, str] | None = None) -> Pending:
        """Ask for an analysis of an exhibit, also when there is one already; the earlier ones stay."""
        with self.transaction():
            self._exists("exhibit", exhibit)
            request = self._request(exhibit, dict(settings or {}), again=True)
            self.reindex(exhibit)
        return self._pending("r.id = ?", (request,))[0]

    def request_again(self, exhibit: int) -> Pending:
        """Ask once more for what was asked for last."""
        self._exists("exhibit", exhibit)
        last = self.rows("SELECT settings FROM request WHERE exhibit = ? ORDER BY id DESC LIMIT 1", (exhibit,))
        return self.request(exhibit, json.loads(last[0][0]) if last else {})

    def pending(self) -> list[Pending]:
        """What was asked for and is not recorded yet, oldest first: what a resumed batch has to do."""
        return self._pending("a.id IS NULL", ())

    def pending_of(self, exhibit: int) -> list[Pending]:
        """What was asked for about one exhibit and is not recorded yet, oldest first."""
        return self._pending("a.id IS NULL AND r.exhibit = ?", (exhibit,))

    def read(self, exhibit: int) -> bytes:
        """The bytes of an exhibit, hashed before they are handed out. Raises VerificationError when they changed."""
        self._exists("exhibit", exhibit)
        digest, long_digest = self.rows("SELECT sha256, sha512 FROM exhibit WHERE id = ?", (exhibit,))[0]
        with translated():
            return self.exhibit_files.read(digest, long_digest)

    def record(self, pending: Pending, data: bytes) -> Entry:
        """Record the document of an analysis (or failure) that was pending. When this returns it is on the disk and may be shown.

        Raises CaseError ``already-recorded`` for a second record of the same request, ``wrong-exhibit`` for a document about another file.
        """
        kind, outcome, expert, log_odds = _essence(data, pending)
        digest = _sha256(data).hexdigest()
        fields: dict[str, Any] = {
            "request": pending.request,
            "exhibit": pending.exhibit,
            "kind": kind,
            "sha256": digest,
            "outcome": outcome,
            "expert": expert,
        }
        fields |= {"log_odds": log_odds, "at": now(), "who": self.who}
        said = {"document": digest, "outcome": outcome, "expert": expert, "log_odds": repr(log_odds), "settings": pending.settings}
        with self.transaction() as connection:
            if self.rows("SELECT 1 FROM analysis WHERE request = ?", (pending.request,)):
                raise CaseError("already-recorded", "This analysis is recorded already.")
            number = self.insert("analysis", "analysed" if kind == "analysis" else "analysis-failed", pending.exhibit, fields, said)
            connection.execute("INSERT INTO document VALUES (?, ?)", (number, zlib.compress(data, 6)))
            self.reindex(pending.exhibit)
        return next(entry for entry in reversed(self.analyses(pending.exhibit)) if entry.id == number)

    def log_export(self, exhibit: int | None, what: str, digest: str = "") -> None:
        """Record that something left the case."""
        with self.transaction():
            self.log("exported", exhibit, {"what": what, "digest": digest})

    def check(self, progress: Callable[[float], None] | None = None) -> CheckResult:
        """Check everything: file, chain, rows, documents, exhibits. Never raises for what it finds."""
        with self._turn:
            return check.full(self, self._connection, progress)

    def backup(self, folder: Path) -> Path:
        """Copy the whole case to a new folder while it stays open; the copy is checked before this returns."""
        with self._turn, translated():
            if folder.exists():
                raise CaseError("backup-exists", "The folder for the backup exists already.")
            folder.mkdir(mode=0o700, parents=True)
            if not self.read_only:
                with self.transaction():
                    self.log("backed-up", None, {})
            _copy_database(self._connection, folder / NAME)
            for (digest,) in self.rows("SELECT sha256 FROM exhibit"):
                copy = folder / "exhibits" / digest[:2] / digest
                copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(self.exhibit_files.path(digest), copy)
        with Case.open(folder, read_only=True) as copied:
            result = copied.check()
        if not result.ok:
            raise CaseError("backup-failed", f"The backup does not check: {result.problems[0].message}")
        return folder

    @classmethod
    def _writer(cls, folder: Path, who: str | None) -> "Case":
        with translated():
            lock = WriterLock(folder / _LOCK)
        try:
            with translated():
                case = cls(folder, connect_writer(folder), who or login(), lock)
                case.exhibit_files.prepare()
                return case
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _reader(cls, folder: Path, who: str | None) -> "Case":
        with translated():
            connection, copy = connect_reader(folder)
            return cls(folder, connection, who or login(), None, copy)

    def _arrive(self) -> None:
        """Bring the schema up to date and check what can be checked in a moment."""
        with translated():
            version = schema.version_of(self._connection)
        if version > schema.VERSION or version == 0:
            raise CaseError("case-too-new" if version else "case-unreadable", "This version of Telltale cannot read this case.")
        if version < schema.VERSION:
            if self.read_only:
                self._read_through_newer_copy()
            else:
                self._migrate(version)
        problems = [*check.structure(self, full=False), *check.chain(self)]
        if problems:
            raise CaseError(problems[0].code, problems[0].message)

    def _read_through_newer_copy(self) -> None:
        """Read an older case that must not be changed through a private copy that is up to date."""
        copy = tempfile.TemporaryDirectory(prefix="telltale-case-")
        with translated():
            _copy_database(self._connection, Path(copy.name) / NAME)
            self._connection.close()
        with Case._writer(Path(copy.name), self.who) as newer:
            newer._migrate(schema.version_of(newer._connection))
        with translated():
            self._connection, _ = connect_reader(Path(copy.name))
        if self._copy is not None:
            self._copy.cleanup()
        self._copy = copy

    def _migrate(self, version: int) -> None:
        """Bring an older case up to date; the file as it was stays beside it."""
        with translated():
            _copy_database(self._connection, self.folder / f"case.v{version}.sqlite")
            schema.migrate(self._connection)
        self.rebuild_listing()
        with self.transaction():
            self.log("migrated", None, {"from": version, "to": schema.VERSION})

    def _request(self, exhibit: int, settings: dict[str, str], *, again: bool) -> int:
        text = json.dumps(settings, ensure_ascii=False, sort_keys=True)
        known = self.rows(
            "SELECT r.id, a.kind FROM request r LEFT JOIN analysis a ON a.request = r.id "
            "WHERE r.exhibit = ? AND r.settings = ? ORDER BY r.id DESC",
            (exhibit, text),
        )
        if known and (known[0][1] is None or not again):
            return int(known[0][0])
        return self.insert(
            "request", "requested", exhibit, {"exhibit": exhibit, "settings": text, "at": now(), "who": self.who}, {"settings": settings}
        )

    def _pending(self, where: str, parameters: tuple[int, ...]) -> list[Pending]:
        sql = (
            "SELECT r.id, e.id, e.name, e.sha256, r.settings FROM request r JOIN exhibit e ON e.id = r.exhibit "  # noqa: S608  constants
            f"LEFT JOIN analysis a ON a.request = r.id WHERE {where} ORDER BY r.id"
        )
        return [
            Pending(request, exhibit, name, digest, json.loads(settings))
            for request, exhibit, name, digest, settings in self.rows(sql, parameters)
        ]

    def _listed(self, exhibit: int) -> Exhibit:
        found = self.exhibit(exhibit)
        if found is None:
            raise CaseError("no-such-exhibit", "The case holds no exhibit with this number.")
        return found


def _copy_database(source: sqlite3.Connection, path: Path) -> None:
    """Copy an open database, whoever writes to it meanwhile."""
    target = sqlite3.connect(path)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = delete")
    finally:
        target.close()


def login() -> str:
    """The name under which this person is logged in, for the custody log."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _essence(data: bytes, pending: Pending) -> tuple[Literal["analysis", "failure"], str, str, float | None]:
    """What the list shows of a document. Raises CaseError when it is not one, or not about this exhibit."""
    try:
        analysis = document.decode(data)
    except msgspec.MsgspecError:
        try:
            return "failure", msgspec.json.decode(data, type=document.Failure).code, pending.settings.get("expert", ""), None
        except msgspec.MsgspecError:
            raise CaseError("document-invalid", "This is not an analysis document.") from None
    if analysis.exhibit.sha256 != pending.sha256:
        raise CaseError("wrong-exhibit", "The analysis is about another file.")
    finding = analysis.finding if isinstance(analysis.finding, document.Finding) else None
    opinion = next((o for o in analysis.opinions if finding is None or o.id == finding.opinion), None)
    return "analysis", finding.outcome if finding else "", opinion.expert.id if opinion else "", opinion.log_odds if opinion else None
