"""A tiny LLaVA-1.5 with random weights, written in every layout that checkpoints come in. NumPy only.

Weights are small integers times powers of two, from the raw (and therefore stable) stream of a PCG64: they are the same with every
NumPy, and exactly the same numbers in bf16, f16 and f32, so that one set of references holds for every layout and type. Position
embeddings are as large as the patches' own, so that a wrong order of tokens shows.
"""

import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Layout = Literal["old", "new", "v5", "original", "original-no-tower"]
Dtype = Literal["F32", "F16", "BF16"]
Tensors = dict[str, tuple[str, tuple[int, ...], bytes]]
"""Stored name -> (safetensors type, shape, little-endian bytes)."""

HERE = Path(__file__).parent
TOKENIZER = HERE / "tokenizer.model"
PIECES = 512
IMAGE_ID, PAD_ID, ROWS = PIECES, PIECES + 1, 576
SIDE, PATCH, PATCHES = 112, 14, 64
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
QUESTION = "Does the image looks real/fake?"
ANSWER_START = "\nThis is a"


@dataclass(frozen=True)
class Variant:
    """`plain`: as LLaVA-1.5. `grouped`: grouped queries, tied embeddings, another feature layer, exact GELU in the tower."""

    name: str = "plain"
    seed: int = 4
    kv_heads: int = 4
    tied: bool = False
    feature_layer: int = -2
    activation: str = "quick_gelu"
    rope_base: float = 10000.0


VARIANTS = {
    "plain": Variant(),
    "grouped": Variant("grouped", 3, kv_heads=2, tied=True, feature_layer=-1, activation="gelu", rope_base=50000.0),
}
VISION_WIDTH, VISION_INNER, VISION_LAYERS, VISION_HEADS = 128, 512, 4, 4
WIDTH, INNER, LAYERS, HEADS = 256, 512, 4, 4
HEAD_WIDTH = WIDTH // HEADS


def _integers(seed: int, name: str, count: int, limit: int) -> npt.NDArray[np.int64]:
    stream = np.random.PCG64(seed * 1_000_003 + zlib.crc32(name.encode()))
    raw = np.asarray(stream.random_raw(count), np.uint64)
    return (raw >> np.uint64(33)).astype(np.int64) % (2 * limit + 1) - limit


def _make(seed: int, name: str, shape: tuple[int, ...]) -> Floats:
    count = math.prod(shape)
    if "norm" in name and name.endswith("weight"):
        values = 1 + _integers(seed, name, count, 32) / 128
    elif name.endswith(("position_embedding.weight", "class_embedding", "embed_tokens.weight")):
        values = _integers(seed, name, count, 127) / 128
    elif name == "text.lm_head.weight":
        values = _integers(seed, name, count, 127) / 256
    else:
        exponent = 10 if (shape[-1] <= 256 and len(shape) == 2) or len(shape) == 1 else 11
        values = _integers(seed, name, count, 127) / (1 << exponent)
    return values.reshape(shape).astype(np.float32)


def _shapes(variant: Variant) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "text.embed_tokens.weight", (ROWS, WIDTH)
    yield "text.norm.weight", (WIDTH,)
    if not variant.tied:
        yield "text.lm_head.weight", (ROWS, WIDTH)
    for layer in range(LAYERS):
        root = f"text.layers.{layer}."
        yield f"{root}input_layernorm.weight", (WIDTH,)
        yield f"{root}post_attention_layernorm.weight", (WIDTH,)
        yield f"{root}self_attn.q_proj.weight", (WIDTH, WIDTH)
        yield f"{root}self_attn.k_proj.weight", (variant.kv_heads * HEAD_WIDTH, WIDTH)
        yield f"{root}self_attn.v_proj.weight", (variant.kv_heads * HEAD_WIDTH, WIDTH)
        yield f"{root}self_attn.o_proj.weight", (WIDTH, WIDTH)
        yield f"{root}mlp.gate_proj.weight", (INNER, WIDTH)
        yield f"{root}mlp.up_proj.weight", (INNER, WIDTH)
        yield f"{root}mlp.down_proj.weight", (WIDTH, INNER)
    yield "vision.embeddings.class_embedding", (VISION_WIDTH,)
    yield "vision.embeddings.patch_embedding.weight", (VISION_WIDTH, 3, PATCH, PATCH)
    yield "vision.embeddings.position_embedding.weight", (PATCHES + 1, VISION_WIDTH)
    for norm in ("pre_layrnorm", "post_layernorm"):
        yield f"vision.{norm}.weight", (VISION_WIDTH,)
        yield f"vision.{norm}.bias", (VISION_WIDTH,)
    for layer in range(VISION_LAYERS):
        root = f"vision.encoder.layers.{layer}."
        for norm in ("layer_norm1", "layer_norm2"):
            yield f"{root}{norm}.weight", (VISION_WIDTH,)
            yield f"{root}{norm}.bias", (VISION_WIDTH,)
        for part in ("q", "k", "v", "out"):
            yield f"{root}self_attn.{part}_proj.weight", (VISION_WIDTH, VISION_WIDTH)
            yield f"{root}self_attn.{part}_proj.bias", (VISION_WIDTH,)
        yield f"{root}mlp.fc1.weight", (VISION_INNER, VISION_WIDTH)
        yield f"{root}mlp.fc1.bias", (VISION_INNER,)
        yield f"{root}mlp.fc2.weight", (VISION_WIDTH, VISION_INNER)
        yield f"{root}mlp.fc2.bias", (VISION_WIDTH,)
    yield "projector.0.weight", (WIDTH, VISION_WIDTH)
    yield "projector.0.bias", (WIDTH,)
    yield "projector.2.weight", (WIDTH, WIDTH)
    yield "projector.2.bias", (WIDTH,)


def weights(variant: Variant) -> dict[str, Floats]:
    """All weights under canonical names (`text.`, `vision.`, `projector.`)."""
    return {name: _make(variant.seed, name, shape) for name, shape in _shapes(variant)}


def stored_name(name: str, layout: Layout) -> str:
    """The name that a checkpoint of `layout` gives to a canonical tensor."""
    original = layout.startswith("original")
    root, _, rest = name.partition(".")
    if root == "projector":
        if original:
            return f"model.mm_projector.{rest}"
        number, _, part = rest.partition(".")
        prefix = "model." if layout == "new" else ""
        return f"{prefix}multi_modal_projector.linear_{'1' if number == '0' else '2'}.{part}"
    if root == "vision":
        prefix = {
            "old": "vision_tower.vision_model.",
            "new": "model.vision_tower.vision_model.",
            "v5": "vision_tower.",
        }.get(layout, "model.vision_tower.vision_tower.vision_model.")
        return prefix + rest
    if rest.startswith("lm_head"):
        return f"language_model.{rest}" if layout in ("old", "v5") else rest
    prefix = {"old": "language_model.model.", "v5": "language_model.model.", "new": "model.language_model."}.get(layout, "model.")
    return prefix + rest


def encode(values: Floats, dtype: Dtype) -> bytes:
    """Little-endian bytes of a type."""
    if dtype == "BF16":
        return (values.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
    return values.astype("<f2" if dtype == "F16" else "<f4").tobytes()


def write_safetensors(path: Path, tensors: Tensors) -> None:
    """Write one file in the safetensors format."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(data for _, _, data in tensors.values()))


def write_json(path: Path, value: dict[str, Any]) -> None:
    """A JSON file."""
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def text_config(variant: Variant) -> dict[str, Any]:
    """The Llama part of `config.json`."""
    config: dict[str, Any] = {
        "model_type": "llama", "hidden_size": WIDTH, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": variant.kv_heads, "max_position_embeddings": 1024, "rms_norm_eps": 1e-5,
        "vocab_size": ROWS, "rope_theta": variant.rope_base, "tie_word_embeddings": variant.tied,
    }  # fmt: skip
    return config


def vision_config(variant: Variant) -> dict[str, Any]:
    """The CLIP part of `config.json`."""
    return {
        "model_type": "clip_vision_model", "hidden_size": VISION_WIDTH, "intermediate_size": VISION_INNER,
        "num_hidden_layers": VISION_LAYERS, "num_attention_heads": VISION_HEADS, "image_size": SIDE, "patch_size": PATCH,
        "hidden_act": variant.activation, "projection_dim": 64, "layer_norm_eps": 1e-5,
    }  # fmt: skip


def config(variant: Variant, layout: Layout) -> dict[str, Any]:
    """`config.json`."""
    if layout.startswith("original"):
        return text_config(variant) | {
            "architectures": ["LlavaLlamaForCausalLM"], "model_type": "llava_llama", "mm_vision_tower": "openai/clip-vit-tiny",
            "mm_projector_type": "mlp2x_gelu", "mm_hidden_size": VISION_WIDTH, "mm_vision_select_layer": variant.feature_layer,
            "mm_vision_select_feature": "patch", "image_aspect_ratio": "pad", "bos_token_id": 1, "eos_token_id": 2,
            "pad_token_id": 0, "mm_use_im_start_end": False, "vision_config": vision_config(variant),
        }  # fmt: skip
    return {
        "architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "ignore_index": -100, "image_token_index": IMAGE_ID,
        "pad_token_id": PAD_ID, "projector_hidden_act": "gelu", "tie_word_embeddings": variant.tied,
        "vision_feature_layer": variant.feature_layer, "vision_feature_select_strategy": "default",
        "text_config": text_config(variant), "vision_config": vision_config(variant),
    }  # fmt: skip


def write_tower(path: Path, variant: Variant) -> None:
    """The vision tower alone, as a CLIP folder (`--vision-tower`)."""
    path.mkdir(parents=True, exist_ok=True)
    tower = {name.removeprefix("vision."): values for name, values in weights(variant).items() if name.startswith("vision.")}
    write_safetensors(
        path / "model.safetensors", {f"vision_model.{name}": ("F32", values.shape, encode(values, "F32")) for name, values in tower.items()}
    )
    write_json(path / "config.json", {"model_type": "clip", "vision_config": vision_config(variant), "text_config": {}})


def write_adapter(path: Path, variant: Variant, rank: int = 4, alpha: int = 8) -> dict[str, Floats]:
    """A LoRA adapter as PEFT saves it: deltas in language model, projector and tower, one whole bias; returns the merged weights."""
    merged = weights(variant)
    path.mkdir(parents=True, exist_ok=True)
    stored: Tensors = {}
    for name in (
        "text.layers.0.self_attn.q_proj.weight", "text.layers.3.mlp.down_proj.weight", "text.layers.1.self_attn.k_proj.weight",
        "projector.0.weight", "vision.encoder.layers.1.self_attn.v_proj.weight", "vision.encoder.layers.2.mlp.fc1.weight",
    ):  # fmt: skip
        rows, columns = merged[name].shape
        down = _integers(variant.seed, f"{name}.lora_A", rank * columns, 127).reshape(rank, columns).astype(np.float32) / 1024
        up = _integers(variant.seed, f"{name}.lora_B", rank * rows, 127).reshape(rows, rank).astype(np.float32) / 512
        merged[name] = merged[name] + np.float32(alpha / rank) * (up @ down)
        root = "base_model.model." + stored_name(name, "old").removesuffix(".weight")
        stored[f"{root}.lora_A.weight"] = ("F32", down.shape, encode(down, "F32"))
        stored[f"{root}.lora_B.weight"] = ("F32", up.shape, encode(up, "F32"))
    bias = merged["projector.2.bias"] + np.float32(0.25)
    merged["projector.2.bias"] = bias
    stored["base_model.model.multi_modal_projector.linear_2.bias"] = ("F32", bias.shape, encode(bias, "F32"))
    write_safetensors(path / "adapter_model.safetensors", stored)
    write_json(path / "adapter_config.json", {"peft_type": "LORA", "r": rank, "lora_alpha": alpha, "bias": "none", "use_rslora": False})
    return merged


def write_side_files(path: Path, tokenizer: Literal["model", "json"] = "model") -> None:
    """Tokenizer and picture preparation."""
    own = TOKENIZER if tokenizer == "model" else TOKENIZER.with_suffix(".json")
    (path / own.name).write_bytes(own.read_bytes())
    added = {str(IMAGE_ID): {"content": "<image>", "special": True}, str(PAD_ID): {"content": "<pad>", "special": True}}
    write_json(path / "tokenizer_config.json", {"add_bos_token": True, "add_eos_token": True, "added_tokens_decoder": added})
    write_json(
        path / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": SIDE}, "resample": 3,
            "do_center_crop": True, "crop_size": {"height": SIDE, "width": SIDE}, "do_rescale": True, "do_normalize": True,
            "image_mean": list(MEAN), "image_std": list(STD),
        },
    )  # fmt: skip


def stored_tensors(variant: Variant, layout: Layout, dtype: Dtype) -> Tensors:
    """Every tensor as a checkpoint of `layout` stores it."""
    return {
        stored_name(name, layout): (dtype, values.shape, encode(values, dtype))
        for name, values in weights(variant).items()
        if not (layout == "original-no-tower" and name.startswith("vision."))
    }


def write_shards(path: Path, tensors: Tensors, shards: int) -> None:
    """One file, or several with their index."""
    if shards == 1:
        write_safetensors(path / "model.safetensors", tensors)
        return
    names = list(tensors)
    weight_map: dict[str, str] = {}
    for index in range(shards):
        part = {name: tensors[name] for name in names[index::shards]}
        file = f"model-{index + 1:05d}-of-{shards:05d}.safetensors"
        write_safetensors(path / file, part)
        weight_map |= dict.fromkeys(part, file)
    total = sum(len(data) for _, _, data in tensors.values())
    write_json(path / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})


def pictures() -> npt.NDArray[np.uint8]:
    """Two prepared pictures, uint8 (2, SIDE, SIDE, 3), by integer arithmetic."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.int64)
    first = np.stack([(x * 5 + y * 3) % 256, (x * x // 7 + y * 11) % 256, ((x // 9 + y // 13) % 2) * 200 + 20], axis=-1)
    second = np.stack([255 - x * 2, ((x - 56) ** 2 + (y - 50) ** 2) // 20 % 256, y * 2], axis=-1)
    return np.stack([first, second]).astype(np.uint8)
