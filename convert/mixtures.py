"""Which type each language-model tensor gets: llama.cpp's own mixtures, tensor by tensor.

Source: `llama_tensor_get_type_impl` and `tensor_type_fallback` of src/llama-quant.cpp at the llama.cpp commit that the pinned
llama-cpp-python carries, for architecture `llama` without experts and without an importance matrix.
"""

import re
from typing import Literal

from convert.ggml import BLOCK, GgmlType
from convert.shapes import TextShape

LanguageType = Literal["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M"]
ProjectorType = Literal["F32", "F16", "Q8_0"]

FILE_TYPE: dict[str, int] = {"F32": 0, "F16": 1, "Q8_0": 7, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "BF16": 32}
"""`enum llama_ftype`, stored as `general.file_type`."""

_BASE = {
    "F32": GgmlType.F32,
    "F16": GgmlType.F16,
    "BF16": GgmlType.BF16,
    "Q8_0": GgmlType.Q8_0,
    "Q6_K": GgmlType.Q6_K,
    "Q5_K_M": GgmlType.Q5_K,
    "Q4_K_M": GgmlType.Q4_K,
}
_FALLBACK = {GgmlType.Q4_K: GgmlType.Q5_0, GgmlType.Q5_K: GgmlType.Q5_1, GgmlType.Q6_K: GgmlType.Q8_0}
_LAYER = re.compile(r"^blk\.(\d+)\.(attn_v|ffn_down)\.weight$")
_LAYERS_70B = 80
"""llama.cpp calls every Llama of this many layers with grouped queries a 70B and gives its shared values more bits."""


def _more_bits(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def _fits(kind: GgmlType, columns: int) -> bool:
    return columns % BLOCK[kind][0] == 0


def language_tensor_type(name: str, shape: tuple[int, ...], wanted: LanguageType, text: TextShape) -> GgmlType:
    """The stored type of GGUF tensor `name` of row-major `shape` in a language model of shape `text`."""
    if len(shape) < 2:
        return GgmlType.F32
    base = _BASE[wanted]
    if BLOCK[base][0] == 1:
        return base
    columns = shape[-1]
    kind = base
    if name == "output.weight" or (text.tied and name == "token_embd.weight"):
        kind = GgmlType.Q8_0 if base is GgmlType.Q8_0 or not _fits(base, columns) else GgmlType.Q6_K
    elif (found := _LAYER.match(name)) is not None:
        if wanted in ("Q4_K_M", "Q5_K_M") and _more_bits(int(found[1]), text.layers):
            kind = GgmlType.Q6_K
        if found[2] == "attn_v" and text.layers == _LAYERS_70B and text.heads != text.kv_heads and kind is GgmlType.Q4_K:
            kind = GgmlType.Q5_K
    if not _fits(kind, columns):
        kind = _FALLBACK.get(kind, kind)
    return kind if _fits(kind, columns) else GgmlType.F16


def projector_tensor_type(name: str, shape: tuple[int, ...], wanted: ProjectorType) -> GgmlType:
    """The stored type of an mmproj tensor: vectors and the position table stay F32, the patch embedding is never quantised."""
    if len(shape) < 2 or name == "v.position_embd.weight":
        return GgmlType.F32
    if wanted == "Q8_0":
        return GgmlType.F16 if name == "v.patch_embd.weight" or not _fits(GgmlType.Q8_0, shape[-1]) else GgmlType.Q8_0
    return GgmlType[wanted]
