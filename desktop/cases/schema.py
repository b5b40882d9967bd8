"""The tables of a case, as the steps by which they came about. A step is never changed once it shipped; new steps are added.

Evidence tables only ever grow: triggers refuse UPDATE and DELETE. ``listing`` alone is an index for people and may be rebuilt at any time.
"""

import sqlite3
from typing import Final

EVIDENCE: Final = ("exhibit", "request", "analysis", "note", "tag_event", "disposition")
"""Append-only tables of version 1 whose rows the custody log vouches for."""

_V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE custody (seq INTEGER PRIMARY KEY, exhibit INTEGER, line TEXT NOT NULL, hash TEXT NOT NULL UNIQUE);
CREATE INDEX custody_exhibit ON custody (exhibit);
CREATE TABLE exhibit (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE, sha512 TEXT NOT NULL, bytes INTEGER NOT NULL,
  added_at TEXT NOT NULL, added_by TEXT NOT NULL);
CREATE TABLE request (id INTEGER PRIMARY KEY, exhibit INTEGER NOT NULL REFERENCES exhibit, settings TEXT NOT NULL,
  at TEXT NOT NULL, who TEXT NOT NULL);
CREATE TABLE analysis (id INTEGER PRIMARY KEY, request INTEGER NOT NULL UNIQUE REFERENCES request,
  exhibit INTEGER NOT NULL REFERENCES exhibit,
  kind TEXT NOT NULL CHECK (kind IN ('analysis', 'failure')), sha256 TEXT NOT NULL, outcome TEXT NOT NULL, expert TEXT NOT NULL,
  log_odds REAL,
  at TEXT NOT NULL, who TEXT NOT NULL);
CREATE INDEX analysis_exhibit ON analysis (exhibit);
CREATE TABLE document (analysis INTEGER PRIMARY KEY REFERENCES analysis, packed BLOB NOT NULL);
CREATE TABLE note (id INTEGER PRIMARY KEY, exhibit INTEGER REFERENCES exhibit, text TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL);
CREATE TABLE tag_event (id INTEGER PRIMARY KEY, exhibit INTEGER NOT NULL REFERENCES exhibit, tag TEXT NOT NULL,
  op TEXT NOT NULL CHECK (op IN ('add', 'remove')), at TEXT NOT NULL, who TEXT NOT NULL);
CREATE INDEX tag_exhibit ON tag_event (exhibit);
CREATE TABLE disposition (id INTEGER PRIMARY KEY, analysis INTEGER NOT NULL REFERENCES analysis, claim TEXT NOT NULL,
  value TEXT NOT NULL CHECK (value IN ('confirmed', 'not-seen', 'unsure')), note TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL);
CREATE INDEX disposition_analysis ON disposition (analysis);
"""

_V2 = """
CREATE TABLE conclusion (id INTEGER PRIMARY KEY, exhibit INTEGER NOT NULL REFERENCES exhibit, analysis INTEGER REFERENCES analysis,
  value TEXT NOT NULL CHECK (value IN ('supports-ai', 'supports-camera', 'inconclusive', 'none')), text TEXT NOT NULL,
  at TEXT NOT NULL, who TEXT NOT NULL);
CREATE INDEX conclusion_exhibit ON conclusion (exhibit);
CREATE TABLE listing (exhibit INTEGER PRIMARY KEY REFERENCES exhibit, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  added_at TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL, expert TEXT NOT NULL, log_odds REAL, tags TEXT NOT NULL,
  conclusion TEXT NOT NULL, analyses INTEGER NOT NULL, words TEXT NOT NULL);
CREATE INDEX listing_state ON listing (state);
CREATE INDEX listing_outcome ON listing (outcome);
"""

# Version 3: a disposition can be taken back, and questions with their answers are kept. SQLite cannot change a CHECK, so the table is
# made anew; its rows stay byte for byte what the custody log vouches for.
_V3 = """
CREATE TABLE disposition_3 (id INTEGER PRIMARY KEY, analysis INTEGER NOT NULL REFERENCES analysis, claim TEXT NOT NULL,
  value TEXT NOT NULL CHECK (value IN ('confirmed', 'not-seen', 'unsure', 'withdrawn')), note TEXT NOT NULL, at TEXT NOT NULL,
  who TEXT NOT NULL);
INSERT INTO disposition_3 SELECT id, analysis, claim, value, note, at, who FROM disposition;
DROP TABLE disposition;
ALTER TABLE disposition_3 RENAME TO disposition;
CREATE INDEX disposition_analysis ON disposition (analysis);
CREATE TABLE answer (id INTEGER PRIMARY KEY, exhibit INTEGER NOT NULL REFERENCES exhibit, question TEXT NOT NULL, text TEXT NOT NULL,
  expert TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL);
CREATE INDEX answer_exhibit ON answer (exhibit);
CREATE INDEX request_exhibit ON request (exhibit);
"""


def _guards(*tables: str) -> str:
    """Triggers that keep rows of evidence as they were written."""
    return "".join(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END;\n"
        for table in tables
        for verb in ("update", "delete")
    )


STEPS: Final = (
    _V1 + _guards("custody", "exhibit", "request", "analysis", "document", "note", "tag_event", "disposition"),
    _V2 + _guards("conclusion"),
    _V3 + _guards("disposition", "answer"),
)
"""Step n makes version n + 1 of version n; each runs in one transaction."""

VERSION: Final = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of an open database; 0 is an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, upto: int = VERSION) -> bool:
    """Bring ``connection`` to version ``upto``, one step and one transaction at a time. Returns whether anything was done."""
    start = version_of(connection)
    for version in range(start, upto):
        statements = STEPS[version]
        connection.executescript(f"BEGIN IMMEDIATE;\n{statements}\nPRAGMA user_version = {version + 1};\nCOMMIT;")
    return start < upto
