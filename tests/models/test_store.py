"""The store: whole or nothing, whatever happens; nothing in it is trusted without its hash."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import cards
from models.errors import Cancelled, ExpertError
from models.store import Store, default_expert, resolve
from tests.models.making import make_expert


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "experts", bundled=tmp_path / "bundled")


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(ExpertError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_an_expert_is_stored_under_the_digest_of_its_card(store: Store, tmp_path: Path) -> None:
    card = make_expert(tmp_path / "stick")
    place = store.add(tmp_path / "stick")
    assert place == store.root / cards.card_digest((tmp_path / "stick" / cards.CARD_NAME).read_bytes())
    assert cards.load_card(place) == card
    assert sorted(item.name for item in place.iterdir()) == ["expert.toml", "language.gguf", "mmproj.gguf"]
    assert not any(item.is_symlink() for item in place.iterdir())
    assert store.add(tmp_path / "stick") == place, "the same expert twice is one expert"
    assert [item.card for item in store.experts()] == [card]
    assert sorted(item.name for item in store.root.iterdir()) == [".lock", place.name]


def test_names(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a", "fakevlm", "Q4_K_M")
    make_expert(tmp_path / "b", "fakevlm", "Q8_0", size=2000)
    make_expert(tmp_path / "bundled", "starter")
    small, large = store.add(tmp_path / "a"), store.add(tmp_path / "b")
    assert store.resolve("fakevlm:Q8_0") == large
    assert store.resolve(small.name[:8]) == small
    assert store.resolve("starter") == tmp_path / "bundled"
    assert store.resolve(tmp_path / "a") == tmp_path / "a"
    assert store.resolve(str(tmp_path / "a")) == tmp_path / "a"
    assert code_of(store.resolve, "fakevlm") == "expert-ambiguous"
    assert code_of(store.resolve, "nothing") == "expert-unknown"
    assert code_of(store.resolve, small.name[:5]) == "expert-unknown"
    assert [item.bundled for item in store.experts()] == [True, False, False]


def test_default(store: Store, tmp_path: Path) -> None:
    assert code_of(store.default_expert) == "expert-none"
    make_expert(tmp_path / "a", "one")
    one = store.add(tmp_path / "a")
    assert store.default_expert() == one, "the only one there is"
    make_expert(tmp_path / "b", "two")
    two = store.add(tmp_path / "b")
    assert code_of(store.default_expert) == "expert-none"
    make_expert(tmp_path / "bundled", "starter")
    assert store.default_expert() == tmp_path / "bundled"
    store.set_default("two")
    assert store.default_expert() == two
    store.remove("two")
    assert store.default_expert() == tmp_path / "bundled"
    (store.root / "default").write_text("ab" * 32)
    assert code_of(store.default_expert) == "expert-none"
    store.set_default(None)
    assert code_of(store.set_default, tmp_path / "b") == "expert-unknown"


def test_module_functions_use_the_data_folder(own_data_folder: Path, tmp_path: Path) -> None:
    make_expert(tmp_path / "a", "one")
    place = Store().add(tmp_path / "a")
    assert place.parent == own_data_folder / "experts"
    assert resolve("one") == place
    Store().set_default("one")
    assert default_expert() == place


@pytest.mark.parametrize("name", ["language.gguf", "mmproj.gguf", "expert.toml"])
def test_a_changed_byte_is_noticed(store: Store, tmp_path: Path, name: str) -> None:
    make_expert(tmp_path / "a")
    place = store.add(tmp_path / "a")
    assert store.verify("tiny").problems == ()
    (place / name).chmod(0o644)
    data = (place / name).read_bytes()
    (place / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if name != "expert.toml" else data + b"\n")
    assert code_of(store.verified, place) == "expert-damaged"
    assert store.verify(place).problems
    assert store.add(tmp_path / "a") == place, "adding it again repairs it"
    assert store.verified("tiny") == place


def test_strays_and_links_are_noticed(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    place = store.add(tmp_path / "a")
    (place / "extra.bin").write_bytes(b"x")
    assert "extra.bin" in store.verify("tiny").problems[0]
    (place / "extra.bin").unlink()
    (place / "language.gguf").unlink()
    (place / "language.gguf").symlink_to(tmp_path / "a" / "language.gguf")
    assert store.verify("tiny").problems


def test_links_in_a_source_are_followed_and_not_kept(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    (tmp_path / "blob").write_bytes((tmp_path / "a" / "language.gguf").read_bytes())
    (tmp_path / "a" / "language.gguf").unlink()
    (tmp_path / "a" / "language.gguf").symlink_to(tmp_path / "blob")
    assert not (store.add(tmp_path / "a") / "language.gguf").is_symlink()


def test_a_source_that_does_not_match_its_card_adds_nothing(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    (tmp_path / "a" / "mmproj.gguf").write_bytes(b"x" * 1000)
    assert code_of(store.add, tmp_path / "a") == "expert-damaged"
    (tmp_path / "a" / "mmproj.gguf").unlink()
    assert code_of(store.add, tmp_path / "a") == "expert-incomplete"
    assert store.experts() == []
    assert [item.name for item in store.root.iterdir()] == [".lock"]


def test_cancel_adds_nothing(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    with pytest.raises(Cancelled):
        store.add(tmp_path / "a", cancelled=lambda: True)
    assert [item.name for item in store.root.iterdir()] == [".lock"]


@pytest.mark.parametrize("names", [("same.gguf", "SAME.gguf"), ("expert.toml", "b.gguf"), ("con.gguf", "b.gguf")])
def test_names_that_collide_on_some_system_are_refused(store: Store, tmp_path: Path, names: tuple[str, str]) -> None:
    card = make_expert(tmp_path / "a")
    data = cards.dump_card(card).replace(b"language.gguf", names[0].encode()).replace(b"mmproj.gguf", names[1].encode())
    (tmp_path / "a" / cards.CARD_NAME).write_bytes(data)
    assert code_of(store.add, tmp_path / "a") == "card-invalid"


def test_staged_folders_lose_what_their_card_does_not_name(store: Store, tmp_path: Path) -> None:
    with store.staging() as staging:
        make_expert(staging / "out")
        (staging / "out" / "notes.txt").write_text("x")
        (staging / "out" / "more").mkdir()
        place = store.commit(staging / "out")
    assert store.verify(place).problems == ()


def test_leftovers_are_cleaned_but_not_those_of_the_living(store: Store, tmp_path: Path) -> None:
    with store.staging() as living:
        (living / "file").write_bytes(b"x")
        (store.root / ".incoming-dead").mkdir()
        (store.root / ".incoming-dead" / "language.gguf").write_bytes(b"x")
        (store.root / ".incoming-dead.lock").touch()
        (store.root / ".removed-dead").mkdir()
        make_expert(tmp_path / "a")
        store.add(tmp_path / "a")
        assert (living / "file").exists()
        assert sum(item.name.startswith((".incoming", ".removed")) for item in store.root.iterdir()) == 2
    assert not any(item.name.startswith((".incoming", ".removed")) for item in store.root.iterdir())


def test_reading_needs_no_write_access(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    place = store.add(tmp_path / "a")
    before = {item: item.stat().st_mtime_ns for item in (store.root, place, *place.iterdir())}
    for item in (place, store.root):
        item.chmod(0o555)
    try:
        assert store.verified("tiny") == place
        assert store.default_expert() == place
        assert store.experts()[0].card is not None
        if os.geteuid() != 0:
            assert code_of(store.add, tmp_path / "a") == "store-unwritable"
    finally:
        for item in (store.root, place):
            item.chmod(0o755)
    assert {item: item.stat().st_mtime_ns for item in before} == before


def test_remove(store: Store, tmp_path: Path) -> None:
    make_expert(tmp_path / "a")
    make_expert(tmp_path / "bundled", "starter")
    place = store.add(tmp_path / "a")
    assert code_of(store.remove, "starter") == "expert-bundled"
    assert code_of(store.remove, tmp_path / "a") == "expert-bundled"
    (place / "expert.toml").chmod(0o644)
    (place / "expert.toml").write_bytes(b"damaged")
    assert store.experts()[1].problem
    store.remove(place.name[:10])
    assert not place.exists()


def test_disk_space_is_checked_first(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_expert(tmp_path / "a")
    monkeypatch.setattr("models.places.SPARE", 1 << 60)
    assert code_of(store.add, tmp_path / "a") == "disk-full"


WRITER = """
import sys
from pathlib import Path
from models.store import Store
store = Store(Path(sys.argv[1]), bundled=Path("/nowhere"))
print("go", flush=True)
store.add(Path(sys.argv[2]))
store.remove("tiny")
store.add(Path(sys.argv[2]))
"""


def kill_writers(tmp_path: Path, times: int) -> tuple[int, int]:
    """Kill a writer at random moments; returns how often it had (nothing, the whole)."""
    make_expert(tmp_path / "a", size=24_000_000)
    store = Store(tmp_path / "experts", bundled=tmp_path / "none")
    chance = random.Random(5)
    nothing = whole = 0
    longest = 0.0
    for number in range(times + 1):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(store.root), str(tmp_path / "a")], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        if not number:  # the first shows how long it takes here and now when nobody kills it
            started = time.monotonic()
            assert writer.wait() == 0
            longest = 1.2 * (time.monotonic() - started)
        else:
            time.sleep(chance.uniform(0.0, longest))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        writer.stdout.close()
        found = store.experts()
        assert all(not store.verify(item.path).problems for item in found)
        if number:
            nothing, whole = nothing + (not found), whole + bool(found)
    place = store.add(tmp_path / "a")
    assert sorted(item.name for item in store.root.iterdir()) == [".lock", place.name]
    return nothing, whole


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_writers_leave_nothing_or_the_whole(tmp_path: Path) -> None:
    kill_writers(tmp_path, 5)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_many_killed_writers(tmp_path: Path) -> None:
    nothing, whole = kill_writers(tmp_path, 60)
    assert nothing, "some were killed before they had finished"
    assert whole, "some were killed after it"
