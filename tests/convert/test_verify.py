"""`--verify` against transformers; only where torch is installed (`make references` has such an environment)."""

from pathlib import Path
from typing import Any

import pytest

import convert
from convert import verify
from desktop.engine import Engine, EngineSettings
from models.errors import ConversionError
from tests.references import tiny_checkpoint
from tests.references.tiny import VARIANTS, write_adapter

needs_torch = pytest.mark.skipif(not verify.available(), reason="torch and transformers are not installed")


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verify, "available", lambda: False)
    with pytest.raises(ConversionError, match="verify-unavailable"):
        verify.verify(tmp_path, None, convert.Options())  # type: ignore[arg-type]


@needs_torch
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("form", "lora"),
    [({"layout": "old"}, False), ({"layout": "original", "variant": "grouped"}, False), ({"layout": "new"}, True)],
    ids=str,
)
def test_against_transformers(tmp_path: Path, form: dict[str, Any], lora: bool) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "checkpoint", **form)
    if lora:
        write_adapter(tmp_path / "adapter", VARIANTS["plain"])
    options = convert.Options(language_type="F32", projector_type="F32", lora=tmp_path / "adapter" if lora else None)
    convert.convert(checkpoint, tmp_path / "expert", options)
    with Engine.open(tmp_path / "expert", settings=EngineSettings(threads=1)) as engine:
        rows = verify.verify(checkpoint, engine, options)
        print(verify.table(rows, engine.card))
        for row in rows:
            assert row.least_cosine >= 0.9999
            assert abs(row.log_odds - row.reference_log_odds) < 0.02
            assert row.passed(engine.card)
            assert row.same_tokens >= 12, "random weights leave close calls; the first words agree"


def test_a_table_says_what_differs(expert: Any) -> None:
    from models.cards import load_card

    card = load_card(expert("F32", "F32"))
    good = verify.Comparison("built-in", 0.99999, 0.99999, 1.0, 1.001, 20, 20)
    bad = verify.Comparison("mirrored", 0.5, 0.9, 1.0, 3.0, 2, 20)
    assert good.passed(card)
    assert not bad.passed(card)
    lines = verify.table([good, bad], card).splitlines()
    assert lines[1].endswith("ok")
    assert lines[2].endswith("DIFFERS")
