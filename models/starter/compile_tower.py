"""Write the teachers into the checkpoint's vision tower, so that its three used layers compute them exactly. Needs torch.

Channels of a token (width ``WIDTH``), with H hidden units of the ensemble and L of the local teacher:

- ``UNITS`` H: the ensemble's first layer on this patch, scaled down (``SCALE``); the first layer's attention adds the mean of all patches;
- ``LOCAL_UNITS`` L: the local teacher's first layer on this patch, to which the attention adds what it is compared with;
  ``SENT_UNITS`` L: what this patch contributes to that;
- ``EVIDENCE``: the ensemble's log-odds at a point between the mean of all patches and this one. Their mean over the patches is the verdict,
  so hiding a patch takes away what it was worth;
- ``LOCAL``: the local teacher's log-odds that this patch differs from the rest; ``CELL_LOCAL``: their mean over the ninth of the frame in
  which the patch lies, which the second layer's attention writes;
- ``TOP`` nine: which ninth has the largest ``CELL_LOCAL``, and ``TOP_LOCAL``: how large it is, which the third layer's attention writes
  into every token alike;
- ``CELL`` nine: which ninth the patch lies in; ``CLASS``: 1 for the class token only;
- ``BALANCE``: minus the sum of all others, so that the mean that a layer norm takes away is zero;
- ``PLUS``, ``MINUS``: an anchor so large that the deviation by which a layer norm divides is practically constant.

The class token is empty but for the anchors; it takes part in the first layer's mean and is allowed for by (TOKENS + 1) / TOKENS.
"""

from typing import Any

import torch

from models.starter.model import GRID, MEAN, PATCH, STD, TOKENS, WIDTH

SCALE, ANCHOR, BLEND = 0.05, 300.0, 0.5
"""``BLEND``: how far from the mean of all patches towards this one the evidence is taken."""
ENSEMBLE, AROUND = WIDTH - 96, 32
"""H, which is the sum of ``teacher.PLANS``, and L."""
UNITS = slice(0, ENSEMBLE)
LOCAL_UNITS, SENT_UNITS = (slice(ENSEMBLE + index * AROUND, ENSEMBLE + (index + 1) * AROUND) for index in range(2))
_REST = ENSEMBLE + 2 * AROUND
EVIDENCE, LOCAL, CELL_LOCAL, TOP_LOCAL, CLASS = range(_REST, _REST + 5)
CELL, TOP = slice(_REST + 5, _REST + 14), slice(_REST + 14, _REST + 23)
BALANCE, PLUS, MINUS = WIDTH - 3, WIDTH - 2, WIDTH - 1
OWN_NINTH, STRONGEST = 12.0, 10.0
"""Log weight of the own ninth's patches over all others in the second layer's attention; what a unit of ``CELL_LOCAL`` adds to that of a
patch in the third's."""


def vision_of(llava: Any) -> Any:
    """The CLIP vision transformer inside the checkpoint."""
    return getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)


@torch.no_grad()
def compile_tower(llava: Any, teacher: dict[str, torch.Tensor]) -> None:
    """Overwrite embeddings, norms and the three used layers; the unused last layer keeps its random weights."""
    vision = vision_of(llava)
    deviation = (2 * ANCHOR**2 / WIDTH) ** 0.5

    # Embedding: the teachers' first layers on bytes less their mean, rewritten for inputs (x / 255 - MEAN) / STD.
    middle, spread = (torch.tensor(value).repeat(PATCH * PATCH) * 255 for value in (MEAN, STD))
    first = (
        (UNITS, "first", "mean", BLEND), (LOCAL_UNITS, "local_first", "local_mean", 1.0), (SENT_UNITS, "around_first", "local_mean", 1.0),
    )  # fmt: skip
    rows, place = torch.zeros(WIDTH, PATCH * PATCH * 3), torch.zeros(WIDTH)
    for units, name, zero, share in first:
        rows[units] = teacher[name] * spread * SCALE * share
        place[units] = teacher[name] @ (middle - teacher[zero]) * SCALE * share
    rows[BALANCE] = -rows.sum(0)
    places = place.repeat(TOKENS + 1, 1)
    places[0] = 0
    places[0, CLASS] = 1
    places[1:, CELL] = torch.nn.functional.one_hot(cell_numbers(), 9).float()
    places[:, BALANCE] = -places.sum(1)
    places[:, PLUS], places[:, MINUS] = ANCHOR, -ANCHOR
    vision.embeddings.patch_embedding.weight.copy_(rows.reshape(WIDTH, PATCH, PATCH, 3).permute(0, 3, 1, 2))
    vision.embeddings.class_embedding.zero_()
    vision.embeddings.position_embedding.weight.copy_(places)
    _norm(vision.pre_layrnorm, torch.full((WIDTH,), deviation))
    for layer in vision.encoder.layers[:-1]:
        _clear(layer)
    teachers, ninths, strongest = vision.encoder.layers[:-1]
    _teachers(teachers, teacher, deviation)
    _ninths(ninths, deviation)
    _strongest(strongest, deviation)


def cell_numbers() -> torch.Tensor:
    """Which ninth of the frame each patch lies in, (TOKENS,)."""
    number = torch.arange(GRID) // (GRID // 3)
    return (3 * number[:, None] + number[None]).reshape(TOKENS)


def _teachers(layer: Any, teacher: dict[str, torch.Tensor], deviation: float) -> None:
    """Attention adds the means; the feed-forward part is both teachers' second layers."""
    units, local, sent = (list(range(WIDTH)[part]) for part in (UNITS, LOCAL_UNITS, SENT_UNITS))
    _norm(layer.layer_norm1, _seen([*units, *sent], deviation))
    pairs = [(unit, unit, (1 - BLEND) / BLEND) for unit in units] + [(a, b, 1.0) for a, b in zip(sent, local, strict=True)]
    _route(layer, [(source, target, weight * (TOKENS + 1) / TOKENS) for source, target, weight in pairs])
    _norm(layer.layer_norm2, _seen([*units, *local], deviation))
    number = torch.arange(ENSEMBLE)
    layer.mlp.fc1.weight[number, units] = 1 / SCALE
    layer.mlp.fc1.bias[number] = teacher["bias"]
    layer.mlp.fc2.weight[EVIDENCE, number] = teacher["second"]
    number = ENSEMBLE + torch.arange(AROUND)
    layer.mlp.fc1.weight[number, local] = 1 / SCALE
    layer.mlp.fc1.bias[number] = teacher["local_bias"]
    layer.mlp.fc2.weight[LOCAL, number] = teacher["local_second"]
    layer.mlp.fc2.bias[EVIDENCE], layer.mlp.fc2.bias[LOCAL] = teacher["offset"], teacher["local_offset"]
    layer.mlp.fc2.weight[BALANCE] = -layer.mlp.fc2.weight[[EVIDENCE, LOCAL]].sum(0)
    layer.mlp.fc2.bias[BALANCE] = -layer.mlp.fc2.bias[[EVIDENCE, LOCAL]].sum()


def _ninths(layer: Any, deviation: float) -> None:
    """Attention gives every patch the mean of its ninth; the feed-forward part does nothing."""
    cells = list(range(WIDTH)[CELL])
    _norm(layer.layer_norm1, _seen([*cells, LOCAL], deviation))
    strength = (OWN_NINTH * layer.self_attn.head_dim**0.5) ** 0.5
    for part in (layer.self_attn.q_proj, layer.self_attn.k_proj):
        part.weight[torch.arange(9), cells] = strength
    _route(layer, [(LOCAL, CELL_LOCAL, 1.0)])


def _strongest(layer: Any, deviation: float) -> None:
    """Attention of every token to the patches of the ninth that differs most; the feed-forward part does nothing."""
    cells = list(range(WIDTH)[CELL])
    _norm(layer.layer_norm1, _seen([*cells, CELL_LOCAL, CLASS], deviation))
    layer.self_attn.q_proj.bias[0] = layer.self_attn.head_dim**0.5
    layer.self_attn.k_proj.weight[0, CELL_LOCAL] = STRONGEST
    layer.self_attn.k_proj.weight[0, CLASS] = -1000.0
    _route(layer, [*zip(cells, range(WIDTH)[TOP], [1.0] * 9, strict=True), (CELL_LOCAL, TOP_LOCAL, 1.0)])


def _route(layer: Any, ways: list[tuple[int, int, float]]) -> None:
    """What attention carries: (channel that is read, channel that it is added to, factor), through as few heads as it takes."""
    for number, (source, target, weight) in enumerate(ways):
        layer.self_attn.v_proj.weight[number, source] = 1.0
        layer.self_attn.out_proj.weight[target, number] += weight
        layer.self_attn.out_proj.weight[BALANCE, number] -= weight


def _clear(layer: Any) -> None:
    """No attention, no feed-forward part, and norms that let nothing through."""
    attention = layer.self_attn
    for part in (attention.q_proj, attention.k_proj, attention.v_proj, attention.out_proj, layer.mlp.fc1, layer.mlp.fc2):
        part.weight.zero_()
        part.bias.zero_()
    for norm in (layer.layer_norm1, layer.layer_norm2):
        _norm(norm, torch.zeros(WIDTH))


def _seen(channels: list[int], deviation: float) -> torch.Tensor:
    weight = torch.zeros(WIDTH)
    weight[channels] = deviation
    return weight


def _norm(norm: Any, weight: torch.Tensor) -> None:
    norm.weight.copy_(weight)
    norm.bias.zero_()
