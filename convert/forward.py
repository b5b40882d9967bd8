"""A LLaVA forward pass in NumPy: what the expert must answer, computed without any inference library.

It works on tensors in GGUF names and row order, loaded one at a time, so that memory is bounded by the largest of them. Two sources give
them: the checkpoint itself, and a written GGUF file dequantised. Arithmetic is float32 throughout, as in the reference implementation.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from convert.ggml import Bytes, Floats, dequantise, row_bytes
from convert.gguf import Entry
from convert.plan import Weight
from convert.safetensors import read_exactly
from convert.shapes import TextShape, VisionShape

Checkpointed = Callable[[], None]
"""Called between layers; raises Cancelled to stop."""


class Source(Protocol):
    """Where tensors come from."""

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> Floats:
        """Rows of a tensor seen as a matrix, float32 (rows, columns); a vector is one row."""
        ...

    def __contains__(self, name: object) -> bool: ...


class WeightSource:
    """The checkpoint's own tensors."""

    def __init__(self, weights: Sequence[Weight]) -> None:
        self._weights = {weight.name: weight for weight in weights}

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> Floats:
        weight = self._weights[name]
        return weight.rows(start, weight.matrix[0] if stop is None else stop)

    def __contains__(self, name: object) -> bool:
        return name in self._weights


class FileSource:
    """The tensors of a GGUF file that was just written, dequantised."""

    def __init__(self, path: Path, entries: Sequence[Entry], offsets: dict[str, int]) -> None:
        self._path, self._offsets = path, offsets
        self._entries = {entry.name: entry for entry in entries}

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> Floats:
        entry = self._entries[name]
        shape = entry.shape if len(entry.shape) > 1 else (1, *entry.shape)
        columns = math.prod(shape[1:])
        # A convolution's rows are stored as several short rows; their values lie one after another all the same.
        width = row_bytes(entry.kind, shape[-1]) * (columns // shape[-1])
        raw = read_exactly(self._path, self._offsets[name] + start * width, ((shape[0] if stop is None else stop) - start) * width)
        return dequantise(raw, entry.kind, shape[-1]).reshape(-1, columns)

    def __contains__(self, name: object) -> bool:
        return name in self._entries


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
    out = x @ source.rows(f"{name}.weight").T
    if f"{name}.bias" in source:
        out += source.rows(f"{name}.bias")
    return np.asarray(out, np.float32)


@dataclass(frozen=True)
class Tower:
    """The vision tower as it is used: `used` blocks, and the picture's normalisation (of values 0…1)."""

    shape: VisionShape
    used: int
    mean: Sequence[float]
    std: Sequence[float]


def patch_sequence(source: Source, tower: Tower, picture: Bytes) -> Floats:
    """The tower's first hidden state (1 + patches, width): class token first, positions added, first layer norm applied.

    `picture`: uint8 (side, side, 3), already prepared. This is the sequence that the engine puts in place of llama.cpp's node `pre_ln`.
    """
    vision = tower.shape
    side = vision.image // vision.patch
    pixels = (picture.astype(np.float32) / np.float32(255) - np.array(tower.mean, np.float32)) / np.array(tower.std, np.float32)
    pixels = pixels[: side * vision.patch, : side * vision.patch]
    cut = pixels.reshape(side, vision.patch, side, vision.patch, 3).transpose(0, 2, 4, 1, 3).reshape(side * side, -1)
    rows = np.concatenate([source.rows("v.class_embd"), cut @ source.rows("v.patch_embd.weight").T])
    rows = rows + source.rows("v.position_embd.weight")
    return _layer_norm(rows, source.rows("v.pre_ln.weight"), source.rows("v.pre_ln.bias"), vision.epsilon)


def encode(source: Source, tower: Tower, picture: Bytes, between: Checkpointed) -> Floats:
    """Projected patch embeddings float32 (patches, language width) of a prepared picture; the class token is dropped."""
    vision, heads = tower.shape, tower.shape.heads
    x = patch_sequence(source, tower, picture)
    tokens, width = x.shape
    for layer in range(tower.used):
        between()
        root = f"v.blk.{layer}."
        normed = _layer_norm(x, source.rows(f"{root}ln1.weight"), source.rows(f"{root}ln1.bias"), vision.epsilon)
        q, k, v = (_linear(source, f"{root}attn_{part}", normed).reshape(tokens, heads, -1).swapaxes(0, 1) for part in "qkv")
        weights = _softmax((q / np.float32(math.sqrt(width / heads))) @ k.swapaxes(1, 2))
        x = x + _linear(source, f"{root}attn_out", (weights @ v).swapaxes(0, 1).reshape(tokens, width))
        normed = _layer_norm(x, source.rows(f"{root}ln2.weight"), source.rows(f"{root}ln2.bias"), vision.epsilon)
        inner = _linear(source, f"{root}ffn_up", normed)
        inner = _gelu(inner) if vision.activation == "gelu" else inner * _sigmoid(np.float32(1.702) * inner)
        x = x + _linear(source, f"{root}ffn_down", inner)
    return _linear(source, "mm.2", _gelu(_linear(source, "mm.0", x[1:])))


def embed(source: Source, ids: Sequence[int]) -> Floats:
    """Embedding rows of token ids, float32 (len(ids), width)."""
    return np.concatenate([source.rows("token_embd.weight", number, number + 1) for number in ids])


def _rotate(x: Floats, base: float) -> Floats:
    """Rotary positions 0, 1, … on (tokens, heads, head width), pairs (2j, 2j + 1)."""
    tokens, _, width = x.shape
    angles = np.arange(tokens)[:, None] * base ** (-np.arange(0, width, 2) / width)
    cos, sin = np.cos(angles)[:, None].astype(np.float32), np.sin(angles)[:, None].astype(np.float32)
    even, odd = x[..., 0::2], x[..., 1::2]
    out = np.empty_like(x)
    out[..., 0::2], out[..., 1::2] = even * cos - odd * sin, even * sin + odd * cos
    return out


def last_state(source: Source, text: TextShape, embeddings: Floats, between: Checkpointed) -> Floats:
    """The normed state (1, width) after the last of `embeddings` (tokens, width), causal attention over positions from 0."""
    x = embeddings
    tokens = x.shape[0]
    group = text.heads // text.kv_heads
    future = np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1)
    for layer in range(text.layers):
        between()
        root = f"blk.{layer}."
        normed = _rms_norm(x, source.rows(f"{root}attn_norm.weight"), text.rms_epsilon)
        q = _rotate(_linear(source, f"{root}attn_q", normed).reshape(tokens, text.heads, -1), text.rope_base)
        k = _rotate(_linear(source, f"{root}attn_k", normed).reshape(tokens, text.kv_heads, -1), text.rope_base)
        v = _linear(source, f"{root}attn_v", normed).reshape(tokens, text.kv_heads, -1)
        # Only the last position's result is asked for: the last layer computes no other.
        first = tokens - 1 if layer == text.layers - 1 else 0
        mixed = np.empty((tokens - first, text.heads, text.head_width), np.float32)
        for head in range(text.heads):
            scores = q[first:, head] @ k[:, head // group].T / np.float32(math.sqrt(text.head_width)) + future[first:]
            mixed[:, head] = _softmax(scores) @ v[:, head // group]
        x = x[first:] + _linear(source, f"{root}attn_output", mixed.reshape(tokens - first, -1))
        normed = _rms_norm(x, source.rows(f"{root}ffn_norm.weight"), text.rms_epsilon)
        gate = _linear(source, f"{root}ffn_gate", normed)
        x = x + _linear(source, f"{root}ffn_down", gate * _sigmoid(gate) * _linear(source, f"{root}ffn_up", normed))
    return _rms_norm(x[-1:], source.rows("output_norm.weight"), text.rms_epsilon)


def logits(source: Source, state: Floats, ids: Sequence[int]) -> Floats:
    """Logits float32 (len(ids),) of some tokens for one normed state (1, width)."""
    name = "output.weight" if "output.weight" in source else "token_embd.weight"
    return np.array([(state @ source.rows(name, number, number + 1).T).item() for number in ids], np.float32)


def logit_spread(source: Source, state: Floats, rows: int) -> float:
    """Standard deviation of all `rows` logits for one normed state (1, width)."""
    name = "output.weight" if "output.weight" in source else "token_embd.weight"
    slab = max(1, (8 << 20) // state.shape[1])
    parts = [state @ source.rows(name, start, min(start + slab, rows)).T for start in range(0, rows, slab)]
    return float(np.concatenate(parts, axis=1).std())


def log_odds(source: Source, state: Floats, fake_ids: Sequence[int], real_ids: Sequence[int]) -> float:
    """Log-odds of the fake tokens against the real ones, natural logarithm."""

    def total(ids: Sequence[int]) -> float:
        values = logits(source, state, ids).astype(np.float64)
        return float(values.max() + np.log(np.exp(values - values.max()).sum()))

    return total(fake_ids) - total(real_ids)
