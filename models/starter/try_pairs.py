"""Finished pairs of the history side by side: ``python -m models.starter.try_pairs CACHE``.

Scores the mill's views of both held-out sets in the engine with the pair that ships and with those that shipped before, which are read from
the history of the repository that this file lies in. Writes ``pairs.json`` and the table of the model card. Needs no torch; minutes.
"""

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine import Engine, EngineSettings
from models.cards import load_card
from models.evaluation.metrics import Floats, Labels
from models.starter.tables import rate
from models.starter.trials import PAIRS, SPLITS, compared, render_pairs, write_between

HERE = Path(__file__).parent
BEFORE = {"4511bac": "the pair that shipped before: three trained layers, a label for every patch, 11,947 rows"}


def from_history(commit: str, folder: Path) -> Path:
    """The pair of a commit, written under ``folder``."""
    made = subprocess.run(["git", "-C", str(HERE), "archive", commit, "expert"], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "expert"


def scores(engine: Engine, cache: Path, split: str) -> tuple[Labels, Floats]:
    """Labels and log-odds of the wholly real and wholly AI-made views of a split."""
    labels: list[int] = []
    found: list[float] = []
    for label, name in enumerate(("real", "fake")):
        views = np.load(cache / f"{split}_{name}_0.maps.npy", mmap_mode="r", allow_pickle=False)
        count = len(json.loads((cache / f"{split}_{name}_0.json").read_text()))
        found += [engine.score(np.asarray(view)).log_odds for view in views[:count]]
        labels += [label] * count
    return np.array(labels, np.int64), np.array(found, np.float64)


def judged(pair: Path, cache: Path) -> tuple[float, dict[str, tuple[Labels, Floats]]]:
    """The pair's own threshold, and labels and log-odds of the views of both held-out sets."""
    calibration = load_card(pair).calibration
    if calibration is None:
        raise SystemExit(f"{pair}: the card has no calibration")
    with Engine.open(pair, settings=EngineSettings(threads=1)) as engine:
        return calibration.threshold, {name: scores(engine, cache, split) for name, split in SPLITS.items()}


def document(pairs: dict[str, tuple[float, dict[str, tuple[Labels, Floats]]]]) -> dict[str, Any]:
    """AUC and rates of every pair; all but the first (the one that ships) with the interval of the difference to it."""
    rows: list[dict[str, Any]] = []
    reference = next(iter(pairs.values()))[1]
    for name, (threshold, sets) in pairs.items():
        row: dict[str, Any] = {"name": name, "threshold": threshold}
        for which, (labels, found) in sets.items():
            reals, fakes = ([{"score": score} for score in found[labels == label].tolist()] for label in (0, 1))
            row[which] = {
                **compared(labels, found, reference[which][1] if rows else None),
                "real": rate(reals, threshold), "generated": rate(fakes, threshold),
            }  # fmt: skip
        rows.append(row)
    return {"pairs": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="the cache folder of models.starter.train")
    parser.add_argument("--out", type=Path, default=HERE / "pairs.json")
    parser.add_argument("--card", type=Path, default=HERE / "README.md", help="model card whose table is replaced")
    options = parser.parse_args()
    pairs = {"**the pair that ships**": judged(HERE / "expert", options.cache)}
    for commit, name in BEFORE.items():
        with tempfile.TemporaryDirectory() as folder:
            pairs[f"{name} (commit {commit})"] = judged(from_history(commit, Path(folder)), options.cache)
    card, found = load_card(HERE / "expert"), document(pairs)
    found |= {"language_sha256": card.language.sha256, "projector_sha256": card.projector.sha256}
    options.out.write_text(json.dumps(found, indent=1) + "\n")
    write_between(options.card, PAIRS, render_pairs(found))


if __name__ == "__main__":
    main()
