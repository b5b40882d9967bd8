"""Write a LLaVA-1.5-7B-shaped checkpoint of random weights: llava-hf layout, bf16, sharded, streamed.

    python -m benchmarks.random_llava DIR [--layers 32]

With 32 layers it takes 14 GB. The weights are normally distributed like trained ones, so that quantising them is the same work; what the
model says means nothing. The vocabulary is made up, with the pieces that the canonical question needs.
"""

import argparse
import json
import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

WIDTH, INNER, HEADS, VOCABULARY, PIECES = 4096, 11008, 32, 32064, 32000
VISION, VISION_INNER, VISION_LAYERS, PATCHES = 1024, 4096, 24, 576
SHARD = 5 << 30
BLOCK = 1 << 25
WORDS = ("Does", "the", "image", "looks", "real/fake", "real", "fake", "This", "is", "a")

Shapes = list[tuple[str, tuple[int, ...]]]


def shapes(layers: int) -> Shapes:
    """Stored names and shapes, as transformers before 4.52 wrote them."""
    found: Shapes = [
        ("language_model.model.embed_tokens.weight", (VOCABULARY, WIDTH)),
        ("language_model.model.norm.weight", (WIDTH,)),
        ("language_model.lm_head.weight", (VOCABULARY, WIDTH)),
    ]
    for layer in range(layers):
        root = f"language_model.model.layers.{layer}."
        found += [(f"{root}{norm}.weight", (WIDTH,)) for norm in ("input_layernorm", "post_attention_layernorm")]
        found += [(f"{root}self_attn.{part}_proj.weight", (WIDTH, WIDTH)) for part in "qkvo"]
        found += [(f"{root}mlp.{part}_proj.weight", (INNER, WIDTH)) for part in ("gate", "up")]
        found.append((f"{root}mlp.down_proj.weight", (WIDTH, INNER)))
    root = "vision_tower.vision_model."
    found += [
        (f"{root}embeddings.class_embedding", (VISION,)),
        (f"{root}embeddings.patch_embedding.weight", (VISION, 3, 14, 14)),
        (f"{root}embeddings.position_embedding.weight", (PATCHES + 1, VISION)),
    ]
    for norm in ("pre_layrnorm", "post_layernorm", *(f"encoder.layers.{n}.layer_norm{i}" for n in range(VISION_LAYERS) for i in (1, 2))):
        found += [(f"{root}{norm}.{part}", (VISION,)) for part in ("weight", "bias")]
    for layer in range(VISION_LAYERS):
        for name, shape in (
            *((f"self_attn.{part}_proj", (VISION, VISION)) for part in ("q", "k", "v", "out")),
            ("mlp.fc1", (VISION_INNER, VISION)),
            ("mlp.fc2", (VISION, VISION_INNER)),
        ):
            found += [(f"{root}encoder.layers.{layer}.{name}.weight", shape), (f"{root}encoder.layers.{layer}.{name}.bias", shape[:1])]
    for name, shape in (("linear_1", (WIDTH, VISION)), ("linear_2", (WIDTH, WIDTH))):
        found += [(f"multi_modal_projector.{name}.weight", shape), (f"multi_modal_projector.{name}.bias", shape[:1])]
    return found


def shards(found: Shapes) -> Iterator[Shapes]:
    """Cut the list where a file would pass 5 GB."""
    part: Shapes = []
    size = 0
    for name, shape in found:
        nbytes = 2 * math.prod(shape)
        if part and size + nbytes > SHARD:
            yield part
            part, size = [], 0
        part.append((name, shape))
        size += nbytes
    yield part


def bf16(values: np.ndarray) -> np.ndarray:
    """float32 -> bf16 bits (truncated)."""
    return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def write_shard(path: Path, part: Shapes, noise: np.ndarray, seed: int) -> None:
    """One safetensors file; the numbers are pieces of one block of noise from changing places."""
    header: dict[str, object] = {}
    at = 0
    for name, shape in part:
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [at, at + 2 * math.prod(shape)]}
        at += 2 * math.prod(shape)
    text = json.dumps(header).encode()
    rng = np.random.default_rng(seed)
    with path.open("xb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for name, shape in part:
            count = math.prod(shape)
            if "norm" in name and name.endswith("weight"):
                stream.write(np.full(count, 0x3F80, np.uint16).tobytes())
                continue
            while count:
                start = int(rng.integers(0, len(noise) // 2))
                piece = noise[start : start + min(count, len(noise) // 2)]
                stream.write(piece.tobytes())
                count -= len(piece)


def sentencepiece_model() -> bytes:
    """A byte-pair SentencePiece model of 32,000 pieces, written by hand (protocol buffer)."""
    pieces: list[tuple[str, int]] = [("<unk>", 2), ("<s>", 3), ("</s>", 3)]
    pieces += [(f"<0x{number:02X}>", 6) for number in range(256)]
    grown = [f"\u2581{word[:end]}" for word in WORDS for end in range(1, len(word) + 1)]
    grown += [word[:end] for word in ("This",) for end in range(2, len(word) + 1)]
    single = ["\u2581", *(chr(code) for code in range(33, 127))]
    seen = {text for text, _ in pieces}
    for text in (*grown, *single, *(f"\u2581word{number}" for number in range(PIECES))):
        if text not in seen and len(pieces) < PIECES:
            seen.add(text)
            pieces.append((text, 1))
    out = b""
    for number, (text, kind) in enumerate(pieces):
        data = text.encode()
        body = (
            b"\x0a"
            + bytes([len(data)])
            + data
            + b"\x15"
            + struct.pack("<f", 0.0 if kind != 1 else -float(number))
            + b"\x18"
            + bytes([kind])
        )
        out += b"\x0a" + bytes([len(body)]) + body
    trainer = b"\x18\x02\x98\x02\x01\xc0\x02\x00\xc8\x02\x01\xd0\x02\x02"
    return out + b"\x12" + bytes([len(trainer)]) + trainer + b"\x1a\x02\x18\x01"


def write(folder: Path, layers: int = 32) -> None:
    """Write the checkpoint into a new folder."""
    folder.mkdir(parents=True)
    noise = bf16(np.random.default_rng(0).standard_normal(BLOCK, np.float32) * np.float32(0.02))
    parts = list(shards(shapes(layers)))
    weight_map: dict[str, str] = {}
    for index, part in enumerate(parts):
        name = f"model-{index + 1:05d}-of-{len(parts):05d}.safetensors"
        write_shard(folder / name, part, noise, index)
        weight_map |= dict.fromkeys((stored for stored, _ in part), name)
    total = sum(2 * math.prod(shape) for _, shape in shapes(layers))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}))
    text = {"model_type": "llama", "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "vocab_size": VOCABULARY}
    if layers != 32:
        text["num_hidden_layers"] = layers
    vision = {
        "model_type": "clip_vision_model", "hidden_size": VISION, "image_size": 336, "intermediate_size": VISION_INNER,
        "num_attention_heads": 16, "num_hidden_layers": VISION_LAYERS, "patch_size": 14, "projection_dim": 768, "vocab_size": 32000,
    }  # fmt: skip
    config = {
        "architectures": ["LlavaForConditionalGeneration"], "model_type": "llava", "image_token_index": PIECES, "pad_token_id": PIECES + 1,
        "projector_hidden_act": "gelu", "tie_word_embeddings": False, "vision_feature_layer": -2,
        "vision_feature_select_strategy": "default", "text_config": text, "vision_config": vision,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "tokenizer.model").write_bytes(sentencepiece_model())
    added = {str(PIECES): {"content": "<image>", "special": True}, str(PIECES + 1): {"content": "<pad>", "special": True}}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": added}))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="write a LLaVA-1.5-7B-shaped checkpoint of random weights")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=32)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.layers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
