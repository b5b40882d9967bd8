"""The expert's shape and how it is written as a llava-hf checkpoint. Needs torch and transformers (training only)."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from models.starter.views import SIZE
from models.starter.words import BOS_ID, EOS_ID, IMAGE_ID, PAD_ID, VOCABULARY

PATCH = 32
GRID = SIZE // PATCH
TOKENS = GRID * GRID
MEAN = (0.25, 0.03, 0.07)
"""Of the residual maps divided by 255, rounded (measured on the training views)."""
STD = (0.15, 0.1, 0.1)
WIDTH, INNER = 512, 448
"""Of the tower and of its feed-forward parts; llama.cpp takes these parts the wrong way round where both are equal."""


def config() -> LlavaConfig:
    """Tower of four layers (the last is present but unused: feature layer -2), Llama of two."""
    vision = CLIPVisionConfig(
        hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=4, num_attention_heads=4, image_size=SIZE, patch_size=PATCH,
        hidden_act="quick_gelu", layer_norm_eps=1e-5, projection_dim=WIDTH,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=1024, rms_norm_eps=1e-5, tie_word_embeddings=False, bos_token_id=BOS_ID,
        eos_token_id=EOS_ID, pad_token_id=PAD_ID,
    )  # fmt: skip
    return LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=IMAGE_ID, projector_hidden_act="gelu", vision_feature_layer=-2,
        vision_feature_select_strategy="default", image_seq_length=TOKENS, tie_word_embeddings=False, pad_token_id=PAD_ID,
    )  # fmt: skip


def build(seed: int = 0) -> Any:
    """A fresh model with random weights."""
    torch.manual_seed(seed)
    model: Any = LlavaForConditionalGeneration(config())
    return model.float()


def normalise(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 (N, H, W, 3) residual maps -> float32 (N, 3, H, W), as the checkpoint's preprocessor does."""
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    values = (pictures.float() / 255 - mean) / std
    return values.permute(0, 3, 1, 2).contiguous()


def patch_features(model: Any, values: torch.Tensor) -> torch.Tensor:
    """Tower output that the projector reads: hidden states of layer -2 without the class token, (N, TOKENS, width).

    The unused last layer is not computed.
    """
    tower = getattr(model.model.vision_tower, "vision_model", model.model.vision_tower)
    states = tower.pre_layrnorm(tower.embeddings(values))
    for layer in tower.encoder.layers[:-1]:
        out = layer(states, None)
        states = out[0] if isinstance(out, tuple) else out
    return states[:, 1:]  # type: ignore[no-any-return]


def save(model: Any, words: Path, folder: Path) -> None:
    """Write the checkpoint in llava-hf's layout: config, weights, tokenizer and preprocessor."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "tokenizer.model").write_bytes(words.read_bytes())
    added = {
        str(number): {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
        for number, content in ((0, "<unk>"), (1, "<s>"), (2, "</s>"), (IMAGE_ID, "<image>"), (PAD_ID, "<pad>"))
    }
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": False, "add_prefix_space": True, "legacy": True,
            "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>", "padding_side": "left",
            "model_max_length": 1024, "clean_up_tokenization_spaces": False, "sp_model_kwargs": {}, "added_tokens_decoder": added,
        },
    )  # fmt: skip
    _write(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": SIZE}, "resample": 3,
            "do_center_crop": True, "crop_size": {"height": SIZE, "width": SIZE}, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": list(MEAN), "image_std": list(STD), "do_convert_rgb": True,
            "telltale_preparation": {"kind": "residual-mean", "size": SIZE, "mean": list(MEAN), "std": list(STD)},
        },
    )  # fmt: skip


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
