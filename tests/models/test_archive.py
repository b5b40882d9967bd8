"""Archives: what goes in comes out, signed or not; whatever else is in a tar file is refused."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import archive, cards, tar
from models.errors import Cancelled, ExpertError, TelltaleError
from models.store import Store
from tests.models.making import make_expert


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "experts", bundled=tmp_path / "none")


def yes(_terms: archive.ArchiveTerms) -> bool:
    return True


def code_of(call: Callable[..., object], *arguments: object, **named: object) -> str:
    with pytest.raises(TelltaleError) as caught:
        call(*arguments, **named)
    return caught.value.code


def make_key(path: Path) -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return key.public_key().public_bytes_raw().hex()


def test_out_and_in(store: Store, tmp_path: Path) -> None:
    card = make_expert(tmp_path / "a", size=3000)
    shown: list[archive.ArchiveTerms] = []
    origin = archive.export_expert(tmp_path / "a", tmp_path / "a.tar")
    place = archive.import_archive(tmp_path / "a.tar", accept=lambda terms: bool(shown.append(terms)) or True, store=store)
    assert origin == archive.Origin("unsigned") == shown[0].origin
    assert shown[0].licence == card.licence
    assert "Do as you please." in shown[0].text
    assert cards.load_card(place) == card
    assert store.verify(place).problems == ()
    assert code_of(archive.export_expert, tmp_path / "a", tmp_path / "a.tar") == "output-exists"


def test_any_tar_program_can_read_it(tmp_path: Path) -> None:
    make_expert(tmp_path / "a", size=3000)
    archive.export_expert(tmp_path / "a", tmp_path / "a.tar")
    with tarfile.open(tmp_path / "a.tar", "r:") as reading:
        assert reading.getnames() == ["manifest.json", "manifest.sig.json", "LICENCE.txt", "expert.toml", "language.gguf", "mmproj.gguf"]
        stream = reading.extractfile("language.gguf")
        assert stream is not None
        assert stream.read() == b"L" * 3000
    archive.export_expert(tmp_path / "a", tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_large_sizes_survive() -> None:
    for size in (0, 511, 8**11 - 1, 8**11, 30_000_000_000):
        member = tarfile.TarInfo.frombuf(tar.header(tar.Member("x.gguf", size)), "ascii", "strict")
        assert (member.name, member.size, member.isreg()) == ("x.gguf", size, True)
        assert tar._parse(tar.header(tar.Member("x.gguf", size))) == tar.Member("x.gguf", size)


def test_signatures(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    mine, other = make_key(tmp_path / "mine.pem"), make_key(tmp_path / "other.pem")
    signed, plain, shown = tmp_path / "signed.tar", tmp_path / "plain.tar", []
    assert archive.export_expert(tmp_path / "a", signed, key=tmp_path / "mine.pem") == archive.Origin("signed", mine)
    archive.export_expert(tmp_path / "a", plain)

    def accept(terms: archive.ArchiveTerms) -> bool:
        shown.append(terms.origin)
        return True

    archive.import_archive(signed, accept=accept, store=store)
    archive.import_archive(signed, accept=accept, store=store, trusted=[other, mine])
    assert shown == [archive.Origin("signed", mine), archive.Origin("trusted", mine)]
    assert code_of(archive.import_archive, signed, accept=yes, store=store, trusted=[other]) == "archive-untrusted"
    assert code_of(archive.import_archive, plain, accept=yes, store=store, trusted=[mine]) == "archive-untrusted"
    data = signed.read_bytes().replace(b'"bytes":1000', b'"bytes":1001')
    signed.write_bytes(data)
    assert code_of(archive.import_archive, signed, accept=yes, store=store) == "archive-signature"
    (tmp_path / "bad.pem").write_text("x")
    assert code_of(archive.export_expert, tmp_path / "a", tmp_path / "b.tar", key=tmp_path / "bad.pem") == "key-unusable"


def test_the_licence_has_to_be_accepted(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    archive.export_expert(tmp_path / "a", tmp_path / "a.tar")
    assert code_of(archive.import_archive, tmp_path / "a.tar", accept=lambda terms: False, store=store) == "licence-not-accepted"
    assert store.experts() == []


def test_a_damaged_expert_is_not_exported(tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    (tmp_path / "a" / "mmproj.gguf").write_bytes(b"y" * 1000)
    assert code_of(archive.export_expert, tmp_path / "a", tmp_path / "a.tar") == "expert-damaged"
    (tmp_path / "a" / "mmproj.gguf").write_bytes(b"y" * 999)
    assert code_of(archive.export_expert, tmp_path / "a", tmp_path / "a.tar") == "expert-damaged"
    (tmp_path / "a" / "mmproj.gguf").unlink()
    assert code_of(archive.export_expert, tmp_path / "a", tmp_path / "a.tar") == "expert-incomplete"
    make_expert(tmp_path / "a")
    with pytest.raises(Cancelled):
        archive.export_expert(tmp_path / "a", tmp_path / "a.tar", cancelled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def repack(source: Path, target: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    """Rewrite an archive with Python's tarfile after ``change`` has had its way with the members."""
    with tarfile.open(source, "r:") as reading:
        found = [(item, reading.extractfile(item).read()) for item in reading.getmembers()]  # type: ignore[union-attr]
    change(found)
    with tarfile.open(target, "w:", format=tarfile.GNU_FORMAT) as writing:
        for item, data in found:
            writing.addfile(item, io.BytesIO(data) if item.isreg() else None)


def set_field(at: int, **fields: object) -> Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]:
    def change(found: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        for name, value in fields.items():
            setattr(found[at][0], name, value)

    return change


CHANGES: dict[str, Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]] = {
    "climbs out": set_field(4, name="../language.gguf"), "absolute": set_field(4, name="/tmp/language.gguf"),
    "in a folder": set_field(4, name="a/language.gguf"), "hidden": set_field(4, name=".language.gguf"),
    "long": set_field(4, name="a" * 120),
    "symbolic link": set_field(5, type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0),
    "hard link": set_field(5, type=tarfile.LNKTYPE, linkname="language.gguf", size=0),
    "device": set_field(5, type=tarfile.CHRTYPE, size=0), "fifo": set_field(5, type=tarfile.FIFOTYPE, size=0),
    "folder": set_field(5, type=tarfile.DIRTYPE, size=0), "renamed": set_field(4, name="other.gguf"),
    "smaller": set_field(4, size=900), "empty": set_field(5, size=0),
    "twice": lambda found: found.append(found[4]), "one more": lambda found: found.append((tarfile.TarInfo("extra.bin"), b"")),
    "one less": lambda found: found.pop() and None, "other order": lambda found: found.reverse(),
    "no manifest": lambda found: found.pop(0) and None, "no signature": lambda found: found.pop(1) and None,
    "other bytes": lambda found: found.__setitem__(4, (found[4][0], b"M" * 1000)),
    "other licence": lambda found: found.__setitem__(2, (found[2][0], b"X" * found[2][0].size)),
    "other card": lambda found: found.__setitem__(3, (found[3][0], found[3][1].replace(b"Tiny", b"Tuny"))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_archives_are_refused(store: Store, tmp_path: Path, name: str) -> None:
    make_expert(tmp_path / "a")
    archive.export_expert(tmp_path / "a", tmp_path / "a.tar")
    repack(tmp_path / "a.tar", tmp_path / "b.tar", CHANGES[name])
    assert code_of(archive.import_archive, tmp_path / "b.tar", accept=yes, store=store) in ("archive-invalid", "expert-damaged")
    assert store.experts() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.tar", "b.tar", "experts"]


def test_sizes_that_lie(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    archive.export_expert(tmp_path / "a", tmp_path / "a.tar")
    data = (tmp_path / "a.tar").read_bytes()
    at = data.index(b"language.gguf\0")
    for size in (1 << 60, 1001, 999):
        lie = bytearray(data)
        lie[at : at + 512] = tar.header(tar.Member("language.gguf", size))
        (tmp_path / "b.tar").write_bytes(lie)
        assert code_of(archive.import_archive, tmp_path / "b.tar", accept=yes, store=store) == "archive-invalid"
    (tmp_path / "b.tar").write_bytes(data + b"more")
    assert code_of(archive.import_archive, tmp_path / "b.tar", accept=yes, store=store) == "archive-invalid"
    (tmp_path / "b.tar").write_bytes(data[:-1500])
    assert code_of(archive.import_archive, tmp_path / "b.tar", accept=yes, store=store) in ("archive-invalid", "expert-damaged")
    assert code_of(archive.import_archive, tmp_path / "none.tar", accept=yes, store=store) == "archive-missing"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 1 << 20), value=st.integers(1, 255))
def test_a_flipped_byte_adds_nothing_false(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "flips"
    if not folder.exists():
        make_expert(folder / "a")
        archive.export_expert(folder / "a", folder / "a.tar")
    store = Store(folder / "experts", bundled=folder / "none")
    data = bytearray((folder / "a.tar").read_bytes())
    data[at % len(data)] ^= value
    (folder / "b.tar").write_bytes(data)
    try:
        place = archive.import_archive(folder / "b.tar", accept=yes, store=store)
    except TelltaleError as error:
        assert error.code
    else:
        # What tar allows to differ (an owner, a date) may differ; the expert may not.
        assert (place / cards.CARD_NAME).read_bytes() == (folder / "a" / cards.CARD_NAME).read_bytes()
        store.remove(place.name)
    assert store.experts() == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000))
def test_arbitrary_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary.tar"
    path.write_bytes(data)
    with pytest.raises(ExpertError), path.open("rb") as stream:
        list(tar.members(stream, len(data))) and None
        raise ExpertError("empty", "an empty archive walks to its end")
