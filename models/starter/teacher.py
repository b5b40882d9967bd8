"""First stage: small networks that the tower will be: ``python -m models.starter.teacher CACHE OUT.pt``.

The ensemble judges a picture by its mean statistics: averaging the 81 squares of a view takes the noise out of them before anything
non-linear happens. Networks on these means train in seconds and, on sources and generators that were never seen, do better than a tower
trained from nothing for the same time. The local teacher tells the squares of a pasted region from those around it, by the exact masks of
the pasted views. ``compile_tower`` then writes both into the tower's layers, number by number.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional as F

from models.starter.compile_tower import AROUND, ENSEMBLE
from models.starter.dataset import FEATURES, Pool, as_tokens, open_pools
from models.starter.listing import Entry, permissive, read_list

GROUPS, MEMBERS = 2, 4
HIDDEN = ENSEMBLE // (GROUPS * MEMBERS)
STEPS, BATCH, RATE, DECAY = 800, 128, 1e-3, 0.3
MIXED = 0.4
"""Every second group is trained on mixtures of two views (mixup, Zhang et al. 2018), with this parameter of the beta distribution."""
LOCAL_STEPS, LOCAL_BATCH = 700, 16


def quick_gelu(values: torch.Tensor) -> torch.Tensor:
    """The tower's activation."""
    return values * torch.sigmoid(1.702 * values)


class Group(nn.Module):
    """Networks of the ensemble that see the same batches; nothing else is shared between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(FEATURES, MEMBERS * HIDDEN)
        self.second = nn.Parameter((torch.rand(MEMBERS, HIDDEN) * 2 - 1) * HIDDEN**-0.5)
        self.offset = nn.Parameter(torch.zeros(MEMBERS))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Standardised means (N, FEATURES) -> log-odds of each (N, MEMBERS)."""
        inner = quick_gelu(self.first(F.dropout(values, 0.3, self.training)))
        inner = F.dropout(inner, 0.2, self.training).unflatten(1, (MEMBERS, HIDDEN))
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


def whole(cache: Path, split: str) -> tuple[torch.Tensor, torch.Tensor, npt.NDArray[np.float64], list[str]]:
    """Means, labels, chances and names of the wholly real and wholly generated views of a split. The means are kept beside the views."""
    pools = [pool for pool in open_pools(cache, split) if pool.truths is None]
    kept = cache / f"{split}_means.npy"
    if not kept.exists():
        np.save(kept, torch.cat([pooled(pool) for pool in pools]).numpy())
    labels = torch.cat([torch.full((len(pool),), float(pool.kind != "real")) for pool in pools])
    names = [name for pool in pools for name in pool.names]
    return torch.from_numpy(np.load(kept)), labels, np.concatenate([pool.chances for pool in pools]), names


def train_group(values: torch.Tensor, labels: torch.Tensor, chances: npt.NDArray[np.float64], seed: int) -> Group:
    """Train one group on standardised means; the odd ones on mixtures."""
    torch.manual_seed(seed)
    group = Group()
    optimiser = torch.optim.AdamW(group.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    cumulative = np.cumsum(chances)
    rng = np.random.default_rng(seed)
    for _ in range(STEPS):
        rows = np.minimum(np.searchsorted(cumulative, rng.random(BATCH) * cumulative[-1], side="right"), len(labels) - 1)
        seen, truth = values[rows], labels[rows] * 0.96 + 0.02
        if seed % 2:
            share, other = torch.from_numpy(rng.beta(MIXED, MIXED, BATCH)).float(), torch.from_numpy(rng.permutation(BATCH))
            seen = share[:, None] * seen + (1 - share[:, None]) * seen[other]
            truth = share * truth + (1 - share) * truth[other]
        loss = MEMBERS * F.binary_cross_entropy_with_logits(group(seen), truth[:, None].expand(-1, MEMBERS))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return group.eval()


def train_local(pool: Pool) -> tuple[Local, torch.Tensor, torch.Tensor]:
    """The local teacher with the mean and deviation that its squares are standardised by."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    some = as_tokens(np.stack([pool.maps(row) for row in range(0, len(pool), max(1, len(pool) // 300))])).float().reshape(-1, FEATURES)
    mean, deviation = some.mean(0), some.std(0) + 3
    local = Local()
    optimiser = torch.optim.AdamW(local.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, LOCAL_STEPS)
    for _ in range(LOCAL_STEPS):
        rows = rng.integers(0, len(pool), LOCAL_BATCH).tolist()
        tokens = as_tokens(np.stack([pool.maps(row) for row in rows])).float()
        truth = torch.from_numpy(np.stack([pool.truth(row) for row in rows]))
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
def judge(groups: list[Group], values: torch.Tensor, labels: torch.Tensor) -> float:
    """AUC of the ensemble on standardised means."""
    return float(roc_auc_score(labels, torch.cat([group(values) for group in groups], 1).mean(1)))


def train_ensemble(cache: Path, keep: Callable[[Entry], bool]) -> dict[str, torch.Tensor]:
    """The ensemble, trained on the pictures that ``keep`` accepts, as two layers on raw statistics."""
    values, labels, chances, names = whole(cache, "train")
    entries = {entry.sha256: entry for entry in read_list()}
    chances = chances * np.array([keep(entries[name]) for name in names])
    for label in (0.0, 1.0):
        mine = labels.numpy() == label
        chances[mine] /= chances[mine].sum()
    used = values[torch.from_numpy(chances > 0)]
    mean, deviation = used.mean(0), used.std(0) + 1
    values = (values - mean) / deviation
    groups = [train_group(values, labels, chances, seed) for seed in range(GROUPS)]
    for split in ("calibration", "test"):
        held, truth, _, _ = whole(cache, split)
        print(f"{split} AUC {judge(groups, (held - mean) / deviation, truth):.4f} of {int((chances > 0).sum())} views", flush=True)
    with torch.no_grad():
        first = torch.cat([group.first.weight for group in groups]) / deviation
        return {
            "first": first,
            "bias": torch.cat([group.first.bias for group in groups]) - first @ mean,
            "second": torch.cat([group.second.flatten() for group in groups]) / (GROUPS * MEMBERS),
            "offset": torch.cat([group.offset for group in groups]).mean(),
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
    pool = next(pool for pool in open_pools(options.cache, "train") if pool.kind == "pasted")
    local, mean, deviation = train_local(pool)
    with torch.no_grad():
        near, around = local.first.weight / deviation, local.around.weight / deviation
        found |= {
            "local_first": near, "local_bias": local.first.bias - (near + around) @ mean, "around_first": around,
            "local_second": local.second.weight[0], "local_offset": local.second.bias[0],
        }  # fmt: skip
    torch.save(found, options.out)


if __name__ == "__main__":
    main()
