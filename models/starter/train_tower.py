"""First stage: the vision tower learns to label every patch and the picture: ``python -m models.starter.train_tower --help``.

The heads are thrown away afterwards; they only teach the tower. The patch embedding is trained on standardised features with a bias and
folded into CLIP's bias-free convolution and its position table when the stage ends (``fold``).
"""

import argparse
import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from torch import nn
from torch.nn import functional as F

from models.starter.dataset import FEATURES, KINDS, Pool, as_tokens, draw, open_pools
from models.starter.model import MEAN, PATCH, STD, TOKENS, build

GROUPS = 6
"""Statistics that are hidden together by chance while training: the six fields of a square (see ``groups``)."""


def groups() -> torch.Tensor:
    """Field number of each of the 3072 features of a patch (row, column, channel)."""
    number = torch.zeros(PATCH, PATCH, 3, dtype=torch.long)
    number[:, 16:, 0] = 1
    number[:, :16, 1] = 2
    number[:, 16:, 1] = 3
    number[:, :16, 2] = 4
    number[:, 16:, 2] = 5
    return number.reshape(-1)


class Tower(nn.Module):
    """CLIP's layers behind an own embedding, with heads for patches, picture and kind."""

    mean: torch.Tensor
    deviation: torch.Tensor
    groups: torch.Tensor

    def __init__(self, llava: Any, mean: torch.Tensor, deviation: torch.Tensor) -> None:
        super().__init__()
        tower = getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)
        width = tower.config.hidden_size
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.register_buffer("groups", groups())
        self.embed = nn.Linear(FEATURES, width)
        self.position = nn.Parameter(torch.randn(TOKENS, width) * 0.02)
        self.first = nn.Parameter(torch.randn(width) * 0.02)
        self.norm = tower.pre_layrnorm
        self.layers = tower.encoder.layers[:-1]
        self.out = nn.LayerNorm(width)
        self.patch_head = nn.Linear(width, 1)
        self.picture_head = nn.Linear(3 * width, 1)
        self.kind_head = nn.Linear(3 * width, len(KINDS))

    def features(self, tokens: torch.Tensor, keep: torch.Tensor | None = None) -> torch.Tensor:
        """uint8 (N, TOKENS, FEATURES) -> (N, kept tokens, width): what the projector will read."""
        positions = self.position
        if keep is not None:
            tokens, positions = tokens[:, keep], positions[keep]
        values = (tokens.float() - self.mean) / self.deviation
        if self.training:
            shown = (torch.rand(values.shape[0], 1, GROUPS) > 0.12).float()[..., self.groups]
            values = F.dropout(values * shown, 0.1)
        states = self.embed(values) + positions
        states = self.norm(torch.cat([self.first.expand(states.shape[0], 1, -1), states], 1))
        for layer in self.layers:
            out = layer(states, None)
            states = out[0] if isinstance(out, tuple) else out
        return states[:, 1:]

    def forward(self, tokens: torch.Tensor, keep: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Log-odds per patch (N, kept), per picture (N,), logits of the kind (N, 4)."""
        states = self.out(self.features(tokens, keep))
        patches = self.patch_head(states)[..., 0]
        focus = torch.softmax(2 * patches.detach(), 1)[..., None]
        pooled = torch.cat([states.mean(1), states.amax(1), (states * focus).sum(1)], 1)
        pooled = F.dropout(pooled, 0.2, self.training)
        return patches, self.picture_head(pooled)[..., 0], self.kind_head(pooled)


def statistics(pools: list[Pool], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation of every feature over 512 balanced views; the floor keeps rare bins from being blown up."""
    tokens = as_tokens(np.stack([pool.maps(row) for pool, row in draw(pools, 512, rng)])).float().reshape(-1, FEATURES)
    return tokens.mean(0), tokens.std(0) + 3


def targets(chosen: list[tuple[Pool, int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Truth per patch (N, TOKENS), per picture (N,), kind (N,)."""
    patches = torch.from_numpy(np.stack([pool.truth(row) for pool, row in chosen]))
    kinds = torch.tensor([KINDS.index(pool.kind) for pool, _ in chosen])
    return patches, (kinds > 0).float(), kinds


def step_loss(tower: Tower, chosen: list[tuple[Pool, int]], keep: torch.Tensor) -> torch.Tensor:
    """Patch, picture and kind losses of one batch."""
    tokens = as_tokens(np.stack([pool.maps(row) for pool, row in chosen]))
    truth, picture, kind = targets(chosen)
    patches, whole, kinds = tower(tokens, keep)
    truth = truth[:, keep]
    # Patches on an edge of an edit carry both; they teach little and are weighed less.
    weight = (2 * truth - 1).abs()
    patch_loss = (F.binary_cross_entropy_with_logits(patches, (truth > 0.5).float(), reduction="none") * weight).mean()
    picture_loss = F.binary_cross_entropy_with_logits(whole, picture * 0.96 + 0.02)
    return patch_loss + picture_loss + 0.3 * F.cross_entropy(kinds, kind)


@torch.no_grad()
def judge(tower: Tower, pools: list[Pool], limit: int = 10**9) -> dict[str, float]:
    """AUC against the reals: whole pictures by the picture head, each local kind, and patches of local edits."""
    tower.eval()
    scores: dict[str, Any] = {}
    result: dict[str, float] = {}
    for pool in pools:
        found = []
        for start in range(0, min(len(pool), limit), 64):
            rows = range(start, min(start + 64, len(pool), limit))
            patches, whole, _ = tower(as_tokens(np.stack([pool.maps(row) for row in rows])))
            found.append((whole, patches, torch.from_numpy(np.stack([pool.truth(row) for row in rows]))))
        scores[pool.kind] = torch.cat([item[0] for item in found]).numpy()
        if pool.truths is not None:
            patches, truth = (torch.cat([item[index] for item in found]).numpy().ravel() for index in (1, 2))
            clear = np.abs(2 * truth - 1) > 0.8
            result[f"{pool.kind} patches"] = float(roc_auc_score(truth[clear] > 0.5, patches[clear]))
    real = scores["real"]
    for kind, values in scores.items():
        if kind != "real":
            labels = np.r_[np.zeros(len(real)), np.ones(len(values))]
            result[kind] = float(roc_auc_score(labels, np.r_[real, values]))
    tower.train()
    return {name: round(value, 4) for name, value in result.items()}


def fold(tower: Tower, llava: Any) -> None:
    """Write embedding, class token and positions into the checkpoint's own tensors, which see (x / 255 - MEAN) / STD.

    The embedding's bias and the standardisation's offset are constant for every patch, so the position table takes them.
    """
    vision = getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)
    width = vision.config.hidden_size
    mean, std = (torch.tensor(value).repeat(PATCH * PATCH) * 255 for value in (MEAN, STD))
    with torch.no_grad():
        weight = tower.embed.weight / tower.deviation
        offset = tower.embed.bias + weight @ (mean - tower.mean)
        kernel = (weight * std).reshape(width, PATCH, PATCH, 3).permute(0, 3, 1, 2)
        vision.embeddings.patch_embedding.weight.copy_(kernel)
        vision.embeddings.class_embedding.copy_(tower.first)
        vision.embeddings.position_embedding.weight.zero_()
        vision.embeddings.position_embedding.weight[1:].copy_(tower.position + offset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path, help="file with the state of the stage; continued from when it exists")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--keep", type=int, default=45, help="patches of a view that are seen in a step")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--minutes", type=float, default=1e9, help="the rate falls to zero at this time or at the last step")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pools = open_pools(options.cache, "train")
    llava = build()
    torch.manual_seed(1)
    tower = Tower(llava, *statistics(pools, np.random.default_rng(1)))
    decay = [p for n, p in tower.named_parameters() if p.ndim > 1 and n != "position"]
    others = [p for n, p in tower.named_parameters() if not (p.ndim > 1 and n != "position")]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], betas=(0.9, 0.98))
    average = copy.deepcopy(tower)
    step, spent = 0, 0.0
    if options.out.exists():
        state = torch.load(options.out, weights_only=True)
        tower.load_state_dict(state["tower"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    begun, shown = time.monotonic() - spent, time.monotonic()
    tower.train()
    while True:
        spent = time.monotonic() - begun
        done = max(step / options.steps, spent / 60 / options.minutes)
        if step % 200 == 0 or done >= 1:
            pools = open_pools(options.cache, "train")  # passes that were finished meanwhile
            marks = judge(average, open_pools(options.cache, "calibration"), 400)
            print(f"step {step} {spent / 60:.1f} min views {sum(map(len, pools))} calibration {marks}", flush=True)
            state = {"tower": tower.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save({**state, "step": step, "spent": spent}, options.out)
        if done >= 1:
            break
        rng = np.random.default_rng([2, step])
        rate = float(options.rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        keep = torch.from_numpy(np.sort(rng.permutation(TOKENS)[: options.keep]))
        loss = step_loss(tower, draw(pools, options.batch, rng), keep)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimiser.step()
        step += 1
        with torch.no_grad():
            blend = min(0.997, step / (step + 20))
            for mine, theirs in zip(average.parameters(), tower.parameters(), strict=True):
                mine.lerp_(theirs, 1 - blend)
        if step % 50 == 0:
            speed = 50 * options.batch / (time.monotonic() - shown)
            shown = time.monotonic()
            print(f"  step {step} loss {loss.item():.3f} rate {rate:.1e} {speed:.0f} views/s", flush=True)


if __name__ == "__main__":
    main()
