"""The files of a checkpoint folder: JSON read with care, and safetensors shards that agree with their index."""

import json
from pathlib import Path
from typing import Any

from convert.safetensors import Tensor, read_header
from models.errors import ConversionError

MAX_JSON = 64 << 20
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a checkpoint. Raises ConversionError `checkpoint-unreadable` or `config-invalid`."""
    try:
        if path.stat().st_size > MAX_JSON:
            raise ConversionError("config-invalid", f"{path.name} is too large to be a configuration")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConversionError("checkpoint-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ConversionError("config-invalid", f"{path.name} is not valid JSON; download it again") from None
    if not isinstance(value, dict):
        raise ConversionError("config-invalid", f"{path.name} is not a JSON object")
    return value


def optional_json(folder: Path, name: str) -> dict[str, Any]:
    """A JSON object that may be absent (then empty)."""
    return read_json(folder / name) if (folder / name).is_file() else {}


def shards(folder: Path) -> tuple[dict[str, Tensor], tuple[Path, ...]]:
    """All stored tensors of a folder by stored name, and the files read.

    Raises ConversionError: `checkpoint-pickle`, `adapter-unmerged`, `checkpoint-missing`, `shard-missing`, `shard-extra`, `shard-index`.
    """
    files = sorted(path for path in folder.glob("*.safetensors") if path.name != "adapter_model.safetensors")
    index = folder / "model.safetensors.index.json"
    if not files and not index.is_file():
        if (folder / "adapter_config.json").is_file() or (folder / "adapter_model.safetensors").is_file():
            raise ConversionError(
                "adapter-unmerged",
                "this folder holds a LoRA adapter, not a whole checkpoint; give its base model as the checkpoint and this as --lora",
            )
        if any(next(folder.glob(pattern), None) is not None for pattern in _PICKLES):
            raise ConversionError(
                "checkpoint-pickle",
                "the weights are pickle files (.bin, .pt), which can run code when opened; save the checkpoint as safetensors",
            )
        raise ConversionError("checkpoint-missing", "there are no safetensors weights in this folder")
    if not index.is_file():
        if len(files) != 1:
            raise ConversionError("shard-index", "there are several safetensors files but no model.safetensors.index.json; download it too")
        return read_header(files[0]), (files[0],)
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not all(isinstance(name, str) for name in weight_map.values()):
        raise ConversionError("shard-index", "model.safetensors.index.json does not say which file holds which weight")
    present = {path.name for path in files}
    named = set(weight_map.values())
    if missing := sorted(named - present):
        raise ConversionError(
            "shard-missing", f"{len(missing)} of {len(named)} weight files are missing (first: {missing[0]!r:.80}); download them"
        )
    if extra := sorted(present - named):
        raise ConversionError("shard-extra", f"{extra[0]!r:.80} is not in model.safetensors.index.json; remove it or use the right index")
    tensors: dict[str, Tensor] = {}
    for name in sorted(named):
        for stored, tensor in read_header(folder / name).items():
            if weight_map.get(stored) != name:
                raise ConversionError("shard-index", f"model.safetensors.index.json and {name!r:.80} disagree about what the file holds")
            tensors[stored] = tensor
    if absent := next((stored for stored in weight_map if stored not in tensors), None):
        raise ConversionError("shard-index", f"model.safetensors.index.json promises a weight that no file holds ({absent!r:.80})")
    return tensors, (*(folder / name for name in sorted(named)), index)
