"""Write the teacher's ensemble into the checkpoint's vision tower, so that its one used layer computes it exactly. Needs torch.

Channels of a token (width 256), with H = 124 hidden units:

- 0 … H-1: the first layer's output for this patch, scaled down (``SCALE``);
- H … 2H-1: their mean over all patches, which the attention writes (queries and keys are zero, so it weighs all tokens alike);
- 248: the ensemble's log-odds, which the layer's MLP writes into every token;
- 250: the same of this patch alone, its evidence; 251, 252, 253: row, column (-1 to 1) and their squares' sum, the patch's place;
- 249: minus the sum of all others, so that the mean that a layer norm takes away is zero;
- 254, 255: plus and minus ``ANCHOR``, so large that the deviation by which a layer norm divides is practically constant.

The class token is empty but for the anchors; it takes part in the mean and is allowed for by (TOKENS + 1) / TOKENS.
"""

from typing import Any

import torch

from models.starter.model import GRID, MEAN, PATCH, STD, TOKENS

SCALE, ANCHOR = 0.05, 300.0
VERDICT, BALANCE, EVIDENCE, PLACE, PLUS, MINUS = 248, 249, 250, slice(251, 254), 254, 255


def vision_of(llava: Any) -> Any:
    """The CLIP vision transformer inside the checkpoint."""
    return getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)


@torch.no_grad()
def compile_tower(llava: Any, teacher: dict[str, torch.Tensor]) -> None:
    """Overwrite embeddings, the norms and the first layer; the unused last layer keeps its random weights."""
    vision = vision_of(llava)
    units, width = len(teacher["bias"]), vision.config.hidden_size
    patch, mean = slice(0, units), slice(units, 2 * units)
    deviation = (2 * ANCHOR**2 / width) ** 0.5

    # Embedding: the teacher's first layer on bytes, rewritten for inputs (x / 255 - MEAN) / STD.
    middle, spread = (torch.tensor(value).repeat(PATCH * PATCH) * 255 for value in (MEAN, STD))
    rows = torch.zeros(width, PATCH * PATCH * 3)
    rows[patch] = teacher["first"] * spread * SCALE
    rows[BALANCE] = -rows[patch].sum(0)
    place = torch.zeros(width)
    place[patch] = (teacher["bias"] + teacher["first"] @ middle) * SCALE
    places = place.repeat(TOKENS + 1, 1)
    row, column = torch.meshgrid(torch.linspace(-1, 1, GRID), torch.linspace(-1, 1, GRID), indexing="ij")
    places[0] = 0
    places[1:, PLACE] = torch.stack([row, column, row**2 + column**2], -1).reshape(TOKENS, 3)
    places[:, BALANCE] = -places.sum(1)
    places[:, PLUS], places[:, MINUS] = ANCHOR, -ANCHOR
    vision.embeddings.patch_embedding.weight.copy_(rows.reshape(width, PATCH, PATCH, 3).permute(0, 3, 1, 2))
    vision.embeddings.class_embedding.zero_()
    vision.embeddings.position_embedding.weight.copy_(places)
    _norm(vision.pre_layrnorm, torch.full((width,), deviation))

    layer = vision.encoder.layers[0]
    seen = torch.zeros(width)
    seen[patch] = deviation
    _norm(layer.layer_norm1, seen)
    seen[mean] = deviation
    _norm(layer.layer_norm2, seen)
    for part in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj, layer.self_attn.out_proj):
        part.weight.zero_()
        part.bias.zero_()
    number = torch.arange(units)
    layer.self_attn.v_proj.weight[number, number] = 1.0
    layer.self_attn.out_proj.weight[units + number, number] = (TOKENS + 1) / TOKENS
    layer.self_attn.out_proj.weight[BALANCE, number] = -(TOKENS + 1) / TOKENS
    for part in (layer.mlp.fc1, layer.mlp.fc2):
        part.weight.zero_()
        part.bias.zero_()
    for channel, source, hidden in ((VERDICT, units + number, number), (EVIDENCE, number, units + number)):
        layer.mlp.fc1.weight[hidden, source] = 1 / SCALE
        layer.mlp.fc2.weight[channel, hidden] = teacher["second"]
        layer.mlp.fc2.weight[BALANCE, hidden] = -teacher["second"]
        layer.mlp.fc2.bias[channel] = teacher["offset"]
    layer.mlp.fc2.bias[BALANCE] = -2 * teacher["offset"]


def cell_log_odds(features: torch.Tensor) -> torch.Tensor:
    """Mean evidence of the patches of each ninth of the frame: tower output (N, TOKENS, width) -> (N, 9)."""
    third = GRID // 3
    return features[..., EVIDENCE].unflatten(1, (3, third, 3, third)).mean(dim=(2, 4)).flatten(1)


def _norm(norm: Any, weight: torch.Tensor) -> None:
    norm.weight.copy_(weight)
    norm.bias.zero_()
