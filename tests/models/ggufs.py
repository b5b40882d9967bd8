"""Small GGUF files for tests, written with the public gguf package: headers and vocabularies are real, weights are one row."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np

PIECES = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581", *"aefiklrhsT?", "fa", "ke", "\u2581fake",
          "\u2581real", "re", "al", "is", "\u2581is", "Th", "This", "\u2581a", "\u2581This", "\u2581fa", "\u2581re", "\u2581i"]


def write(path: Path, architecture: str, keys: dict[str, Any]) -> None:
    writer = gguf.GGUFWriter(path, architecture)
    for name, value in keys.items():
        if isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, int):
            writer.add_uint32(name, value)
        elif isinstance(value, float):
            writer.add_float32(name, value)
        elif isinstance(value, str):
            writer.add_string(name, value)
        else:
            writer.add_array(name, value)
    writer.add_tensor("v.dummy" if architecture == "clip" else "token_embd.weight", np.ones((1, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def score_vocabulary(*, prefix: bool = True) -> dict[str, Any]:
    """A SentencePiece-style vocabulary; later pieces are worse, as in real ones."""
    kinds = [2, 3, 3, *[6] * 256, *[1] * (len(PIECES) - 259)]
    scores = [0.0] * 259 + [-float(len(PIECES) - at) for at in range(259, len(PIECES))]
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": PIECES, "tokenizer.ggml.scores": scores,
            "tokenizer.ggml.token_type": kinds, "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2,
            "tokenizer.ggml.unknown_token_id": 0,
            "tokenizer.ggml.add_space_prefix": prefix, "tokenizer.ggml.add_eos_token": False}


def rank_vocabulary(pre: str = "qwen2") -> dict[str, Any]:
    """A byte-level BPE vocabulary with a few merges."""
    from models.tokens import _byte_letters

    letters = list(_byte_letters().values())
    pairs = "_ f,a k,ak e,_f ake,_ r,e a,ea l,_r eal,T h,i s,Th is,_ is,1 2,l o"
    merges = pairs.replace("_", "\u0120").split(",")
    tokens = [*letters, *(merge.replace(" ", "") for merge in merges), "<|end|>"]
    return {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": pre, "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.merges": merges,
            "tokenizer.ggml.token_type": [*[1] * (len(tokens) - 1), 3], "tokenizer.ggml.eos_token_id": len(tokens) - 1,
            "tokenizer.ggml.bos_token_id": len(tokens) - 1}


def language(path: Path, architecture: str = "llama", vocabulary: dict[str, Any] | None = None) -> None:
    vocabulary = score_vocabulary() if vocabulary is None else vocabulary
    write(path, architecture, {
        f"{architecture}.context_length": 4096, f"{architecture}.embedding_length": 32, f"{architecture}.block_count": 1,
        f"{architecture}.feed_forward_length": 64, f"{architecture}.attention.head_count": 2, f"{architecture}.attention.head_count_kv": 2,
        f"{architecture}.attention.layer_norm_rms_epsilon": 1e-5, f"{architecture}.rope.dimension_count": 16, "general.name": "Some Model",
        "general.file_type": 15, **vocabulary,
    })


def projector(path: Path, kind: str = "mlp", **more: Any) -> None:
    write(path, "clip", {
        "general.type": "mmproj", "clip.has_vision_encoder": True, "clip.projector_type": kind, "clip.vision.embedding_length": 64,
        "clip.vision.attention.head_count": 2, "clip.vision.feed_forward_length": 128, "clip.vision.block_count": 1,
        "clip.vision.projection_dim": 32, "clip.vision.attention.layer_norm_epsilon": 1e-5, "clip.vision.image_size": 112,
        "clip.vision.patch_size": 14, "clip.vision.image_mean": [0.5, 0.5, 0.5], "clip.vision.image_std": [0.25, 0.25, 0.25],
        "general.file_type": 1, **more,
    })
