"""Where the expert looked: attention equals the reference mathematics, maps belong to their sentences, hiding is exact."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece

from desktop.engine import Engine, EngineSettings
from desktop.engine.claims import relative
from models.errors import Cancelled, ExpertError
from tests.engine.conftest import LAYERS, ONE_THREAD, changed
from tests.references.tiny import HEAD_WIDTH, HEADS, TOKENIZER, VARIANTS, weights

QUESTION = "What do you see in this picture?"
SIDE = 8


def llama_attention(patches: Any, question_ids: list[int]) -> Any:
    """Attention of the last token to the patches, (layers, heads, patches), by plain NumPy in float64: LLaMA as it is defined."""
    every = weights(VARIANTS["plain"])
    w = {name.removeprefix("text."): value.astype(np.float64) for name, value in every.items() if name.startswith("text.")}
    table = w["embed_tokens.weight"]
    x = np.concatenate([table[[1]], patches.astype(np.float64), table[question_ids]])
    count = len(x)
    angles = np.arange(count)[:, None] * 10000.0 ** (-np.arange(0, HEAD_WIDTH, 2) / HEAD_WIDTH)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]

    def norm(v: Any, weight: Any) -> Any:
        return v / np.sqrt((v * v).mean(-1, keepdims=True) + 1e-5) * weight

    def turned(v: Any) -> Any:
        v = v.reshape(count, HEADS, HEAD_WIDTH)
        a, b = v[..., : HEAD_WIDTH // 2], v[..., HEAD_WIDTH // 2:]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    found = []
    for layer in LAYERS:
        p = f"layers.{layer}."
        h = norm(x, w[p + "input_layernorm.weight"])
        q, k = turned(h @ w[p + "self_attn.q_proj.weight"].T), turned(h @ w[p + "self_attn.k_proj.weight"].T)
        v = (h @ w[p + "self_attn.v_proj.weight"].T).reshape(count, HEADS, HEAD_WIDTH)
        scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(HEAD_WIDTH) + np.triu(np.full((count, count), -np.inf), 1)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        found.append(shares[:, -1, 1:1 + len(patches)])
        x = x + np.einsum("hqk,khd->qhd", shares, v).reshape(count, -1) @ w[p + "self_attn.o_proj.weight"].T
        h = norm(x, w[p + "post_attention_layernorm.weight"])
        gate = h @ w[p + "mlp.gate_proj.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w[p + "mlp.up_proj.weight"].T)) @ w[p + "mlp.down_proj.weight"].T
    return np.stack(found)


def test_attention_is_the_reference_mathematics(shared: Engine, reference: dict[str, Any]) -> None:
    ids = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER)).encode(QUESTION)
    for number, picture in enumerate(reference["pictures"]):
        got = shared.attention(picture, QUESTION)
        wanted = llama_attention(reference["patches"][number], ids).mean(axis=1).reshape(len(LAYERS), SIDE, SIDE)
        assert got.shape == wanted.shape
        assert np.abs(got - wanted).max() < 1e-3
        assert np.corrcoef(got.ravel(), wanted.ravel())[0, 1] > 0.9999


@pytest.fixture(scope="module")
def speaking(tiny: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An expert whose forced start already holds the verdict sentence, so that all it generates belongs to a claim."""
    folder = Path(shutil.copytree(tiny("F32"), tmp_path_factory.mktemp("speaking") / "expert"))
    changed(folder, prompt={"answer_start": "\nThis is a fake image. The skin is"})
    return folder


def test_a_claim_has_its_place_and_its_map(speaking: Path, reference: dict[str, Any]) -> None:
    with Engine.open(speaking, settings=ONE_THREAD) as engine:
        for picture in reference["pictures"]:
            done = engine.examine(picture)
            assert done.grounding == "relative-attention" and done.claims
            for claim in done.claims:
                assert done.text[claim.span[0]:claim.span[1]] == claim.text
                assert claim.span[0] > done.text.index("image."), "the verdict's own sentence is no claim"
            first = done.claims[0].map
            assert first is not None and first.shape == (SIDE, SIDE) and first.dtype == np.float32
            assert (first >= 0).all() and first.mean() == pytest.approx(1.0, abs=1e-4)
            assert first.std() > 1e-3


def test_other_methods_and_no_layers(speaking: Path, tmp_path: Path, reference: dict[str, Any]) -> None:
    folder = Path(shutil.copytree(speaking, tmp_path / "expert"))
    picture = reference["pictures"][0]
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        relative = engine.examine(picture)
    changed(folder, grounding={"method": "attention"})
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        plain = engine.examine(picture)
    changed(folder, grounding={"layers": ()})
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        none = engine.examine(picture)
        with pytest.raises(ExpertError, match="attention-unreadable"):
            engine.attention(picture, QUESTION)
    assert relative.text == plain.text == none.text and relative.score == plain.score == none.score
    assert plain.grounding == "attention" and none.grounding == "the card names no layers for regions"
    assert relative.claims[0].map is not None and plain.claims[0].map is not None and none.claims[0].map is None
    assert not np.allclose(relative.claims[0].map, plain.claims[0].map)


def test_a_trace_holds_what_the_maps_are_made_of(speaking: Path, tmp_path: Path, reference: dict[str, Any]) -> None:
    folder = Path(shutil.copytree(speaking, tmp_path / "expert"))
    changed(folder, grounding={"layers": (1, 2), "heads": ((1, 0), (1, 3), (2, 1))})
    picture = reference["pictures"][0]
    with Engine.open(folder, settings=EngineSettings(threads=1, every_layer=True)) as engine:
        trace = engine.trace(picture)
        assert trace.baseline.shape == (4, HEADS, SIDE, SIDE)
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        done = engine.examine(picture)
        assert engine.facts["capture"] == [1, 2]
        asked = engine.attention(picture, engine.card.grounding.baseline_question)
    assert trace.text == done.text and trace.score == done.score and len(trace.claims) == len(trace.spans) > 0
    wanted = np.stack([trace.baseline[1, [0, 3]].mean(axis=0), trace.baseline[2, 1]])
    np.testing.assert_allclose(asked, wanted, rtol=1e-6)
    drafts = {claim.span: claim.map for claim in done.claims}
    for span, claim in zip(trace.spans, trace.claims, strict=True):
        rows = np.stack([claim[1, [0, 3]].mean(axis=0), claim[2, 1]])
        made = relative(rows.reshape(2, -1), wanted.reshape(2, -1)).reshape(SIDE, SIDE)
        np.testing.assert_allclose(drafts[span], made, rtol=1e-5)


def test_patch_contrast_needs_no_attention(speaking: Path, tmp_path: Path, reference: dict[str, Any]) -> None:
    folder = Path(shutil.copytree(speaking, tmp_path / "expert"))
    changed(folder, grounding={"method": "patch-contrast", "layers": ()})
    first, second = reference["pictures"][:2]
    with Engine.open(folder, settings=EngineSettings(threads=1, slots=2)) as engine:
        assert engine.facts["capture"] == []
        one, rows = engine.examine(first), engine.encode(first).astype(np.float64)
        with ThreadPoolExecutor(2) as pool:
            many = list(pool.map(engine.examine, (second, first)))
    mean = rows.mean(axis=0)
    wanted = 1 - rows @ mean / np.linalg.norm(rows, axis=1) / np.linalg.norm(mean)
    assert one.grounding.startswith("patch-contrast") and one.claims
    for claim in one.claims:
        np.testing.assert_allclose(claim.map, wanted.reshape(SIDE, SIDE), atol=1e-6)
    again = many[1]
    assert not isinstance(again, Exception)
    assert all(claim.map is not None and (claim.map == one.claims[0].map).all() for claim in again.claims) and again.claims


def test_hiding_nothing_changes_nothing(shared: Engine, reference: dict[str, Any]) -> None:
    picture = reference["pictures"][0]
    hidden = np.zeros((SIDE, SIDE), np.bool_)
    score = shared.score(picture)
    assert shared.score_hidden(picture, hidden) == score
    hidden[2:4, 3:6] = True
    once, twice = shared.score_hidden(picture, hidden), shared.score_hidden(picture, hidden)
    assert once == twice and once != score
    assert shared.score(picture) == score
    with pytest.raises(ValueError, match="hidden"):
        shared.score_hidden(picture, hidden[:3])


def test_questions_reuse_the_picture_and_never_change_the_score(shared: Engine, reference: dict[str, Any]) -> None:
    a, b = reference["pictures"]
    score = shared.score(a)
    first = shared.ask(a, QUESTION)
    assert first.reused and first.experimental and first.text
    again, other = shared.ask(a, QUESTION), shared.ask(a, "Where was it made, by whom and when?")
    assert again.reused and other.reused
    assert again.text == first.text and other.text != first.text
    assert not shared.ask(b, QUESTION).reused
    assert shared.ask(a, QUESTION).text == first.text, "whether the picture's state was there already or not"
    assert shared.score(a) == score
    assert not shared.ask(a, shared.card.prompt.question).experimental
    assert first.first_token_s > 0 and first.seconds >= first.first_token_s


def test_a_question_can_be_cancelled(shared: Engine, reference: dict[str, Any]) -> None:
    pieces: list[str] = []
    with pytest.raises(Cancelled):
        shared.ask(reference["pictures"][0], QUESTION, on_text=pieces.append, cancelled=lambda: len(pieces) > 2)
    assert len(pieces) > 2
    assert shared.ask(reference["pictures"][0], QUESTION).text_state in ("complete", "cut-off")


def test_a_question_that_does_not_fit(shared: Engine, reference: dict[str, Any]) -> None:
    with pytest.raises(ExpertError, match="context-too-small"):
        shared.ask(reference["pictures"][0], "Where? " * 500)
    assert shared.ask(reference["pictures"][0], QUESTION).text


def test_without_capture_nothing_is_read(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    with Engine.open(tiny("F32"), settings=EngineSettings(threads=1, capture=False)) as engine:
        assert engine.facts["capture"] == []
        with pytest.raises(ExpertError, match="attention-unreadable"):
            engine.attention(reference["pictures"][0], QUESTION)
