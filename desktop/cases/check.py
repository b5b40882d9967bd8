"""Checking a case: the database file, the custody chain, every row and document that the chain vouches for, every exhibit."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from desktop.cases import custody
from desktop.cases.store import Store, row_digest
from desktop.cases.values import CheckResult, Problem
from models.errors import TelltaleError, VerificationError

VOUCHED = ("exhibit", "request", "analysis", "note", "tag_event", "disposition", "conclusion", "answer")


def chain(store: Store) -> list[Problem]:
    """The custody chain and its head; quick enough for every opening."""
    lines = store.custody_lines()
    found = [Problem("custody-broken", f"Custody log: {text}.") for text in custody.problems(lines)]
    head = json.loads(lines[-1]) if lines and not found else {}
    if not found and store.meta("custody_head") != f"{head.get('seq')} {head.get('hash')}":
        found.append(Problem("custody-cut", "Custody log: its end is missing."))
    return found


def structure(store: Store, *, full: bool) -> list[Problem]:
    """SQLite's own check of the file; the quick one leaves out the (large) documents."""
    tables = ("custody", "exhibit", "request", "analysis", "listing", "meta") if not full else ("",)
    found: list[Problem] = []
    for table in tables:
        pragma = f"PRAGMA quick_check({table})" if table else "PRAGMA integrity_check"
        for (text,) in store.rows(pragma):
            if text != "ok":
                found.append(Problem("case-damaged", f"The case file is damaged: {text}"))
    if full:
        found += [Problem("case-damaged", f"A row of {row[0]} points at nothing.") for row in store.rows("PRAGMA foreign_key_check")]
    return found


def full(store: Store, connection: sqlite3.Connection, progress: Callable[[float], None] | None = None) -> CheckResult:
    """Everything: file, chain, rows against the chain, documents against their hashes, exhibits against theirs."""
    problems: list[Problem] = []
    try:
        problems += structure(store, full=True)
        problems += chain(store)
        problems += _rows(store, connection)
        problems += _documents(store)
        problems += _exhibits(store, progress)
    except TelltaleError as error:
        problems.append(Problem(error.code, error.message))
    counts = {table: _count(store, table) for table in ("exhibit", "analysis", "custody")}
    head = store.meta("custody_head").partition(" ")[2]
    return CheckResult(tuple(problems), counts["exhibit"], counts["analysis"], counts["custody"], head)


def _rows(store: Store, connection: sqlite3.Connection) -> list[Problem]:
    """Every row that an entry vouches for is there and unchanged, and there is no row without an entry."""
    problems: list[Problem] = []
    vouched: dict[str, set[int]] = {table: set() for table in VOUCHED}
    for line in store.custody_lines():
        details: dict[str, Any] = json.loads(line).get("details", {})
        table, row = details.get("table"), details.get("row")
        if table in vouched and isinstance(row, int):
            vouched[table].add(row)
            actual = row_digest(connection, table, row)
            if actual != details.get("digest"):
                problems.append(
                    Problem("row-changed", f"Row {row} of {table} was {'changed' if actual else 'removed'} after it was recorded.")
                )
    for table, rows in vouched.items():
        present = {int(row) for (row,) in store.rows(f"SELECT id FROM {table}")}  # noqa: S608  table names are ours
        problems += [Problem("row-unknown", f"Row {row} of {table} is not in the custody log.") for row in sorted(present - rows)]
    return problems


def _documents(store: Store) -> list[Problem]:
    problems: list[Problem] = []
    for (number,) in store.rows("SELECT id FROM analysis"):
        try:
            store.document(number)
        except TelltaleError as error:
            problems.append(Problem(error.code, f"Analysis {number}: {error.message}"))
    return problems


def _exhibits(store: Store, progress: Callable[[float], None] | None) -> list[Problem]:
    problems: list[Problem] = []
    found = store.rows("SELECT id, sha256, sha512 FROM exhibit")
    for index, (number, sha256, sha512) in enumerate(found):
        try:
            store.exhibit_files.verify(sha256, sha512)
        except VerificationError as error:
            problems.append(Problem(error.code, f"Exhibit {number}: {error.message}"))
        if progress:
            progress((index + 1) / len(found))
    return problems


def _count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608  table names are ours
