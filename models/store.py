"""The store: one immutable folder per expert, named by the digest of its card.

An expert is written to a temporary folder beside its final place, hashed, synced and renamed, so that a crash at any point leaves either
nothing or the whole. Whatever a killed writer left is removed by the next one: a temporary whose lock can be taken has no living owner.
Nothing in the store is a link. Reading needs no write access, so a store works from read-only media.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.cards import CARD_NAME, Card, card_digest, check_files, file_sha256, load_card, parse_card
from models.errors import Cancelled, ExpertError
from models.locks import FileLock, hold
from models.places import data_dir, delete_folder, require_space, storage_error, sync_file, sync_folder, write_whole

_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_PREFIX = re.compile(r"^[0-9a-f]{6,64}$")
_INCOMING, _REMOVED, _LOCK, _DEFAULT = ".incoming-", ".removed-", ".lock", "default"
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_MAX_CARD = 64 << 20
_RENAMED = "the card is not the one that this folder was named after"

Progress = Callable[[str, float], None]
"""Called with the name of a file and the fraction (0 to 1) of the whole work that is done."""
IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class Stored:
    """One expert on this machine. ``card`` is None and ``problem`` says why when its folder is damaged."""

    path: Path
    digest: str
    card: Card | None
    bundled: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Verification:
    """The result of re-hashing one expert: ``problems`` is empty when it is what its name says."""

    path: Path
    digest: str
    files: dict[str, str]
    problems: tuple[str, ...]


def bundled_folder() -> Path:
    """Where the starter expert lies when the application ships with one."""
    return Path(__file__).parent / "starter" / "expert"


class Store:
    """The experts of one data folder, and the bundled one. Safe to use from several processes at once."""

    def __init__(self, root: Path | None = None, *, bundled: Path | None = None) -> None:
        """Take ``root`` (default: ``experts/`` in the data folder) and the bundled expert's folder; neither need exist."""
        self.root = data_dir() / "experts" if root is None else root
        self.bundled = bundled_folder() if bundled is None else bundled

    # Reading

    def experts(self) -> list[Stored]:
        """The bundled expert first, then the stored ones by id; damaged folders are listed with their problem."""
        found = [self._look(self.bundled, None)] if (self.bundled / CARD_NAME).is_file() else []
        try:
            names = [entry.name for entry in os.scandir(self.root) if _DIGEST.match(entry.name) and entry.is_dir(follow_symlinks=False)]
        except OSError:
            names = []
        bundled = {item.digest for item in found}
        stored = [self._look(self.root / name, name) for name in names if name not in bundled]
        return found + sorted(stored, key=lambda item: (item.card.id if item.card else "~", item.digest))

    def resolve(self, name: str | Path) -> Path:
        """The folder of an expert by id (``fakevlm``, or ``fakevlm:Q8_0`` when several are stored), digest prefix (6 or more) or path.

        Nothing is hashed. Raises ExpertError ``expert-unknown`` or ``expert-ambiguous``.
        """
        text = str(name)
        if isinstance(name, str) and not any(mark in text for mark in "/\\"):
            matches = self._matching(text)
            if len(matches) > 1:
                choices = ", ".join(f"{item.digest[:12]} ({item.card.language.type})" for item in matches if item.card)
                raise ExpertError("expert-ambiguous", f"several experts answer to this name; use one of {choices}")
            if matches:
                return matches[0].path
        folder = Path(text).expanduser()
        if (folder / CARD_NAME).is_file():
            return folder.absolute()
        raise ExpertError("expert-unknown", f"no expert has this id or digest, and no folder with an {CARD_NAME} this path; "
                                            "see `telltale models list`")

    def verified(self, name: str | Path) -> Path:
        """``resolve``, then hash every file against the card. Raises ExpertError also when the expert is damaged."""
        folder = self.resolve(name)
        check_files(folder, load_card(folder))
        if folder.parent == self.root and card_digest(_card_bytes(folder)) != folder.name:
            raise ExpertError("expert-damaged", f"{_RENAMED}; remove the expert and import it again")
        return folder

    def default_expert(self) -> Path:
        """The expert to use when none is named: the user's choice, else the bundled one, else the only one that is stored.

        Raises ExpertError ``expert-none``, also when the chosen one is gone.
        """
        chosen = self.default_name()
        usable = [item for item in self.experts() if item.card is not None]
        if chosen:
            there = [item.path for item in usable if item.digest == chosen]
            if not there:
                raise ExpertError("expert-none", "the default expert is gone; choose another with `telltale models default`")
            return there[0]
        if usable and (usable[0].bundled or len(usable) == 1):
            return usable[0].path
        if usable:
            raise ExpertError("expert-none", "several experts are stored and none is the default; name one with --expert or choose one")
        raise ExpertError("expert-none", "there is no expert on this machine; `telltale models list` shows what can be pulled or imported")

    def default_name(self) -> str:
        """Digest of the expert that the user chose as default, or an empty string."""
        try:
            text = (self.root / _DEFAULT).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
        return text if _DIGEST.match(text) else ""

    def verify(self, name: str | Path, *, progress: Progress | None = None) -> Verification:
        """Hash everything again. Raises ExpertError only when there is no such expert; what is wrong is in the result."""
        folder = self.resolve(name)
        data = _card_bytes(folder)
        digest, problems, hashes = card_digest(data), [], {}
        if folder.parent == self.root and digest != folder.name:
            problems.append(f"{CARD_NAME} has another digest than the folder's name")
        try:
            wanted = _contents(parse_card(data))
        except ExpertError as error:
            return Verification(folder, digest, {}, (*problems, error.message))
        for number, (file, sha256) in enumerate(wanted.items()):
            if progress:
                progress(file, number / len(wanted))
            path = folder / file
            if path.is_symlink() or not path.is_file():
                problems.append(f"{file} is missing or not a plain file")
                continue
            hashes[file] = file_sha256(path)
            if hashes[file] != sha256:
                problems.append(f"{file} is not the file that the card describes")
        if folder.parent == self.root:
            extra = sorted(entry.name for entry in folder.iterdir() if entry.name not in wanted and entry.name != CARD_NAME)
            problems += [f"{entry} does not belong to the expert" for entry in extra]
        return Verification(folder, digest, hashes, tuple(problems))

    # Writing

    def set_default(self, name: str | None) -> None:
        """Choose the expert that is used when none is named; None goes back to the bundled one. Raises ExpertError."""
        try:
            if name is None:
                (self.root / _DEFAULT).unlink(missing_ok=True)
            else:
                folder = self.resolve(name)
                if folder not in {item.path for item in self.experts()}:
                    raise ExpertError("expert-unknown", "only a stored or bundled expert can be the default; import this one first")
                write_whole(self.root / _DEFAULT, card_digest(_card_bytes(folder)).encode("ascii"))
        except OSError as error:
            raise storage_error(error) from None

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the store's own disk for as long as the ``with`` lasts; whatever was not committed is deleted.

        What earlier writers left when they were killed is deleted first. Raises ExpertError ``store-unwritable``, ``disk-full`` or
        ``store-busy``.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with hold(self.root / _LOCK):
                self._clean()
                folder = self.root / f"{_INCOMING}{secrets.token_hex(6)}"
                lock_path = folder.with_name(folder.name + _LOCK)
                folder.mkdir()
                lock = FileLock(lock_path)
        except OSError as error:
            raise storage_error(error) from None
        try:
            yield folder
        finally:
            with contextlib.suppress(OSError):
                delete_folder(folder)
            lock.release()
            with contextlib.suppress(OSError):
                lock_path.unlink()

    def commit(self, folder: Path, *, hashed: bool = False) -> Path:
        """Move a finished expert folder out of ``staging`` to its place and return that; only what its card names goes along.

        ``hashed``: the caller hashed the files while writing them. Raises ExpertError: the card's, ``expert-incomplete``,
        ``expert-damaged``, or a storage error.
        """
        data = _card_bytes(folder)
        card = parse_card(data)
        wanted = _contents(card)
        for name in wanted:
            if (folder / name).is_symlink() or not (folder / name).is_file():
                raise ExpertError("expert-incomplete", f"{name} is missing or not a plain file")
        if not hashed:
            check_files(folder, card)
        target = self.root / card_digest(data)
        try:
            for entry in list(folder.iterdir()):
                if entry.name in wanted or entry.name == CARD_NAME:
                    continue
                if entry.is_dir() and not entry.is_symlink():
                    delete_folder(entry)
                else:
                    entry.unlink()
            for name in (CARD_NAME, *wanted):
                sync_file(folder / name)
                (folder / name).chmod(0o444)
            sync_folder(folder)
            if self._whole(target):
                return target
            with hold(self.root / _LOCK):
                if target.exists():
                    self._discard(target)
                folder.rename(target)
                sync_folder(self.root)
        except OSError as error:
            raise storage_error(error) from None
        return target

    def add(self, source: Path, *, card: bytes | None = None, progress: Progress | None = None,
            cancelled: IsCancelled | None = None) -> Path:
        """Copy an expert from a folder (a stick, a conversion) into the store, hashing while copying; returns its new place.

        ``card`` is used instead of the folder's own ``expert.toml``. Raises ExpertError or Cancelled; then nothing was added.
        """
        data = _card_bytes(source) if card is None else card
        wanted = _contents(parse_card(data))
        for name in wanted:
            if not (source / name).is_file():
                raise ExpertError("expert-incomplete", f"{name} is missing beside the card")
        sizes = {name: (source / name).stat().st_size for name in wanted}
        with self.staging() as staging:
            require_space(self.root, sum(sizes.values()))
            folder, done = staging / "expert", 0
            try:
                folder.mkdir()
                for name, sha256 in wanted.items():
                    for piece in copy_hashed(source / name, folder / name, sha256, cancelled):
                        done += piece
                        if progress:
                            progress(name, done / max(1, sum(sizes.values())))
                (folder / CARD_NAME).write_bytes(data)
            except OSError as error:
                raise storage_error(error) from None
            return self.commit(folder, hashed=True)

    def remove(self, name: str | Path) -> None:
        """Delete a stored expert. Raises ExpertError ``expert-unknown``, ``expert-bundled`` or ``expert-in-use``."""
        matches = self._matching(str(name), damaged=True)
        folder = matches[0].path if len(matches) == 1 else self.resolve(name)
        if folder.parent != self.root:
            raise ExpertError("expert-bundled", "this expert is not in the store; it ships with the application or is a folder of yours")
        try:
            with hold(self.root / _LOCK):
                self._clean()
                self._discard(folder)
        except PermissionError:
            raise ExpertError("expert-in-use", "the expert is in use or protected; close other windows and try again") from None
        except OSError as error:
            raise storage_error(error) from None
        if self.default_name() == folder.name:
            self.set_default(None)

    def _matching(self, text: str, *, damaged: bool = False) -> list[Stored]:
        ident, _, kind = text.partition(":")
        usable = [item for item in self.experts() if item.card is not None or damaged]
        by_id = [item for item in usable if item.card and item.card.id == ident and kind in ("", item.card.language.type)]
        return by_id or [item for item in usable if _PREFIX.match(text) and item.digest.startswith(text)]

    def _look(self, folder: Path, digest: str | None) -> Stored:
        try:
            data = _card_bytes(folder)
            card = parse_card(data)
        except ExpertError as error:
            return Stored(folder, digest or "", None, digest is None, error.message)
        if digest is not None and card_digest(data) != digest:
            return Stored(folder, digest, None, False, _RENAMED)
        return Stored(folder, card_digest(data), card, digest is None)

    def _whole(self, folder: Path) -> bool:
        """Whether a stored expert exists and is undamaged."""
        try:
            return not self.verify(folder).problems
        except ExpertError:
            return False

    def _discard(self, folder: Path) -> None:
        """Take an expert away in one step (a rename), then delete it at leisure."""
        doomed = self.root / f"{_REMOVED}{secrets.token_hex(6)}"
        folder.rename(doomed)
        sync_folder(self.root)
        delete_folder(doomed)

    def _clean(self) -> None:
        """Delete what dead writers left. The caller holds the store's lock."""
        for entry in list(self.root.iterdir()):
            if entry.name.startswith(_REMOVED):
                delete_folder(entry)
            elif entry.name.startswith(_INCOMING) and entry.name.endswith(_LOCK):
                try:
                    lock = FileLock(entry)
                except BlockingIOError:
                    continue
                delete_folder(entry.with_name(entry.name.removesuffix(_LOCK)))
                lock.release()
                entry.unlink(missing_ok=True)
            elif entry.name.startswith(_INCOMING) and not entry.with_name(entry.name + _LOCK).exists():
                delete_folder(entry)


def copy_hashed(source: Path, target: Path, sha256: str, cancelled: IsCancelled | None = None) -> Iterator[int]:
    """Copy one file, yielding the size of each piece. Raises ExpertError ``expert-damaged`` when the bytes are not the expected ones."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("xb") as writing:
        while block := reading.read(1 << 20):
            if cancelled is not None and cancelled():
                raise Cancelled()
            writing.write(block)
            digest.update(block)
            yield len(block)
        writing.flush()
        os.fsync(writing.fileno())
    if digest.hexdigest() != sha256:
        raise ExpertError("expert-damaged", f"{target.name} is not the file that the card describes; copy or download it again")


def resolve(name: str | Path) -> Path:
    """``Store().resolve``: the folder of an expert by id, digest prefix or path."""
    return Store().resolve(name)


def default_expert() -> Path:
    """``Store().default_expert``: the folder of the expert to use when none is named."""
    return Store().default_expert()


def _contents(card: Card) -> dict[str, str]:
    """Files that belong to an expert, with their hashes. Raises ExpertError ``card-invalid`` for names that collide on some system."""
    parts = [(card.language.file, card.language.sha256), (card.projector.file, card.projector.sha256)]
    if card.reference is not None:
        parts.append((card.reference.file, card.reference.sha256))
    names = [name.casefold() for name, _ in parts]
    if len(set(names) | {CARD_NAME}) != len(parts) + 1 or any(_RESERVED.match(name) or name.endswith(".") for name in names):
        raise ExpertError("card-invalid", f"{CARD_NAME} is not a valid card: its file names collide or are not allowed on every system")
    return dict(parts)


def _card_bytes(folder: Path) -> bytes:
    """Raises ExpertError ``card-missing``, ``card-unreadable`` or ``card-invalid`` (unreasonably large)."""
    path = folder / CARD_NAME
    try:
        if path.stat().st_size > _MAX_CARD:
            raise ExpertError("card-invalid", f"{CARD_NAME} is not a valid card: it is too large")
        return path.read_bytes()
    except FileNotFoundError:
        raise ExpertError("card-missing", f"there is no {CARD_NAME} in this folder; it is not an expert") from None
    except OSError as error:
        raise ExpertError("card-unreadable", f"{CARD_NAME} cannot be read: {error.strerror}") from None
