"""Every quantised tensor is, byte for byte, the one that llama.cpp's own quantiser writes from our F32 file."""

import hashlib
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFReader

from convert.ggml import BLOCK, GgmlType, dequantise, quantise, row_bytes, widen
from convert.gguf import F32, U32, Entry, F32Array, I32Array, StringArray, Value, Writer
from convert.mixtures import FILE_TYPE, language_tensor_type, projector_tensor_type
from convert.shapes import TextShape
from models.errors import ConversionError


def natively(source: Path, target: Path, kind: str) -> Path:
    """llama.cpp's quantiser, in a process of its own."""
    command = [sys.executable, "-m", "tests.convert.quantise_native", str(source), str(target), str(FILE_TYPE[kind])]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return target


def contents(path: Path) -> dict[str, tuple[int, str]]:
    """Tensor name -> (type, SHA-256 of its bytes)."""
    return {
        tensor.name: (int(tensor.tensor_type), hashlib.sha256(np.ascontiguousarray(tensor.data).tobytes()).hexdigest())
        for tensor in GGUFReader(path).tensors
    }


@pytest.mark.parametrize("variant", ["plain", "grouped"])
@pytest.mark.parametrize("kind", ["F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M"])
def test_tensors_are_llama_cpps_own(expert: Any, tmp_path: Path, kind: str, variant: str) -> None:
    ours = contents(expert(kind, "F16", variant=variant) / "language.gguf")
    theirs = contents(natively(expert("F32", "F32", variant=variant) / "language.gguf", tmp_path / "native.gguf", kind))
    assert ours == theirs
    assert len({number for number, _ in ours.values()}) >= 2


def _text(width: int, layers: int, kv_heads: int, tied: bool) -> TextShape:
    return TextShape(
        width=width, inner=width, layers=layers, heads=2, kv_heads=kv_heads, head_width=width // 2, vocabulary=288, context=64,
        rms_epsilon=1e-5, rope_base=1e4, tied=tied, bos_id=1, eos_id=2, pad_id=None,
    )  # fmt: skip


def _bare_model(path: Path, text: TextShape) -> list[Entry]:
    """A Llama of any shape, F32, straight through our writer."""
    keys: dict[str, Value] = {
        "general.architecture": "llama", "llama.context_length": U32(64), "llama.embedding_length": U32(text.width),
        "llama.block_count": U32(text.layers), "llama.feed_forward_length": U32(text.inner), "llama.attention.head_count": U32(text.heads),
        "llama.attention.head_count_kv": U32(text.kv_heads), "llama.attention.layer_norm_rms_epsilon": F32(1e-5),
        "tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": StringArray([b"t%d" % number for number in range(text.vocabulary)]),
        "tokenizer.ggml.scores": F32Array([0.0] * text.vocabulary), "tokenizer.ggml.token_type": I32Array((1,) * text.vocabulary),
    }  # fmt: skip
    kv = text.kv_heads * text.head_width
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (text.vocabulary, text.width), "output_norm.weight": (text.width,)}
    if not text.tied:
        shapes["output.weight"] = (text.vocabulary, text.width)
    for layer in range(text.layers):
        shapes |= {f"blk.{layer}.{name}_norm.weight": (text.width,) for name in ("attn", "ffn")}
        shapes |= {
            f"blk.{layer}.{name}.weight": (text.width, text.width) for name in ("attn_q", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
        }
        shapes |= {f"blk.{layer}.{name}.weight": (kv, text.width) for name in ("attn_k", "attn_v")}
    entries = [Entry(name, shape, GgmlType.F32) for name, shape in shapes.items()]
    rng = np.random.default_rng(0)
    with Writer(path, keys, entries) as writer:
        for entry in entries:
            writer.write(rng.standard_normal(math.prod(entry.shape), np.float32).view(np.uint8))
        writer.close()
    return entries


@pytest.mark.parametrize(
    "text", [_text(32, 80, 1, False), _text(96, 9, 2, True), _text(256, 13, 1, False), _text(40, 3, 2, False)], ids=str
)
@pytest.mark.parametrize("kind", ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M"])
def test_types_follow_llama_cpp_for_any_shape(tmp_path: Path, text: TextShape, kind: Any) -> None:
    entries = _bare_model(tmp_path / "f32.gguf", text)
    theirs = {name: number for name, (number, _) in contents(natively(tmp_path / "f32.gguf", tmp_path / "native.gguf", kind)).items()}
    assert {entry.name: int(language_tensor_type(entry.name, entry.shape, kind, text)) for entry in entries} == theirs


@pytest.mark.parametrize("kind", list(BLOCK))
def test_round_trip_of_every_type(kind: GgmlType) -> None:
    rows = np.random.default_rng(1).standard_normal((4, 512), np.float32)
    raw = quantise(rows, kind)
    assert raw.nbytes == 4 * row_bytes(kind, 512)
    error = np.abs(dequantise(raw, kind, 512) - rows).max()
    assert error <= {GgmlType.F32: 0, GgmlType.F16: 1e-3, GgmlType.BF16: 0.02, GgmlType.Q8_0: 0.03, GgmlType.Q6_K: 0.15}.get(kind, 0.4)


def test_widening_is_exact() -> None:
    values = np.array([0.0, -0.0, 1.0, -1.5, 65504.0, 2.0**-24, 3.140625], np.float32)
    assert np.array_equal(widen(values.astype("<f2").view(np.uint8), "F16"), values.astype("<f2").astype(np.float32))
    assert np.array_equal(
        widen((values.view("<u4") >> 16).astype("<u2").view(np.uint8), "BF16"), (values.view("<u4") & 0xFFFF0000).view("<f4")
    )


def test_values_beyond_f16_are_refused() -> None:
    with pytest.raises(ConversionError, match="weight-overflow"):
        quantise(np.full((1, 32), 7e4, np.float32), GgmlType.F16)
    assert quantise(np.full((1, 32), 7e4, np.float32), GgmlType.BF16).nbytes == 64


def test_the_projector_keeps_its_sensitive_tensors() -> None:
    assert projector_tensor_type("v.position_embd.weight", (577, 1024), "Q8_0") is GgmlType.F32
    assert projector_tensor_type("v.patch_embd.weight", (1024, 3, 14, 14), "Q8_0") is GgmlType.F16
    assert projector_tensor_type("v.blk.0.attn_q.weight", (1024, 1024), "Q8_0") is GgmlType.Q8_0
    assert projector_tensor_type("v.blk.0.attn_q.bias", (1024,), "Q8_0") is GgmlType.F32
    assert projector_tensor_type("mm.0.weight", (4096, 1024), "F16") is GgmlType.F16
