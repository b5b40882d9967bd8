"""Lists, filters and search: an index beside the evidence that can be rebuilt from it at any time."""

import json
from typing import Any, Literal

import msgspec

from desktop import document
from desktop.cases.store import Store
from desktop.cases.values import Entry, Exhibit, State

Order = Literal["added", "name", "log_odds"]
_ORDERS = {"added": "exhibit", "name": "name COLLATE NOCASE, exhibit", "log_odds": "log_odds IS NULL, log_odds DESC, exhibit"}
_COLUMNS = "exhibit, name, sha256, bytes, added_at, state, outcome, expert, log_odds, tags, conclusion, analyses"


class Listing(Store):
    """What a list of exhibits asks of a case."""

    def exhibits(
        self,
        *,
        text: str = "",
        state: State | None = None,
        outcome: str | None = None,
        tag: str | None = None,
        order: Order = "added",
        limit: int = -1,
        offset: int = 0,
    ) -> list[Exhibit]:
        """The exhibits that fit, in order. ``text`` is looked for in names, hashes, notes, tags and what experts wrote, in any case."""
        where, parameters = _where(text, state, outcome, tag)
        sql = f"SELECT {_COLUMNS} FROM listing {where} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?"  # noqa: S608  built from constants
        return [_exhibit(row) for row in self.rows(sql, (*parameters, limit, offset))]

    def count(self, *, text: str = "", state: State | None = None, outcome: str | None = None, tag: str | None = None) -> int:
        """How many exhibits fit."""
        where, parameters = _where(text, state, outcome, tag)
        return int(self.rows(f"SELECT count(*) FROM listing {where}", parameters)[0][0])  # noqa: S608  built from constants

    def counts(self) -> dict[str, int]:
        """How many exhibits there are by state, and of those that are done by outcome."""
        found = self.rows(
            "SELECT state, count(*) FROM listing GROUP BY state "
            "UNION ALL SELECT outcome, count(*) FROM listing WHERE outcome != '' GROUP BY outcome"
        )
        return {str(name): int(number) for name, number in found}

    def exhibit(self, number: int) -> Exhibit | None:
        """One exhibit by its number."""
        found = self.rows(f"SELECT {_COLUMNS} FROM listing WHERE exhibit = ?", (number,))  # noqa: S608  built from constants
        return _exhibit(found[0]) if found else None

    def find(self, sha256: str) -> Exhibit | None:
        """One exhibit by the hash of its file."""
        found = self.rows(f"SELECT {_COLUMNS} FROM listing WHERE sha256 = ?", (sha256,))  # noqa: S608  built from constants
        return _exhibit(found[0]) if found else None

    def analyses(self, exhibit: int) -> list[Entry]:
        """Every recorded analysis of an exhibit, oldest first."""
        sql = "SELECT id, exhibit, kind, sha256, outcome, expert, log_odds, at, who FROM analysis WHERE exhibit = ? ORDER BY id"
        return [Entry(*row) for row in self.rows(sql, (exhibit,))]

    def reindex(self, exhibit: int) -> None:
        """Bring the index up to date for one exhibit. Inside a transaction only."""
        name, sha256, size, added = self.rows("SELECT name, sha256, bytes, added_at FROM exhibit WHERE id = ?", (exhibit,))[0]
        entries = self.analyses(exhibit)
        latest = entries[-1] if entries else None
        waiting = self.rows(
            "SELECT 1 FROM request r LEFT JOIN analysis a ON a.request = r.id WHERE r.exhibit = ? AND a.id IS NULL LIMIT 1", (exhibit,)
        )
        tags = self.tags(exhibit)
        notes = [str(text) for (text,) in self.rows("SELECT text FROM note WHERE exhibit = ?", (exhibit,))]
        conclusion = self.rows("SELECT value FROM conclusion WHERE exhibit = ? ORDER BY id DESC LIMIT 1", (exhibit,))
        state = "pending" if waiting else {"analysis": "done", "failure": "failed"}[latest.kind] if latest else "stored"
        said = _said(self.document(latest.id)) if latest and latest.kind == "analysis" else []
        self.rows(
            "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                exhibit, name, sha256, size, added, state,
                latest.outcome if latest else "", latest.expert if latest else "", latest.log_odds if latest else None,
                json.dumps(tags, ensure_ascii=False), conclusion[0][0] if conclusion else "", len(entries),
                "\n".join([name, sha256, *tags, *notes, *said]).casefold(),
            ),
        )  # fmt: skip

    def rebuild_listing(self) -> None:
        """Make the whole index anew from the evidence."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM listing")
            for (exhibit,) in self.rows("SELECT id FROM exhibit"):
                self.reindex(exhibit)

    def tags(self, exhibit: int) -> tuple[str, ...]:
        """The tags that an exhibit carries now, in alphabetical order."""
        carried: set[str] = set()
        for tag, op in self.rows("SELECT tag, op FROM tag_event WHERE exhibit = ? ORDER BY id", (exhibit,)):
            (carried.add if op == "add" else carried.discard)(tag)
        return tuple(sorted(carried))


def _where(text: str, state: str | None, outcome: str | None, tag: str | None) -> tuple[str, tuple[Any, ...]]:
    clauses: list[str] = []
    parameters: list[Any] = []
    for word in text.casefold().split():
        clauses.append("instr(words, ?) > 0")
        parameters.append(word)
    if state is not None:
        clauses.append("state = ?")
        parameters.append(state)
    if outcome is not None:
        clauses.append("outcome = ?")
        parameters.append(outcome)
    if tag is not None:
        clauses.append("instr(tags, ?) > 0")
        parameters.append(json.dumps(tag, ensure_ascii=False))
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), tuple(parameters)


def _exhibit(row: tuple[Any, ...]) -> Exhibit:
    number, name, sha256, size, added, state, outcome, expert, log_odds, tags, conclusion, analyses = row
    return Exhibit(number, name, sha256, size, added, state, outcome, expert, log_odds, tuple(json.loads(tags)), conclusion, analyses)


def _said(data: bytes) -> list[str]:
    """What experts wrote, for search."""
    try:
        return [opinion.text for opinion in document.decode(data).opinions]
    except msgspec.MsgspecError:
        return []  # a document of a later version; its other columns still list it
