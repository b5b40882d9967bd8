"""Opening a checkpoint folder: configuration, shards, tokenizer and picture preparation, all checked before anything is written."""

from dataclasses import dataclass, replace
from pathlib import Path

from convert.checkpoint_files import read_json, shards
from convert.names import canonical_table
from convert.picture_rules import preparation
from convert.safetensors import Tensor
from convert.shapes import CLIP_L_336, TextShape, VisionShape, llava_shape, vision_shape
from convert.vocabulary import Vocabulary
from convert.words import checkpoint_vocabulary
from models.cards import Preparation
from models.errors import ConversionError


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
            if name.startswith("projector."):
                raise ConversionError("projector-unsupported", f"the projector is not two linear layers with bias ({name} is missing)")
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


def _tower(folder: Path) -> tuple[dict[str, Tensor], VisionShape | None, tuple[Path, ...]]:
    """A CLIP folder given with `--vision-tower`; no shape when it has no `config.json`."""
    if not folder.is_dir():
        raise ConversionError("checkpoint-missing", "the folder given for the vision tower does not exist")
    shape = vision_shape(read_json(folder / "config.json")) if (folder / "config.json").is_file() else None
    stored, files = shards(folder)
    table = canonical_table(stored, "tower")
    return {name: stored[original] for name, original in table.items()}, shape, files


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
    folders = [folder]
    if any(name.startswith("vision.") for name in tensors):
        if vision_tower is not None:
            raise ConversionError("tower-present", "the checkpoint carries its own vision tower, trained with it; leave --vision-tower out")
    else:
        if vision_tower is None:
            raise ConversionError(
                "tower-missing",
                "this checkpoint does not carry its vision tower; give the CLIP folder that it was trained with as --vision-tower",
            )
        tower, tower_shape, tower_files = _tower(vision_tower)
        tensors |= tower
        vision = tower_shape or vision
        files += tower_files
        folders.append(vision_tower)
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
    vocabulary, tokenizer_files = checkpoint_vocabulary(folder, text)
    return Checkpoint(
        folder,
        text,
        vision,
        used,
        tensors,
        vocabulary,
        preparation(folders, shape, vision),
        (*files, folder / "config.json", *tokenizer_files),
    )
