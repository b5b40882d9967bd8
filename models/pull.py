"""Fetching a checkpoint from the model hub: the only part of Telltale that goes online, and only when a person asks for it.

The installed application can leave this module out. ``huggingface_hub`` speaks the protocol; files come in pieces that survive cut
connections and killed processes (``*.part``, taken up where it ended), are checked against the hub's own hashes, and stay at one commit.
What is fetched is handed to a ``convert`` callable of the caller; this module knows nothing of conversion.
"""

import contextlib
import fnmatch
import hashlib
import importlib.util
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import msgspec

from models.cards import CARD_NAME, Licence, dump_card, load_card
from models.catalogue import Entry
from models.errors import Cancelled, ExpertError
from models.locks import hold
from models.places import data_dir, delete_folder, require_space, storage_error, write_whole
from models.store import IsCancelled, Progress, Store

WANTED = ("*.safetensors", "*.safetensors.index.json", "*.json", "tokenizer.model", "LICENSE*", "LICENCE*", "README.md")
_TERMS = ("LICENSE*", "LICENCE*")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
_TRIES = 5
"""How often a file is tried again without a single new byte."""


class RemoteFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the checkpoint. One of the hashes is there: ``sha256`` of large files, ``git_sha1`` (of the Git blob) of small ones."""

    name: str
    bytes: int
    sha256: str = ""
    git_sha1: str = ""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would be fetched, at one commit."""

    repository: str
    commit: str
    files: tuple[RemoteFile, ...]
    declared_licence: str = ""
    """What the hub page says today; the catalogue's own text may be older."""

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class Terms:
    """What a person has to accept before anything large is fetched."""

    name: str
    licence: str
    text: str
    declared: str
    training_data: str
    bytes: int


@dataclass(frozen=True)
class Checkpoint:
    """A fetched checkpoint, for conversion."""

    folder: Path
    entry: Entry
    commit: str
    sha256: dict[str, str]
    licence: Licence
    """The terms as they were shown and accepted."""


AcceptTerms = Callable[[Terms], bool]
Convert = Callable[[Checkpoint, Path], None]
"""``convert(checkpoint, out)`` writes an expert folder (card and files) to ``out``, which does not exist yet."""


def installed() -> bool:
    """Whether this copy of Telltale can pull at all; imports nothing of the client."""
    return importlib.util.find_spec("huggingface_hub") is not None


def pull(entry: Entry, convert: Convert, *, accept: AcceptTerms, store: Store | None = None, endpoint: str | None = None,
         revision: str | None = None, keep: bool = False, progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Path:
    """Fetch, convert and store one model of the catalogue; returns its folder in the store.

    Interrupted, it goes on where it was at the next call. ``keep`` leaves the checkpoint on the disk. Raises ExpertError
    (``pull-…``, ``licence-not-accepted``, ``disk-full``), Cancelled, and whatever ``convert`` raises.
    """
    store = Store() if store is None else store
    checkpoint = fetch(entry, accept=accept, endpoint=endpoint, revision=revision, spare=entry.hardware.disk_bytes, progress=progress,
                       cancelled=cancelled)
    require_space(store.root, entry.hardware.disk_bytes)
    with store.staging() as staging:
        convert(checkpoint, staging / "expert")
        # The card carries the terms that were accepted, not what a recipe knew of them.
        card = msgspec.structs.replace(load_card(staging / "expert"), licence=checkpoint.licence)
        (staging / "expert" / CARD_NAME).write_bytes(dump_card(card))
        place = store.commit(staging / "expert")
    if not keep:
        delete_folder(checkpoint.folder.parent)
    return place


def fetch(entry: Entry, *, accept: AcceptTerms, endpoint: str | None = None, revision: str | None = None,
          folder: Path | None = None, spare: int = 0, progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Checkpoint:
    """Fetch a checkpoint to ``folder`` (default: ``downloads/<id>`` in the data folder), or what is still missing of it.

    ``revision`` (a commit or branch) overrides the catalogue's; a branch is looked up once and pinned. ``spare`` bytes of disk must be
    left when all is there. Raises ExpertError or Cancelled.
    """
    if entry.source is None:
        raise ExpertError("pull-bundled", "this expert ships with the application; there is nothing to pull")
    hub = _hub()
    place = data_dir() / "downloads" / entry.id if folder is None else folder
    try:
        place.mkdir(parents=True, exist_ok=True)
        with hold(place / ".lock", wait_s=0.0):
            plan = _pinned_plan(hub, entry, place, endpoint, revision)
            target = place / "checkpoint"
            target.mkdir(exist_ok=True)
            missing = [file for file in plan.files if not _is_there(target / file.name, file)]
            require_space(target, sum(file.bytes - _size(target / f"{file.name}.part") for file in missing) + spare)
            fetcher = _Fetcher(hub, plan, target, endpoint=endpoint, progress=progress, cancelled=cancelled)
            terms_files = [file for file in plan.files if _matches(file.name, _TERMS) and file.bytes < 1 << 20]
            for file in terms_files:
                fetcher.get(file)
            licence = _agreed(entry, plan, [target / file.name for file in terms_files], accept)
            sha256 = {file.name: fetcher.get(file) for file in plan.files}
    except OSError as error:
        raise storage_error(error) from None
    return Checkpoint(target, entry, plan.commit, sha256, licence)


def look_up(entry: Entry, *, endpoint: str | None = None, revision: str | None = None) -> Plan:
    """Ask the hub what there is to fetch.

    Raises ExpertError ``pull-not-found``, ``pull-revision-missing``, ``pull-offline``, ``pull-gated``, ``pull-no-safetensors`` or
    ``pull-protocol``.
    """
    if entry.source is None:
        raise ExpertError("pull-bundled", "this expert ships with the application; there is nothing to pull")
    return _plan(_hub(), entry.source.repository, revision or entry.source.revision or "main", endpoint)


def _pinned_plan(hub: Any, entry: Entry, place: Path, endpoint: str | None, revision: str | None) -> Plan:
    """The plan of an interrupted download if it is for the same thing, else a new one."""
    assert entry.source is not None  # noqa: S101 - for the type checker; the callers have looked
    wanted = revision or entry.source.revision
    record = place / "plan.json"
    begun: Plan | None = None
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        begun = msgspec.json.decode(record.read_bytes(), type=Plan)
    if begun is not None and begun.repository == entry.source.repository and wanted in ("", begun.commit):
        return begun
    plan = _plan(hub, entry.source.repository, wanted or "main", endpoint)
    if begun is None or begun.commit != plan.commit:
        # Pieces of another commit; whole files are compared with their hashes and may stay.
        for stale in (place / "checkpoint").glob("*.part"):
            stale.unlink()
    write_whole(record, msgspec.json.encode(plan))
    return plan


def _plan(hub: Any, repository: str, revision: str, endpoint: str | None) -> Plan:
    with _coded(hub):
        info = hub.api(endpoint).model_info(repository, revision=revision, files_metadata=True, timeout=30)
    files = []
    for item in info.siblings or ():
        if _matches(item.rfilename, WANTED) and _NAME.match(item.rfilename) and item.size is not None:
            sha256 = item.lfs.sha256 if item.lfs else ""
            files.append(RemoteFile(item.rfilename, item.size, sha256, "" if sha256 else item.blob_id or ""))
    if not any(file.name.endswith(".safetensors") for file in files):
        raise ExpertError("pull-no-safetensors", "this repository has no safetensors files; Telltale reads no pickle checkpoints")
    if not re.fullmatch(r"[0-9a-f]{40}", info.sha or "") or any(not (file.sha256 or file.git_sha1) for file in files):
        raise ExpertError("pull-protocol", "the hub's answer lacks hashes; nothing was fetched")
    declared = getattr(info.card_data, "license", None) or ""
    return Plan(repository, info.sha, tuple(sorted(files, key=lambda file: (file.bytes, file.name))), str(declared)[:200])


def _agreed(entry: Entry, plan: Plan, texts: list[Path], accept: AcceptTerms) -> Licence:
    """Show the catalogue's terms and the repository's own. Raises ExpertError ``licence-not-accepted``."""
    text = "\n\n".join([entry.licence.text.strip(), *(path.read_text(encoding="utf-8", errors="replace") for path in texts)])
    if not accept(Terms(entry.name, entry.licence.id, text, plan.declared_licence, entry.licence.training_data, plan.bytes)):
        raise ExpertError("licence-not-accepted", "the licence was not accepted; no weights were fetched")
    return Licence(plan.declared_licence or entry.licence.id, text, entry.licence.training_data)


class _Fetcher:
    """Fetches the files of one plan into one folder."""

    def __init__(self, hub: Any, plan: Plan, target: Path, *, endpoint: str | None, progress: Progress | None,
                 cancelled: IsCancelled | None) -> None:
        self._hub, self._plan, self._target, self._endpoint = hub, plan, target, endpoint
        self._progress, self._cancelled = progress, cancelled
        self._done: dict[str, int] = {}
        self._known: dict[str, str] = {}

    def get(self, file: RemoteFile) -> str:
        """Make sure that one file is there, whole and right; returns its SHA-256."""
        if file.name in self._known:
            return self._known[file.name]
        path = self._target / file.name
        sha256 = self._hash(file, path) if _is_there(path, file) else ""
        if not sha256:
            part = path.with_name(f"{file.name}.part")
            self._fetch(file, part)
            sha256 = self._hash(file, part)
            if not sha256:
                part.unlink()
                raise ExpertError("pull-damaged", f"{file.name} arrived damaged and was thrown away; try again")
            part.replace(path)
        self._known[file.name] = sha256
        return sha256

    def _hash(self, file: RemoteFile, path: Path) -> str:
        """SHA-256 of a fetched file, or an empty string when its bytes are not those that the hub announced."""
        sha256, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % file.bytes, usedforsecurity=False)
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                self._tell(file, file.bytes)
                sha256.update(block)
                if not file.sha256:
                    blob.update(block)
        right = sha256.hexdigest() == file.sha256 if file.sha256 else blob.hexdigest() == file.git_sha1
        return sha256.hexdigest() if right else ""

    def _fetch(self, file: RemoteFile, part: Path) -> None:
        """Bring ``part`` to its full size, taking up where it ended; gives up after several tries without a new byte."""
        url = self._hub.url(self._plan.repository, file.name, revision=self._plan.commit, endpoint=self._endpoint)
        tries = 0
        while True:
            before = _size(part)
            if before > file.bytes:
                part.unlink()
                before = 0
            try:
                with part.open("r+b" if part.exists() else "xb") as stream:
                    stream.seek(before)
                    if before < file.bytes:
                        self._request(file, url, stream, before)
                    stream.flush()
                    os.fsync(stream.fileno())
                return
            except ExpertError as error:
                if error.code != "pull-offline":
                    raise
                tries = 0 if _size(part) > before else tries + 1
                if tries >= _TRIES:
                    raise
                time.sleep(min(0.2 * 2**tries, 5.0))

    def _request(self, file: RemoteFile, url: str, stream: IO[bytes], at: int) -> None:
        """Write the bytes from ``at`` on, every one that arrives. Raises ExpertError ``pull-offline`` when the line breaks."""
        token = os.environ.get("HF_TOKEN") or False
        with _coded(self._hub):
            metadata = self._hub.metadata(url, token=token, timeout=30, endpoint=self._endpoint)
            if metadata.commit_hash != self._plan.commit or (metadata.size is not None and metadata.size != file.bytes):
                raise ExpertError("pull-protocol", "the hub's answers disagree with each other; nothing more was fetched")
            # A location on another host is a signed address of its storage, which must not see the user's token.
            own = metadata.location.split("/")[2] == url.split("/")[2]
            headers = {**self._hub.headers(token=token if own else False), "Accept-Encoding": "identity"}
            if at:
                headers["Range"] = f"bytes={at}-"
            with self._hub.session().stream("GET", metadata.location, headers=headers, timeout=30, follow_redirects=True) as response:
                self._hub.check(response)
                if at and response.status_code != 206:
                    # The server gives everything from the start, whatever was asked.
                    at = stream.seek(0)
                    stream.truncate()
                for piece in response.iter_raw():
                    try:
                        at += stream.write(piece)
                    except OSError as error:
                        raise storage_error(error) from None
                    self._tell(file, at)
                    if at > file.bytes:
                        raise ExpertError("pull-protocol", f"{file.name} is longer than the hub announced; nothing more was fetched")
            if at < file.bytes:
                raise ExpertError("pull-offline", "the connection to the hub ended early; try again later, what was fetched is kept")

    def _tell(self, file: RemoteFile, at: int) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled()
        self._done[file.name] = at
        if self._progress is not None:
            self._progress(file.name, sum(self._done.values()) / max(1, self._plan.bytes))


def _hub() -> Any:
    """The hub client, imported only now. Raises ExpertError ``pull-not-installed``."""
    # Read when the client is imported: no usage reports, plain resumable downloads, no progress bars, no token that was not given.
    for name in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        os.environ[name] = "1"
    try:
        import huggingface_hub
        from huggingface_hub import errors
        from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status, logging
    except ImportError:
        raise ExpertError("pull-not-installed", "this installation cannot download models; get the model elsewhere and import it, "
                                                "or install telltale[pull]") from None
    logging.set_verbosity_error()

    def api(endpoint: str | None) -> Any:
        return huggingface_hub.HfApi(endpoint=endpoint, token=os.environ.get("HF_TOKEN") or False, library_name="telltale")

    def headers(token: str | bool) -> Any:
        return build_hf_headers(token=token, library_name="telltale")

    return SimpleNamespace(api=api, url=huggingface_hub.hf_hub_url, metadata=huggingface_hub.get_hf_file_metadata, session=get_session,
                           check=hf_raise_for_status, headers=headers, errors=errors)


@contextlib.contextmanager
def _coded(hub: Any) -> Any:
    """Turn the client's errors into coded ones."""
    errors = hub.errors
    try:
        yield
    except (ExpertError, Cancelled):
        raise
    except errors.GatedRepoError:
        raise ExpertError("pull-gated", "the repository wants you to agree to its terms on its page first; do so, then give your token "
                                        "in HF_TOKEN") from None
    except errors.RevisionNotFoundError:
        raise _no_revision() from None
    except (errors.RepositoryNotFoundError, errors.EntryNotFoundError):
        raise ExpertError("pull-not-found", "the hub has no such repository or file; it may have been withdrawn") from None
    except errors.OfflineModeIsEnabled:
        raise ExpertError("pull-offline-mode", "HF_HUB_OFFLINE forbids going online; unset it to pull") from None
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        if status in (401, 403):
            raise ExpertError("pull-forbidden", "the hub refuses this request; the repository may be private") from None
        if status in (400, 422):
            raise _no_revision() from None  # what it says to a revision that cannot be one
        raise ExpertError("pull-offline", f"the hub answered with error {status}; try again later, what was fetched is kept") from None
    except Exception as error:
        # The client's transport raises types of whichever HTTP library it uses, which differ between its versions; all mean a broken line.
        if isinstance(error, (TypeError, AttributeError, AssertionError)):
            raise
        raise ExpertError("pull-offline", "the connection to the hub failed; try again later, what was fetched is kept") from None


def _no_revision() -> ExpertError:
    return ExpertError("pull-revision-missing", "the hub has no such revision of this repository; nothing was fetched, what was begun "
                                                "is kept; --revision main takes the newest")


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_there(path: Path, file: RemoteFile) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes
