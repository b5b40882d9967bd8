"""``telltale evaluate`` and ``calibrate`` with a real engine, a tiny expert and real pictures."""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

import convert
from desktop.commands import evaluate as commands
from models.cards import CARD_NAME, card_digest
from models.errors import UsageError
from models.evaluation.kept import load_calibration
from models.evaluation.records import Record, read_records
from models.store import Store
from tests.references import tiny_checkpoint

Run = Callable[..., int]


@pytest.fixture(scope="module")
def expert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny")
    convert.convert(tiny_checkpoint(root / "checkpoint"), root / "expert", convert.Options(language_type="F32", projector_type="F32"))
    return root / "expert"


@pytest.fixture
def run() -> Run:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    commands.add_parser(subparsers)
    commands.add_calibrate_parser(subparsers)

    def call(*arguments: object) -> int:
        parsed = parser.parse_args([str(argument) for argument in arguments])
        return int(parsed.run(parsed))

    return call


def noise(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(values).resize((128, 120)).save(path)


def test_a_small_set(expert: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise(tmp_path / "set" / "real" / "a.png", 1)
    noise(tmp_path / "set" / "fake" / "b.png", 2)
    (tmp_path / "set" / "fake" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    printed = []
    for _ in range(2):
        assert run("evaluate", tmp_path / "set", "--expert", expert, "--json") == 3
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1], "two runs are identical"
    document = json.loads(printed[0])
    assert document["schema"] == "telltale.evaluation/1"
    assert (document["counts"]["scored"], document["counts"]["failed"]) == (2, 1)
    assert set(document["metrics"]) >= {"accuracy", "f1", "auc", "ap", "ece", "cllr", "balanced_accuracy", "fpr"}


@pytest.mark.long
def test_from_pictures_to_error_rates(
    expert: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Store().add(expert)
    for number in range(12):
        noise(tmp_path / "first" / "real" / f"{number:02}.png", number)
    results = tmp_path / "results.jsonl"
    assert run("evaluate", tmp_path / "first", "--expert", place.name[:12], "--results", results) == 0
    scores = {name: record.log_odds for name, record in read_records(results)[1].items() if record.log_odds is not None}
    high = set(sorted(scores, key=lambda name: scores[name])[6:])
    for name in scores:
        target = tmp_path / "second" / ("fake" if name in high else "real") / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "first" / name, target)
    with pytest.raises(UsageError, match="calibration-small"):
        run("calibrate", tmp_path / "second", "--expert", place)  # random weights never answer clearly
    really = commands.run

    def answered(*arguments: Any, **named: Any) -> dict[str, Record]:
        return {name: msgspec.structs.replace(record, answer="fake" if Path(name).parts[0] == "fake" else "real")
                for name, record in really(*arguments, **named).items()}

    monkeypatch.setattr(commands, "run", answered)
    assert run("calibrate", tmp_path / "second", "--expert", place, "--domain", "noise") == 0
    said = capsys.readouterr().out
    assert "6 real and 6 fake" in said
    assert 'every finding stays "inconclusive"' in said and "6 real pictures cannot promise 2 % false positives" in said
    kept = load_calibration(card_digest((place / CARD_NAME).read_bytes()))
    assert kept is not None
    assert kept.calibration.domain == "noise"
    assert run("evaluate", tmp_path / "second", "--expert", place, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["metrics"]["auc"] == 1.0
    assert document["calibration"] == kept.calibration.set_id
    assert document["metrics"]["outcomes"] == {"fake": {"inconclusive": 6}, "real": {"inconclusive": 6}}, "12 pictures cannot carry more"
    assert run("calibrate", tmp_path / "second", "--expert", place, "--forget") == 0
    assert Store().verify(place).problems == (), "the expert's own folder is as it was"


def test_arguments_that_do_not_fit(expert: Path, run: Run, tmp_path: Path) -> None:
    noise(tmp_path / "set" / "real" / "a.png", 1)
    with pytest.raises(UsageError, match="dataset-missing"):
        run("evaluate", tmp_path / "nowhere", "--expert", expert)
    with pytest.raises(UsageError, match="target-fpr"):
        run("calibrate", tmp_path / "set", "--expert", expert, "--target-fpr", "5")
    with pytest.raises(UsageError, match="records-invalid"):
        run("evaluate", tmp_path / "set", "--expert", expert, "--against", tmp_path / "none.jsonl")
