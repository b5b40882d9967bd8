"""Keeps what was said of a case, and could not be stored in it yet, in the user's own folder: a crash or a kill must not cost it. No Qt.

One folder a case, ``outbox/<id of the case>``: ``waiting.json``, and beside it the bytes of pasted pictures under their SHA-256. Each file
is written whole, pushed to the disk and only then put in the place of the last one: at any moment the old state is there or the new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.gui import places
from desktop.gui.seam import Failed
from desktop.gui.words import KINDS, Pasted, Word
from models.errors import CaseError, TelltaleError
from models.places import write_whole

if TYPE_CHECKING:
    from desktop.cases import Case

_FILE = "waiting.json"
_SCHEMA = "telltale.outbox/1"
_NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Said:
    """A word and when it was said, as a case writes times (UTC, ISO 8601)."""

    word: Word
    at: str


@dataclass(frozen=True)
class Left:
    """What an earlier window could not store in a case, in its order; ``failure`` tells why some of it cannot be offered."""

    said: tuple[Said, ...] = ()
    failure: Failed | None = None


@dataclass(frozen=True)
class Where:
    """Which case the words are for: its id, its folder, and its custody head (number and hash) when all before was stored."""

    case: str
    folder: str
    head: str


def save(where: Where, said: Sequence[Said]) -> None:
    """Keep exactly these for a case; nothing at all takes its folder away. Raises CaseError ``outbox-unwritable``."""
    folder = places.outbox(where.case)
    try:
        if not said:
            if (folder / _FILE).exists():
                (folder / _FILE).unlink()
                _tidy(folder, ())
                with suppress(OSError):  # a damaged file that was put aside stays
                    folder.rmdir()
            return
        folder.mkdir(parents=True, exist_ok=True)
        digests = []
        for one in said:
            if isinstance(one.word, Pasted):
                digests.append(hashlib.sha256(one.word.data).hexdigest())
                if not (folder / digests[-1]).exists():
                    write_whole(folder / digests[-1], one.word.data)
        state = {"schema": _SCHEMA, **asdict(where), "said": [_plain(one) for one in said]}
        write_whole(folder / _FILE, json.dumps(state, ensure_ascii=False).encode())
        _tidy(folder, digests)
    except OSError as error:
        why = error.strerror or "the system refused"
        raise CaseError("outbox-unwritable", f"What is not stored could not be kept on this computer either: {why}.") from None


def restore(case: Case) -> Left:
    """What is kept for a case that is open now and is not in it yet: the window may have ended right after it was stored."""
    folder = places.outbox(case.info.id)
    if case.read_only or not (folder / _FILE).exists():
        return Left()
    try:
        where, said = _read(folder)
        number, _, digest = where.head.partition(" ")
        if where.case != case.info.id or case.rows("SELECT hash FROM custody WHERE seq = ?", (int(number),)) != [(digest,)]:
            text = "What is kept for this case was said of a newer state of it than the one in this folder."
            return Left(failure=Failed("outbox-older-case", text))
        waiting = tuple(one for one in said if not one.word.there(case, one.at))
        if len(waiting) < len(said):
            save(where, waiting)
    except TelltaleError as error:
        return Left(failure=Failed(error.code, error.message))
    return Left(waiting)


def count_for(folder: Path) -> int:
    """How many things are kept for the case that was in a folder; 0 when nobody knows."""
    for file in places.outboxes().glob(f"*/{_FILE}"):
        with suppress(OSError, ValueError, TypeError, KeyError):
            state = json.loads(file.read_bytes())
            if state["folder"] == str(folder):
                return len(state["said"])
    return 0


def _plain(one: Said) -> dict[str, Any]:
    fields = asdict(one.word)
    if isinstance(one.word, Pasted):
        fields["data"] = hashlib.sha256(one.word.data).hexdigest()
    return {"at": one.at, "kind": _NAMES[type(one.word)], "word": fields}


def _read(folder: Path) -> tuple[Where, tuple[Said, ...]]:
    """The state that is kept. Raises CaseError ``outbox-unreadable``; then the file is put aside under another name."""
    import msgspec

    file = folder / _FILE
    try:
        state = json.loads(file.read_bytes())
        where = msgspec.convert({name: state[name] for name in ("case", "folder", "head")}, Where)
        int(where.head.partition(" ")[0])
        said = []
        for one in state["said"]:
            fields = dict(one["word"])
            if one["kind"] == "picture":
                fields["data"] = _bytes(folder, str(fields["data"]))
                said.append(Said(Pasted(**fields), str(one["at"])))
            else:
                said.append(Said(msgspec.convert(fields, KINDS[one["kind"]]), str(one["at"])))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, msgspec.ValidationError):
        with suppress(OSError):
            file.replace(file.with_suffix(".damaged"))
        raise CaseError("outbox-unreadable", f"What was kept for this case cannot be read; it was put aside in {folder}.") from None
    return where, tuple(said)


def _bytes(folder: Path, digest: str) -> bytes:
    data = (folder / Path(digest).name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(digest)
    return data


def _tidy(folder: Path, wanted: Iterable[str]) -> None:
    """Take pictures away that nothing waits for any more, and what a killed window had half written."""
    kept = set(wanted)
    for file in folder.iterdir():
        if (len(file.name) == 64 and file.name not in kept) or file.name.startswith("."):
            file.unlink()
