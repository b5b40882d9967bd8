"""Opening a checkpoint folder: configuration, shards, tokenizer and picture preparation, all checked before anything is written."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convert.names import canonical_table
from convert.safetensors import Tensor, read_header
from convert.shapes import CLIP_L_336, LlavaShape, TextShape, VisionShape, llava_shape, vision_shape
from convert.vocabulary import Vocabulary, extend, read_sentencepiece
from models.cards import Preparation
from models.errors import ConversionError

MAX_JSON = 64 << 20
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_BICUBIC = 3


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that can be converted: every needed tensor is there and has the shape that the configuration says."""

    folder: Path
    text: TextShape
    vision: VisionShape
    used_layers: int
    """Blocks of the tower that run before the projector."""
    tensors: dict[str, Tensor]
    """Canonical name -> tensor."""
    vocabulary: Vocabulary
    preparation: Preparation
    files: tuple[Path, ...]
    """Everything that was read, for the card's list of sources."""


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


def _optional(folder: Path, name: str) -> dict[str, Any]:
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


def language_shapes(text: TextShape) -> dict[str, tuple[int, ...]]:
    """Canonical name -> shape of every tensor of the language model but the output matrix."""
    queries, keys = text.heads * text.head_width, text.kv_heads * text.head_width
    wanted: dict[str, tuple[int, ...]] = {"text.embed_tokens.weight": (text.vocabulary, text.width), "text.norm.weight": (text.width,)}
    for layer in range(text.layers):
        root = f"text.layers.{layer}."
        wanted |= {
            f"{root}input_layernorm.weight": (text.width,),
            f"{root}post_attention_layernorm.weight": (text.width,),
            f"{root}self_attn.q_proj.weight": (queries, text.width),
            f"{root}self_attn.k_proj.weight": (keys, text.width),
            f"{root}self_attn.v_proj.weight": (keys, text.width),
            f"{root}self_attn.o_proj.weight": (text.width, queries),
            f"{root}mlp.gate_proj.weight": (text.inner, text.width),
            f"{root}mlp.up_proj.weight": (text.inner, text.width),
            f"{root}mlp.down_proj.weight": (text.width, text.inner),
        }
    return wanted


def vision_shapes(vision: VisionShape, used: int, output: int) -> dict[str, tuple[int, ...]]:
    """Canonical name -> shape of the tower's first `used` blocks and of the projector to `output` columns."""
    width, inner = vision.width, vision.inner
    wanted: dict[str, tuple[int, ...]] = {
        "vision.embeddings.class_embedding": (width,),
        "vision.embeddings.patch_embedding.weight": (width, 3, vision.patch, vision.patch),
        "vision.embeddings.position_embedding.weight": (vision.patches + 1, width),
        "vision.pre_layrnorm.weight": (width,),
        "vision.pre_layrnorm.bias": (width,),
        "projector.0.weight": (output, width),
        "projector.0.bias": (output,),
        "projector.2.weight": (output, output),
        "projector.2.bias": (output,),
    }
    for layer in range(used):
        root = f"vision.encoder.layers.{layer}."
        for norm in ("layer_norm1", "layer_norm2"):
            wanted |= {f"{root}{norm}.weight": (width,), f"{root}{norm}.bias": (width,)}
        for part in ("q", "k", "v", "out"):
            wanted |= {f"{root}self_attn.{part}_proj.weight": (width, width), f"{root}self_attn.{part}_proj.bias": (width,)}
        wanted |= {
            f"{root}mlp.fc1.weight": (inner, width),
            f"{root}mlp.fc1.bias": (inner,),
            f"{root}mlp.fc2.weight": (width, inner),
            f"{root}mlp.fc2.bias": (width,),
        }
    return wanted


def _check(tensors: dict[str, Tensor], wanted: dict[str, tuple[int, ...]]) -> None:
    for name, shape in wanted.items():
        tensor = tensors.get(name)
        if tensor is None:
            raise ConversionError(
                "tensor-missing", f"the checkpoint has no weights for {name}; it is incomplete or of another shape than config.json says"
            )
        if tensor.shape != shape:
            raise ConversionError("shape-mismatch", f"{name} has shape {list(tensor.shape)} but config.json says {list(shape)}")


def _check_extra(tensors: dict[str, Tensor], text: TextShape, vision: VisionShape, used: int) -> None:
    """Layers beyond what the configuration counts mean that it belongs to another model."""
    for name in tensors:
        parts = name.split(".")
        if "layers" in parts:
            limit = text.layers if parts[0] == "text" else vision.layers
            if int(parts[parts.index("layers") + 1]) >= limit:
                raise ConversionError("shape-mismatch", f"the checkpoint has more layers than config.json says ({name})")


def _tower(folder: Path) -> tuple[dict[str, Tensor], VisionShape, tuple[Path, ...]]:
    """A CLIP folder given with `--vision-tower`."""
    if not folder.is_dir():
        raise ConversionError("checkpoint-missing", "the folder given for the vision tower does not exist")
    shape = vision_shape(read_json(folder / "config.json")) if (folder / "config.json").is_file() else CLIP_L_336
    stored, files = shards(folder)
    table = canonical_table(stored, "tower")
    return {name: stored[original] for name, original in table.items()}, shape, files


def added_tokens(folder: Path) -> dict[int, str]:
    """Tokens beyond the base vocabulary, by id: `tokenizer_config.json`, else `added_tokens.json`."""
    found: dict[int, str] = {}
    for text, number in _optional(folder, "added_tokens.json").items():
        if isinstance(number, int) and number >= 0:
            found[number] = text
    decoder = _optional(folder, "tokenizer_config.json").get("added_tokens_decoder")
    if isinstance(decoder, dict):
        for key, entry in decoder.items():
            if key.isdecimal() and isinstance(entry, dict) and isinstance(entry.get("content"), str):
                found[int(key)] = entry["content"]
    return found


def _vocabulary(folder: Path, text: TextShape) -> tuple[Vocabulary, tuple[Path, ...]]:
    model = folder / "tokenizer.model"
    if not model.is_file():
        raise ConversionError("tokenizer-missing", "there is no tokenizer.model in this folder; copy it from the base model")
    base = read_sentencepiece(model)
    rows = text.vocabulary
    added = {number: content for number, content in added_tokens(folder).items() if number >= len(base.pieces)}
    return extend(base, added, rows, text.pad_id), (model,)


def preparation(folder: Path, shape: LlavaShape, vision: VisionShape) -> Preparation:
    """How the checkpoint's own code prepares pictures. Raises ConversionError `preparation-unsupported`."""
    own = _optional(folder, "preprocessor_config.json")
    nested = _optional(folder, "processor_config.json").get("image_processor")
    config = own or (nested if isinstance(nested, dict) else {})
    mean, std = _triple(config.get("image_mean"), CLIP_MEAN), _triple(config.get("image_std"), CLIP_STD)
    stated = config.get("telltale_preparation")
    if isinstance(stated, dict):
        # Written by recipes that train with one of Telltale's own preparations.
        if stated.get("kind") not in ("crop", "pad", "residual") or stated.get("size") != vision.image:
            raise ConversionError("preparation-unsupported", "telltale_preparation in preprocessor_config.json is not usable")
        return Preparation(stated["kind"], vision.image, _triple(stated.get("mean"), mean), _triple(stated.get("std"), std))
    if shape.pad_to_square:
        return Preparation("pad", vision.image, mean, std)
    size = config.get("size", vision.image)
    shorter = size.get("shortest_edge", size.get("height")) if isinstance(size, dict) else size
    crop = config.get("crop_size", vision.image)
    side = crop.get("height") if isinstance(crop, dict) else crop
    if shorter != vision.image or side != vision.image or config.get("resample", _BICUBIC) != _BICUBIC:
        raise ConversionError(
            "preparation-unsupported",
            "preprocessor_config.json asks for another resizing than the shorter side to the tower's size, bicubic",
        )
    if config.get("do_pad") is True:
        return Preparation("pad", vision.image, mean, std)
    for step in ("do_resize", "do_center_crop", "do_rescale", "do_normalize"):
        if config.get(step, True) is not True:
            raise ConversionError("preparation-unsupported", f"preprocessor_config.json switches off {step}")
    return Preparation("crop", vision.image, mean, std)


def _triple(value: object, default: tuple[float, float, float]) -> tuple[float, float, float]:
    if value is None:
        return default
    if isinstance(value, list) and len(value) == 3 and all(isinstance(item, int | float) and 0 < item < 256 for item in value):
        return float(value[0]), float(value[1]), float(value[2])
    raise ConversionError("preparation-unsupported", "the mean or standard deviation of the picture preparation is not three numbers")


def open_checkpoint(folder: Path, vision_tower: Path | None = None) -> Checkpoint:
    """Read and check a checkpoint; nothing of its weights is loaded yet.

    `vision_tower`: a CLIP folder, for original-layout checkpoints that do not carry their tower. Raises ConversionError.
    """
    if not folder.is_dir():
        raise ConversionError("checkpoint-missing", "the checkpoint is not a folder")
    stored, files = shards(folder)
    if not (folder / "config.json").is_file():
        raise ConversionError("checkpoint-missing", "there is no config.json beside the weights")
    config = read_json(folder / "config.json")
    shape = llava_shape(config)
    tensors = {name: stored[original] for name, original in canonical_table(stored).items()}
    vision = shape.vision or CLIP_L_336
    if not any(name.startswith("vision.") for name in tensors):
        if vision_tower is None:
            raise ConversionError(
                "tower-missing",
                "this checkpoint does not carry its vision tower; give the CLIP folder that it was trained with as --vision-tower",
            )
        tower, vision, tower_files = _tower(vision_tower)
        tensors |= tower
        files += tower_files
    used = shape.used_layers(vision)
    text = shape.text
    _check(tensors, language_shapes(text) | vision_shapes(vision, used, text.width))
    _check_extra(tensors, text, vision, used)
    if "text.lm_head.weight" in tensors:
        # safetensors never stores a tied matrix twice: a stored output matrix is one of its own, whatever the flag says.
        text = replace(text, tied=False)
        _check(tensors, {"text.lm_head.weight": (text.vocabulary, text.width)})
    elif not text.tied:
        raise ConversionError(
            "tensor-missing", "the checkpoint has no output matrix (lm_head) and config.json does not tie it to the embedding"
        )
    vocabulary, tokenizer_files = _vocabulary(folder, text)
    return Checkpoint(
        folder,
        text,
        vision,
        used,
        tensors,
        vocabulary,
        preparation(folder, shape, vision),
        (*files, folder / "config.json", *tokenizer_files),
    )
