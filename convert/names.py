"""The names that checkpoints give to the same tensors, brought to one form.

Canonical names are transformers' module names below three roots: `text.` (Llama: `layers.0.self_attn.q_proj.weight`, `lm_head.weight` …),
`vision.` (CLIP: `encoder.layers.0.…`), `projector.0` and `projector.2`. Known generations: transformers before 4.52, from 4.52 on, its
version 5 (no inner `vision_model.`), the original LLaVA, and a CLIP checkpoint standing alone.
"""

import re
from collections.abc import Iterable

from models.errors import ConversionError

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), root)
    for pattern, root in (
        (r"(?:model\.)?vision_tower\.(?:vision_tower\.)?(?:vision_model\.)?", "vision."),
        (r"(?:model\.)?multi_modal_projector\.linear_1\.", "projector.0."),
        (r"(?:model\.)?multi_modal_projector\.linear_2\.", "projector.2."),
        (r"(?:model\.)?mm_projector\.(?=\d)", "projector."),
        (r"language_model\.model\.", "text."),
        (r"(?:language_model\.)?lm_head\.", "text.lm_head."),
        (r"model\.language_model\.(?:model\.)?", "text."),
        (r"model\.(?=layers\.|embed_tokens\.|norm\.)", "text."),
    )
)
_IGNORED = re.compile(r"rotary_emb\.inv_freq$|embeddings\.position_ids$")
_ADAPTER = re.compile(r"(^|\.)(lora_[AB]|lora_embedding_[AB]|base_layer|modules_to_save)(\.|$)")
_MULTI_TILE = re.compile(r"(^|\.)image_newline$|vision_resampler|visual_abstractor|mask_decoder|q_former|qformer")

_TOWER = re.compile(
    r"vision\.(embeddings\.(class_embedding|patch_embedding\.weight|position_embedding\.weight)"
    r"|pre_layrnorm\.(weight|bias)|post_layernorm\.(weight|bias)"
    r"|encoder\.layers\.\d+\.(layer_norm[12]|self_attn\.(q|k|v|out)_proj|mlp\.fc[12])\.(weight|bias))$"
)
_TEXT = re.compile(
    r"text\.(embed_tokens\.weight|norm\.weight|lm_head\.weight"
    r"|layers\.\d+\.(input_layernorm|post_attention_layernorm|self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)\.weight)$"
)
_PROJECTOR = re.compile(r"projector\.[02]\.(weight|bias)$")


def canonical(name: str) -> str | None:
    """The canonical form of a stored tensor name; None for what carries no weight.

    Raises ConversionError: `adapter-unmerged`, `architecture-unsupported`, `tower-unsupported`, `projector-unsupported`, `tensor-unknown`.
    """
    if _IGNORED.search(name):
        return None
    if _ADAPTER.search(name):
        raise ConversionError(
            "adapter-unmerged",
            "this folder holds a LoRA adapter, not a whole checkpoint; give its base model as the checkpoint and this as --lora",
        )
    if _MULTI_TILE.search(name):
        raise ConversionError("architecture-unsupported", f"the checkpoint has parts that LLaVA-1.5 does not have ({shown(name)})")
    for pattern, root in _RULES:
        if (found := pattern.match(name)) is not None:
            return _known(root + name[found.end() :], name)
    if "projector" in name:
        raise ConversionError("projector-unsupported", f"the projector is not two linear layers with GELU ({shown(name)})")
    raise ConversionError("tensor-unknown", f"the checkpoint has a tensor that LLaVA-1.5 does not have ({shown(name)})")


def tower_name(name: str) -> str | None:
    """The canonical form of a name in a CLIP folder (`--vision-tower`); None for its text half and heads."""
    if _IGNORED.search(name) or name.startswith(("text_model.", "text_projection.", "visual_projection.", "logit_scale")):
        return None
    return _known("vision." + re.sub(r"^(?:model\.)?(?:vision_model\.)?", "", name), name)


def shown(name: str) -> str:
    """A foreign name, safe to print."""
    return re.sub(r"[^A-Za-z0-9_.-]", "?", name)[:80]


def _known(name: str, stored: str) -> str:
    if _TEXT.match(name) or _TOWER.match(name) or _PROJECTOR.match(name):
        return name
    if name.startswith("vision."):
        raise ConversionError("tower-unsupported", f"the vision tower is not a CLIP vision transformer ({shown(stored)})")
    if name.startswith("projector."):
        raise ConversionError("projector-unsupported", f"the projector is not two linear layers with bias ({shown(stored)})")
    raise ConversionError("tensor-unknown", f"the checkpoint has a tensor that LLaVA-1.5 does not have ({shown(stored)})")


def canonical_table(names: Iterable[str], rule: str = "checkpoint") -> dict[str, str]:
    """Canonical name -> stored name. `rule`: `checkpoint` or `tower`. Raises `tensor-duplicate` and what `canonical` raises."""
    table: dict[str, str] = {}
    for stored in names:
        name = tower_name(stored) if rule == "tower" else canonical(stored)
        if name is None:
            continue
        if name in table:
            raise ConversionError(
                "tensor-duplicate", f"the checkpoint stores the same tensor twice ({shown(stored)} and {shown(table[name])})"
            )
        table[name] = stored
    return table
