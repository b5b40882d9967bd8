"""Cases in awkward places: read-only media, network shares, full disks, earlier versions, and backups while open."""

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.cases import Case, database, schema
from models.errors import CaseError
from samples.cases import picture, work

ROOT = Path(__file__).parents[2]


def filled(folder: Path, pictures: int = 3) -> Path:
    with Case.create(folder, who="Ines") as case:
        for number in range(pictures):
            case.add(picture(number))
        work(case)
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


READ = """
import sys
from collections.abc import Iterator
from pathlib import Path
from desktop.cases import Case
from models.errors import CaseError
with Case.open(Path(sys.argv[1]), read_only=True) as case:
    print(case.count(state="done"), case.check().ok, len(case.read(1)))
try:
    Case.open(Path(sys.argv[1]))
except CaseError as error:
    print(error.code)
"""


def read_as_nobody(folder: Path) -> str:
    """Open a case as a user who may write nothing there."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become a user without rights")
    command = f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); import desktop.cases; os.setgid(65534); os.setuid(65534)\n" + READ
    done = subprocess.run([sys.executable, "-c", command, str(folder)], capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_to_everyone(folder: Path) -> None:
    """Readable for all, writable for none but the owner; up to the temporary root."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o444)
    for parent in folder.parents:
        if parent == Path(parent.anchor) or parent == Path("/tmp"):
            break
        parent.chmod(0o755)


def test_read_only_media_of_a_closed_case(tmp_path: Path) -> None:
    folder = filled(tmp_path / "case")
    assert not (folder / "case.sqlite-wal").exists()
    open_to_everyone(folder)
    before = snapshot(folder)
    assert read_as_nobody(folder).split() == ["3", "True", str(len(picture(0))), "case-read-only"]
    assert snapshot(folder) == before


def test_read_only_media_of_a_case_copied_while_open(tmp_path: Path) -> None:
    folder, copy = tmp_path / "case", tmp_path / "copy"
    with Case.create(folder) as case:
        case.add(picture(0))
        work(case)
        shutil.copytree(folder, copy)
    assert (copy / "case.sqlite-wal").stat().st_size > 0
    open_to_everyone(copy)
    before = snapshot(copy)
    assert read_as_nobody(copy).split() == ["1", "True", str(len(picture(0))), "case-read-only"]
    assert snapshot(copy) == before


def test_network_shares_get_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "on_network", lambda _folder: True)
    folder = filled(tmp_path / "case")
    with Case.open(folder) as case:
        assert case.rows("PRAGMA journal_mode") == [("delete",)] and case.rows("PRAGMA synchronous") == [(3,)]
        case.add(picture(9))
        assert not (folder / "case.sqlite-wal").exists()
        assert case.check().ok
    monkeypatch.undo()
    with Case.open(folder) as case:
        assert case.rows("PRAGMA journal_mode") == [("wal",)] and case.rows("PRAGMA synchronous") == [(2,)]


def test_network_mounts_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = "rootfs / ext4 rw 0 0\nnas:/a /mnt/my\\040share nfs4 rw 0 0\n//nas/b /mnt/b cifs rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_a, **_k: mounts)
    assert database.on_network(Path("/mnt/my share/case")) and database.on_network(Path("/mnt/b/case"))
    assert not database.on_network(Path("/mnt/better/case"))


def test_a_full_database_says_so_and_loses_nothing(tmp_path: Path) -> None:
    folder = filled(tmp_path / "case")
    with Case.open(folder) as case:
        pages = case.rows("PRAGMA page_count")[0][0]
        case.rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CaseError, match=r"disk-full.*free some space"):
            for number in range(200):
                case.note(1, f"{number} " + "x" * 4000)
        kept = len(case.notes(1))
        case.rows(f"PRAGMA max_page_count = {pages * 100}")
        case.note(1, "after")
    with Case.open(folder) as case:
        assert len(case.notes(1)) == kept + 1 and case.check().ok


def test_a_full_disk_while_copying_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = filled(tmp_path / "case")
    with Case.open(folder) as case:

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CaseError, match="disk-full"):
            case.add(picture(50))
        monkeypatch.undo()
        assert case.count() == 3 and list((folder / "tmp").iterdir()) == []
        case.add(picture(50))


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1.5 MB."""
    place = tmp_path / "tiny"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full_and_then_read_only(tiny_disk: Path) -> None:
    folder, kept = tiny_disk / "case", 0
    with Case.create(folder) as case:
        with pytest.raises(CaseError, match="disk-full"):
            for number in range(1000):
                case.add(os.urandom(20_000), name=f"{number}.jpg")
                kept += 1
        with pytest.raises(CaseError, match="disk-full"):
            for _ in range(10_000):
                case.note(1, "x" * 2000)
        assert 0 < case.count() == kept
        noted = len(case.notes(1))
    with Case.open(folder, read_only=True) as case:
        assert case.count() == kept and case.check().ok and len(case.notes(1)) == noted
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with Case.open(folder, read_only=True) as case:
        assert case.count() == kept and case.check().ok and len(case.notes(1)) == noted
    with pytest.raises(CaseError, match="case-read-only"):
        Case.open(folder)


def test_what_an_interrupted_copy_left_is_wiped(tmp_path: Path) -> None:
    folder = filled(tmp_path / "case")
    (folder / "tmp" / "leftover").write_bytes(b"half a picture")
    Case.open(folder).close()
    assert list((folder / "tmp").iterdir()) == []


def test_backup_while_open(tmp_path: Path) -> None:
    folder = filled(tmp_path / "case")
    with Case.open(folder) as case:
        case.note(1, "before")
        copy = case.backup(tmp_path / "backup")
        case.note(1, "after")
        with pytest.raises(CaseError, match="backup-exists"):
            case.backup(copy)
    with Case.open(copy, read_only=True) as case:
        assert [note.text for note in case.notes(1)] == ["before"]
    with Case.open(copy) as case:
        assert case.check().ok and "backed-up" in case.custody_lines()[-1]


def make_version_1(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case as version 1 left it: its tables, its rows, no list and no conclusions."""
    filled(folder)
    now = sqlite3.connect(folder / "case.sqlite")
    old = sqlite3.connect(folder / "old.sqlite")
    schema.migrate(old, upto=1)
    for table in ("meta", "exhibit", "request", "analysis", "document", "note", "tag_event", "disposition", "custody"):
        rows = now.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        if rows:
            old.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    old.commit()
    old.close()
    now.close()
    (folder / "old.sqlite").replace(folder / "case.sqlite")


def test_a_case_of_version_1_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "case"
    make_version_1(folder, monkeypatch)
    old = (folder / "case.sqlite").read_bytes()
    with Case.open(folder, read_only=True) as case:
        assert case.count(state="done") == 3
    assert (folder / "case.sqlite").read_bytes() == old
    with Case.open(folder) as case:
        assert case.rows("PRAGMA user_version") == [(schema.VERSION,)]
        assert case.count(state="done", text="sun") == 3 and "migrated" in case.custody_lines()[-1]
        case.conclude(1, "supports-camera", "Seen the camera's own file.")
        assert case.check().ok
    kept = sqlite3.connect(folder / "case.v1.sqlite")
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert kept.execute("SELECT count(*) FROM analysis").fetchone() == (3,)
    kept.close()


def test_every_version_migrates_to_the_same_tables() -> None:
    def tables(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall())

    fresh = sqlite3.connect(":memory:")
    schema.migrate(fresh)
    for version in range(1, schema.VERSION):
        older = sqlite3.connect(":memory:")
        schema.migrate(older, upto=version)
        assert schema.version_of(older) == version
        assert schema.migrate(older) and not schema.migrate(older)
        assert tables(older) == tables(fresh)
        older.close()
    fresh.close()


def test_a_case_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    folder = filled(tmp_path / "case")
    raw = sqlite3.connect(folder / "case.sqlite")
    raw.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    raw.close()
    with pytest.raises(CaseError, match="case-too-new"):
        Case.open(folder)
