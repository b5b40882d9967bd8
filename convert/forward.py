"""A LLaVA forward pass in NumPy: what the expert must answer, computed without any inference library.

It works on tensors in GGUF names and row order and asks for them in the order in which they stand in the file, so that it can run while
the file is being written (`convert.stream`). All arrays may have leading axes: several sets of the same tensors are then answered side by
side. Arithmetic is float32 throughout, as in the reference implementation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from convert.ggml import Bytes, Floats
from convert.plan import Weight
from convert.shapes import TextShape, VisionShape


class Source(Protocol):
    """Where tensors come from."""

    def product(self, name: str, x: Floats) -> Floats:
        """A matrix (everything but the first dimension are columns) times vectors: (..., tokens, columns) -> (..., tokens, rows)."""
        ...

    def rows(self, name: str, ids: Sequence[int]) -> Floats:
        """Some rows of a matrix, float32 (..., len(ids), columns)."""
        ...

    def values(self, name: str) -> Floats:
        """A tensor that is stored as F32 (vectors, the position table), as a matrix; a vector is one row."""
        ...

    def __contains__(self, name: object) -> bool: ...


class WeightSource:
    """The checkpoint's own tensors."""

    def __init__(self, weights: Sequence[Weight]) -> None:
        self._weights = {weight.name: weight for weight in weights}

    def values(self, name: str) -> Floats:
        weight = self._weights[name]
        return weight.rows(0, weight.matrix[0])

    def product(self, name: str, x: Floats) -> Floats:
        return np.asarray(x @ self.values(name).T, np.float32)

    def rows(self, name: str, ids: Sequence[int]) -> Floats:
        return np.concatenate([self._weights[name].rows(number, number + 1) for number in ids])

    def __contains__(self, name: object) -> bool:
        return name in self._weights


def _erf(x: Floats) -> Floats:
    """Error function, absolute error below 2e-7 (Abramowitz and Stegun 7.1.26)."""
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.asarray(np.sign(x) * (1 - series * np.exp(-x * x)), np.float32)


def _gelu(x: Floats) -> Floats:
    return np.asarray(x * np.float32(0.5) * (1 + _erf(x * np.float32(math.sqrt(0.5)))), np.float32)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -80, 80))), np.float32)


def _layer_norm(x: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    return np.asarray(centred / spread * weight + bias, np.float32)


def _rms_norm(x: Floats, weight: Floats, epsilon: float) -> Floats:
    scale = np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    return np.asarray(x / scale * weight, np.float32)


def _softmax(x: npt.NDArray[np.floating[Any]]) -> Floats:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(x / x.sum(axis=-1, keepdims=True), np.float32)


def _linear(source: Source, name: str, x: Floats) -> Floats:
    out = source.product(f"{name}.weight", x)
    if f"{name}.bias" in source:
        out += source.values(f"{name}.bias")
    return out


@dataclass(frozen=True)
class Tower:
    """The vision tower as it is used: `used` blocks, and the picture's normalisation (of values 0…1)."""

    shape: VisionShape
    used: int
    mean: Sequence[float]
    std: Sequence[float]


def patch_sequence(source: Source, tower: Tower, picture: Bytes) -> Floats:
    """The tower's first hidden state (..., 1 + patches, width): class token first, positions added, first layer norm applied.

    `picture`: uint8 (side, side, 3), already prepared. This is the sequence that the engine puts in place of llama.cpp's node `pre_ln`.
    """
    vision = tower.shape
    side = vision.image // vision.patch
    mean, std = np.array(tower.mean, np.float32), np.array(tower.std, np.float32)
    pixels: Floats = np.asarray((picture.astype(np.float32) / np.float32(255) - mean) / std, np.float32)
    pixels = pixels[: side * vision.patch, : side * vision.patch]
    cut = pixels.reshape(side, vision.patch, side, vision.patch, 3).transpose(0, 2, 4, 1, 3).reshape(side * side, -1)
    patches = source.product("v.patch_embd.weight", cut)
    first = np.broadcast_to(source.values("v.class_embd"), (*patches.shape[:-2], 1, vision.width))
    rows = np.concatenate([first, patches], axis=-2) + source.values("v.position_embd.weight")
    return _layer_norm(rows, source.values("v.pre_ln.weight"), source.values("v.pre_ln.bias"), vision.epsilon)


def encode(source: Source, tower: Tower, picture: Bytes) -> Floats:
    """Projected patch embeddings float32 (..., patches, language width) of a prepared picture; the class token is dropped."""
    vision = tower.shape

    def heads(x: Floats) -> Floats:
        return x.reshape(*x.shape[:-1], vision.heads, -1).swapaxes(-2, -3)

    x = patch_sequence(source, tower, picture)
    for layer in range(tower.used):
        root = f"v.blk.{layer}."
        normed = _layer_norm(x, source.values(f"{root}ln1.weight"), source.values(f"{root}ln1.bias"), vision.epsilon)
        q, k, v = (heads(_linear(source, f"{root}attn_{part}", normed)) for part in "qkv")
        weights = _softmax((q / np.float32(math.sqrt(vision.width / vision.heads))) @ k.swapaxes(-1, -2))
        x = x + _linear(source, f"{root}attn_out", (weights @ v).swapaxes(-2, -3).reshape(x.shape))
        normed = _layer_norm(x, source.values(f"{root}ln2.weight"), source.values(f"{root}ln2.bias"), vision.epsilon)
        inner = _linear(source, f"{root}ffn_up", normed)
        inner = _gelu(inner) if vision.activation == "gelu" else inner * _sigmoid(np.float32(1.702) * inner)
        x = x + _linear(source, f"{root}ffn_down", inner)
    return _linear(source, "mm.2", _gelu(_linear(source, "mm.0", x[..., 1:, :])))


def embed(source: Source, ids: Sequence[int]) -> Floats:
    """Embedding rows of token ids, float32 (..., len(ids), width)."""
    return source.rows("token_embd.weight", ids)


def _rotate(x: Floats, base: float) -> Floats:
    """Rotary positions 0, 1, … on (..., tokens, heads, head width), pairs (2j, 2j + 1)."""
    tokens, _, width = x.shape[-3:]
    angles = np.arange(tokens)[:, None] * base ** (-np.arange(0, width, 2) / width)
    cos, sin = np.cos(angles)[:, None].astype(np.float32), np.sin(angles)[:, None].astype(np.float32)
    even, odd = x[..., 0::2], x[..., 1::2]
    out = np.empty_like(x)
    out[..., 0::2], out[..., 1::2] = even * cos - odd * sin, even * sin + odd * cos
    return out


def last_state(source: Source, text: TextShape, embeddings: Floats) -> Floats:
    """The normed state (..., 1, width) after the last of `embeddings` (..., tokens, width), causal attention over positions from 0."""
    x = embeddings
    tokens = x.shape[-2]
    group = text.heads // text.kv_heads
    future = np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1)
    for layer in range(text.layers):
        root = f"blk.{layer}."
        normed = _rms_norm(x, source.values(f"{root}attn_norm.weight"), text.rms_epsilon)
        q, k, v = (_linear(source, f"{root}attn_{part}", normed) for part in "qkv")
        q, k, v = (part.reshape(*x.shape[:-1], -1, text.head_width) for part in (q, k, v))
        q, k = _rotate(q, text.rope_base), _rotate(k, text.rope_base)
        # Only the last position's result is asked for: the last layer computes no other.
        first = tokens - 1 if layer == text.layers - 1 else 0
        mixed = np.empty((*x.shape[:-2], tokens - first, text.heads, text.head_width), np.float32)
        for head in range(text.heads):
            keys = k[..., head // group, :].swapaxes(-1, -2)
            scores = q[..., first:, head, :] @ keys / np.float32(math.sqrt(text.head_width)) + future[first:]
            mixed[..., head, :] = _softmax(scores) @ v[..., head // group, :]
        x = x[..., first:, :] + _linear(source, f"{root}attn_output", mixed.reshape(*mixed.shape[:-2], -1))
        normed = _rms_norm(x, source.values(f"{root}ffn_norm.weight"), text.rms_epsilon)
        gate = _linear(source, f"{root}ffn_gate", normed)
        x = x + _linear(source, f"{root}ffn_down", gate * _sigmoid(gate) * _linear(source, f"{root}ffn_up", normed))
    return _rms_norm(x[..., -1:, :], source.values("output_norm.weight"), text.rms_epsilon)


def logits(source: Source, state: Floats) -> Floats:
    """Logits of all tokens, float32 (..., vocabulary), for one normed state (..., 1, width)."""
    name = "output.weight" if "output.weight" in source else "token_embd.weight"
    return source.product(name, state)[..., 0, :]


def log_odds(values: Floats, fake_ids: Sequence[int], real_ids: Sequence[int]) -> float:
    """Log-odds of the fake tokens against the real ones, natural logarithm, of one set of logits (vocabulary,)."""

    def total(ids: Sequence[int]) -> float:
        chosen = values[list(ids)].astype(np.float64)
        return float(chosen.max() + np.log(np.exp(chosen - chosen.max()).sum()))

    return total(fake_ids) - total(real_ids)
