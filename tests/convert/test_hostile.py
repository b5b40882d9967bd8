"""A checkpoint is foreign data: whatever stands in its files, the answer is a conversion or a coded refusal."""

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import sentencepiece  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convert
from convert.job import make_plan
from convert.safetensors import read_header
from convert.tokenizer_json import read_tokenizer_json
from convert.vocabulary import Tokeniser, read_sentencepiece
from models.errors import ConversionError
from tests.conftest import ROOT
from tests.references import tiny_checkpoint
from tests.references.tiny import TOKENIZER, write_json

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
ODD: list[Any] = [None, True, "x", "", -1, 0, 1 << 70, 1.5, float("1e308"), [], {}, [[]], {"a": {}}, ["a", "b"], [1, 2, 3]]


def settle(path: Path) -> None:
    """Plan a conversion; the only exception that may come out is a coded one."""
    try:
        make_plan(path, convert.Options())
    except ConversionError as error:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", error.code)


@pytest.mark.parametrize("layout", ["old", "original"])
@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json", "preprocessor_config.json"])
def test_odd_values_in_every_field(tmp_path: Path, layout: Any, file: str) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint", layout=layout)
    whole = json.loads((path / file).read_text())
    places: list[tuple[str, ...]] = [(key,) for key in whole]
    places += [(key, inner) for key, value in whole.items() if isinstance(value, dict) for inner in value]
    places += [("rope_scaling",), ("rope_parameters",), ("text_config", "rope_parameters"), ("vocab_size",), ("image_mean",), ("size",)]
    for place in places:
        for odd in ODD:
            value = json.loads(json.dumps(whole))
            target = value
            for key in place[:-1]:
                target = target.setdefault(key, {})
            target[place[-1]] = odd
            write_json(path / file, value)
            settle(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '"x"', "{", "[" * 100_000, "\ufeff{}", '{"weight_map": []}', '{"weight_map": {"a": 1}}']
)
@pytest.mark.parametrize(
    "file", ["config.json", "tokenizer.json", "added_tokens.json", "model.safetensors.index.json", "processor_config.json"]
)
def test_odd_json(tmp_path: Path, file: str, text: str) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint")
    if file == "tokenizer.json":
        (path / "tokenizer.model").unlink()
    (path / file).write_text(text, encoding="utf-8")
    settle(path)


@QUICK
@given(edits=st.lists(st.tuples(st.integers(0, 12000), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_safetensors(tmp_path: Path, edits: list[tuple[int, int]]) -> None:
    path = tmp_path / "model.safetensors"
    if not path.exists():
        tiny_checkpoint(tmp_path)
    data = bytearray(path.read_bytes())
    for at, value in edits:
        data[at] = value
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(data)
    with contextlib.suppress(ConversionError):
        read_header(damaged)


@QUICK
@given(edits=st.lists(st.tuples(st.integers(0, 7600), st.integers(0, 255)), min_size=1, max_size=4), cut=st.integers(0, 7600))
def test_damaged_vocabulary(tmp_path: Path, edits: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(TOKENIZER.read_bytes())
    for at, value in edits:
        data[min(at, len(data) - 1)] = value
    path = tmp_path / "tokenizer.model"
    for damaged in (data, data[:cut]):
        path.write_bytes(damaged)
        with contextlib.suppress(ConversionError):
            Tokeniser(read_sentencepiece(path)).encode("This is a fake image.")


@pytest.mark.parametrize(
    "change", [{"model": {}}, {"model": None}, {"added_tokens": [1, {"id": "x"}]}, {"normalizer": {"type": "Lowercase"}}]
)
def test_damaged_tokenizer_json(tmp_path: Path, change: dict[str, Any]) -> None:
    value = json.loads(TOKENIZER.with_suffix(".json").read_text(encoding="utf-8")) | change
    write_json(tmp_path / "tokenizer.json", value)
    with contextlib.suppress(ConversionError):
        read_tokenizer_json(tmp_path / "tokenizer.json")
    for key, odd in ((key, odd) for key in ("vocab", "merges", "type", "byte_fallback") for odd in ODD):
        value = json.loads(TOKENIZER.with_suffix(".json").read_text(encoding="utf-8"))
        value["model"][key] = odd
        write_json(tmp_path / "tokenizer.json", value)
        with contextlib.suppress(ConversionError):
            read_tokenizer_json(tmp_path / "tokenizer.json")


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_tokeniser_cuts_as_sentencepiece_does(text: str) -> None:
    ours = Tokeniser(read_sentencepiece(TOKENIZER))
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER))
    if text and "\0" not in text and not any(0xD800 <= ord(character) < 0xE000 for character in text):
        assert list(ours.encode(text)) == theirs.encode(text)


def test_every_code_is_explained() -> None:
    page = (ROOT / "docs" / "bring-your-own-expert.md").read_text(encoding="utf-8")
    found: set[str] = set()
    for path in (ROOT / "convert").glob("*.py"):
        found |= set(re.findall(r'(?:ConversionError|_refuse)\(\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert len(found) > 30
    assert {code for code in found if f"`{code}`" not in page} == set()
