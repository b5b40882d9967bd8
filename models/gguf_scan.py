"""The whole header of a GGUF file, checked in plain Python before native code sees the file.

llama.cpp trusts much of a header: counts, lengths, dimensions, the places of tensors, and numbers that it later divides by or indexes with.
A header that does not add up is refused here, where the worst case is an exception. What a header says in order can still be a lie about
the numbers in the file; that is what the card's hashes are for. Format: ggml/docs/gguf.md, versions 2 and 3, little-endian.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import ExpertError
from models.gguf_front import Damaged, Front
from models.places import open_file

Scalar = int | float | bool | str


@dataclass(frozen=True)
class ArrayValue:
    """An array among the keys: what kind, how many, and the values of short numeric ones."""

    kind: int
    count: int
    numbers: tuple[int | float | bool, ...] = ()


@dataclass(frozen=True)
class TensorPlace:
    """One tensor of the table. `sizes`: as stored, the row first."""

    sizes: tuple[int, ...]
    kind: int
    offset: int
    nbytes: int


@dataclass(frozen=True)
class GgufHead:
    """A header that adds up."""

    version: int
    keys: dict[str, Scalar | ArrayValue]
    tensors: dict[str, TensorPlace]


_BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84), 11: (256, 110),
    12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50),
    20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
}  # fmt: skip
"""Tensor type -> (values in a block, bytes of a block), ggml.c `type_traits`."""

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_BOOL, _STRING, _ARRAY = 7, 8, 9
_MAX_KEYS, _MAX_TENSORS, _MAX_KEY, _MAX_NAME, _MAX_STRING, _MAX_ITEMS = 4096, 65536, 256, 63, 1 << 22, 1 << 21
_SHORT = 4096
"""Numbers of arrays up to this length are kept."""


class _Reader(Front):
    """Values of the header."""

    def string(self, most: int) -> str:
        try:
            return self.take(self.length(most)).decode("utf-8")
        except UnicodeDecodeError:
            raise Damaged("a text in its header is not UTF-8") from None

    def scalar(self, kind: int) -> Scalar:
        if kind == _STRING:
            return self.string(_MAX_STRING)
        code = _SCALARS.get(kind)
        if code is None:
            raise Damaged("a key has an unknown type")
        value: int | float = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        if kind == _BOOL:
            if value not in (0, 1):
                raise Damaged("a yes-or-no key is neither")
            return bool(value)
        return value

    def array(self) -> ArrayValue:
        kind, count = self.number("<I"), self.number("<Q")
        if count > _MAX_ITEMS or kind == _ARRAY or (kind != _STRING and kind not in _SCALARS):
            raise Damaged("an array in its header is too long or of an unknown type")
        if kind == _STRING:
            for _ in range(count):
                # Token texts may be broken UTF-8; only their lengths matter here.
                self.take(self.length(_MAX_STRING))
            return ArrayValue(kind, count)
        code = _SCALARS[kind]
        data = self.take(count * struct.calcsize(code))
        if kind == _BOOL and data.strip(b"\0\1"):
            raise Damaged("a yes-or-no key is neither")
        return ArrayValue(kind, count, struct.unpack(f"<{count}{code[1]}", data) if count <= _SHORT else ())


def scan_gguf(path: Path, expect: Literal["language", "projector"] | None = None) -> GgufHead:
    """Check a GGUF file's header against itself and the file's size.

    `expect`: also check what the file is for and that the numbers that size the network agree with its tensors. Raises ExpertError
    `gguf-invalid` (the text says what does not add up) or `gguf-unreadable`.
    """
    try:
        with open_file(path) as stream:
            head = _scan(_Reader(stream, path.stat().st_size))
        if expect is not None:
            _check_purpose(head, expect)
    except Damaged as error:
        raise ExpertError("gguf-invalid", f"{path.name} is damaged or not a GGUF file that Telltale can read: {error}") from None
    except OSError as error:
        raise ExpertError("gguf-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
    return head


def _scan(reader: _Reader) -> GgufHead:
    if reader.take(4) != b"GGUF":
        raise Damaged("it does not begin as one")
    version = reader.number("<I")
    if version not in (2, 3):
        raise Damaged("its version is unknown")
    tensor_count, key_count = reader.number("<Q"), reader.number("<Q")
    if tensor_count > _MAX_TENSORS or key_count > _MAX_KEYS:
        raise Damaged("its counts of tensors or keys are impossible")
    keys: dict[str, Scalar | ArrayValue] = {}
    for _ in range(key_count):
        name = reader.string(_MAX_KEY)
        if name in keys:
            raise Damaged("a key occurs twice")
        if not name or not name.isascii() or not name.isprintable():
            raise Damaged("the name of a key is not plain text")
        kind = reader.number("<I")
        keys[name] = reader.array() if kind == _ARRAY else reader.scalar(kind)
    alignment = keys.get("general.alignment", 32)
    if not isinstance(alignment, int) or isinstance(alignment, bool) or not 8 <= alignment <= 4096 or alignment & (alignment - 1):
        raise Damaged("its alignment is not usable")
    tensors: dict[str, TensorPlace] = {}
    for _ in range(tensor_count):
        name = reader.string(_MAX_NAME)
        if name in tensors:
            raise Damaged("a tensor occurs twice")
        if not name or not name.isascii() or not name.isprintable():
            raise Damaged("the name of a tensor is not plain text")
        tensors[name] = _place(reader)
    start = reader.at + -reader.at % alignment
    end = 0
    for place in sorted(tensors.values(), key=lambda item: (item.offset, item.nbytes)):
        # llama.cpp's own writer and ours leave no room between tensors but for alignment; its reader insists on that.
        if place.offset != end:
            raise Damaged("its tensors overlap or leave gaps")
        end += place.nbytes + -place.nbytes % alignment
        if start + place.offset + place.nbytes > reader.size:
            raise Damaged("it is shorter than its tensors")
    if tensors and reader.size > start + end:
        raise Damaged("it is longer than its tensors")
    return GgufHead(version, keys, tensors)


def _place(reader: _Reader) -> TensorPlace:
    count = reader.number("<I")
    if not 1 <= count <= 4:
        raise Damaged("a tensor has an impossible number of dimensions")
    sizes = struct.unpack(f"<{count}Q", reader.take(8 * count))
    kind, offset = reader.number("<I"), reader.number("<Q")
    if kind not in _BLOCKS:
        raise Damaged("a tensor has an unknown type")
    values, size = _BLOCKS[kind]
    if any(not 0 < item < 1 << 31 for item in sizes) or sizes[0] % values:
        raise Damaged("a tensor has impossible dimensions")
    nbytes = math.prod(sizes) // values * size
    if nbytes > reader.size or offset > reader.size:
        raise Damaged("a tensor is larger than the file")
    return TensorPlace(sizes, kind, offset, nbytes)


def _check_purpose(head: GgufHead, expect: Literal["language", "projector"]) -> None:
    architecture = head.keys.get("general.architecture")
    if not isinstance(architecture, str) or not architecture:
        raise Damaged("it does not say what network it holds")
    if (architecture == "clip") != (expect == "projector"):
        raise Damaged("it holds the other half of an expert: language model and projector are exchanged" if head.tensors else "it is empty")
    if expect == "projector":
        if head.keys.get("clip.projector_type") == "mlp":
            _check_tower(head)
        return
    _check_vocabulary(head, architecture)
    if architecture == "llama":
        _check_llama(head)


def _whole(keys: Mapping[str, Scalar | ArrayValue], name: str, most: int = 1 << 24, default: int | None = None) -> int:
    value = keys.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise Damaged(f"{name} is missing or impossible")
    return value


def _positive(keys: Mapping[str, Scalar | ArrayValue], name: str, most: float, default: float | None = None) -> None:
    value = keys.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= most:
        raise Damaged(f"{name} is missing or impossible")


def _shape(head: GgufHead, name: str, sizes: tuple[int, ...]) -> None:
    place = head.tensors.get(name)
    if place is None:
        raise Damaged(f"the tensor {name} is missing")
    if place.sizes != sizes:
        raise Damaged(f"the tensor {name} has other dimensions than the keys say")


def _check_vocabulary(head: GgufHead, architecture: str) -> None:
    tokens = head.keys.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, ArrayValue) or tokens.kind != _STRING or tokens.count == 0:
        raise Damaged("it has no vocabulary")
    for name, kinds in (("tokenizer.ggml.scores", (6,)), ("tokenizer.ggml.token_type", (4, 5))):
        array = head.keys.get(name)
        if array is not None and (not isinstance(array, ArrayValue) or array.kind not in kinds or array.count != tokens.count):
            raise Damaged(f"{name} does not fit the vocabulary")
    for name, value in head.keys.items():
        if not (name.startswith("tokenizer.ggml.") and name.endswith("_token_id")):
            continue
        # All bits set: llama.cpp's word for "none".
        if not isinstance(value, int) or isinstance(value, bool) or not (0 <= value < tokens.count or value == 0xFFFFFFFF):
            raise Damaged(f"{name} is not in the vocabulary")
    if not isinstance(head.keys.get("tokenizer.ggml.model"), str):
        raise Damaged("it does not say how its vocabulary works")
    embedding = head.tensors.get("token_embd.weight")
    if embedding is None or len(embedding.sizes) != 2 or embedding.sizes[1] != tokens.count:
        raise Damaged("its vocabulary does not fit its embedding")
    _whole(head.keys, f"{architecture}.block_count", 1024)


def _check_llama(head: GgufHead) -> None:
    keys = head.keys
    width, layers = _whole(keys, "llama.embedding_length", 1 << 17), _whole(keys, "llama.block_count", 1024)
    inner, heads = _whole(keys, "llama.feed_forward_length", 1 << 20), _whole(keys, "llama.attention.head_count", 1024)
    kv_heads = _whole(keys, "llama.attention.head_count_kv", 1024, heads)
    _whole(keys, "llama.context_length")
    _positive(keys, "llama.attention.layer_norm_rms_epsilon", 1.0)
    _positive(keys, "llama.rope.freq_base", 1e12, 10000.0)
    head_width = _whole(keys, "llama.attention.key_length", 4096, max(1, width // heads))
    rotated = _whole(keys, "llama.rope.dimension_count", 4096, head_width)
    vocabulary = head.tensors["token_embd.weight"].sizes[1]
    if heads % kv_heads or rotated > head_width or rotated % 2:
        raise Damaged("its attention heads do not fit together")
    if "llama.vocab_size" in keys and keys["llama.vocab_size"] != vocabulary:
        raise Damaged("its vocabulary does not fit its embedding")
    if _whole(keys, "llama.attention.value_length", 4096, head_width) != head_width:
        raise Damaged("its attention heads do not fit together")
    _shape(head, "token_embd.weight", (width, vocabulary))
    _shape(head, "output_norm.weight", (width,))
    if "output.weight" in head.tensors:
        _shape(head, "output.weight", (width, vocabulary))
    if keys.get("llama.expert_count", 0) != 0:
        return
    for layer in range(layers):
        root = f"blk.{layer}."
        for name, sizes in (
            ("attn_norm", (width,)), ("ffn_norm", (width,)), ("attn_q", (width, heads * head_width)),
            ("attn_k", (width, kv_heads * head_width)), ("attn_v", (width, kv_heads * head_width)),
            ("attn_output", (heads * head_width, width)), ("ffn_gate", (width, inner)), ("ffn_up", (width, inner)),
            ("ffn_down", (inner, width)),
        ):  # fmt: skip
            _shape(head, f"{root}{name}.weight", sizes)


def _check_tower(head: GgufHead) -> None:
    keys, root = head.keys, "clip.vision."
    width, inner = _whole(keys, f"{root}embedding_length", 1 << 16), _whole(keys, f"{root}feed_forward_length", 1 << 18)
    heads, layers = _whole(keys, f"{root}attention.head_count", 1024), _whole(keys, f"{root}block_count", 1024)
    image, patch = _whole(keys, f"{root}image_size", 8192), _whole(keys, f"{root}patch_size", 1024)
    _whole(keys, f"{root}projection_dim", 1 << 17)
    _positive(keys, f"{root}attention.layer_norm_epsilon", 1.0)
    if width % heads or patch > image or keys.get("clip.has_vision_encoder") is not True:
        raise Damaged("the sizes of its vision tower do not fit together")
    for name in ("image_mean", "image_std"):
        value = keys.get(f"{root}{name}")
        if not isinstance(value, ArrayValue) or value.kind != 6 or value.count != 3 or not all(0 < n <= 255 for n in value.numbers):
            raise Damaged(f"{root}{name} is missing or impossible")
    layer_key = keys.get(f"{root}feature_layer")
    if layer_key is not None and (
        not isinstance(layer_key, ArrayValue) or not layer_key.numbers or not all(0 < number <= layers for number in layer_key.numbers)
    ):
        raise Damaged(f"{root}feature_layer is impossible")
    if "v.class_embd" in head.tensors:
        _shape(head, "v.class_embd", (width,))
        _shape(head, "v.position_embd.weight", (width, (image // patch) ** 2 + 1))
    _shape(head, "v.patch_embd.weight", (patch, patch, 3, width))
    for layer in range(layers):
        for name in ("ln1", "ln2"):
            _shape(head, f"v.blk.{layer}.{name}.weight", (width,))
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            _shape(head, f"v.blk.{layer}.{name}.weight", (width, width))
        sizes = {(width, inner), (inner, width)}
        pair = [head.tensors.get(f"v.blk.{layer}.{name}.weight") for name in ("ffn_up", "ffn_down")]
        # Older converters exchange the two names; llama.cpp puts that right.
        if any(place is None for place in pair) or {place.sizes for place in pair if place is not None} != sizes:
            raise Damaged("a layer of its vision tower is incomplete")
    first, second = (head.tensors.get(f"mm.{index}.weight") for index in (0, 2))
    if first is None or second is None or first.sizes[:1] != (width,) or len(first.sizes) != 2 or second.sizes[:1] != first.sizes[1:]:
        raise Damaged("its projector does not fit its tower")
