"""What was tried, again: ``python -m models.starter.tried CACHE``.

Trains the networks of every variant below as ``teacher`` trains those that ship, which are among them, judges the mill's views of
both held-out sets by them and writes ``tried.json`` and the table of the model card. Seeds are fixed. What is trained lies in
``CACHE/tried`` and is not trained again; a folder from other views than those in ``CACHE/cells`` has to be deleted first. Needs torch;
twenty minutes of one core.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.evaluation.metrics import Floats, Labels
from models.starter.compile_tower import BLEND
from models.starter.dataset import Pool, as_tokens, open_pools
from models.starter.listing import Entry, permissive
from models.starter.model import TOKENS
from models.starter.teacher import PLANS, Group, Plan, evidence, standardised, train_group, training
from models.starter.trials import SPLITS, TRIED, compared, render_tried, write_between

HERE = Path(__file__).parent
Material = tuple[torch.Tensor, torch.Tensor, list[Entry], torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Taught:
    """One group of networks and what it is trained on."""

    plan: Plan
    seed: int = 1
    permissive: bool = False

    @property
    def file(self) -> str:
        """Where its weights are kept: a name that tells all of it."""
        plan = self.plan
        share = "sizes" if plan.first_list is None else f"{plan.first_list:g}"
        parts = [plan.reads, share, f"{plan.members}x{plan.hidden}", f"{plan.steps}", f"{plan.decay:g}", "mixed" * plan.mixed,
                 "permissive" * self.permissive, f"seed{self.seed}"]  # fmt: skip
        return "_".join(part for part in parts if part) + ".pt"


@dataclass(frozen=True)
class Variant:
    """One row of the table."""

    name: str
    groups: tuple[Taught, ...]
    blend: float = 0.0
    """How far from the mean of a view towards each of its squares the evidence is taken, before it is averaged."""


SHORT, LONG = PLANS[0], PLANS[1]
SHIPPED = tuple(Taught(plan, seed) for seed, plan in enumerate(PLANS))


def one(name: str, plan: Plan, **more: Any) -> Variant:
    """A variant of a single group."""
    return Variant(name, (Taught(plan, **more),))


VARIANTS = (
    Variant("**the networks that ship**, as compiled: evidence halfway between a view's mean and each square", SHIPPED, BLEND),
    Variant("the same on the mean of a view", SHIPPED),
    Variant("the same square by square", SHIPPED, 1.0),
    Variant("as compiled, without its first group", SHIPPED[1:], BLEND),
    one("its first group alone", SHORT, seed=0),
    one("its second group alone", LONG, seed=1),
    one("its third, which differs in its chances only", LONG, seed=2),
    one("its fourth, again", LONG, seed=3),
    one("the first group on spectra of luminance", replace(SHORT, reads="spectra")),
    one("on colour", replace(SHORT, reads="colour")),
    one("on all statistics", replace(SHORT, reads="all")),
    one("… and on every source, drawn by the square root of its size", replace(SHORT, reads="all", first_list=None)),
    one("the second group on the first list alone", replace(LONG, first_list=1.0)),
    one("on every source, drawn by the square root of its size", replace(LONG, first_list=None)),
    one("a quarter of its steps", replace(LONG, steps=3000)),
    one("half of its steps", replace(LONG, steps=6000)),
    one("twice as wide", replace(LONG, hidden=2 * LONG.hidden)),
    one("**the second group on the rows alone whose licence allows any use**", LONG, permissive=True),
)
"""The first is the one that all others are held against."""


class Cache:
    """The views of a cache folder; those to train on are read when a group is missing, and only then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._material: dict[bool, Material] = {}
        (folder / "tried").mkdir(exist_ok=True)

    def material(self, only_permissive: bool) -> Material:
        """Standardised means, labels and pictures of the training views, with the mean and deviation of them."""
        if only_permissive not in self._material:
            values, labels, entries = training(self.folder, permissive if only_permissive else lambda _entry: True)
            values, mean, deviation = standardised(values)
            self._material[only_permissive] = values, labels, entries, mean, deviation
        return self._material[only_permissive]

    def group(self, taught: Taught) -> tuple[Group, torch.Tensor, torch.Tensor, int]:
        """A trained group, the mean and deviation that its views are standardised by, and how many views it was trained on."""
        path = self.folder / "tried" / taught.file
        if not path.exists():
            values, labels, entries, mean, deviation = self.material(taught.permissive)
            group = train_group(values, labels, entries, taught.plan, taught.seed)
            part = path.with_suffix(".part")
            torch.save({"group": group.state_dict(), "mean": mean, "deviation": deviation, "views": len(labels)}, part)
            part.rename(path)
        kept = torch.load(path, weights_only=True)
        group = Group(taught.plan)
        group.load_state_dict(kept["group"])
        return group.eval(), kept["mean"], kept["deviation"], kept["views"]


@torch.no_grad()
def judged(pool: Pool, groups: list[tuple[Group, torch.Tensor, torch.Tensor, int]], blend: float) -> Floats:
    """Log-odds of every view of a pool: the evidence at points between its mean and its squares, averaged over the squares."""
    found = []
    for start in range(0, len(pool), 32):
        rows = range(start, min(start + 32, len(pool)))
        tokens = as_tokens(np.stack([pool.maps(row) for row in rows])).float()
        middle = tokens.mean(1, keepdim=True)
        points = middle + blend * (tokens - middle) if blend else middle
        parts = [evidence([group], ((points - mean) / deviation).flatten(0, 1)) for group, mean, deviation, _ in groups]
        found.append(torch.stack(parts).sum(0).unflatten(0, (len(rows), -1)).mean(1))
    return np.asarray(torch.cat(found).double().numpy(), np.float64)


def scores(cache: Cache, variant: Variant, split: str) -> tuple[Labels, Floats]:
    """Labels and log-odds of the wholly real and wholly AI-made views of a split."""
    groups = [cache.group(taught) for taught in variant.groups]
    pools = [pool for pool in open_pools(cache.folder, split) if pool.truths is None]
    labels = [np.full(len(pool), int(pool.kind != "real"), np.int64) for pool in pools]
    return np.concatenate(labels), np.concatenate([judged(pool, groups, variant.blend) for pool in pools])


def measure(cache: Cache, variants: tuple[Variant, ...]) -> dict[str, Any]:
    """Train what is not there yet and judge both held-out sets by every variant."""
    rows: list[dict[str, Any]] = []
    reference: dict[str, Floats] = {}
    for variant in variants:
        row: dict[str, Any] = {
            "name": variant.name, "blend": variant.blend,
            "groups": [{"reads": group.plan.reads, "first_list": group.plan.first_list, "members": group.plan.members,
                        "hidden": group.plan.hidden, "steps": group.plan.steps, "mixed": group.plan.mixed,
                        "views": cache.group(group)[3]} for group in variant.groups],
        }  # fmt: skip
        for name, split in SPLITS.items():
            labels, found = scores(cache, variant, split)
            row[name] = {"real": int((labels == 0).sum()), "generated": int(labels.sum()), **compared(labels, found, reference.get(name))}
            reference.setdefault(name, found)
        print(f"{row['first']['auc']:.4f} {row['second']['auc']:.4f} {variant.name}", flush=True)
        rows.append(row)
    return {"squares": TOKENS, "variants": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="the cache folder of models.starter.train")
    parser.add_argument("--out", type=Path, default=HERE / "tried.json")
    parser.add_argument("--card", type=Path, default=HERE / "README.md", help="model card whose table is replaced")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    found = measure(Cache(options.cache), VARIANTS)
    options.out.write_text(json.dumps(found, indent=1) + "\n")
    write_between(options.card, TRIED, render_tried(found))


if __name__ == "__main__":
    main()
