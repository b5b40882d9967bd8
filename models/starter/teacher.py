"""First stage: a small ensemble on a picture's mean statistics: ``python -m models.starter.teacher CACHE OUT.pt``.

Averaging the 81 squares of a view takes the noise out of the statistics before anything non-linear happens. Networks on these means
train in seconds and, on sources and generators that were never seen, do better than a tower trained from nothing for the same
time. So the tower is not trained: ``compile_tower`` writes this ensemble into one transformer layer, number by number.
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

MEMBERS, HIDDEN = 4, 31
STEPS, BATCH, RATE = 800, 128, 1e-3


class Member(nn.Module):
    """One network of the ensemble; its activation is the tower's, so that the tower can be exactly this."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(FEATURES, HIDDEN)
        self.second = nn.Linear(HIDDEN, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Standardised means (N, FEATURES) -> log-odds (N,)."""
        inner = self.first(F.dropout(values, 0.3, self.training))
        inner = inner * torch.sigmoid(1.702 * inner)
        log_odds: torch.Tensor = self.second(F.dropout(inner, 0.2, self.training))[:, 0]
        return log_odds


def pooled(pool: Pool) -> torch.Tensor:
    """Mean of every statistic over the squares of each view, (views, FEATURES)."""
    parts = []
    for start in range(0, len(pool), 32):
        rows = range(start, min(start + 32, len(pool)))
        parts.append(as_tokens(np.stack([pool.maps(row) for row in rows])).float().mean(1))
    return torch.cat(parts)


def train_member(values: torch.Tensor, labels: torch.Tensor, chances: npt.NDArray[np.float64], seed: int, decay: float) -> Member:
    """Train one network on standardised means."""
    torch.manual_seed(seed)
    member = Member()
    optimiser = torch.optim.AdamW(member.parameters(), RATE, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS)
    cumulative = np.cumsum(chances)
    rng = np.random.default_rng(seed)
    for _ in range(STEPS):
        rows = np.minimum(np.searchsorted(cumulative, rng.random(BATCH) * cumulative[-1], side="right"), len(labels) - 1)
        loss = F.binary_cross_entropy_with_logits(member(values[rows]), labels[rows] * 0.96 + 0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return member.eval()


def whole(cache: Path, split: str) -> tuple[torch.Tensor, torch.Tensor, npt.NDArray[np.float64]]:
    """Means, labels and chances of the wholly real and wholly generated views of a split."""
    pools = [pool for pool in open_pools(cache, split) if pool.truths is None]
    values = torch.cat([pooled(pool) for pool in pools])
    labels = torch.cat([torch.full((len(pool),), float(pool.kind != "real")) for pool in pools])
    return values, labels, np.concatenate([pool.chances for pool in pools])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    values, labels, chances = whole(options.cache, "train")
    held, truth, _ = whole(options.cache, "calibration")
    mean, deviation = values.mean(0), values.std(0) + 1
    values, held = (values - mean) / deviation, (held - mean) / deviation
    best: tuple[float, list[Member]] = (0.0, [])
    for decay in (0.1, 0.3, 1.0):
        members = [train_member(values, labels, chances, seed, decay) for seed in range(MEMBERS)]
        with torch.no_grad():
            score = float(roc_auc_score(truth, torch.stack([member(held) for member in members]).mean(0)))
        print(f"weight decay {decay}: calibration AUC {score:.4f}", flush=True)
        if score > best[0]:
            best = (score, members)
    with torch.no_grad():
        first = torch.cat([member.first.weight for member in best[1]]) / deviation
        bias = torch.cat([member.first.bias for member in best[1]]) - first @ mean
        second = torch.cat([member.second.weight[0] for member in best[1]]) / MEMBERS
        offset = torch.stack([member.second.bias[0] for member in best[1]]).mean()
    torch.save({"first": first, "bias": bias, "second": second, "offset": offset}, options.out)


if __name__ == "__main__":
    main()
