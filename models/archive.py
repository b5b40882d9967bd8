"""An expert as one file for a stick: a plain tar with a manifest, the card, the licence and the two models; signed if there is a key.

Order inside: ``manifest.json``, ``manifest.sig.json`` (which says so when there is no signature), ``LICENCE.txt``, ``expert.toml``, then
the expert's files. The signature is Ed25519 over the manifest's bytes, and the manifest holds the SHA-256 of everything else. A signature
says who made the archive only to those who know the key from elsewhere; the key inside is shown, never trusted.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Annotated, Any, BinaryIO, Literal

import msgspec
from msgspec import Meta

from models import tar
from models.cards import CARD_NAME, Card, Licence, Sha256, card_digest, load_card, parse_card
from models.errors import Cancelled, ExpertError, UsageError
from models.places import open_file, require_space, storage_error, sync_folder
from models.store import IsCancelled, Progress, Store

MANIFEST, SIGNATURE, LICENCE = "manifest.json", "manifest.sig.json", "LICENCE.txt"
_MAX_SMALL, _MAX_FILES = 64 << 20, 8
"""Most bytes of the manifest, the licence and the card; most files."""


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the archive."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    bytes: Annotated[int, Meta(ge=0)]
    sha256: Sha256


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in the archive, in order."""

    schema: Literal["telltale.archive/1"]
    card_sha256: Sha256
    files: tuple[Item, ...]


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    algorithm: Literal["ed25519", "none"]
    public_key: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    signature: Annotated[str, Meta(pattern="^([0-9a-f]{128})?$")] = ""


@dataclass(frozen=True)
class Origin:
    """Who made an archive, as far as can be said: ``unsigned``, ``signed`` (key not known here), ``trusted`` (one of the given keys)."""

    state: Literal["unsigned", "signed", "trusted"]
    public_key: str = ""


@dataclass(frozen=True)
class ArchiveTerms:
    """What a person has to accept before an archive is taken in."""

    name: str
    licence: Licence
    text: str
    origin: Origin


AcceptArchive = Callable[[ArchiveTerms], bool]


def export_expert(folder: Path, target: Path, *, key: Path | None = None, progress: Progress | None = None,
                  cancelled: IsCancelled | None = None) -> Origin:
    """Write the expert in ``folder`` to the new file ``target``, signed with the Ed25519 key in PEM file ``key`` if there is one.

    Everything is hashed against the card on the way. Raises UsageError ``output-exists``, ``key-unusable``, ``signing-not-installed``;
    ExpertError for the expert or the disk; Cancelled. On failure ``target`` does not exist.
    """
    if target.exists():
        raise UsageError("output-exists", "there is already a file of this name; choose another")
    signer = None if key is None else _load_key(key)
    card = load_card(folder)
    data = (folder / CARD_NAME).read_bytes()
    wanted = _contents(card)
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing:
        raise ExpertError("expert-incomplete", f"{missing[0]} is missing beside the card")
    text = licence_text(card.licence)
    files = [Item(LICENCE, len(text), hashlib.sha256(text).hexdigest()), Item(CARD_NAME, len(data), card_digest(data))]
    files += [Item(name, (folder / name).stat().st_size, sha256) for name, sha256 in wanted.items()]
    manifest = msgspec.json.encode(Manifest("telltale.archive/1", card_digest(data), tuple(files)))
    signature, origin = _Signature("none"), Origin("unsigned")
    if signer is not None:
        public = signer.public_key().public_bytes_raw().hex()
        signature, origin = _Signature("ed25519", public, signer.sign(manifest).hex()), Origin("signed", public)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        require_space(target.parent, sum(item.bytes + 2 * tar.BLOCK for item in files))
        with temporary.open("xb") as out:
            for name, content in zip((MANIFEST, SIGNATURE, LICENCE, CARD_NAME),
                                     (manifest, msgspec.json.encode(signature), text, data), strict=True):
                out.write(tar.header(tar.Member(name, len(content))) + content + tar.padding(len(content)))
            total, done = max(1, sum(item.bytes for item in files[2:])), 0
            for item in files[2:]:
                out.write(tar.header(tar.Member(item.name, item.bytes)))
                with (folder / item.name).open("rb") as stream:
                    done = _pour(stream, out, item, (done, total), progress=progress, cancelled=cancelled)
                out.write(tar.padding(item.bytes))
            out.write(tar.END)
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise storage_error(error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return origin


def import_archive(path: Path, *, accept: AcceptArchive, store: Store | None = None, trusted: Sequence[str] = (),
                   progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Path:
    """Take the expert out of an archive into the store; returns its folder there.

    ``trusted``: public keys (64 hex digits); with any given, only archives signed by one of them are taken. Raises ExpertError
    ``archive-missing``, ``archive-unreadable``, ``archive-invalid``, ``archive-signature``, ``archive-untrusted``,
    ``licence-not-accepted``, ``signing-not-installed``, the card's and the store's; Cancelled. On failure nothing was added.
    """
    store = Store() if store is None else store
    try:
        with _opened(path) as stream, store.staging() as staging:
            walk = tar.members(stream, os.fstat(stream.fileno()).st_size)
            manifest, origin = _manifest(stream, walk, trusted)
            require_space(store.root, sum(item.bytes for item in manifest.files))
            folder = staging / "expert"
            folder.mkdir()
            done, total = 0, max(1, sum(item.bytes for item in manifest.files))
            for item in manifest.files:
                if next(walk, None) != tar.Member(item.name, item.bytes):
                    raise _invalid("it has other files than its manifest says")
                with (folder / item.name).open("xb") as out:
                    done = _pour(stream, out, item, (done, total), progress=progress, cancelled=cancelled)
                    out.flush()
                    os.fsync(out.fileno())
                if item.name == CARD_NAME:
                    # Before the large files come: whoever says no has not waited.
                    _agree(folder, manifest, origin, accept)
            if next(walk, None) is not None:
                raise _invalid("it has more files than its manifest says")
            return store.commit(folder, hashed=True)
    except OSError as error:
        raise storage_error(error) from None


def _opened(path: Path) -> BinaryIO:
    try:
        return open_file(path)
    except FileNotFoundError:
        raise ExpertError("archive-missing", "there is no such file") from None
    except OSError as error:
        raise ExpertError("archive-unreadable", f"the archive cannot be read: {error.strerror}") from None


def licence_text(licence: Licence) -> bytes:
    """The content of LICENCE.txt."""
    parts = [f"Licence: {licence.id}", licence.text.strip(), f"Trained on: {licence.training_data}" if licence.training_data else ""]
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def _manifest(stream: IO[bytes], walk: Iterator[tar.Member], trusted: Sequence[str]) -> tuple[Manifest, Origin]:
    """Read the first two members and check the signature."""
    data = _small(stream, walk, MANIFEST)
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
        signature = msgspec.json.decode(_small(stream, walk, SIGNATURE), type=_Signature)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _invalid("its manifest is not valid") from None
    names = [item.name for item in manifest.files]
    folded = {name.casefold() for name in names}
    if names[:2] != [LICENCE, CARD_NAME] or len(folded) != len(names) or not 4 <= len(names) <= _MAX_FILES:
        raise _invalid("its manifest is not valid")
    if any(item.bytes > _MAX_SMALL for item in manifest.files[:2]):
        raise _invalid("its licence or card is too large")
    return manifest, _origin(data, signature, trusted)


def _small(stream: IO[bytes], walk: Iterator[tar.Member], name: str) -> bytes:
    member = next(walk, None)
    if member is None or member.name != name or member.size > _MAX_SMALL:
        raise _invalid(f"it has no {name} at its beginning")
    return stream.read(member.size)


def _origin(manifest: bytes, signature: _Signature, trusted: Sequence[str]) -> Origin:
    """Check the signature. Raises ExpertError ``archive-signature`` or ``archive-untrusted``."""
    if signature.algorithm == "none":
        if trusted:
            raise ExpertError("archive-untrusted", "this archive is not signed, and only archives signed by the given keys are wanted")
        return Origin("unsigned")
    crypto = _crypto()
    try:
        public = crypto.Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
        public.verify(bytes.fromhex(signature.signature), manifest)
    except (ValueError, crypto.InvalidSignature):
        raise ExpertError("archive-signature", "the archive's signature does not fit; it was changed after it was signed") from None
    if trusted and signature.public_key not in trusted:
        raise ExpertError("archive-untrusted", "this archive is signed by another key than the given ones")
    return Origin("trusted" if trusted else "signed", signature.public_key)


def _agree(folder: Path, manifest: Manifest, origin: Origin, accept: AcceptArchive) -> None:
    """Compare card and manifest, and show the licence."""
    data = (folder / CARD_NAME).read_bytes()
    card = parse_card(data)
    hashes = {item.name: item.sha256 for item in manifest.files[2:]}
    wanted = _contents(card)
    if card_digest(data) != manifest.card_sha256 or hashes != wanted:
        raise _invalid("its card describes other files")
    text = (folder / LICENCE).read_bytes()
    if text != licence_text(card.licence):
        raise _invalid("its licence is not the one in its card")
    if not accept(ArchiveTerms(card.name, card.licence, text.decode("utf-8"), origin)):
        raise ExpertError("licence-not-accepted", "the licence was not accepted; nothing was imported")


def _contents(card: Card) -> dict[str, str]:
    files = {card.language.file: card.language.sha256, card.projector.file: card.projector.sha256}
    return files if card.reference is None else {**files, card.reference.file: card.reference.sha256}


def _pour(source: IO[bytes], target: IO[bytes], item: Item, so_far: tuple[int, int], *, progress: Progress | None,
          cancelled: IsCancelled | None) -> int:
    """Copy one file's bytes and check their hash; returns the bytes done in all. ``so_far``: (done, total)."""
    digest, left, (done, total) = hashlib.sha256(), item.bytes, so_far
    while left:
        if cancelled is not None and cancelled():
            raise Cancelled()
        block = source.read(min(left, 1 << 20))
        if not block:
            raise ExpertError("expert-damaged", f"{item.name} ends early")
        target.write(block)
        digest.update(block)
        left, done = left - len(block), done + len(block)
        if progress is not None:
            progress(item.name, done / total)
    if digest.hexdigest() != item.sha256:
        raise ExpertError("expert-damaged", f"{item.name} is not the file that it should be; it was damaged or changed")
    return done


def _load_key(path: Path) -> Any:
    """The Ed25519 private key in a PEM file. Raises UsageError ``key-unusable`` or ExpertError ``signing-not-installed``."""
    crypto = _crypto()
    try:
        key = crypto.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, crypto.UnsupportedAlgorithm):
        raise UsageError("key-unusable", "the key cannot be read; it has to be an Ed25519 key in a PEM file without a password") from None
    if not isinstance(key, crypto.Ed25519PrivateKey):
        raise UsageError("key-unusable", "the key is of another kind; it has to be an Ed25519 key in a PEM file without a password")
    return key


def _crypto() -> Any:
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise ExpertError("signing-not-installed", "the cryptography library is missing; signatures cannot be made or checked") from None
    return SimpleNamespace(
        InvalidSignature=InvalidSignature, UnsupportedAlgorithm=UnsupportedAlgorithm, Ed25519PrivateKey=Ed25519PrivateKey,
        Ed25519PublicKey=Ed25519PublicKey, load_pem_private_key=load_pem_private_key,
    )


def _invalid(why: str) -> ExpertError:
    return ExpertError("archive-invalid", f"this is not an archive that Telltale wrote, or it is damaged: {why}")
