"""Tiny experts, converted from the reference checkpoint: one a type, shared by the whole run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import convert
from desktop.engine import Engine, EngineSettings
from models.cards import CARD_NAME, Card, dump_card, file_sha256, load_card
from tests.references import references, tiny_checkpoint

LAYERS = (0, 1, 2, 3)
ONE_THREAD = EngineSettings(threads=1)


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """What transformers gives for the tiny LLaVA."""
    return references("plain")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``tiny("F32")``: the folder of the tiny expert in that type; regions from all its layers, 40 tokens of text."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            root = tmp_path_factory.mktemp(f"tiny-{kind}")
            checkpoint = tiny_checkpoint(root / "checkpoint")
            # The tower of a pair is F16 at least when the language part is smaller.
            options = convert.Options(language_type=kind, projector_type=kind if kind in ("F32", "F16") else "F16")
            convert.convert(checkpoint, root / "expert", options)
            changed(root / "expert", grounding={"layers": LAYERS}, generation={"max_tokens": 40})
            made[kind] = root / "expert"
        return made[kind]

    return make


@pytest.fixture(scope="session")
def shared(tiny: Callable[[str], Path]) -> Iterator[Engine]:
    """One engine on the F32 expert for tests that leave it as they found it."""
    with Engine.open(tiny("F32"), settings=ONE_THREAD) as engine:
        yield engine


def changed(folder: Path, **parts: dict[str, Any]) -> Card:
    """Rewrite the card of ``folder`` with some fields of some parts replaced, file hashes and sizes brought up to date."""
    card = load_card(folder)
    for name, fields in parts.items():
        card = msgspec.structs.replace(card, **{name: msgspec.structs.replace(getattr(card, name), **fields)})
    for name in ("language", "projector"):
        path = folder / getattr(card, name).file
        part = msgspec.structs.replace(getattr(card, name), sha256=file_sha256(path), bytes=path.stat().st_size)
        card = msgspec.structs.replace(card, **{name: part})
    (folder / CARD_NAME).write_bytes(dump_card(card))
    return card


def row_cosine(one: Any, other: Any) -> Any:
    """Cosine of each pair of rows."""
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
