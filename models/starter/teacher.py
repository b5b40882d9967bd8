"""First stage: small networks that the tower will be: ``python -m models.starter.teacher CACHE OUT.pt``.

The ensemble judges a picture by its mean statistics: averaging the 81 squares of a view takes the noise out of them before anything
non-linear happens. Networks on these means train in seconds and, on sources and generators that were never seen, do better than a tower
trained from nothing for the same time. The local teacher tells the squares of an edited region from those around it, by the exact masks of
the edited views. ``compile_tower`` then writes both into the tower's layers, number by number.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from torch import nn
from torch.nn import functional as F

from models.starter.compile_tower import AROUND
from models.starter.dataset import FEATURES, Pool, as_tokens, chances_of, open_pools
from models.starter.listing import Entry, permissive, read_list
from models.starter.model import PATCH, TOKENS

BATCH, RATE = 128, 1e-3
MIXED = 0.4
"""Parameter of the beta distribution by which two views are mixed (mixup, Zhang et al. 2018)."""


@dataclass(frozen=True)
class Plan:
    """One group of the ensemble: networks that see the same batches."""

    reads: Literal["noise", "spectra", "colour", "all"]
    """Which statistics: the co-occurrences of luminance alone, its spectra alone, those of colour alone, or everything."""
    first_list: float | None
    """Share of views from the rows of the first list (None: as the sources' sizes give it); networks that read less and learn from fewer
    sources fail elsewhere."""
    members: int
    hidden: int
    """Units of a member."""
    steps: int
    decay: float
    mixed: bool
    weight: float
    """Of the group's mean in the evidence."""


PLANS = (
    Plan("noise", 1.0, members=2, hidden=16, steps=800, decay=0.3, mixed=True, weight=0.25),
    *(Plan("all", 0.6, members=2, hidden=64, steps=12000, decay=0.5, mixed=False, weight=0.25) for _ in range(3)),
)
LOCAL_STEPS, LOCAL_BATCH, LOCAL_DECAY = 900, 16, 0.3


def field(name: str) -> torch.Tensor:
    """1 for the statistics of a square that belong to a field, else 0, (FEATURES,); where they lie: ``residual_statistics``."""
    chosen, half = torch.zeros(PATCH, PATCH, 3), PATCH // 2
    if name in ("noise", "all"):
        chosen[..., 1] = 1
    if name in ("spectra", "all"):
        chosen[:, :half, 0] = 1
    if name in ("colour", "all"):
        chosen[:, half:, 0] = 1
        chosen[..., 2] = 1
    return chosen.reshape(-1)


def quick_gelu(values: torch.Tensor) -> torch.Tensor:
    """The tower's activation."""
    return values * torch.sigmoid(1.702 * values)


class Group(nn.Module):
    """Networks of the ensemble that see the same batches; nothing else is shared between them."""

    reads: torch.Tensor

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.register_buffer("reads", field(plan.reads))
        self.first = nn.Linear(FEATURES, plan.members * plan.hidden)
        self.second = nn.Parameter((torch.rand(plan.members, plan.hidden) * 2 - 1) * plan.hidden**-0.5)
        self.offset = nn.Parameter(torch.zeros(plan.members))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Standardised means (N, FEATURES) -> log-odds of each (N, members)."""
        inner = quick_gelu(self.first(F.dropout(values * self.reads, 0.3, self.training)))
        inner = F.dropout(inner, 0.2, self.training).unflatten(1, self.second.shape)
        return (inner * self.second).sum(-1) + self.offset


class Local(nn.Module):
    """Tells squares that differ from the mean of their picture; it starts from the plain difference."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(FEATURES, AROUND)
        self.around = nn.Linear(FEATURES, AROUND, bias=False)
        self.second = nn.Linear(AROUND, 1)
        with torch.no_grad():
            self.around.weight.copy_(-self.first.weight)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Standardised squares (N, TOKENS, FEATURES) -> log-odds (N, TOKENS)."""
        values = F.dropout(values, 0.5, self.training)
        inner = quick_gelu(self.first(values) + self.around(values.mean(1, keepdim=True)))
        log_odds: torch.Tensor = self.second(F.dropout(inner, 0.1, self.training))[..., 0]
        return log_odds


def pooled(pool: Pool) -> torch.Tensor:
    """Mean of every statistic over the squares of each view, (views, FEATURES)."""
    parts = []
    for start in range(0, len(pool), 32):
        rows = range(start, min(start + 32, len(pool)))
        parts.append(as_tokens(np.stack([pool.maps(row) for row in rows])).float().mean(1))
    return torch.cat(parts)


def held_out(cache: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Means and labels of the wholly real and wholly generated views of a split."""
    pools = [pool for pool in open_pools(cache, split) if pool.truths is None]
    labels = [torch.full((len(pool),), float(pool.kind != "real")) for pool in pools]
    return torch.cat([pooled(pool) for pool in pools]), torch.cat(labels)


def training(cache: Path, keep: Callable[[Entry], bool]) -> tuple[torch.Tensor, torch.Tensor, list[Entry]]:
    """Means, labels and pictures of the views of ``prepare_cells`` that ``keep`` accepts."""
    entries = {entry.sha256: entry for entry in read_list()}
    means, found = [], []
    for path in sorted((cache / "cells").glob("*.json")):
        mine = [entries[name] for name in json.loads(path.read_text())]
        rows = [row for row, entry in enumerate(mine) if keep(entry)]
        means.append(np.load(path.with_suffix(".npy"), mmap_mode="r")[rows].sum(1, dtype=np.float32) / TOKENS)
        found += [mine[row] for row in rows]
    return torch.from_numpy(np.concatenate(means)), torch.tensor([float(entry.fake) for entry in found]), found


def standardised(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The means of training views as networks read them, with the mean and the deviation that every other view is standardised by."""
    mean, deviation = values.mean(0), values.std(0) + 1
    return (values - mean) / deviation, mean, deviation


def train_group(values: torch.Tensor, labels: torch.Tensor, entries: list[Entry], plan: Plan, seed: int) -> Group:
    """Train one group on standardised means."""
    torch.manual_seed(seed)
    group = Group(plan)
    optimiser = torch.optim.AdamW(group.parameters(), RATE, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, plan.steps)
    cumulative = np.cumsum(chances_of(entries, plan.first_list))
    rng = np.random.default_rng(seed)
    for _ in range(plan.steps):
        rows = np.minimum(np.searchsorted(cumulative, rng.random(BATCH) * cumulative[-1], side="right"), len(labels) - 1)
        seen, truth = values[rows], labels[rows] * 0.96 + 0.02
        if plan.mixed:
            share, other = torch.from_numpy(rng.beta(MIXED, MIXED, BATCH)).float(), torch.from_numpy(rng.permutation(BATCH))
            seen = share[:, None] * seen + (1 - share[:, None]) * seen[other]
            truth = share * truth + (1 - share) * truth[other]
        loss = plan.members * F.binary_cross_entropy_with_logits(group(seen), truth[:, None].expand(-1, plan.members))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return group.eval()


def train_local(pools: list[Pool]) -> tuple[Local, torch.Tensor, torch.Tensor]:
    """The local teacher with the mean and deviation that its squares are standardised by."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    views = [(pool, row) for pool in pools for row in range(len(pool))]
    some = as_tokens(np.stack([pool.maps(row) for pool, row in views[:: max(1, len(views) // 300)]])).float().reshape(-1, FEATURES)
    mean, deviation = some.mean(0), some.std(0) + 3
    local = Local()
    optimiser = torch.optim.AdamW(local.parameters(), RATE, weight_decay=LOCAL_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, LOCAL_STEPS)
    for _ in range(LOCAL_STEPS):
        chosen = [views[number] for number in rng.integers(0, len(views), LOCAL_BATCH).tolist()]
        tokens = as_tokens(np.stack([pool.maps(row) for pool, row in chosen])).float()
        truth = torch.from_numpy(np.stack([pool.truth(row) for pool, row in chosen]))
        # Squares on the edge carry both and teach little; changed ones are rare and count more.
        weight = (2 * truth - 1).abs() * (1 + 5 * (truth > 0.5))
        odds = local((tokens - mean) / deviation)
        loss = F.binary_cross_entropy_with_logits(odds, (truth > 0.5).float(), weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return local.eval(), mean, deviation


@torch.no_grad()
def evidence(groups: list[Group], values: torch.Tensor) -> torch.Tensor:
    """Log-odds of the ensemble, (N,): the weighted means of its groups."""
    found: torch.Tensor = torch.stack([group.plan.weight * group(values).mean(1) for group in groups]).sum(0)
    return found


def train_ensemble(cache: Path, keep: Callable[[Entry], bool]) -> dict[str, torch.Tensor]:
    """The ensemble, trained on the pictures that ``keep`` accepts, as two layers on statistics less their mean."""
    values, labels, entries = training(cache, keep)
    values, mean, deviation = standardised(values)
    groups = [train_group(values, labels, entries, plan, seed) for seed, plan in enumerate(PLANS)]
    for split in ("calibration", "test", "test_more"):
        held, truth = held_out(cache, split)
        found = [float(roc_auc_score(truth, evidence(some, (held - mean) / deviation))) for some in (groups, *([one] for one in groups))]
        print(f"{split} AUC {found[0]:.4f}, of single groups {[round(one, 4) for one in found[1:]]}; {len(labels)} views", flush=True)
    with torch.no_grad():
        shares = [group.plan.weight / group.plan.members for group in groups]
        return {
            "mean": mean,
            "first": torch.cat([group.first.weight * group.reads for group in groups]) / deviation,
            "bias": torch.cat([group.first.bias for group in groups]),
            "second": torch.cat([group.second.flatten() * share for group, share in zip(groups, shares, strict=True)]),
            "offset": torch.stack([group.offset.sum() * share for group, share in zip(groups, shares, strict=True)]).sum(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--permissive", action="store_true", help="train on the rows with a permissive licence only")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    found = train_ensemble(options.cache, permissive if options.permissive else lambda _entry: True)
    local, mean, deviation = train_local([pool for pool in open_pools(options.cache, "train") if pool.truths is not None])
    with torch.no_grad():
        found |= {
            "local_mean": mean, "local_first": local.first.weight / deviation, "around_first": local.around.weight / deviation,
            "local_bias": local.first.bias, "local_second": local.second.weight[0], "local_offset": local.second.bias[0],
        }  # fmt: skip
    torch.save(found, options.out)


if __name__ == "__main__":
    main()
