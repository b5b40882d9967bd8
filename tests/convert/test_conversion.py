"""What an expert folder contains, and that its own arithmetic is the reference implementation's."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFReader

import convert
from convert.forward import WeightSource, embed, encode, last_state, logits
from convert.job import make_plan
from convert.recipe import load_recipe
from models.cards import check_files, load_card
from models.errors import Cancelled, ConversionError
from tests.references import references
from tests.references.tiny import HEAD_WIDTH, HEADS, PIECES, ROWS, VARIANTS, weights


def cosine(a: Any, b: Any) -> Any:
    """Cosine of the last axis."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def field(reader: GGUFReader, key: str) -> Any:
    """A key's value."""
    return reader.fields[key].contents()


@pytest.mark.parametrize("variant", ["plain", "grouped"])
def test_own_forward_is_the_reference_implementations(checkpoint: Any, variant: str) -> None:
    plan = make_plan(checkpoint(variant=variant), convert.Options())
    arrays = references(variant)
    language, projector = WeightSource(plan.language.weights), WeightSource(plan.projector.weights)
    assert list(plan.prompt.question_ids) == arrays["question_ids"].tolist()
    assert list(plan.prompt.answer_start_ids) == arrays["start_ids"].tolist()
    assert (plan.prompt.fake_ids, plan.prompt.real_ids) == ((int(arrays["fake_id"]),), (int(arrays["real_id"]),))
    for index, picture in enumerate(arrays["pictures"]):
        patches = encode(projector, plan.tower, picture)
        assert cosine(patches, arrays["patches"][index]).min() > 0.999999
        assert cosine(patches, arrays["class_last"][index]).mean() < 0.9
        ids = [*arrays["question_ids"].tolist(), *arrays["start_ids"].tolist()]
        sequence = np.concatenate([embed(language, [1]), patches, embed(language, ids)])
        state = last_state(language, plan.checkpoint.text, sequence)
        assert np.allclose(logits(language, state), arrays["answer_logits"][index], atol=1e-3)
    state = last_state(language, plan.checkpoint.text, embed(language, arrays["text_ids"].tolist()))
    assert np.allclose(logits(language, state), arrays["text_logits"][-1], atol=1e-3)


def test_card_says_everything_that_the_engine_needs(expert: Any) -> None:
    folder = expert("F32", "F32")
    card = load_card(folder)
    check_files(folder, card)
    arrays = references()
    assert card.kind == "detector"
    assert card.prompt.question == "Does the image looks real/fake?"
    assert card.prompt.answer_start == "\nThis is a"
    assert (card.preparation.kind, card.preparation.size) == ("crop", 112)
    assert (card.vision.patch, card.vision.width, card.vision.output_width) == (14, 128, 256)
    assert card.vision.patches(card.preparation.size) == 64
    assert card.generation.usable_vocabulary == PIECES
    assert card.generation.context >= 1 + 64 + len(card.prompt.question_ids) + card.generation.max_tokens
    assert card.source.quantisation["token_embd.weight"] == "F32"
    assert card.source.files["model.safetensors"] != card.language.sha256
    assert card.reference is not None
    with np.load(folder / card.reference.file, allow_pickle=False) as stored:
        assert stored["picture"].shape == (112, 112, 3)
        assert stored["patches"].dtype == np.float16
        assert stored["patches"].shape == (64, 256)
    assert card.reference.log_odds == card.reference.log_odds_unquantised
    assert arrays["log_odds"].shape == (2,)


def test_where_it_points_comes_from_the_recipe_and_fits_the_model(checkpoint: Any, expert: Any, tmp_path: Path) -> None:
    shipped = load_recipe("fakevlm").grounding
    assert shipped.layers == (14,) and shipped.method == "relative-attention" and "not yet chosen on masks" in shipped.source
    assert load_card(expert("F32", "F32")).grounding.layers == (), "the tiny model has no layer 14: no regions rather than a refusal"
    own = tmp_path / "own.toml"
    own.write_text((resources.files("convert") / "recipes" / "fakevlm.toml").read_text("utf-8").replace("[14]", "[1, 3]"), "utf-8")
    card = convert.convert(checkpoint(), tmp_path / "out", convert.Options(recipe=own, reference=False))
    assert card.grounding.layers == (1, 3)


def test_language_file_has_the_keys_and_row_order_that_llama_cpp_reads(expert: Any) -> None:
    reader = GGUFReader(expert("F32", "F32", variant="grouped") / "language.gguf")
    variant = VARIANTS["grouped"]
    assert field(reader, "llama.attention.head_count_kv") == variant.kv_heads
    assert field(reader, "llama.rope.freq_base") == variant.rope_base
    assert field(reader, "tokenizer.ggml.add_eos_token") is False
    assert field(reader, "tokenizer.ggml.add_bos_token") is True
    assert field(reader, "llama.vocab_size") == ROWS == len(field(reader, "tokenizer.ggml.tokens"))
    kinds = field(reader, "tokenizer.ggml.token_type")
    assert kinds[PIECES : PIECES + 3] == [3, 3, 5]
    assert field(reader, "tokenizer.ggml.tokens")[PIECES : PIECES + 3] == ["<image>", "<pad>", f"[PAD{PIECES + 2}]"]
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    assert "output.weight" not in tensors, "tied embeddings are stored once"
    stored = weights(variant)["text.layers.1.self_attn.q_proj.weight"]
    order = np.arange(stored.shape[0]).reshape(HEADS, 2, HEAD_WIDTH // 2).transpose(0, 2, 1).ravel()
    assert np.array_equal(tensors["blk.1.attn_q.weight"].data, stored[order])


def test_projector_file_runs_the_right_number_of_layers(expert: Any) -> None:
    reader = GGUFReader(expert("F32", "F32") / "mmproj.gguf")
    names = {tensor.name for tensor in reader.tensors}
    assert field(reader, "clip.vision.block_count") == 3
    assert field(reader, "clip.vision.feature_layer") == [3]
    assert not any(name.startswith(("v.post_ln", "v.blk.3.")) for name in names)
    assert field(reader, "clip.projector_type") == "mlp"
    assert "clip.use_gelu" not in reader.fields
    last = GGUFReader(expert("F32", "F32", variant="grouped") / "mmproj.gguf")
    assert field(last, "clip.vision.block_count") == 4
    assert field(last, "clip.use_gelu") is True


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the two model files."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("language.gguf", "mmproj.gguf")}


@pytest.mark.parametrize(
    "form", [{"layout": "new"}, {"layout": "v5"}, {"shards": 3}, {"dtype": "F16"}, {"dtype": "F32", "layout": "new", "shards": 2}], ids=str
)
def test_every_form_of_the_same_weights_gives_the_same_files(expert: Any, form: dict[str, Any]) -> None:
    assert digests(expert("Q8_0", "F16", **form)) == digests(expert("Q8_0", "F16"))


@pytest.mark.parametrize("stage", ["open", "projector", "language", "reference", "sources", "finish"])
def test_cancel_leaves_nothing(checkpoint: Any, tmp_path: Path, stage: str) -> None:
    seen: list[str] = []
    with pytest.raises(Cancelled):
        convert.convert(checkpoint(), tmp_path / "out", progress=lambda step: seen.append(step.stage), cancelled=lambda: stage in seen)
    assert list(tmp_path.iterdir()) == []


def test_existing_output_is_never_touched(checkpoint: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("mine")
    with pytest.raises(ConversionError) as caught:
        convert.convert(checkpoint(), out)
    assert caught.value.code == "output-exists"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "mine").read_text() == "mine"
