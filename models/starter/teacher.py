"""A quick teacher for the tower: small networks on a picture's mean statistics: ``python -m models.starter.teacher CACHE OUT.pt``.

Averaging the 81 squares of a view takes the noise out of the statistics before anything non-linear happens; a network on these means
trains in seconds and generalises to unknown sources better than a tower that starts from nothing. So the tower begins with the teacher's
first layer as its embedding and learns from soft labels. A view's soft label comes from networks that never saw its picture.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from torch import nn
from torch.nn import functional as F

from models.starter.dataset import FEATURES, Pool, as_tokens, open_pools

FOLDS = 4
HIDDEN = 192
STEPS, BATCH, RATE, DECAY = 500, 128, 1e-3, 0.3


def pooled(pool: Pool) -> torch.Tensor:
    """Mean of every statistic over the squares of each view, (views, FEATURES)."""
    parts = []
    for start in range(0, len(pool), 32):
        rows = range(start, min(start + 32, len(pool)))
        parts.append(as_tokens(np.stack([pool.maps(row) for row in rows])).float().mean(1))
    return torch.cat(parts)


def fold_of(name: str) -> int:
    """Fold of a picture, the same for all its views."""
    return int(name[:8], 16) % FOLDS


def train_network(values: torch.Tensor, labels: torch.Tensor, chances: npt.NDArray[np.float64], seed: int) -> nn.Sequential:
    """One network on standardised means, (N, FEATURES) -> log-odds (N, 1)."""
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Dropout(0.3), nn.Linear(FEATURES, HIDDEN), nn.GELU(), nn.Dropout(0.3), nn.Linear(HIDDEN, 1))
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    cumulative = np.cumsum(chances)
    rng = np.random.default_rng(seed)
    for _ in range(STEPS):
        rows = np.minimum(np.searchsorted(cumulative, rng.random(BATCH) * cumulative[-1], side="right"), len(labels) - 1)
        loss = F.binary_cross_entropy_with_logits(network(values[rows])[:, 0], labels[rows] * 0.96 + 0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pools = [pool for pool in open_pools(options.cache, "train") if pool.truths is None]
    values = torch.cat([pooled(pool) for pool in pools])
    mean, deviation = values.mean(0), values.std(0) + 1
    values = (values - mean) / deviation
    labels = torch.cat([torch.full((len(pool),), float(pool.kind != "real")) for pool in pools])
    chances = np.concatenate([pool.chances for pool in pools])
    names = [name for pool in pools for name in pool.names]
    folds = np.array([fold_of(name) for name in names])
    soft = torch.zeros(len(names))
    networks = []
    for fold in range(FOLDS):
        with torch.enable_grad():
            network = train_network(values, labels, chances * (folds != fold), fold)
        held = torch.from_numpy(np.flatnonzero(folds == fold))
        soft[held] = network(values[held])[:, 0]
        networks.append(network)
        print(f"fold {fold}: AUC of its own pictures {roc_auc_score(labels[held], soft[held]):.4f}", flush=True)
    for split in ("calibration",):
        found = {pool.kind: (pooled(pool) - mean) / deviation for pool in open_pools(options.cache, split) if pool.truths is None}
        scores = {kind: torch.stack([network(rows)[:, 0] for network in networks]).mean(0) for kind, rows in found.items()}
        truth = np.r_[np.zeros(len(scores["real"])), np.ones(len(scores["generated"]))]
        print(f"{split} AUC of the folds together {roc_auc_score(truth, torch.cat([scores['real'], scores['generated']])):.4f}")
    first = networks[0][1]
    state = {"weight": first.weight / deviation, "bias": first.bias - (first.weight / deviation) @ mean}
    soft_labels = {}
    at = 0
    for pool in pools:
        soft_labels[pool.kind] = soft[at : at + len(pool)].clone()
        at += len(pool)
    torch.save({**state, "soft": soft_labels}, options.out)


if __name__ == "__main__":
    main()
