"""Pulling from a hub on this machine: cut lines, lies, refusals; nothing is fetched twice and nothing unasked."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from models import catalogue, pull
from models.errors import Cancelled, ExpertError
from models.store import Store
from tests.models.hub import COMMIT, Hub
from tests.models.making import make_expert

pytest.importorskip("huggingface_hub")

FILES = {
    "model-00001-of-00002.safetensors": bytes(range(256)) * 4000,
    "model-00002-of-00002.safetensors": bytes(reversed(range(256))) * 3000,
    "config.json": b'{"a": 1}', "tokenizer.model": b"T" * 1500, "LICENSE": b"Be good.", "README.md": b"# x",
    "pytorch_model.bin": b"never fetched", ".gitattributes": b"x", "onnx/model.json": b"{}",
}
FETCHED = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "config.json", "tokenizer.model", "LICENSE", "README.md"}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    import huggingface_hub

    pull.installed()
    waited = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: waited(min(seconds, 0.01)))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    server = Hub("lingcco/fakeVLM", dict(FILES))
    yield server
    server.stop()
    huggingface_hub.close_session()


ENTRY = msgspec.structs.replace(catalogue.load_catalogue().get("fakevlm"), hardware=catalogue.Hardware(1, 1))


def yes(_terms: pull.Terms) -> bool:
    return True


def code_of(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(ExpertError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


def test_a_checkpoint_arrives_whole(hub: Hub) -> None:
    heard: list[float] = []
    shown: list[pull.Terms] = []

    def accept(terms: pull.Terms) -> bool:
        shown.append(terms)
        assert not any("safetensors" in path for _, path, _ in hub.requests if "api" not in path), "nothing large before the licence"
        return True

    checkpoint = pull.fetch(ENTRY, accept=accept, endpoint=hub.endpoint, progress=lambda _name, fraction: heard.append(fraction))
    assert {path.name for path in checkpoint.folder.iterdir()} == FETCHED == set(checkpoint.sha256)
    assert all((checkpoint.folder / name).read_bytes() == FILES[name] for name in FETCHED)
    assert checkpoint.commit == COMMIT
    assert shown[0].declared == "cc-by-nc-4.0"
    assert "Be good." in shown[0].text
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)
    assert all(hub.sent[name] == len(FILES[name]) for name in FETCHED)
    assert {path.split("/")[1] for _, path, _ in hub.requests} == {"api", "lingcco", "storage"}, "no other question was asked"


def test_three_cuts_cost_nothing(hub: Hub) -> None:
    name = "model-00001-of-00002.safetensors"
    hub.cuts[name] = [100_000, 400_000, 900_000]
    pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert hub.sent[name] == len(FILES[name]), "every byte came once"
    ranges = [asked for method, path, asked in hub.requests if method == "GET" and path.endswith(name)]
    assert ranges == ["", "bytes=100000-", "bytes=400000-", "bytes=900000-"]


def test_a_later_run_takes_up_where_the_last_ended(hub: Hub, own_data_folder: Path) -> None:
    name = "model-00001-of-00002.safetensors"
    hub.cuts[name] = [300_000] * 20
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint) == "pull-offline", "it gives up when nothing more comes"
    hub.cuts.clear()
    before = {path.name: path.stat().st_size for path in (own_data_folder / "downloads" / "fakevlm" / "checkpoint").iterdir()}
    hub.sent.clear()
    pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert all(hub.sent[file] == len(FILES[file]) - before.get(file, before.get(f"{file}.part", 0)) for file in FETCHED)
    assert hub.sent.total() < sum(len(FILES[file]) for file in FETCHED)
    requests = len(hub.requests)
    pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert len(hub.requests) == requests, "a finished download asks nothing"


def test_cancelling(hub: Hub) -> None:
    with pytest.raises(Cancelled):
        pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint, cancelled=lambda: hub.sent["tokenizer.model"] > 0)
    assert hub.sent["model-00001-of-00002.safetensors"] == 0
    assert pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint).commit == COMMIT


def test_killed_and_resumed(hub: Hub, own_data_folder: Path) -> None:
    name = "model-00002-of-00002.safetensors"
    program = ("import sys, os\nfrom models import catalogue, pull\n"
               "entry = catalogue.load_catalogue().get('fakevlm')\n"
               "def gone(name, fraction):\n"
               "    part = os.environ['TELLTALE_DATA_DIR'] + '/downloads/fakevlm/checkpoint/' + name + '.part'\n"
               f"    if name == {name!r} and os.path.getsize(part):\n"
               "        os.kill(os.getpid(), 9)\n"
               "pull.fetch(entry, accept=lambda terms: True, progress=gone)\n")
    hub.cuts[name] = [200_000]
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint}
    killed = subprocess.run([sys.executable, "-c", program], env=environment, check=False, capture_output=True)
    part = own_data_folder / "downloads" / "fakevlm" / "checkpoint" / f"{name}.part"
    assert killed.returncode == -9, killed.stderr.decode()
    kept, before = part.stat().st_size, hub.sent.copy()
    assert kept > 0
    hub.cuts.clear()
    checkpoint = pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert (checkpoint.folder / name).read_bytes() == FILES[name]
    assert (hub.sent - before)[name] == len(FILES[name]) - kept
    assert (hub.sent - before)["tokenizer.model"] == 0


def test_refused_terms_fetch_no_weights(hub: Hub) -> None:
    assert code_of(pull.fetch, ENTRY, accept=lambda terms: False, endpoint=hub.endpoint) == "licence-not-accepted"
    assert set(hub.sent) == {"LICENSE"}


def test_wrong_bytes_are_thrown_away(hub: Hub) -> None:
    name = "config.json"
    hub.lies[name] = b'{"a": 2}'
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint) == "pull-damaged"
    hub.lies.clear()
    checkpoint = pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert (checkpoint.folder / name).read_bytes() == FILES[name]
    (checkpoint.folder / name).write_bytes(b'{"a": 3}')
    pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint)
    assert (checkpoint.folder / name).read_bytes() == FILES[name], "a damaged file is fetched again"


def test_the_hubs_refusals_have_codes(hub: Hub) -> None:
    other = msgspec.structs.replace(ENTRY, source=catalogue.Source("nobody/nothing"))
    assert code_of(pull.look_up, other, endpoint=hub.endpoint) == "pull-not-found"
    assert code_of(pull.look_up, catalogue.load_catalogue().get("starter")) == "pull-bundled"
    hub.refuse = 500
    assert code_of(pull.look_up, ENTRY, endpoint=hub.endpoint) == "pull-offline"
    hub.refuse = 403
    assert code_of(pull.look_up, ENTRY, endpoint=hub.endpoint) == "pull-forbidden"
    hub.refuse = None
    hub.files = {"pytorch_model.bin": b"x", "config.json": b"{}"}
    assert code_of(pull.look_up, ENTRY, endpoint=hub.endpoint) == "pull-no-safetensors"


@pytest.mark.parametrize("revision", ["f" * 40, "no-such-branch", "not/a rev?", "../../etc"])
def test_a_revision_that_does_not_exist(hub: Hub, own_data_folder: Path, revision: str) -> None:
    """It is said as such, asks for nothing else, and what was begun of another commit stays."""
    hub.cuts["model-00001-of-00002.safetensors"] = [100_000, *[100_000] * 20]
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint) == "pull-offline"
    hub.cuts.clear()
    begun = {path.name: path.stat().st_size for path in (own_data_folder / "downloads" / "fakevlm" / "checkpoint").iterdir()}
    hub.sent.clear()
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint, revision=revision) == "pull-revision-missing"
    assert not hub.sent
    assert begun == {path.name: path.stat().st_size for path in (own_data_folder / "downloads" / "fakevlm" / "checkpoint").iterdir()}
    assert pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint).commit == COMMIT
    assert hub.sent["model-00001-of-00002.safetensors"] < len(FILES["model-00001-of-00002.safetensors"]), "it went on where it was"


def test_nobody_answers(hub: Hub) -> None:
    hub.stop()
    assert code_of(pull.look_up, ENTRY, endpoint=hub.endpoint) == "pull-offline"


def test_disk_space_is_checked_first(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.places.SPARE", 1 << 60)
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint) == "disk-full"
    assert not hub.sent


def test_the_token_stays_with_the_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub.storage = Hub(hub.repository, hub.files)
    try:
        pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint, folder=tmp_path / "one")
        assert set(hub.tokens) == set(hub.storage.tokens) == {""}, "no token was given, so none is sent"
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        hub.tokens.clear()
        pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint, folder=tmp_path / "two")
        assert set(hub.tokens) == {"Bearer hf_secret"}
        assert set(hub.storage.tokens) == {""}, "the storage's address is signed; it never sees the token"
    finally:
        hub.storage.stop()


def test_the_newest_commit_is_pinned(hub: Hub) -> None:
    hub.cuts["config.json"] = [0] * 20
    assert code_of(pull.fetch, ENTRY, accept=yes, endpoint=hub.endpoint) == "pull-offline"
    hub.cuts.clear()
    before = len(hub.requests)
    assert pull.fetch(ENTRY, accept=yes, endpoint=hub.endpoint).commit == COMMIT
    assert not any("api" in path for _, path, _ in hub.requests[before:]), "the interrupted download keeps its commit"


def test_pull_converts_and_stores(hub: Hub, tmp_path: Path, own_data_folder: Path) -> None:
    store = Store(tmp_path / "experts", bundled=tmp_path / "none")
    seen: list[pull.Checkpoint] = []

    def convert(checkpoint: pull.Checkpoint, out: Path) -> None:
        seen.append(checkpoint)
        make_expert(out, "fakevlm")

    place = pull.pull(ENTRY, convert, accept=yes, store=store, endpoint=hub.endpoint)
    assert store.verified("fakevlm") == place
    assert seen[0].entry.source is not None
    assert seen[0].entry.source.recipe == "fakevlm"
    assert not (own_data_folder / "downloads" / "fakevlm").exists()
    assert sorted(item.name for item in store.root.iterdir()) == [".lock", place.name]


def test_a_failed_conversion_keeps_the_download(hub: Hub, tmp_path: Path) -> None:
    store = Store(tmp_path / "experts", bundled=tmp_path / "none")

    def convert(checkpoint: pull.Checkpoint, out: Path) -> None:
        out.mkdir()
        raise ExpertError("made-up", "no")

    assert code_of(pull.pull, ENTRY, convert, accept=yes, store=store, endpoint=hub.endpoint) == "made-up"
    assert [item.name for item in store.root.iterdir()] == [".lock"]
    sent = hub.sent.copy()
    pull.pull(ENTRY, lambda checkpoint, out: make_expert(out, "fakevlm") and None, accept=yes, store=store, endpoint=hub.endpoint)
    assert hub.sent == sent


def test_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert not pull.installed()
    assert code_of(pull.look_up, ENTRY) == "pull-not-installed"


def test_nothing_else_imports_the_client() -> None:
    program = ("import sys, models.store, models.catalogue, models.pull, models.archive, models.importing, desktop.commands.models\n"
               "assert not {'huggingface_hub', 'requests', 'httpx', 'urllib3'} & set(sys.modules)")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
