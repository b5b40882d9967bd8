"""Every form that a checkpoint comes in gives the weights that the reference implementation would load."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece  # type: ignore[import-untyped]

import convert
from convert.forward import WeightSource
from convert.job import make_plan
from convert.tokenizer_json import read_tokenizer_json
from convert.vocabulary import Kind, Tokeniser, read_sentencepiece
from models.cards import load_card
from models.errors import ConversionError
from tests.convert.test_conversion import digests
from tests.references import tiny_checkpoint
from tests.references.tiny import PIECES, TOKENIZER, VARIANTS, stored_tensors, write_adapter, write_json, write_safetensors, write_tower

TEXTS = (
    "Does the image looks real/fake?",
    "This is a fake image. The shadows  do not fit.",
    " leading space",
    "trailing ",
    "\nThis is a",
    "naïve café — 照片 🙂",
    "a",
    "  ",
    "<image> <pad> </s>",
    "UPPER lower 0123456789 !?.,;:()[]{}",
)


def test_original_layout_is_the_same_network_with_padded_pictures(expert: Any) -> None:
    folder = expert("F16", "F16", layout="original")
    card = load_card(folder)
    assert card.preparation.kind == "pad"
    theirs = load_card(expert("F16", "F16"))
    assert digests(folder)["mmproj.gguf"] == theirs.projector.sha256
    assert card.reference is not None
    assert theirs.reference is not None
    assert card.reference.log_odds == theirs.reference.log_odds


def test_tower_from_another_folder(checkpoint: Any, expert: Any, tmp_path: Path) -> None:
    bare = checkpoint(layout="original-no-tower")
    with pytest.raises(ConversionError) as caught:
        convert.convert(bare, tmp_path / "out")
    assert caught.value.code == "tower-missing"
    write_tower(tmp_path / "tower", VARIANTS["plain"])
    options = convert.Options(language_type="F16", vision_tower=tmp_path / "tower", reference=False)
    card = convert.convert(bare, tmp_path / "out", options)
    assert card.projector.sha256 == load_card(expert("F16", "F16", layout="original")).projector.sha256
    assert "tower/model.safetensors" in card.source.files
    (tmp_path / "tower" / "config.json").unlink()
    again = convert.convert(bare, tmp_path / "without-config", options)
    assert again.projector.sha256 == card.projector.sha256, "the checkpoint's own vision_config stands in"


def test_tower_that_does_not_belong(checkpoint: Any, tmp_path: Path) -> None:
    write_tower(tmp_path / "tower", VARIANTS["plain"])
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(), tmp_path / "out", convert.Options(vision_tower=tmp_path / "tower"))
    assert caught.value.code == "tower-present"
    config = json.loads((tmp_path / "tower" / "config.json").read_text())
    config["vision_config"]["hidden_size"] = 64
    write_json(tmp_path / "tower" / "config.json", config)
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(layout="original-no-tower"), tmp_path / "out", convert.Options(vision_tower=tmp_path / "tower"))
    assert caught.value.code == "shape-mismatch"


@pytest.mark.parametrize("layout", ["old", "new"])
def test_adapter_is_merged_while_streaming(checkpoint: Any, tmp_path: Path, layout: str) -> None:
    merged = write_adapter(tmp_path / "adapter", VARIANTS["plain"])
    base = checkpoint(layout=layout)
    plan = make_plan(base, convert.Options(lora=tmp_path / "adapter"))
    whole = tiny_checkpoint(tmp_path / "merged", dtype="F32")
    tensors = stored_tensors(VARIANTS["plain"], "old", "F32")
    for name, values in merged.items():
        stored = next(key for key in tensors if key.endswith(_tail(name)))
        tensors[stored] = ("F32", values.shape, values.astype("<f4").tobytes())
    write_safetensors(whole / "model.safetensors", tensors)
    wanted = make_plan(whole, convert.Options())
    for ours, theirs in ((plan.language, wanted.language), (plan.projector, wanted.projector)):
        mine, reference = WeightSource(ours.weights), WeightSource(theirs.weights)
        for weight in ours.weights:
            assert np.allclose(mine.values(weight.name), reference.values(weight.name), atol=1e-6), weight.name
    card = convert.convert(base, tmp_path / "out", convert.Options(lora=tmp_path / "adapter", reference=False))
    assert "adapter/adapter_model.safetensors" in card.source.files


def _tail(name: str) -> str:
    if name.startswith("projector."):
        return f"linear_{'1' if name[10] == '0' else '2'}.{name[12:]}"
    return "." + name.removeprefix("text.") if name.startswith("text.") else "vision_tower.vision_model." + name.removeprefix("vision.")


def test_slabs_of_an_adapter_are_the_whole(tmp_path: Path, checkpoint: Any) -> None:
    write_adapter(tmp_path / "adapter", VARIANTS["plain"])
    plan = make_plan(checkpoint(), convert.Options(lora=tmp_path / "adapter"))
    weight = next(item for item in plan.language.weights if item.name == "blk.0.attn_q.weight")
    assert np.array_equal(np.concatenate([weight.rows(0, 64), weight.rows(64, 256)]), weight.rows(0, 256))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"peft_type": "LOHA"}, "adapter-unsupported"),
        ({"use_dora": True}, "adapter-unsupported"),
        ({"lora_alpha": None}, "adapter-invalid"),
        ({"alpha_pattern": {".*q_proj": 4}}, "adapter-unsupported"),
    ],
)
def test_adapters_that_cannot_be_merged(checkpoint: Any, tmp_path: Path, change: dict[str, Any], code: str) -> None:
    write_adapter(tmp_path, VARIANTS["plain"])
    config = json.loads((tmp_path / "adapter_config.json").read_text()) | change
    write_json(tmp_path / "adapter_config.json", config)
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(), tmp_path / "out", convert.Options(lora=tmp_path))
    assert caught.value.code == code


def test_adapter_of_another_model(checkpoint: Any, tmp_path: Path) -> None:
    write_adapter(tmp_path / "adapter", VARIANTS["plain"])
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(variant="grouped"), tmp_path / "out", convert.Options(lora=tmp_path / "adapter"))
    assert caught.value.code == "adapter-mismatch"
    (tmp_path / "adapter" / "non_lora_trainables.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(), tmp_path / "out", convert.Options(lora=tmp_path / "adapter"))
    assert caught.value.code == "checkpoint-pickle"
    with pytest.raises(ConversionError) as caught:
        convert.convert(tmp_path / "adapter", tmp_path / "out")
    assert caught.value.code == "adapter-unmerged"


def test_vocabulary_is_sentencepieces_own() -> None:
    vocabulary = read_sentencepiece(TOKENIZER)
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER))
    assert len(vocabulary.pieces) == PIECES == theirs.get_piece_size()
    for number, piece in enumerate(vocabulary.pieces):
        assert piece.text == theirs.id_to_piece(number)
        assert piece.score == theirs.get_score(number)
        assert (piece.kind is Kind.BYTE) == theirs.is_byte(number)
    words = Tokeniser(vocabulary)
    for text in TEXTS:
        assert list(words.encode(text)) == theirs.encode(text), text
        assert words.decode(words.encode(text)) == " " + text


def test_tokenizer_json_cuts_and_writes_the_same(checkpoint: Any, tmp_path: Path) -> None:
    model = read_sentencepiece(TOKENIZER)
    table, added = read_tokenizer_json(TOKENIZER.with_suffix(".json"))
    assert [(p.text, p.kind) for p in table.pieces] == [(p.text, p.kind) for p in model.pieces]
    assert added == {PIECES: "<image>", PIECES + 1: "<pad>"}
    assert table.space_prefix
    for text in TEXTS:
        assert Tokeniser(table).encode(text) == Tokeniser(model).encode(text), text
    ours = make_plan(checkpoint(tokenizer="json"), convert.Options())
    theirs = make_plan(checkpoint(), convert.Options())
    assert ours.prompt == theirs.prompt
    assert [(p.text, p.kind) for p in ours.checkpoint.vocabulary.pieces] == [(p.text, p.kind) for p in theirs.checkpoint.vocabulary.pieces]
    assert ours.checkpoint.vocabulary.usable == PIECES


def test_configuration_that_omits_llamas_defaults(tmp_path: Path) -> None:
    from convert.shapes import CLIP_L_336, llava_shape

    shape = llava_shape(
        {
            "model_type": "llava",
            "text_config": {"model_type": "llama", "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "vocab_size": 32064},
        }
    )
    text = shape.text
    assert (text.width, text.inner, text.layers, text.heads, text.kv_heads, text.head_width) == (4096, 11008, 32, 32, 32, 128)
    assert (text.rope_base, text.rms_epsilon, text.context, text.vocabulary) == (10000.0, 1e-5, 4096, 32064)
    assert shape.vision == CLIP_L_336
    assert shape.used_layers(CLIP_L_336) == 23
