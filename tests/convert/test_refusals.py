"""What cannot be converted is refused by name, and nothing is written."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convert
from models.errors import ConversionError
from tests.references import tiny_checkpoint
from tests.references.tiny import TOKENIZER, VARIANTS, stored_tensors, write_json, write_safetensors, write_shards

PLAIN = VARIANTS["plain"]


def config(**changes: Any) -> Callable[[Path], None]:
    """Change `config.json`; `vision__x` and `text__x` reach into the two halves."""

    def damage(path: Path) -> None:
        value = json.loads((path / "config.json").read_text())
        for key, change in changes.items():
            half, _, inner = key.partition("__")
            target = value[f"{half}_config"] if inner else value
            target[inner or key] = change
        write_json(path / "config.json", value)

    return damage


def tensors(change: Callable[[dict[str, Any]], None], layout: Any = "old") -> Callable[[Path], None]:
    """Change the stored tensors."""

    def damage(path: Path) -> None:
        stored = stored_tensors(PLAIN, layout, "F32")
        change(stored)
        write_safetensors(path / "model.safetensors", stored)

    return damage


def rename(old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def change(stored: dict[str, Any]) -> None:
        for name in [name for name in stored if old in name]:
            stored[name.replace(old, new)] = stored.pop(name)

    return change


def poison(value: float) -> Callable[[dict[str, Any]], None]:
    """One bad number at the end of one weight."""

    def change(stored: dict[str, Any]) -> None:
        name = "language_model.model.layers.2.mlp.up_proj.weight"
        dtype, shape, data = stored[name]
        values = np.frombuffer(data, "<f4").copy()
        values[-1] = value
        stored[name] = (dtype, shape, values.tobytes())

    return change


def sharded(path: Path) -> None:
    (path / "model.safetensors").unlink()
    write_shards(path, stored_tensors(PLAIN, "old", "BF16"), 3)


def without_shard(path: Path) -> None:
    sharded(path)
    (path / "model-00002-of-00003.safetensors").unlink()


def extra_shard(path: Path) -> None:
    sharded(path)
    (path / "model-00004-of-00003.safetensors").write_bytes((path / "model-00001-of-00003.safetensors").read_bytes())


def index(change: Callable[[dict[str, str]], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        sharded(path)
        value = json.loads((path / "model.safetensors.index.json").read_text())
        change(value["weight_map"])
        write_json(path / "model.safetensors.index.json", value)

    return damage


def moved(weight_map: dict[str, str]) -> None:
    weight_map[next(iter(weight_map))] = "model-00003-of-00003.safetensors"


def promised(weight_map: dict[str, str]) -> None:
    weight_map["language_model.model.layers.9.mlp.up_proj.weight"] = "model-00001-of-00003.safetensors"


def only_pickles(path: Path) -> None:
    (path / "model.safetensors").rename(path / "pytorch_model.bin")


def cut(path: Path) -> None:
    data = (path / "model.safetensors").read_bytes()
    (path / "model.safetensors").write_bytes(data[:-1000])


def header(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = (path / "model.safetensors").read_bytes()
        length = int.from_bytes(data[:8], "little")
        value = json.loads(data[8 : 8 + length])
        change(value)
        text = json.dumps(value).encode()
        (path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])

    return damage


def first(value: dict[str, Any], **changes: Any) -> None:
    name = next(key for key in value if key != "__metadata__")
    value[name] |= changes


def no_tokenizer(path: Path) -> None:
    (path / "tokenizer.model").unlink()


def other_tokenizer(path: Path) -> None:
    (path / "tokenizer.model").write_bytes(b"\x0a\x05hello" * 3)


def more_tokens(path: Path) -> None:
    value = json.loads((path / "tokenizer_config.json").read_text())
    value["added_tokens_decoder"]["577"] = {"content": "<more>"}
    write_json(path / "tokenizer_config.json", value)


def preprocessor(**changes: Any) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        value = json.loads((path / "preprocessor_config.json").read_text()) | changes
        write_json(path / "preprocessor_config.json", value)

    return damage


SIGLIP = {"model_type": "siglip_vision_model", "hidden_size": 128, "image_size": 112, "patch_size": 14}
ORIGINAL: list[tuple[str, Callable[[Path], None]]] = [
    ("projector-unsupported", config(mm_projector_type="linear")),
    ("projector-unsupported", config(mm_projector_type="ldpv2")),
    ("tower-unsupported", config(mm_vision_tower="google/siglip-so400m-patch14-384")),
    ("preparation-unsupported", config(image_aspect_ratio="anyres")),
    ("feature-layer-unsupported", config(mm_vision_select_feature="cls_patch")),
]
REFUSED: list[tuple[str, Callable[[Path], None]]] = [
    ("tower-unsupported", config(vision_config=SIGLIP)),
    ("tower-unsupported", config(vision__hidden_act="gelu_pytorch_tanh")),
    ("tower-unsupported", config(vision__intermediate_size=128)),  # as wide as the tower itself
    ("tower-unsupported", tensors(rename("vision_model.embeddings.class_embedding", "vision_model.embeddings.register_tokens"))),
    ("projector-unsupported", config(projector_hidden_act="silu")),
    ("projector-unsupported", tensors(rename("multi_modal_projector.linear_2", "multi_modal_projector.linear_3"))),
    ("projector-unsupported", tensors(rename("mm_projector.2", "mm_projector.4"), "original")),
    ("feature-layer-unsupported", config(vision_feature_layer=-6)),
    ("feature-layer-unsupported", config(vision_feature_layer=5)),
    ("feature-layer-unsupported", config(vision_feature_layer=[-2, -5])),
    ("feature-layer-unsupported", config(vision_feature_select_strategy="full")),
    ("architecture-unsupported", config(model_type="llava_next")),
    ("architecture-unsupported", config(text__model_type="mistral")),
    ("architecture-unsupported", config(text__attention_bias=True)),
    ("architecture-unsupported", tensors(rename("language_model.model.norm.weight", "image_newline"))),
    ("rope-unsupported", config(text__rope_scaling={"type": "linear", "factor": 2.0})),
    ("shard-missing", without_shard),
    ("shard-extra", extra_shard),
    ("shard-index", index(moved)),
    ("shard-index", index(promised)),
    ("shard-index", lambda path: (sharded(path), (path / "model.safetensors.index.json").unlink())[0]),
    ("shape-mismatch", config(text__intermediate_size=768)),
    ("shape-mismatch", config(text__num_hidden_layers=3)),
    ("shape-mismatch", config(vision__image_size=126)),
    ("tensor-missing", config(text__num_hidden_layers=5)),
    ("tensor-missing", tensors(lambda stored: stored.pop("language_model.lm_head.weight"))),
    ("tensor-duplicate", tensors(lambda stored: stored.update({"lm_head.weight": stored["language_model.lm_head.weight"]}))),
    ("tensor-unknown", tensors(lambda stored: stored.update({"talker.weight": stored["language_model.lm_head.weight"]}))),
    ("weight-not-finite", tensors(poison(float("nan")))),
    ("weight-not-finite", tensors(poison(float("inf")))),
    ("weight-overflow", tensors(poison(1e6))),
    ("dtype-unsupported", header(lambda value: first(value, dtype="Q4"))),
    ("checkpoint-pickle", only_pickles),
    ("checkpoint-truncated", cut),
    ("checkpoint-missing", lambda path: (path / "config.json").unlink()),
    ("checkpoint-missing", lambda path: (path / "model.safetensors").unlink()),
    ("safetensors-invalid", lambda path: (path / "model.safetensors").write_bytes(b"not safetensors at all")),
    ("safetensors-invalid", header(lambda value: first(value, shape=[10**15, 10**15]))),
    ("safetensors-invalid", header(lambda value: first(value, data_offsets=[64, 0]))),
    ("config-invalid", lambda path: (path / "config.json").write_text("{")),
    ("config-invalid", config(text__hidden_size=-1)),
    ("config-invalid", config(text__num_key_value_heads=3)),
    ("adapter-unmerged", tensors(rename("q_proj.weight", "q_proj.lora_A.weight"))),
    ("tokenizer-missing", no_tokenizer),
    ("tokenizer-invalid", other_tokenizer),
    ("vocabulary-mismatch", more_tokens),
    ("preparation-unsupported", preprocessor(resample=2)),
    ("preparation-unsupported", preprocessor(size={"shortest_edge": 224})),
]  # fmt: skip


def _refused(path: Path, tmp_path: Path, code: str) -> None:
    out = tmp_path / "out" / "expert"
    with pytest.raises(ConversionError) as caught:
        convert.convert(path, out, convert.Options(language_type="F16", reference=False))
    assert caught.value.code == code
    assert len(caught.value.message) > 20
    assert not out.parent.exists() or list(out.parent.iterdir()) == []


@pytest.mark.parametrize(("code", "damage"), REFUSED, ids=[f"{number}-{code}" for number, (code, _) in enumerate(REFUSED)])
def test_refused(tmp_path: Path, code: str, damage: Callable[[Path], None]) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint", dtype="F32")
    damage(path)
    _refused(path, tmp_path, code)


@pytest.mark.parametrize(("code", "damage"), ORIGINAL, ids=[f"{number}-{code}" for number, (code, _) in enumerate(ORIGINAL)])
def test_original_layout_refused(tmp_path: Path, code: str, damage: Callable[[Path], None]) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint", layout="original")
    damage(path)
    _refused(path, tmp_path, code)


def test_vocabulary_larger_than_the_embedding(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint", dtype="F32")

    def smaller(stored: dict[str, Any]) -> None:
        for name in ("language_model.model.embed_tokens.weight", "language_model.lm_head.weight"):
            dtype, (_, width), data = stored[name]
            stored[name] = (dtype, (500, width), data[: 500 * width * 4])

    tensors(smaller)(path)
    config(text__vocab_size=500)(path)
    _refused(path, tmp_path, "vocabulary-mismatch")


def test_unigram_vocabulary_is_refused(tmp_path: Path) -> None:
    # Trainer settings are field 2 of the model, its kind field 3 in them: 18 … 18 02 (byte pairs) becomes 18 01 (unigram).
    data = TOKENIZER.read_bytes()
    at = data.index(b"\x12", data.rindex(b"\x0a\x0a"))
    path = tiny_checkpoint(tmp_path / "checkpoint")
    changed = [position for position in range(at, len(data) - 1) if data[position : position + 2] == b"\x18\x02"]
    (path / "tokenizer.model").write_bytes(data[: changed[0] + 1] + b"\x01" + data[changed[0] + 2 :])
    _refused(path, tmp_path, "tokenizer-unsupported")


def test_full_disk_is_noticed_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    path = tiny_checkpoint(tmp_path / "checkpoint")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))  # type: ignore[attr-defined]
    _refused(path, tmp_path, "disk-full")


def test_recipes_are_checked(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint")
    for recipe, code in (("nothing", "recipe-unknown"), (tmp_path / "own.toml", "recipe-invalid")):
        (tmp_path / "own.toml").write_text('id = "own"')
        with pytest.raises(ConversionError) as caught:
            convert.convert(path, tmp_path / "out", convert.Options(recipe=recipe))
        assert caught.value.code == code


def test_identifier_is_checked_before_the_work(checkpoint: Any, tmp_path: Path) -> None:
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(), tmp_path / "out", convert.Options(identifier="../My Expert"))
    assert caught.value.code == "identifier-invalid"


def test_answer_words_must_differ(tmp_path: Path) -> None:
    path = tiny_checkpoint(tmp_path / "checkpoint")
    recipe = tmp_path / "own.toml"
    recipe.write_text(
        'id = "own"\nname = "Own"\nkind = "detector"\n[licence]\nid = "CC0-1.0"\n'
        '[prompt]\nquestion = "Real?"\nfake_word = "fake"\nreal_word = "fake"\n'
    )
    with pytest.raises(ConversionError) as caught:
        convert.convert(path, tmp_path / "out", convert.Options(recipe=recipe))
    assert caught.value.code == "answer-words"


@pytest.mark.parametrize("recipe", convert.recipe_names())
def test_every_recipe_that_ships_works(checkpoint: Any, tmp_path: Path, recipe: str) -> None:
    card = convert.convert(checkpoint(), tmp_path / "out", convert.Options(recipe=recipe, reference=False))
    assert card.prompt.fake_ids != card.prompt.real_ids
    assert card.kind in ("detector", "general", "aesthetics")


def test_disk_that_fills_up_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from convert.gguf import Writer

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tiny_checkpoint(tmp_path / "checkpoint")
    monkeypatch.setattr(Writer, "write", full)
    _refused(path, tmp_path, "disk-full")
