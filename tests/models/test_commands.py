"""``telltale models …`` as a person types it, without the window and without the net."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.commands import models as commands
from models.cards import load_card
from models.errors import ExpertError, UsageError
from models.store import Store
from tests.models import ggufs
from tests.models.hub import Hub
from tests.models.making import make_expert

BARE = ["--question", "is a fake?", "--answer-start", "This is a", "--fake-word", "fake", "--real-word", "real", "--licence", "CC0-1.0"]


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()

    def convert(conversion: commands.Conversion) -> None:
        conversion.progress("language", 0.5)
        make_expert(conversion.out, conversion.checkpoint.entry.id, conversion.language_type)

    commands.add_parser(parser.add_subparsers(), convert)
    parsed = parser.parse_args(["models", *map(str, arguments)])
    return int(parsed.run(parsed))


def test_list(tmp_path: Path, capsys: pytest.CaptureFixture[str], own_data_folder: Path) -> None:
    make_expert(tmp_path / "a", "one")
    Store().add(tmp_path / "a")
    (own_data_folder / "catalogue").mkdir()
    (own_data_folder / "catalogue" / "bad.toml").write_text("x")
    assert run("list") == 0
    out, err = capsys.readouterr()
    assert "one" in out
    assert "can be pulled" in out
    assert "bad.toml" in err
    assert run("list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["id"] for row in rows if row["state"] == "available"} >= {"fakevlm", "aesexpert", "llava-1.5-7b"}
    assert next(row for row in rows if row["id"] == "one")["state"] == "stored"
    assert next(row for row in rows if row["id"] == "fakevlm")["memory_bytes"] > 4e9


def test_import_export_verify_default_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_expert(tmp_path / "a", "one")
    assert run("import", tmp_path / "a") == 0
    assert run("export", "one") == 0
    assert "not signed" in capsys.readouterr().out
    assert run("default", "one") == 0
    assert Store().default_name()
    assert run("verify", "one") == 0
    place = Store().resolve("one")
    (place / "language.gguf").chmod(0o644)
    (place / "language.gguf").write_bytes(b"x" * 1000)
    assert run("verify", "one") == 5
    assert run("verify", "one", "--json") == 5
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["problems"]
    assert run("remove", "one") == 0
    with pytest.raises(ExpertError, match="licence-not-accepted"):
        run("import", "one.tar")
    assert "Do as you please." in capsys.readouterr().err
    assert run("import", "one.tar", "--accept-licence") == 0
    assert Store().verify("one").problems == ()


def test_import_of_a_bare_pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ggufs.language(tmp_path / "l.gguf")
    ggufs.projector(tmp_path / "p.gguf")
    with pytest.raises(UsageError, match="--id, --question"):
        run("import", tmp_path)
    assert run("import", tmp_path, "--id", "mine", *BARE) == 0
    assert "class-order: applies" in capsys.readouterr().out
    assert load_card(Store().resolve("mine")).licence.id == "CC0-1.0"
    (tmp_path / "answers.toml").write_text(
        'id = "other"\nquestion = "is?"\nfake_word = "fake"\nreal_word = "real"\nsize = 224\nkind = "general"\n[licence]\nid = "MIT"\n'
    )
    assert run("import", tmp_path, "--answers", tmp_path / "answers.toml") == 0
    card = load_card(Store().resolve("other"))
    assert (card.kind, card.preparation.size, card.licence.id) == ("general", 224, "MIT")
    (tmp_path / "answers.toml").write_text("nonsense = 1\n")
    with pytest.raises(UsageError, match="answers-"):
        run("import", tmp_path, "--answers", tmp_path / "answers.toml", "--kind", "detector")


@pytest.fixture
def hub() -> Iterator[Hub]:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    server = Hub("lingcco/fakeVLM", {"model.safetensors": bytes(5000), "config.json": b"{}"})
    yield server
    server.stop()
    huggingface_hub.close_session()


def test_pull(hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    real = commands.pull.pull
    monkeypatch.setattr(commands.pull, "pull", lambda *args, **named: real(*args, endpoint=hub.endpoint, **named))
    with pytest.raises(ExpertError, match="licence-not-accepted"):
        run("pull", "fakevlm")
    assert "cc-by-nc-4.0" in capsys.readouterr().err
    assert run("pull", "fakevlm", "--accept-licence", "--type", "Q8_0") == 0
    assert load_card(Store().resolve("fakevlm")).language.type == "Q8_0"
