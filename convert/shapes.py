"""What a checkpoint's `config.json` says about its two networks, with the defaults that its writer left out.

Two layouts exist: llava-hf (`text_config`, `vision_config`) and the original LLaVA (Llama's own keys at the top, `mm_*` for the rest).
Omitted values take the defaults of transformers' LlamaConfig, CLIPVisionConfig and LlavaConfig, because that is what loading them means.
Everything that llama.cpp's `mlp` projector graph cannot run is refused here by name.
"""

from dataclasses import dataclass
from typing import Any, Literal

from models.errors import ConversionError

Config = dict[str, Any]


@dataclass(frozen=True)
class TextShape:
    """The language model (architecture Llama)."""

    width: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    context: int
    rms_epsilon: float
    rope_base: float
    tied: bool
    """The output matrix is the embedding matrix."""
    bos_id: int | None
    eos_id: int | None
    pad_id: int | None


@dataclass(frozen=True)
class VisionShape:
    """The vision tower (CLIP ViT) and how much of it is used."""

    width: int
    inner: int
    layers: int
    heads: int
    image: int
    """Side of its square picture, pixels."""
    patch: int
    epsilon: float
    activation: Literal["quick_gelu", "gelu"]

    @property
    def patches(self) -> int:
        """Patch tokens of one picture."""
        return (self.image // self.patch) ** 2


@dataclass(frozen=True)
class LlavaShape:
    """A whole checkpoint. `used_layers`: blocks of the tower that run before the projector."""

    layout: Literal["llava-hf", "original"]
    text: TextShape
    vision: VisionShape | None
    """None: an original-layout checkpoint whose tower is somewhere else."""
    feature_layer: int
    image_token: int | None
    pad_to_square: bool
    """Original layout only: the picture is padded, not cropped."""

    def used_layers(self, vision: VisionShape) -> int:
        """Blocks that run for `feature_layer`. Raises ConversionError `feature-layer-unsupported`."""
        used = self.feature_layer if self.feature_layer >= 0 else vision.layers + 1 + self.feature_layer
        if not 1 <= used <= vision.layers:
            raise ConversionError(
                "feature-layer-unsupported",
                f"the checkpoint takes features from layer {self.feature_layer}, but its tower has only {vision.layers} layers",
            )
        return used


CLIP_L_336 = VisionShape(1024, 4096, 24, 16, 336, 14, 1e-5, "quick_gelu")
"""openai/clip-vit-large-patch14-336, the tower of LLaVA-1.5 and LlavaConfig's default."""


def _refuse(code: str, text: str) -> ConversionError:
    return ConversionError(code, text)


def _whole(config: Config, key: str, default: int | None = None) -> int:
    value = config.get(key)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 31:
        raise _refuse("config-invalid", f"config.json gives no usable value for {key}")
    return value


def _number(config: Config, key: str, default: float) -> float:
    value = config.get(key)
    value = default if value is None else value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e12:
        raise _refuse("config-invalid", f"config.json gives no usable value for {key}")
    return float(value)


def _table(config: Config, key: str) -> Config | None:
    value = config.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _refuse("config-invalid", f"{key} in config.json is not a table")
    return value


def token_id(value: object) -> int | None:
    """A token id from a configuration; lists (several stop tokens) give their first, negative ones none."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _rope_base(text: Config) -> float:
    parameters = _table(text, "rope_parameters") or {}
    for table in (parameters, _table(text, "rope_scaling") or {}):
        kind = table.get("rope_type", table.get("type", "default"))
        if kind not in ("default", None):
            raise _refuse("rope-unsupported", f"rotary positions of type {kind!s:.40} are not supported; only plain ones are")
    return _number(parameters if "rope_theta" in parameters else text, "rope_theta", 10000.0)


def text_shape(text: Config, top: Config) -> TextShape:
    """The Llama of `text` (`text_config`, or the whole config of the original layout)."""
    for flag in ("attention_bias", "mlp_bias"):
        if text.get(flag):
            raise _refuse("architecture-unsupported", f"language models with {flag} are not supported")
    if text.get("hidden_act", "silu") != "silu":
        raise _refuse("architecture-unsupported", "the language model's activation is not SiLU; only Llama-style models are supported")
    width = _whole(text, "hidden_size", 4096)
    heads = _whole(text, "num_attention_heads", 32)
    kv_heads = _whole(text, "num_key_value_heads", heads)
    if text.get("head_dim") is None and width % heads:
        raise _refuse("config-invalid", "hidden_size is not a multiple of num_attention_heads")
    head_width = _whole(text, "head_dim", width // heads)
    if heads % kv_heads or head_width % 2:
        raise _refuse("config-invalid", "the numbers of attention heads do not fit together")
    return TextShape(
        width=width,
        inner=_whole(text, "intermediate_size", 11008),
        layers=_whole(text, "num_hidden_layers", 32),
        heads=heads,
        kv_heads=kv_heads,
        head_width=head_width,
        vocabulary=_whole(text, "vocab_size", top.get("vocab_size") or 32000),
        context=_whole(text, "max_position_embeddings", 2048),
        rms_epsilon=_number(text, "rms_norm_eps", 1e-6),
        rope_base=_rope_base(text),
        tied=bool(text.get("tie_word_embeddings") or top.get("tie_word_embeddings")),
        bos_id=token_id(text.get("bos_token_id", top.get("bos_token_id"))),
        eos_id=token_id(text.get("eos_token_id", top.get("eos_token_id"))),
        pad_id=token_id(top.get("pad_token_id", text.get("pad_token_id"))),
    )


def vision_shape(vision: Config) -> VisionShape:
    """The tower of a `vision_config` or of a CLIP folder's `config.json`. Raises ConversionError `tower-unsupported`."""
    kind = vision.get("model_type", "clip_vision_model")
    if kind == "clip":
        return vision_shape(_table(vision, "vision_config") or {})
    if kind != "clip_vision_model":
        raise _refuse("tower-unsupported", f"the vision tower is {kind!s:.40}; only CLIP vision transformers are supported")
    activation = vision.get("hidden_act", "quick_gelu")
    if activation not in ("quick_gelu", "gelu"):
        raise _refuse("tower-unsupported", f"the vision tower's activation {activation!s:.40} is not supported")
    if _whole(vision, "num_channels", 3) != 3:
        raise _refuse("tower-unsupported", "the vision tower does not take RGB pictures")
    shape = VisionShape(
        width=_whole(vision, "hidden_size", 768),
        inner=_whole(vision, "intermediate_size", 3072),
        layers=_whole(vision, "num_hidden_layers", 12),
        heads=_whole(vision, "num_attention_heads", 12),
        image=_whole(vision, "image_size", 224),
        patch=_whole(vision, "patch_size", 32),
        epsilon=_number(vision, "layer_norm_eps", 1e-5),
        activation=activation,
    )
    if shape.width % shape.heads or shape.image < shape.patch or shape.image > 4096:
        raise _refuse("config-invalid", "the vision tower's sizes do not fit together")
    if shape.inner == shape.width:
        # llama.cpp tells old files with the two halves of the feed-forward part swapped by this very size, and would swap them.
        raise _refuse("tower-unsupported", "the vision tower's intermediate_size equals its hidden_size, which llama.cpp misreads")
    return shape


def _feature_layer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse(
            "feature-layer-unsupported", "the checkpoint joins features of several layers of its tower; only a single layer is supported"
        )
    return value


def llava_shape(config: Config) -> LlavaShape:
    """Read a checkpoint's `config.json`.

    Raises ConversionError: `architecture-unsupported`, `tower-unsupported`, `projector-unsupported`, `feature-layer-unsupported`,
    `rope-unsupported`, `config-invalid`.
    """
    if "mm_vision_tower" in config or "mm_projector_type" in config or config.get("model_type") == "llava_llama":
        return _original(config)
    if config.get("model_type") != "llava":
        name = str(config.get("model_type", "nothing"))[:40]
        raise _refuse(
            "architecture-unsupported", f"this is a checkpoint of type {name}, not of the LLaVA-1.5 family; it cannot be converted"
        )
    text = _table(config, "text_config") or {}
    if text.get("model_type", "llama") != "llama":
        raise _refuse("architecture-unsupported", f"the language model is {text['model_type']!s:.40}; only Llama (Vicuna) is supported")
    if config.get("projector_hidden_act", "gelu") != "gelu":
        raise _refuse(
            "projector-unsupported", "the projector's activation is not GELU; only two linear layers with GELU between them are supported"
        )
    strategy = config.get("vision_feature_select_strategy", "default")
    if strategy != "default":
        raise _refuse(
            "feature-layer-unsupported", f"feature selection {strategy!s:.40} is not supported; only patches without the class token are"
        )
    vision = _table(config, "vision_config")
    return LlavaShape(
        layout="llava-hf",
        text=text_shape(text, config),
        vision=CLIP_L_336 if vision is None else vision_shape(vision),
        feature_layer=_feature_layer(config.get("vision_feature_layer", -2)),
        image_token=token_id(config.get("image_token_index", config.get("image_token_id"))),
        pad_to_square=False,
    )


def _original(config: Config) -> LlavaShape:
    projector = config.get("mm_projector_type", "linear")
    if projector != "mlp2x_gelu":
        raise _refuse(
            "projector-unsupported", f"the projector is {projector!s:.40}; only two linear layers with GELU (mlp2x_gelu) are supported"
        )
    tower = str(config.get("mm_vision_tower") or "")
    if any(word in tower.lower() for word in ("siglip", "eva", "dino", "convnext", "internvit", "sam")):
        raise _refuse("tower-unsupported", f"the vision tower is {tower!s:.80}; only CLIP vision transformers are supported")
    select = config.get("mm_vision_select_feature", "patch")
    if select != "patch":
        raise _refuse(
            "feature-layer-unsupported", f"feature selection {select!s:.40} is not supported; only patches without the class token are"
        )
    aspect = config.get("image_aspect_ratio")
    if aspect not in (None, "pad", "square"):
        raise _refuse("preparation-unsupported", f"picture preparation {aspect!s:.40} (several tiles) is not supported")
    vision = _table(config, "vision_config")
    return LlavaShape(
        layout="original",
        text=text_shape(config, config),
        vision=None if vision is None else vision_shape(vision),
        feature_layer=_feature_layer(config.get("mm_vision_select_layer", -2)),
        image_token=None,
        pad_to_square=aspect == "pad",
    )
