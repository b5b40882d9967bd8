"""LoRA adapters (PEFT) over a base checkpoint, merged row by row while the base streams by.

An adapter changes a weight by `scale * B @ A`. Whole tensors that training also saved (`modules_to_save`, biases) replace the base's.
Nothing is rounded in between: the sum is made in float32 and then stored as the wanted type.
"""

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from convert.checkpoint import Checkpoint
from convert.checkpoint_files import read_json
from convert.ggml import Floats
from convert.names import canonical, shown
from convert.plan import Delta
from convert.safetensors import Tensor, read_header
from models.errors import ConversionError

_PART = re.compile(r"\.(lora_A|lora_B|lora_embedding_A|lora_embedding_B)(?:\.default)?(?:\.weight)?$")
_SAVED = re.compile(r"\.modules_to_save(?:\.default)?(?=\.)|\.base_layer(?=\.)")
_PLAIN = re.compile(r"[A-Za-z0-9_.]+")


@dataclass(frozen=True)
class _Pair:
    """One changed weight. For an embedding, `down` is (rank, tokens) and `up` (width, rank); else (rank, inputs) and (outputs, rank)."""

    down: Tensor
    up: Tensor
    scale: float
    embedding: bool

    def delta(self, start: int, stop: int) -> Floats:
        if self.embedding:
            return np.asarray(
                self.scale * (self.down.rows(0, self.down.shape[0])[:, start:stop].T @ self.up.rows(0, self.up.shape[0]).T), np.float32
            )
        return np.asarray(self.scale * (self.up.rows(start, stop) @ self.down.rows(0, self.down.shape[0])), np.float32)


def _refuse(text: str) -> ConversionError:
    return ConversionError("adapter-unsupported", f"{text}; merge it with the tool that made it and convert the merged checkpoint")


def _settings(folder: Path) -> dict[str, Any]:
    config = read_json(folder / "adapter_config.json")
    kind = config.get("peft_type", "LORA")
    if kind != "LORA":
        raise _refuse(f"the adapter is of type {shown(str(kind))}, not LoRA")
    for flag, text in (("use_dora", "DoRA"), ("fan_in_fan_out", "transposed weights"), ("lora_bias", "biases on its B matrices")):
        if config.get(flag):
            raise _refuse(f"the adapter uses {text}")
    if config.get("layer_replication") or config.get("megatron_config") or config.get("trainable_token_indices"):
        raise _refuse("the adapter changes more than weights")
    return config


def _alpha(config: dict[str, Any], module: str) -> float:
    value = config.get("lora_alpha")
    for pattern, special in (config.get("alpha_pattern") or {}).items():
        if not _PLAIN.fullmatch(pattern):
            raise _refuse("the adapter has settings by regular expression")
        if module == pattern or module.endswith(f".{pattern}"):
            value = special
            break
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e6:
        raise ConversionError("adapter-invalid", "adapter_config.json gives no usable lora_alpha")
    return float(value)


def open_adapter(folder: Path, checkpoint: Checkpoint) -> tuple[Checkpoint, dict[str, Delta]]:
    """The checkpoint with the adapter's whole tensors put in, and what the adapter adds to the others, by canonical name.

    Raises ConversionError: `adapter-missing`, `adapter-unsupported`, `adapter-invalid`, `adapter-mismatch`, `checkpoint-pickle`.
    """
    weights = folder / "adapter_model.safetensors"
    if not (folder / "adapter_config.json").is_file():
        raise ConversionError("adapter-missing", "there is no adapter_config.json in the folder given as the adapter")
    if any((folder / name).is_file() for name in ("non_lora_trainables.bin", "adapter_model.bin")) or not weights.is_file():
        raise ConversionError(
            "checkpoint-pickle",
            "the adapter's weights are not (all) safetensors but pickle files, which can run code; save it as safetensors",
        )
    config = _settings(folder)
    stored = read_header(weights)
    parts: dict[str, dict[str, Tensor]] = {}
    modules: dict[str, str] = {}
    tensors = dict(checkpoint.tensors)
    for name, tensor in stored.items():
        plain = _SAVED.sub("", name.removeprefix("base_model.model."))
        found = _PART.search(plain)
        if found is None:
            target = _known(plain, tensors)
            if target is None:
                continue
            if tensor.shape != tensors[target].shape:
                raise _mismatch(name)
            tensors[target] = tensor
            continue
        module = plain[: found.start()]
        target = _known(f"{module}.weight", tensors)
        if target is not None:
            parts.setdefault(target, {})[found[1]] = tensor
            modules[target] = module
    if not parts and tensors == checkpoint.tensors:
        raise ConversionError("adapter-mismatch", "the adapter changes nothing in this checkpoint; it belongs to another model")
    deltas: dict[str, Delta] = {target: _pair(halves, tensors[target], config, modules[target]).delta for target, halves in parts.items()}
    files = (*checkpoint.files, weights, folder / "adapter_config.json")
    return replace(checkpoint, tensors=tensors, files=files), deltas


def _known(name: str, tensors: dict[str, Tensor]) -> str | None:
    target = canonical(name)
    if target is not None and target not in tensors:
        raise _mismatch(name)
    return target


def _mismatch(name: str) -> ConversionError:
    return ConversionError(
        "adapter-mismatch", f"the adapter does not fit this checkpoint ({shown(name)}); give the base model that it was trained on"
    )


def _pair(halves: dict[str, Tensor], base: Tensor, config: dict[str, Any], module: str) -> _Pair:
    embedding = "lora_embedding_A" in halves
    names = ("lora_embedding_A", "lora_embedding_B") if embedding else ("lora_A", "lora_B")
    if set(halves) != set(names):
        raise ConversionError("adapter-invalid", f"the adapter has only one half of a change ({shown(module)})")
    down, up = (halves[name] for name in names)
    rank = down.shape[0] if down.shape else 0
    rows, columns = base.matrix
    wanted = ((rank, rows), (columns, rank)) if embedding else ((rank, columns), (rows, rank))
    if rank == 0 or (down.matrix, up.matrix) != wanted:
        raise _mismatch(module)
    alpha = _alpha(config, module)
    return _Pair(down, up, alpha / (math.sqrt(rank) if config.get("use_rslora") else rank), embedding)
