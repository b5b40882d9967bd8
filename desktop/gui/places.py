"""Where cases and what the window remembers of them lie on this computer. No Qt.

The window always works in a case. One that nobody named lies in the user's own data folder, so that nothing depends on having saved.
"""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from models.places import data_dir, write_whole

_MOST_RECENT = 20
T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """A case that was open here: its folder, its title and when it was last open (seconds since 1970)."""

    folder: str
    title: str
    at: float


@dataclass(frozen=True)
class Memory:
    """What the window remembers between two starts."""

    last: str = ""
    recent: tuple[Known, ...] = ()

    def with_case(self, folder: Path, title: str) -> "Memory":
        """The same with a case that is open now."""
        here = Known(str(folder), title, datetime.now(UTC).timestamp())
        return Memory(here.folder, (here, *(known for known in self.recent if known.folder != here.folder))[:_MOST_RECENT])

    def without(self, folder: Path) -> "Memory":
        """The same without a case that is no longer there."""
        last = "" if self.last == str(folder) else self.last
        return Memory(last, tuple(known for known in self.recent if known.folder != str(folder)))


@dataclass(frozen=True)
class Watch:
    """A watched folder, and the files (size, time of change in ns) that were taken from it or were there before."""

    folder: str
    taken: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """How a person left one case: not evidence, so it lies beside the settings and not in the case."""

    selected: str = ""
    """SHA-256 of the exhibit that was shown."""
    tab: int = 0
    search: str = ""
    only: str = ""
    tag: str = ""
    order: int = 0
    paused: bool = False
    drafts: dict[str, str] = field(default_factory=dict)
    """Words that were typed and not yet recorded, by the SHA-256 of their exhibit."""
    coming: tuple[str, ...] = ()
    """Files and folders that were given to the window and are not all in the case yet."""
    watch: Watch | None = None


def memory_path() -> Path:
    """Where ``Memory`` is kept."""
    return data_dir() / "window-memory.json"


def desk_path(case_id: str) -> Path:
    """Where the ``Desk`` of a case is kept."""
    return data_dir() / "desks" / f"{_file_name(case_id)}.json"


def outboxes() -> Path:
    """The folder of all that is not stored in its case yet."""
    return data_dir() / "outbox"


def outbox(case_id: str) -> Path:
    """Where that is kept for one case."""
    return outboxes() / _file_name(case_id)


def _file_name(case_id: str) -> str:
    """A case's id is read from its file, which may be anybody's: one that Telltale did not make names no file of ours."""
    if len(case_id) == 32 and set(case_id) <= set("0123456789abcdef"):
        return case_id
    import hashlib

    return hashlib.sha256(case_id.encode("utf-8", "replace")).hexdigest()


def new_unnamed() -> Path:
    """A folder that does not exist yet, for a case without a name."""
    stem = datetime.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
    folder, number = data_dir() / "unnamed" / stem, 1
    while folder.exists():
        number += 1
        folder = data_dir() / "unnamed" / f"{stem} ({number})"
    return folder


def is_unnamed(folder: Path) -> bool:
    """Whether a case lies where the window puts those without a name."""
    return folder.parent == data_dir() / "unnamed"


def load(path: Path, kind: type[T]) -> T:
    """What a file holds; the defaults when there is none or it cannot be understood."""
    import msgspec  # not before the first frame is on screen

    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return kind()


def save(path: Path, value: Any) -> bool:
    """Write so that a crash leaves the old file or the new one. False when the disk will not take it."""
    import msgspec

    try:
        write_whole(path, msgspec.json.encode(value))
    except OSError as error:
        print(f"telltale: {path.name} was not saved: {error.strerror}", file=sys.stderr)  # noqa: T201
        return False
    return True
