"""`telltale convert --verify`: the finished expert against transformers, picture by picture. Needs the extra `telltale[verify]`.

The engine is handed in by the caller, so that conversion knows nothing of it. The checkpoint is loaded by transformers itself where it
can (llava-hf layouts); an original-layout checkpoint or an adapter is put into transformers' model class tensor by tensor.
"""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from convert.checkpoint_files import read_json
from convert.ggml import Bytes, Floats
from convert.job import Options, Plan, make_plan
from convert.picture import reference_picture
from convert.vocabulary import Tokeniser
from models.cards import Card
from models.errors import ConversionError

TOKENS = 20
MIN_IMAGE_COSINE = 0.99
"""A row below it is shown as a failure whatever the type: that is no rounding any more."""


class _Scored(Protocol):
    @property
    def log_odds(self) -> float: ...


class _Examined(Protocol):
    @property
    def text(self) -> str: ...


class EngineLike(Protocol):
    """What is used of `desktop.engine.Engine`."""

    card: Card

    def encode(self, picture: Bytes) -> Floats: ...
    def score(self, picture: Bytes) -> _Scored: ...
    def examine(self, picture: Bytes) -> _Examined: ...


@dataclass(frozen=True)
class Comparison:
    """One picture. `same_tokens`: how many of the reference's first tokens the engine's text repeats (of `tokens`)."""

    picture: str
    least_cosine: float
    mean_cosine: float
    log_odds: float
    reference_log_odds: float
    same_tokens: int
    tokens: int

    def passed(self, card: Card) -> bool:
        """Embeddings and log-odds are as near as the card's type allows. Text is shown, not judged: one close call changes the rest."""
        allowed = card.reference.max_log_odds_difference if card.reference is not None else float("inf")
        least = min(MIN_IMAGE_COSINE, card.reference.min_cosine) if card.reference is not None else MIN_IMAGE_COSINE
        return self.least_cosine >= least and abs(self.log_odds - self.reference_log_odds) <= 2 * allowed


def available() -> bool:
    """Whether torch and transformers are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "transformers"))


def require() -> None:
    """Raises ConversionError `verify-unavailable` unless torch and transformers are installed."""
    if not available():
        raise ConversionError(
            "verify-unavailable", "--verify needs torch and transformers; install them with: pip install 'telltale[verify]'"
        )


def test_pictures(size: int) -> dict[str, Bytes]:
    """Prepared pictures to compare on: the built-in one and what can be made of it, uint8 (size, size, 3)."""
    first = reference_picture(size)
    return {
        "built-in": first,
        "mirrored": np.ascontiguousarray(first[:, ::-1]),
        "turned": np.ascontiguousarray(np.rot90(first)),
        "inverted": np.asarray(255 - first, np.uint8),
    }


def verify(
    checkpoint: Path,
    engine: EngineLike,
    options: Options,
    *,
    dtype: Literal["float32", "bfloat16"] = "float32",
    progress: Callable[[str], None] | None = None,
) -> list[Comparison]:
    """Compare `engine` (opened on the converted expert) with transformers on `checkpoint`.

    `dtype`: of the reference; `bfloat16` halves its memory (14 GB for 7B) and costs it precision. Raises ConversionError
    `verify-unavailable` when torch or transformers is not installed, and those of `convert`.
    """
    require()
    tell = progress or (lambda _: None)
    plan = make_plan(checkpoint, options)
    tell("loading the reference")
    reference = _Reference(plan, checkpoint, options, dtype)
    rows = []
    for name, picture in test_pictures(engine.card.preparation.size).items():
        tell(name)
        rows.append(_compare(name, picture, engine, reference, Tokeniser(plan.checkpoint.vocabulary)))
    return rows


def table(rows: Sequence[Comparison], card: Card) -> str:
    """The comparisons for people to read."""
    lines = ["picture     embeddings least/mean     log-odds here/reference   same tokens"]
    for row in rows:
        lines.append(
            f"{row.picture:<11} {row.least_cosine:.6f} / {row.mean_cosine:.6f}       {row.log_odds:+8.3f} / {row.reference_log_odds:+8.3f}"
            f"        {row.same_tokens:2d} of {row.tokens}   {'ok' if row.passed(card) else 'DIFFERS'}"
        )
    return "\n".join(lines)


def _compare(name: str, picture: Bytes, engine: EngineLike, reference: "_Reference", words: Tokeniser) -> Comparison:
    patches, odds, ids = reference.answer(picture)
    ours = np.asarray(engine.encode(picture), np.float64)
    cosine = (ours * patches).sum(-1) / (np.linalg.norm(ours, axis=-1) * np.linalg.norm(patches, axis=-1))
    text = _letters(engine.examine(picture).text)
    start = engine.card.prompt.answer_start_ids
    same = 0
    for count in range(1, len(ids) + 1):
        if text.startswith(_letters(words.decode((*start, *ids[:count])))):
            same = count
    return Comparison(name, float(cosine.min()), float(cosine.mean()), engine.score(picture).log_odds, odds, same, len(ids))


def _letters(text: str) -> str:
    """Letters and digits only: the engine leaves out control characters and halves of characters that no one should see."""
    return "".join(character for character in text if character.isalnum())


class _Reference:
    """transformers' model on this checkpoint."""

    def __init__(self, plan: Plan, checkpoint: Path, options: Options, dtype: str) -> None:
        import torch
        import transformers

        self._torch, self._plan = torch, plan
        kind = getattr(torch, dtype)
        config = read_json(checkpoint / "config.json")
        if (
            config.get("model_type") == "llava"
            and "mm_vision_tower" not in config
            and options.lora is None
            and options.vision_tower is None
        ):
            model: Any = transformers.LlavaForConditionalGeneration.from_pretrained(checkpoint, dtype=kind, attn_implementation="eager")
        else:
            model = _filled(plan, transformers, torch, kind)
        self._model = model.eval()
        self._image_token = int(
            model.config.image_token_index if hasattr(model.config, "image_token_index") else model.config.image_token_id
        )

    def answer(self, picture: Bytes) -> tuple[npt.NDArray[np.float64], float, tuple[int, ...]]:
        """(patch embeddings (patches, width), log-odds, the next greedy tokens)."""
        torch, plan, model = self._torch, self._plan, self._model
        prompt = plan.prompt
        values = (picture.astype(np.float32) / 255 - np.array(plan.preparation.mean, np.float32)) / np.array(
            plan.preparation.std, np.float32
        )
        pixels = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)[None])).to(model.dtype)
        usable = plan.checkpoint.vocabulary.usable
        with torch.no_grad():
            features = model.model.get_image_features(pixel_values=pixels)
            features = getattr(features, "pooler_output", features)
            patches = torch.cat([item.reshape(plan.checkpoint.vision.patches, -1) for item in features]).double().numpy()
            ids = [
                *plan.before_ids, *[self._image_token] * plan.checkpoint.vision.patches, *prompt.question_ids,
                *prompt.answer_start_ids,
            ]  # fmt: skip
            greedy: list[int] = []
            odds = 0.0
            for step in range(TOKENS):
                logits = model(input_ids=torch.tensor([ids + greedy]), pixel_values=pixels).logits[0, -1].double()
                if step == 0:
                    odds = float(logits[list(prompt.fake_ids)].logsumexp(0) - logits[list(prompt.real_ids)].logsumexp(0))
                best = int(logits[:usable].argmax())
                if best == prompt.eos_id:
                    break
                greedy.append(best)
        return patches, odds, tuple(greedy)


def _filled(plan: Plan, transformers: Any, torch: Any, kind: Any) -> Any:
    """transformers' model class with the checkpoint's tensors put in by name."""
    text, vision = plan.checkpoint.text, plan.checkpoint.vision
    # One more row than the embedding has: a place for the picture that no token of the checkpoint occupies.
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=vision.width, intermediate_size=vision.inner, num_hidden_layers=vision.layers, num_attention_heads=vision.heads,
            image_size=vision.image, patch_size=vision.patch, hidden_act=vision.activation, layer_norm_eps=vision.epsilon,
        ),
        text_config=transformers.LlamaConfig(
            vocab_size=text.vocabulary + 1, hidden_size=text.width, intermediate_size=text.inner, num_hidden_layers=text.layers,
            num_attention_heads=text.heads, num_key_value_heads=text.kv_heads, head_dim=text.head_width, rms_norm_eps=text.rms_epsilon,
            max_position_embeddings=text.context, rope_theta=text.rope_base, tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": text.rope_base},
        ),
        image_token_index=text.vocabulary, vision_feature_layer=plan.checkpoint.used_layers, attn_implementation="eager",
    )  # fmt: skip
    model = transformers.LlavaForConditionalGeneration(config).to(kind)
    names: dict[str, Any] = dict(model.state_dict())
    loaders = {weight.source: weight for weight in (*plan.language.weights, *plan.projector.weights)}
    for name, tensor in plan.checkpoint.tensors.items():
        target = _module_name(name, names)
        weight = loaders.get(tensor)
        values = tensor.rows(0, tensor.matrix[0])
        if weight is not None and weight.delta is not None:
            values = values + weight.delta(0, tensor.matrix[0])
        rows = torch.from_numpy(values.reshape(tensor.shape)).to(kind)
        names[target][: rows.shape[0]].copy_(rows)
    if text.tied:
        names["lm_head.weight"][: text.vocabulary].copy_(names[_module_name("text.embed_tokens.weight", names)][: text.vocabulary])
    return model


def _module_name(canonical: str, names: dict[str, Any]) -> str:
    root, _, rest = canonical.partition(".")
    if root == "projector":
        number, _, part = rest.partition(".")
        return f"model.multi_modal_projector.linear_{1 if number == '0' else 2}.{part}"
    if root == "vision":
        return next(n for n in (f"model.vision_tower.vision_model.{rest}", f"model.vision_tower.{rest}") if n in names)
    return rest if rest.startswith("lm_head") else f"model.language_model.{rest}"
