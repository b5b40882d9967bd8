"""The class-token correction: the right input for the first block of a CLIP tower, computed from the projector file's own tensors.

llama.cpp puts the class token after the patches instead of before them (models/llava.cpp, ggml-org/llama.cpp #25814), which shifts every
position, loses patch 0 and feeds the class output to the language model. The graph is right again when the node ``pre_ln`` is overwritten
by what it should have been. Everything after it stays llama.cpp's. Should upstream repair the order, the overwrite changes nothing.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.values import Floats, Picture
from models.errors import ExpertError

_TENSORS = ("v.class_embd", "v.patch_embd.weight", "v.position_embd.weight", "v.pre_ln.weight", "v.pre_ln.bias")


@dataclass(frozen=True)
class Tower:
    """The first steps of a CLIP vision tower, in float32."""

    class_embedding: Floats
    """(width,)"""
    patch_weight: Floats
    """(width, 3 * patch * patch)"""
    positions: Floats
    """(1 + n_patches, width)"""
    norm_weight: Floats
    norm_bias: Floats
    mean: Floats
    std: Floats
    epsilon: float
    patch: int
    size: int

    @property
    def patches(self) -> int:
        """Number of picture tokens."""
        return (self.size // self.patch) ** 2

    def sequence(self, picture: Picture) -> Floats:
        """What ``pre_ln`` must hold for ``picture`` (size, size, 3): float32 (1 + n_patches, width), class token first, C-contiguous."""
        side, patch = self.size // self.patch, self.patch
        pixels = (picture[: side * patch, : side * patch].astype(np.float32) / np.float32(255) - self.mean) / self.std
        rows = pixels.reshape(side, patch, side, patch, 3).transpose(0, 2, 4, 1, 3).reshape(side * side, 3 * patch * patch)
        sequence = np.empty((1 + side * side, self.class_embedding.size), np.float32)
        sequence[0] = self.class_embedding
        sequence[1:] = rows @ self.patch_weight.T
        sequence += self.positions
        sequence -= sequence.mean(axis=1, keepdims=True)
        sequence /= np.sqrt(np.square(sequence).mean(axis=1, keepdims=True) + np.float32(self.epsilon))
        return np.ascontiguousarray(sequence * self.norm_weight + self.norm_bias)


def read_tower(projector: Path) -> Tower:
    """Read the tower's first tensors from an ``mmproj`` GGUF.

    Raises ExpertError ``class-order-not-corrected`` when a tensor or key is missing or has another shape: without them the picture would
    be read wrongly.
    """
    import gguf

    try:
        reader = gguf.GGUFReader(str(projector))
        tensors = {t.name: _values(t) for t in reader.tensors if t.name in _TENSORS}

        def number(key: str) -> Any:
            return reader.get_field(f"clip.vision.{key}").contents()

        width, patch, size = int(number("embedding_length")), int(number("patch_size")), int(number("image_size"))
        patches = (size // patch) ** 2
        tower = Tower(
            class_embedding=tensors["v.class_embd"].reshape(width),
            patch_weight=tensors["v.patch_embd.weight"].reshape(width, 3 * patch * patch),
            positions=tensors["v.position_embd.weight"].reshape(1 + patches, width),
            norm_weight=tensors["v.pre_ln.weight"].reshape(width),
            norm_bias=tensors["v.pre_ln.bias"].reshape(width),
            mean=np.asarray(number("image_mean"), np.float32).reshape(3),
            std=np.asarray(number("image_std"), np.float32).reshape(3),
            epsilon=float(number("attention.layer_norm_epsilon")), patch=patch, size=size,
        )
    except (KeyError, AttributeError, ValueError, TypeError, IndexError, OSError, ZeroDivisionError):
        raise ExpertError("class-order-not-corrected", "the projector file lacks what the class-token correction needs") from None
    return tower


def _values(tensor: Any) -> Floats:
    import gguf

    return np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
