"""What came of one picture, kept line by line so that an interrupted evaluation goes on where it was."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Generic, Literal, Protocol, Self, TypeVar

import msgspec

from models.cards import card_digest
from models.errors import UsageError
from models.locks import FileLock
from models.places import data_dir


class Record(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One picture's result: a score, or the code of its failure; ``answers`` of benchmark questions by family."""

    id: str
    code: str = ""
    sha256: str = ""
    width: int = 0
    height: int = 0
    container: str = ""
    log_odds: float | None = None
    mass: float | None = None
    answer: Literal["", "fake", "real", "other"] = ""
    outcome: str = ""
    text: str = ""
    answers: dict[str, str] = {}
    in_mask: float | None = None
    """Share of the regions' area that lies in the mask; ``mask_share``: share of the picture that the mask covers."""
    mask_share: float | None = None


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First line of a file of records: what they are the results of."""

    schema: Literal["telltale.evaluation-records/1"]
    format: str
    dataset_sha256: str
    card_sha256: str
    explained: bool
    calibration: str
    """Set of the calibration that the outcomes rest on."""
    telltale: str


class Named(Protocol):
    """What can be kept: the result of one picture, by its name within the set."""

    @property
    def id(self) -> str: ...


First = TypeVar("First", bound=msgspec.Struct)
Kept = TypeVar("Kept", bound=Named)


class RecordFile(Generic[First, Kept]):
    """A file of results that grows by one line a picture. Use it in a ``with``."""

    def __init__(self, path: Path, header: First, kind: type[Kept]) -> None:
        """Open or begin the file; its lines are of ``kind``. A line that a crash cut short is dropped.

        Raises UsageError ``records-differ`` when the file belongs to another set, expert or way of asking, ``records-busy`` when another
        run is writing it; OSError.
        """
        self.records: dict[str, Kept] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_path = path.with_name(f".{path.name}.lock")
        try:
            self._lock = FileLock(self._lock_path)
        except BlockingIOError:
            raise UsageError("records-busy", "another run is writing the same file of results; name another file") from None
        try:
            self._open(path, header, kind)
        except BaseException:
            self._unlock()
            raise

    def _open(self, path: Path, header: First, kind: type[Kept]) -> None:
        kept = b""
        if path.exists() and path.stat().st_size:
            found, self.records, kept = _parse(path.read_bytes(), type(header), kind)
            if found != header:
                raise UsageError("records-differ", "the file of results belongs to another data set, expert or version; name another file")
        self._stream: BinaryIO = path.open("r+b" if path.exists() else "xb")
        self._stream.seek(len(kept))
        self._stream.truncate()
        if not kept:
            self._write(header)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._unlock()

    def _unlock(self) -> None:
        self._lock.release()
        self._lock_path.unlink(missing_ok=True)

    def append(self, record: Kept) -> None:
        """Keep one result."""
        self.records[record.id] = record
        self._write(record)

    def _write(self, value: First | Kept) -> None:
        self._stream.write(msgspec.json.encode(value) + b"\n")
        self._stream.flush()


def place_of(header: msgspec.Struct) -> Path:
    """Where the results of an unfinished run are kept when no file was named: in the data folder, by what they are the results of."""
    return data_dir() / "evaluations" / f"{card_digest(msgspec.json.encode(header))[:32]}.jsonl"


def read_records(path: Path) -> tuple[Header, Mapping[str, Record]]:
    """A finished file of records. Raises UsageError ``records-invalid``."""
    try:
        header, records, _ = _parse(path.read_bytes(), Header, Record)
    except OSError:
        raise UsageError("records-invalid", "the file of results cannot be read") from None
    return header, records


def _parse(data: bytes, first: type[First], kind: type[Kept]) -> tuple[First, dict[str, Kept], bytes]:
    """(header, records, the bytes of the whole lines)."""
    kept = data[: data.rfind(b"\n") + 1]
    lines = kept.splitlines()
    try:
        header = msgspec.json.decode(lines[0], type=first)
        records = [msgspec.json.decode(line, type=kind) for line in lines[1:]]
    except (IndexError, msgspec.MsgspecError, UnicodeDecodeError):
        raise UsageError("records-invalid", "the file of results is damaged or is something else; name another file") from None
    return header, {record.id: record for record in records}, kept
