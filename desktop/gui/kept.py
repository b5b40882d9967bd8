"""What the window asks of an open case: small steps on ``desktop.cases.Case``, run in the keeper's thread. No Qt."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.gui import places
from desktop.gui.item import Conclusion, Disposition, Item, Note, Turn
from desktop.gui.places import Desk, Memory
from desktop.gui.seam import Failed, Source
from desktop.gui.state import ASIDE, State
from models.errors import CaseError, TelltaleError

if TYPE_CHECKING:
    from desktop import document
    from desktop.cases import Case, CheckResult, Entry, Exhibit
    from desktop.gui.outbox import Left
    from desktop.report import CaseContext

_ROOM = 32_000_000
"""Bytes that copies of pictures leave free, so that findings and words can be written when there is no room for pictures any more."""


@dataclass(frozen=True)
class Opened:
    """The case that is open now."""

    folder: Path
    id: str
    title: str
    number: str
    read_only: bool
    items: tuple[Item, ...]
    desk: Desk
    memory: Memory
    missed: tuple[Path, Failed] | None = None
    """The case that was open last and could not be opened, where this one was opened instead."""
    missed_words: int = 0
    """How many things that were said of that one wait for it on this computer."""
    left: Left | None = None
    """What an earlier window could not store in this case."""


@dataclass(frozen=True)
class Details:
    """What is only read of an exhibit when somebody looks at it."""

    analysis: document.Analysis | None
    failure: Failed | None
    entry: int | None
    dispositions: dict[str, Disposition]
    notes: tuple[Note, ...]
    turns: tuple[Turn, ...]
    conclusion: Conclusion


@dataclass(frozen=True)
class Logged:
    """One line of the custody log for people."""

    number: int
    at: str
    who: str
    event: str
    exhibit: int | None
    details: str
    hash: str


def opened(case: Case, forget: Path | None = None, missed: tuple[Path, Failed] | None = None) -> Opened:
    """The case with its exhibits as the list shows them, and how a person left it; from now on it is the one that was open last."""
    from desktop.gui import outbox

    info = case.info
    items = tuple(_item(case, row) for row in case.exhibits())
    memory = places.load(places.memory_path(), Memory)
    memory = (memory.without(forget) if forget is not None else memory).with_case(case.folder, info.title)
    places.save(places.memory_path(), memory)
    desk = places.load(places.desk_path(info.id), Desk)
    words = outbox.count_for(missed[0]) if missed is not None else 0
    left = outbox.restore(case)
    return Opened(case.folder, info.id, info.title, info.number, case.read_only, items, desk, memory, missed, words, left)


class First:
    """Opens the case that was open last, or else a new one without a name."""

    def __init__(self) -> None:
        self.missed: tuple[Path, Failed] | None = None

    def make(self) -> Case:
        """The case. Raises CaseError when not even a new one can be made."""
        last = places.load(places.memory_path(), Memory).last
        if last:
            try:
                return open_case(Path(last))
            except TelltaleError as error:
                if not places.is_unnamed(Path(last)) or error.code != "case-unreadable":
                    self.missed = Path(last), Failed(error.code, error.message)
        return create_unnamed()

    def tell(self, case: Case) -> Opened:
        """What was opened, and what was not."""
        return opened(case, missed=self.missed)


def _item(case: Case, row: Exhibit) -> Item:
    tags = tuple(tag for tag in row.tags if tag != ASIDE)
    item = Item(0, case.exhibit_files.path(row.sha256), row.name, exhibit=row.id, sha256=row.sha256, tags=tags, aside=ASIDE in row.tags)
    item.loaded = False
    if row.state == "done":
        item.state, item.kept_outcome, item.kept_log_odds = State.DONE, row.outcome, row.log_odds
    elif row.state == "failed":
        item.state = State.CANCELLED if row.outcome == "cancelled" else State.FAILED
        item.failure = Failed(row.outcome, row.outcome)
    elif row.state == "stored":
        item.state = State.CANCELLED
    return item


def take(case: Case, source: Source, name: str, settings: dict[str, str]) -> tuple[Exhibit, Path]:
    """Copy a picture file into the case and ask for its analysis. Raises CaseError, and InputError for what is no file to examine."""
    size = len(source) if isinstance(source, bytes) else _size(source)
    from desktop.intake.limits import Limits
    from desktop.intake.problems import problem

    if size == 0:
        raise problem("picture-empty")
    if size > Limits().file_bytes:
        raise problem("picture-too-large-file")
    place = shutil.disk_usage(case.folder)
    if place.free < size + min(_ROOM, place.total // 20):
        raise CaseError("disk-full", f"There is no room for {name} on the disk of the case.")
    row = case.add(source, name=name, settings=settings)
    return row, case.exhibit_files.path(row.sha256)


def _size(path: Path) -> int:
    from desktop.intake.problems import problem

    try:
        facts = path.stat()
    except FileNotFoundError:
        raise problem("picture-not-found") from None
    except PermissionError:
        raise problem("picture-no-permission") from None
    except OSError:
        raise problem("picture-not-readable") from None
    if not stat.S_ISREG(facts.st_mode):
        raise problem("picture-not-a-file")
    return facts.st_size


def record(case: Case, exhibit: int, outcome: document.Analysis | Failed, name: str) -> tuple[Entry, bool]:
    """Record how an analysis ended; whether another one of the same exhibit is still asked for. Done twice, it is recorded once."""
    from desktop import document

    waiting = case.pending_of(exhibit)
    if isinstance(outcome, Failed):
        data = document.encode(document.Failure(document.ERROR_SCHEMA, name, outcome.code, outcome.message))
    else:
        data = document.encode(outcome)
    if waiting:
        return case.record(waiting[0], data), len(waiting) > 1
    entries = case.analyses(exhibit)
    if entries and case.document(entries[-1].id) == data:
        return entries[-1], False
    return case.record(case.request(exhibit), data), False


def again(case: Case, exhibits: Iterable[int], wish: Mapping[str, str]) -> None:
    """Ask once more, in the way that is wished now."""
    with case.transaction():
        for exhibit in exhibits:
            case.request(exhibit, wish)


def cancelled(case: Case, exhibits: Iterable[int]) -> None:
    """Record that a person stopped these before they began."""
    why = Failed("cancelled", "cancelled")
    with case.transaction():
        for exhibit in exhibits:
            for _ in case.pending_of(exhibit):
                record(case, exhibit, why, "")


def verify(case: Case, exhibit: int) -> None:
    """Make sure that an exhibit's file is there and unchanged. Raises VerificationError."""
    ((digest, long_digest),) = case.rows("SELECT sha256, sha512 FROM exhibit WHERE id = ?", (exhibit,))
    case.exhibit_files.verify(str(digest), str(long_digest))


def details(case: Case, exhibit: int) -> Details:
    """The latest analysis of an exhibit and what people said of it."""
    import msgspec

    from desktop import document

    entries = case.analyses(exhibit)
    analysis, failure = None, None
    entry = entries[-1] if entries else None
    if entry is not None:
        data = case.document(entry.id)
        if entry.kind == "analysis":
            analysis = document.decode(data)
        else:
            failed = msgspec.json.decode(data, type=document.Failure)
            failure = Failed(failed.code, failed.message)
    said: dict[str, Disposition] = {} if entry is None else {claim: value.value for claim, value in case.dispositions(entry.id).items()}
    concluded = case.conclusion(exhibit)
    conclusion = concluded.value if concluded is not None else "none"
    turns = tuple(Turn(answer.question, answer.text, "done") for answer in case.answers(exhibit))
    return Details(analysis, failure, None if entry is None else entry.id, said, notes(case, exhibit), turns, conclusion)


def notes(case: Case, exhibit: int) -> tuple[Note, ...]:
    """The notes on an exhibit."""
    return tuple(Note(note.text, note.at, note.who) for note in case.notes(exhibit))


def write_note(case: Case, exhibit: int, text: str) -> tuple[Note, ...]:
    """Add a note, unless it is the last one already, and give all of them."""
    before = case.notes(exhibit)
    if not before or before[-1].text != text.strip() or before[-1].who != case.who:
        case.note(exhibit, text)
    return notes(case, exhibit)


def judge(case: Case, entry: int, claim: str, value: Disposition) -> None:
    """Record the examiner's judgement of a claim, or that it is taken back."""
    if value == "open":
        case.withdraw(entry, claim)
    else:
        case.dispose(entry, claim, value)


def change_tags(case: Case, exhibits: Sequence[int], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Put tags on and take tags off."""
    with case.transaction():
        for exhibit in exhibits:
            for tag in add:
                case.tag(exhibit, tag)
            for tag in remove:
                case.untag(exhibit, tag)


def search(case: Case, words: str) -> frozenset[int]:
    """Exhibits in whose names, hashes, notes, tags or explanations all the words are."""
    return frozenset(row.id for row in case.exhibits(text=words))


def custody(case: Case, exhibit: int | None) -> tuple[Logged, ...]:
    """The custody log of the case, or of one exhibit."""
    if exhibit is None:
        found = case.rows("SELECT exhibit, line FROM custody ORDER BY seq")
    else:
        found = case.rows("SELECT exhibit, line FROM custody WHERE exhibit = ? ORDER BY seq", (exhibit,))
    return tuple(_logged(about, str(line)) for about, line in found)


def _logged(about: Any, line: str) -> Logged:
    entry = json.loads(line)
    said = {key: value for key, value in entry.get("details", {}).items() if key not in ("table", "row", "digest")}
    words = ", ".join(f"{key}: {value}" for key, value in said.items() if value not in ("", None, {}, []))
    return Logged(entry["seq"], entry["at"], entry["who"], entry["event"], about, words, entry["hash"])


def check(case: Case) -> CheckResult:
    """Check everything in the case."""
    return case.check()


def context(case: Case, exhibit: int) -> tuple[CaseContext, bytes] | None:
    """What a report about an exhibit's latest analysis prints of the case, and the received bytes; None before there is an analysis."""
    from desktop.case_report import context_of

    entries = [entry for entry in case.analyses(exhibit) if entry.kind == "analysis"]
    return (context_of(case, entries[-1]), case.read(exhibit)) if entries else None


def create(folder: Path, title: str, number: str = "", request: str = "", propositions: tuple[str, ...] = ()) -> Case:
    """Make a case. Raises CaseError."""
    from desktop.cases import Case

    return Case.create(folder, title=title, number=number, request=request, propositions=propositions)


def create_unnamed() -> Case:
    """Make a case without a name. Raises CaseError."""
    folder = places.new_unnamed()
    return create(folder, folder.name)


def open_case(folder: Path, *, read_only: bool = False) -> Case:
    """Open a case. Raises CaseError."""
    from desktop.cases import Case

    return Case.open(folder, read_only=read_only)


def move(old: Path, new: Path, title: str, number: str, request: str, propositions: tuple[str, ...]) -> Case:
    """Give a closed case its own folder and name, and open it there. Raises CaseError; then it is where it was."""
    from desktop.cases import Case

    if new.exists() and (not new.is_dir() or any(new.iterdir())):
        raise CaseError("case-exists", "The folder is not empty; a case needs a folder of its own.")
    try:
        if new.exists():
            new.rmdir()
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
    except OSError:  # on another disk: a checked copy, and only then is the first one taken away
        with Case.open(old) as case:
            try:
                case.backup(new)
            except TelltaleError:
                shutil.rmtree(new, ignore_errors=True)
                raise
        shutil.rmtree(old, ignore_errors=True)
    case = Case.open(new)
    case.describe(title=title, number=number, request=request, propositions=propositions)
    return case
