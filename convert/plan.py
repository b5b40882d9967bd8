"""Which GGUF tensors a checkpoint becomes, and the keys that describe them.

The names, the row order of queries and keys, the omitted post layer norm and the layer count follow what llama.cpp's graphs read:
src/llama-model.cpp (`llama`), tools/mtmd/clip.cpp and tools/mtmd/models/llava.cpp.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convert.checkpoint import Checkpoint
from convert.ggml import Floats
from convert.gguf import F32, U32, Entry, F32Array, I32Array, StringArray, Value
from convert.mixtures import FILE_TYPE, LanguageType, ProjectorType, language_tensor_type, projector_tensor_type
from convert.safetensors import Tensor

Delta = Callable[[int, int], Floats]
"""What a LoRA adapter adds to rows start..stop."""


@dataclass(frozen=True)
class Weight:
    """One tensor on its way from the checkpoint to GGUF."""

    name: str
    shape: tuple[int, ...]
    source: Tensor
    head_width: int = 0
    """Not 0: rows are reordered within heads of this many rows (rotary halves -> interleaved pairs)."""
    delta: Delta | None = None

    @property
    def matrix(self) -> tuple[int, int]:
        """(rows, columns) as in `Tensor.matrix`."""
        return self.source.matrix

    def rows(self, start: int, stop: int) -> Floats:
        """Rows start..stop in GGUF order, float32. With `head_width`, both are multiples of it. Raises ConversionError."""
        values = self.source.rows(start, stop)
        if self.delta is not None:
            values = values + self.delta(start, stop)
        if self.head_width:
            # transformers rotates (j, j + half), ggml's LLaMA rope rotates (2j, 2j + 1): bring partners together.
            columns = values.shape[1]
            values = values.reshape(-1, 2, self.head_width // 2, columns).swapaxes(1, 2).reshape(-1, columns)
        return np.ascontiguousarray(values)


@dataclass(frozen=True)
class GgufPlan:
    """One file to write. `kind`: its type as a word; `weights` and `entries` in the same order."""

    file: str
    kind: str
    keys: dict[str, Value]
    weights: list[Weight]
    entries: list[Entry]


_LANGUAGE_LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_VISION_LAYER = {
    "layer_norm1": "ln1",
    "layer_norm2": "ln2",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.out_proj": "attn_out",
    "mlp.fc1": "ffn_up",
    "mlp.fc2": "ffn_down",
}


def language_weights(checkpoint: Checkpoint, deltas: dict[str, Delta]) -> list[Weight]:
    """The language model's tensors in file order. `deltas`: canonical name -> adapter."""
    text = checkpoint.text
    names = {"token_embd.weight": "text.embed_tokens.weight", "output_norm.weight": "text.norm.weight"}
    if not text.tied:
        names["output.weight"] = "text.lm_head.weight"
    for layer in range(text.layers):
        names |= {f"blk.{layer}.{gguf}.weight": f"text.layers.{layer}.{stored}.weight" for stored, gguf in _LANGUAGE_LAYER.items()}
    rotated = ("attn_q.weight", "attn_k.weight")
    return [_weight(checkpoint, name, stored, deltas, text.head_width if name.endswith(rotated) else 0) for name, stored in names.items()]


def projector_weights(checkpoint: Checkpoint, deltas: dict[str, Delta]) -> list[Weight]:
    """The mmproj's tensors: the tower's used blocks and the projector.

    The tower's last layer norm is left out: the features are taken before it, but llama.cpp applies it whenever it is in the file.
    """
    names = {
        "v.class_embd": "vision.embeddings.class_embedding",
        "v.patch_embd.weight": "vision.embeddings.patch_embedding.weight",
        "v.position_embd.weight": "vision.embeddings.position_embedding.weight",
        "v.pre_ln.weight": "vision.pre_layrnorm.weight",
        "v.pre_ln.bias": "vision.pre_layrnorm.bias",
    }
    for layer in range(checkpoint.used_layers):
        for stored, gguf in _VISION_LAYER.items():
            for part in ("weight", "bias"):
                names[f"v.blk.{layer}.{gguf}.{part}"] = f"vision.encoder.layers.{layer}.{stored}.{part}"
    for part in ("weight", "bias"):
        names |= {f"mm.0.{part}": f"projector.0.{part}", f"mm.2.{part}": f"projector.2.{part}"}
    return [_weight(checkpoint, name, stored, deltas, 0) for name, stored in names.items()]


def _weight(checkpoint: Checkpoint, name: str, stored: str, deltas: dict[str, Delta], head_width: int) -> Weight:
    tensor = checkpoint.tensors[stored]
    return Weight(name, tensor.shape, tensor, head_width, deltas.get(stored))


def language_plan(checkpoint: Checkpoint, deltas: dict[str, Delta], wanted: LanguageType, name: str) -> GgufPlan:
    """The language model's file. `deltas`: canonical name -> what an adapter adds."""
    weights = language_weights(checkpoint, deltas)
    entries = [Entry(w.name, w.shape, language_tensor_type(w.name, w.shape, wanted, checkpoint.text)) for w in weights]
    return GgufPlan("language.gguf", wanted, language_keys(checkpoint, wanted, name), weights, entries)


def projector_plan(checkpoint: Checkpoint, deltas: dict[str, Delta], wanted: ProjectorType, name: str) -> GgufPlan:
    """The mmproj file: tower and projector."""
    weights = projector_weights(checkpoint, deltas)
    entries = [Entry(w.name, w.shape, projector_tensor_type(w.name, w.shape, wanted)) for w in weights]
    return GgufPlan("mmproj.gguf", wanted, projector_keys(checkpoint, wanted, name), weights, entries)


def language_keys(checkpoint: Checkpoint, wanted: LanguageType, name: str) -> dict[str, Value]:
    """The language file's keys (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md)."""
    text, words = checkpoint.text, checkpoint.vocabulary
    keys: dict[str, Value] = {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": name,
        "general.file_type": U32(FILE_TYPE[wanted]),
        "general.quantization_version": U32(2),
        "llama.vocab_size": U32(text.vocabulary),
        "llama.context_length": U32(text.context),
        "llama.embedding_length": U32(text.width),
        "llama.block_count": U32(text.layers),
        "llama.feed_forward_length": U32(text.inner),
        "llama.rope.dimension_count": U32(text.head_width),
        "llama.rope.freq_base": F32(text.rope_base),
        "llama.attention.head_count": U32(text.heads),
        "llama.attention.head_count_kv": U32(text.kv_heads),
        "llama.attention.layer_norm_rms_epsilon": F32(text.rms_epsilon),
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": StringArray([piece.text.encode("utf-8") for piece in words.pieces]),
        "tokenizer.ggml.scores": F32Array([piece.score for piece in words.pieces]),
        "tokenizer.ggml.token_type": I32Array(tuple(int(piece.kind) for piece in words.pieces)),
        "tokenizer.ggml.bos_token_id": U32(words.bos_id),
        "tokenizer.ggml.eos_token_id": U32(words.eos_id),
        "tokenizer.ggml.unknown_token_id": U32(words.unknown_id),
        "tokenizer.ggml.add_bos_token": True,
        # Some training processors append it; in a prompt it would end the answer before it began.
        "tokenizer.ggml.add_eos_token": False,
        "tokenizer.ggml.add_space_prefix": words.space_prefix,
    }
    if text.head_width * text.heads != text.width:
        keys |= {"llama.attention.key_length": U32(text.head_width), "llama.attention.value_length": U32(text.head_width)}
    if words.pad_id is not None:
        keys["tokenizer.ggml.padding_token_id"] = U32(words.pad_id)
    return keys


def projector_keys(checkpoint: Checkpoint, wanted: ProjectorType, name: str) -> dict[str, Value]:
    """The mmproj file's keys (loader: clip.cpp `load_hparams`)."""
    vision, used = checkpoint.vision, checkpoint.used_layers
    keys: dict[str, Value] = {
        "general.architecture": "clip",
        "general.type": "mmproj",
        "general.name": name,
        "general.file_type": U32(FILE_TYPE[wanted]),
        "general.quantization_version": U32(2),
        "clip.has_vision_encoder": True,
        "clip.projector_type": "mlp",
        "clip.vision.image_size": U32(vision.image),
        "clip.vision.patch_size": U32(vision.patch),
        "clip.vision.embedding_length": U32(vision.width),
        "clip.vision.feed_forward_length": U32(vision.inner),
        "clip.vision.projection_dim": U32(checkpoint.text.width),
        "clip.vision.block_count": U32(used),
        # Without this key llama.cpp stops one block early: it counts features from the last layer but one.
        "clip.vision.feature_layer": I32Array((used,)),
        "clip.vision.attention.head_count": U32(vision.heads),
        "clip.vision.attention.layer_norm_epsilon": F32(vision.epsilon),
        "clip.vision.image_mean": F32Array(checkpoint.preparation.mean),
        "clip.vision.image_std": F32Array(checkpoint.preparation.std),
    }
    if vision.activation == "gelu":
        keys["clip.use_gelu"] = True
    return keys
