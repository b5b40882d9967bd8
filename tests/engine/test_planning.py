"""Memory for slots, from the file's own header."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.engine import plan_slots, planning
from models.gguf_scan import GgufHead
from tests.references.tiny import LAYERS, WIDTH


def test_a_7b_slot() -> None:
    head = GgufHead(3, {
        "general.architecture": "llama", "llama.block_count": 32, "llama.attention.head_count": 32, "llama.attention.head_count_kv": 32,
        "llama.embedding_length": 4096,
    }, {})
    assert planning.slot_bytes(head, 1024) == 512 << 20, "as llama.cpp says: 512 MiB for 1024 positions"


@pytest.mark.parametrize(("gibibytes", "slots"), [(0, 1), (1, 1), (64, 4)])
def test_slots_follow_the_free_memory(gibibytes: float, slots: int, tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny("F16")
    monkeypatch.setattr(planning, "available_memory", lambda: int(gibibytes * (1 << 30)))
    assert plan_slots(folder, 8) == slots
    monkeypatch.setattr(planning, "available_memory", lambda: None)
    assert plan_slots(folder, 8) == 1
    assert plan_slots(folder, 1) == 1


def test_the_systems_own_number() -> None:
    available = planning.available_memory()
    assert available is None or available > LAYERS * WIDTH
