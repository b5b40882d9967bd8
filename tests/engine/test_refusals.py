"""Experts that must not speak: damaged, tampered with, converted wrongly, or read differently by llama.cpp than they were trained."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from desktop.engine import Engine, EngineSettings
from models.cards import load_card
from models.errors import Cancelled, ExpertError
from tests.engine.conftest import ONE_THREAD, changed


@pytest.fixture
def copy(tiny: Callable[[str], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny("F16"), tmp_path / "expert"))


def refused(folder: Path, settings: EngineSettings = ONE_THREAD) -> str:
    with pytest.raises(ExpertError) as caught:
        Engine.open(folder, settings=settings)
    assert caught.value.message and "/" not in caught.value.message.replace("and/or", "")
    return caught.value.code


def rewrite(path: Path, change: Callable[[str, Any], Any], rename: Callable[[str], str] = lambda name: name) -> None:
    """Write a GGUF anew with tensors changed (None leaves one out)."""
    reader = gguf.GGUFReader(str(path))
    out = path.with_suffix(".new")
    writer = gguf.GGUFWriter(out, reader.get_field("general.architecture").contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind = field.types[0]
        writer.add_key_value(name, field.contents(), kind, field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
    for tensor in reader.tensors:
        data = change(tensor.name, np.array(tensor.data))
        if data is not None:
            writer.add_tensor(rename(tensor.name), data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    out.replace(path)


def test_one_flipped_bit_is_refused_before_anything_native_reads_it(copy: Path) -> None:
    path = copy / load_card(copy).projector.file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert refused(copy) == "expert-damaged"


def test_a_missing_file(copy: Path) -> None:
    (copy / load_card(copy).language.file).unlink()
    assert refused(copy) == "expert-incomplete"


def test_a_tower_with_other_values_fails_the_self_test(copy: Path) -> None:
    """The hash is right (the card was rewritten), the numbers are not."""
    card = load_card(copy)
    rewrite(copy / card.projector.file, lambda name, data: data[::-1].copy() if name == "v.position_embd.weight" else data)
    changed(copy)
    assert refused(copy) == "self-test-failed"


def test_a_language_model_with_other_values_fails_the_self_test(copy: Path) -> None:
    card = load_card(copy)
    rewrite(copy / card.language.file, lambda name, data: data[::-1].copy() if name == "output.weight" else data)
    changed(copy)
    assert refused(copy) == "self-test-failed"


@pytest.mark.parametrize("missing", ["v.pre_ln.weight", "v.class_embd"])
def test_a_tower_that_cannot_be_corrected(missing: str, copy: Path) -> None:
    rewrite(copy / load_card(copy).projector.file, lambda name, data: None if name == missing else data)
    changed(copy)
    assert refused(copy) == "class-order-not-corrected"


def test_another_question_than_the_card_says(copy: Path) -> None:
    card = load_card(copy)
    changed(copy, prompt={"question_ids": (*card.prompt.question_ids[:-1], card.prompt.question_ids[-1] + 1)})
    assert refused(copy) == "prompt-ids-differ"


def test_token_ids_outside_the_vocabulary(copy: Path) -> None:
    changed(copy, prompt={"fake_ids": (1_000_000,)})
    assert refused(copy) == "expert-shape-differs"


def test_layers_that_do_not_exist(copy: Path) -> None:
    changed(copy, grounding={"layers": (0, 99)})
    assert refused(copy) == "expert-shape-differs"


def test_another_normalisation_than_the_card_says(copy: Path) -> None:
    changed(copy, preparation={"mean": (0.5, 0.5, 0.5)})
    assert refused(copy) == "expert-shape-differs"


def test_a_context_without_room(copy: Path) -> None:
    changed(copy, generation={"context": 32})
    assert refused(copy) == "context-too-small"


def test_a_language_file_that_is_no_model(copy: Path) -> None:
    path = copy / load_card(copy).language.file
    path.write_bytes(path.read_bytes()[:512])
    changed(copy)
    assert refused(copy) == "gguf-invalid"


def test_too_little_memory_is_told_as_such(tiny: Callable[[str], Path]) -> None:
    assert refused(tiny("F32"), EngineSettings(threads=1, memory_limit=300 << 20)) == "engine-out-of-memory"


def test_a_cancelled_start_leaves_no_process(tiny: Callable[[str], Path]) -> None:
    with pytest.raises(Cancelled):
        Engine.open(tiny("F32"), settings=ONE_THREAD, cancelled=lambda: True)


def test_pictures_of_another_size_or_type(shared: Engine) -> None:
    for picture in (np.zeros((10, 10, 3), np.uint8), np.zeros((112, 112, 3), np.float32), np.zeros((112, 112), np.uint8)):
        with pytest.raises(ValueError, match="prepared"):
            shared.score(picture)  # type: ignore[arg-type]


def test_a_large_expert_repeats_only_the_vision_part_of_a_passed_test(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the whole test passed with these very files on this machine. What it proved is remembered, not assumed."""
    from desktop.engine import choosing, link

    monkeypatch.setattr(link, "LARGE", 1)
    with Engine.open(copy, settings=ONE_THREAD) as engine:
        facts, expert, configuration = engine.facts, engine.card_sha256, engine.configuration
    assert choosing.proof(expert, configuration) == facts["self_test"]
    with Engine.open(copy, settings=ONE_THREAD) as engine:
        assert engine.facts == facts
    choosing.note(expert, configuration, {"self_test": {**facts["self_test"], "log_odds": facts["self_test"]["log_odds"] + 100.0}})
    with Engine.open(copy, settings=ONE_THREAD) as engine:
        assert engine.facts == facts, "a remembered number that cannot be is not believed"
    changed(copy, generation={"max_tokens": 41})
    with Engine.open(copy, settings=ONE_THREAD) as engine:
        assert engine.facts["self_test"] == facts["self_test"], "another card is another expert: tested whole again"
