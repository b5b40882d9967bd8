"""``telltale report`` from the command line."""

import argparse
import json
from pathlib import Path

import msgspec
import pytest

from desktop import document
from desktop.commands.report import add_parser
from desktop.report import write_bundle
from models.errors import UsageError
from samples import documents
from tests.report import keys


def telltale(*words: object) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["report", *(str(word) for word in words)])
    return int(arguments.run(arguments))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(documents.analysis(), None, tmp_path / "out")


def test_verify(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert telltale("verify", bundle) == 0
    assert "not signed" in (out := capfd.readouterr().out) and out.endswith("the bundle holds\n")
    (bundle / "data" / "report" / "report.html").write_text("forged")
    assert telltale("verify", bundle) == 5 and "FAILED data/report/report.html: was changed" in capfd.readouterr().out
    assert telltale("verify", bundle, "--json") == 5
    assert json.loads(capfd.readouterr().out)["problems"][0]["path"] == "data/report/report.html"
    with pytest.raises(UsageError, match="bundle-missing"):
        telltale("verify", bundle / "no")


def test_repeat(bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    again = tmp_path / "again.json"
    again.write_bytes(document.encode(documents.analysis()))
    assert telltale("repeat", bundle, again) == 0 and "bit for bit" in capfd.readouterr().out
    opinion = msgspec.structs.replace(documents.analysis().opinions[0], log_odds=2.0)
    again.write_bytes(document.encode(documents.analysis(opinions=(opinion,))))
    assert telltale("repeat", bundle, again) == 5
    with pytest.raises(UsageError, match="repeat-unreadable"):
        telltale("repeat", bundle, tmp_path / "none")


def test_stamp(bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    authority, _ = keys.time_authority(tmp_path)
    (tmp_path / "a.tsr").write_bytes(authority((bundle / "signatures" / "tagmanifest-sha256.txt.tsq").read_bytes()))
    assert telltale("stamp", bundle, tmp_path / "a.tsr") == 0
    assert telltale("verify", bundle) == 0 and "time-stamp: 20" in capfd.readouterr().out
