"""Write the teachers into the checkpoint's vision tower, so that its two used layers compute them exactly. Needs torch.

Channels of a token (width 512), with H hidden units of the ensemble and L of the local teacher:

- ``PATCH_UNITS`` H: the ensemble's first layer on this patch, scaled down (``SCALE``); ``MEAN_UNITS`` H: its mean over all patches;
- ``LOCAL_UNITS`` L: the local teacher's first layer on this patch; ``SENT_UNITS`` L: what this patch adds to all patches' mean of what it
  compares with, ``AROUND_UNITS`` L: that mean;
- ``EVIDENCE``: the ensemble's log-odds at a point between the mean of all patches and this one. Their mean over the patches is the verdict,
  so hiding a patch takes away what it was worth;
- ``LOCAL``: the local teacher's log-odds that this patch differs from the rest; ``CELL_LOCAL``, ``CELL_EVIDENCE``: their means over the
  ninth of the frame in which the patch lies, which the second layer's attention writes;
- ``CELL`` nine: which ninth that is; ``PLACE`` three: row, column (-1 to 1) and their squares' sum;
- ``BALANCE``: minus the sum of all others, so that the mean that a layer norm takes away is zero;
- ``PLUS``, ``MINUS``: an anchor so large that the deviation by which a layer norm divides is practically constant.

The class token is empty but for the anchors; it takes part in the first layer's mean and is allowed for by (TOKENS + 1) / TOKENS.
"""

from typing import Any

import torch

from models.starter.model import GRID, MEAN, PATCH, STD, TOKENS

SCALE, ANCHOR, BLEND = 0.05, 300.0, 0.5
"""``BLEND``: how far from the mean of all patches towards this one the evidence is taken."""
ENSEMBLE, AROUND = 208, 16
"""H and L."""
PATCH_UNITS, MEAN_UNITS = slice(0, ENSEMBLE), slice(ENSEMBLE, 2 * ENSEMBLE)
_REST = 2 * ENSEMBLE
LOCAL_UNITS, SENT_UNITS, AROUND_UNITS = (slice(_REST + index * AROUND, _REST + (index + 1) * AROUND) for index in range(3))
EVIDENCE, LOCAL, CELL_EVIDENCE, CELL_LOCAL = range(480, 484)
CELL, PLACE = slice(484, 493), slice(493, 496)
BALANCE, PLUS, MINUS = 509, 510, 511
SHARP = 12.0
"""Log weight of the own ninth's patches over all others in the second layer's attention."""


def vision_of(llava: Any) -> Any:
    """The CLIP vision transformer inside the checkpoint."""
    return getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)


@torch.no_grad()
def compile_tower(llava: Any, teacher: dict[str, torch.Tensor]) -> None:
    """Overwrite embeddings, norms and the two used layers; the unused last layer keeps its random weights."""
    vision = vision_of(llava)
    width = vision.config.hidden_size
    deviation = (2 * ANCHOR**2 / width) ** 0.5

    # Embedding: the teachers' first layers on bytes, rewritten for inputs (x / 255 - MEAN) / STD.
    middle, spread = (torch.tensor(value).repeat(PATCH * PATCH) * 255 for value in (MEAN, STD))
    first = ((PATCH_UNITS, "first"), (LOCAL_UNITS, "local_first"), (SENT_UNITS, "around_first"))
    rows, place = torch.zeros(width, PATCH * PATCH * 3), torch.zeros(width)
    for units, name in first:
        rows[units] = teacher[name] * spread * SCALE
        place[units] = teacher[name] @ middle * SCALE
    place[PATCH_UNITS] += teacher["bias"] * SCALE
    place[LOCAL_UNITS] += teacher["local_bias"] * SCALE
    rows[BALANCE] = -rows.sum(0)
    places = place.repeat(TOKENS + 1, 1)
    places[0] = 0
    places[1:, PLACE] = place_table()
    places[1:, CELL] = torch.nn.functional.one_hot(cell_numbers(), 9).float()
    places[:, BALANCE] = -places.sum(1)
    places[:, PLUS], places[:, MINUS] = ANCHOR, -ANCHOR
    vision.embeddings.patch_embedding.weight.copy_(rows.reshape(width, PATCH, PATCH, 3).permute(0, 3, 1, 2))
    vision.embeddings.class_embedding.zero_()
    vision.embeddings.position_embedding.weight.copy_(places)
    _norm(vision.pre_layrnorm, torch.full((width,), deviation))
    _first_layer(vision.encoder.layers[0], teacher, width, deviation)
    _second_layer(vision.encoder.layers[1], width, deviation)


def place_table() -> torch.Tensor:
    """Row, column and their squares' sum of each patch, (TOKENS, 3)."""
    row, column = torch.meshgrid(torch.linspace(-1, 1, GRID), torch.linspace(-1, 1, GRID), indexing="ij")
    return torch.stack([row, column, row**2 + column**2], -1).reshape(TOKENS, 3)


def cell_numbers() -> torch.Tensor:
    """Which ninth of the frame each patch lies in, (TOKENS,)."""
    third = GRID // 3
    number = torch.arange(GRID) // third
    return (3 * number[:, None] + number[None]).reshape(TOKENS)


def _first_layer(layer: Any, teacher: dict[str, torch.Tensor], width: int, deviation: float) -> None:
    """Attention writes the means; the feed-forward part is both teachers' second layers."""
    _clear(layer)
    sources = [*range(width)[PATCH_UNITS], *range(width)[SENT_UNITS]]
    targets = [*range(width)[MEAN_UNITS], *range(width)[AROUND_UNITS]]
    _norm(layer.layer_norm1, _seen(width, sources, deviation))
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        layer.self_attn.v_proj.weight[number, source] = 1.0
        layer.self_attn.out_proj.weight[target, number] = (TOKENS + 1) / TOKENS
        layer.self_attn.out_proj.weight[BALANCE, number] = -(TOKENS + 1) / TOKENS
    patch, mean, local, around = (list(range(width)[units]) for units in (PATCH_UNITS, MEAN_UNITS, LOCAL_UNITS, AROUND_UNITS))
    _norm(layer.layer_norm2, _seen(width, patch + mean + local + around, deviation))
    number = torch.arange(ENSEMBLE)
    layer.mlp.fc1.weight[number, patch] = BLEND / SCALE
    layer.mlp.fc1.weight[number, mean] = (1 - BLEND) / SCALE
    layer.mlp.fc2.weight[EVIDENCE, number] = teacher["second"]
    number = ENSEMBLE + torch.arange(AROUND)
    layer.mlp.fc1.weight[number, local] = 1 / SCALE
    layer.mlp.fc1.weight[number, around] = 1 / SCALE
    layer.mlp.fc2.weight[LOCAL, number] = teacher["local_second"]
    layer.mlp.fc2.bias[EVIDENCE], layer.mlp.fc2.bias[LOCAL] = teacher["offset"], teacher["local_offset"]
    layer.mlp.fc2.weight[BALANCE] = -layer.mlp.fc2.weight[[EVIDENCE, LOCAL]].sum(0)
    layer.mlp.fc2.bias[BALANCE] = -layer.mlp.fc2.bias[[EVIDENCE, LOCAL]].sum()


def _second_layer(layer: Any, width: int, deviation: float) -> None:
    """Attention gives every patch the means of its ninth; the feed-forward part does nothing."""
    _clear(layer)
    cells = list(range(width)[CELL])
    _norm(layer.layer_norm1, _seen(width, [*cells, EVIDENCE, LOCAL], deviation))
    _norm(layer.layer_norm2, torch.zeros(width))
    head = layer.self_attn.head_dim
    strength = (SHARP * head**0.5) ** 0.5
    for part in (layer.self_attn.q_proj, layer.self_attn.k_proj):
        part.weight[torch.arange(9), cells] = strength
    for number, (source, target) in enumerate(((EVIDENCE, CELL_EVIDENCE), (LOCAL, CELL_LOCAL))):
        layer.self_attn.v_proj.weight[number, source] = 1.0
        layer.self_attn.out_proj.weight[target, number] = 1.0
        layer.self_attn.out_proj.weight[BALANCE, number] = -1.0


def _clear(layer: Any) -> None:
    attention = layer.self_attn
    for part in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj, layer.mlp.fc1, layer.mlp.fc2):
        part.weight.zero_()
        part.bias.zero_()


def _seen(width: int, channels: list[int], deviation: float) -> torch.Tensor:
    weight = torch.zeros(width)
    weight[channels] = deviation
    return weight


def _norm(norm: Any, weight: torch.Tensor) -> None:
    norm.weight.copy_(weight)
    norm.bias.zero_()
