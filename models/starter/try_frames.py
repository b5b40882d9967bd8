"""How much of a picture the expert should look at: ``python -m models.starter.try_frames WORK PICTURES [--count N]``.

Scores the first pictures of the calibration split and of both held-out sets (the list's order is by a hash, so they are a fair sample)
with the shipped pair in the engine, as delivered and at 1080 / JPEG 75. Each is prepared as the card says, but with other reaches: the
middle 288, 576 and 864 pixels, and the whole picture. Writes ``frames.json`` and the table of the model card. The scores of a pair are
kept in ``WORK`` and not computed again. Needs no torch; half an hour on one core.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine import Engine, EngineSettings
from models.cards import Card, load_card
from models.preparation import REACHES, Picture, middle_box, prepare_residual
from models.starter.listing import Entry, read_list
from models.starter.prepare_data import load_rgb
from models.starter.trials import FRAMES, compared, render_frames, write_between
from models.starter.views import smaller

HERE = Path(__file__).parent
SPLITS = ("calibration", "test", "test_more")
DELIVERIES = ("delivered", "1080q75")
SHOWN: tuple[int | None, ...] = (1, 2, 3, None)
"""Reaches. The first is what all others are held against; None: the whole picture."""
Row = dict[str, Any]


def scored(engine: Engine, rgb: Picture, size: int) -> list[float]:
    """Log-odds at each of ``SHOWN``; reaches that show the same pixels are scored once."""
    known: dict[tuple[int, ...], float] = {}
    found = []
    for reach in SHOWN:
        box = middle_box(rgb.shape[1], rgb.shape[0], size, reach)
        if box not in known:
            known[box] = engine.score(prepare_residual(rgb, size, reach)).log_odds
        found.append(known[box])
    return found


def rows_of(engine: Engine, entries: list[Entry], pictures: Path, size: int) -> Iterator[Row]:
    """Both deliveries of every picture with the scores of each."""
    for entry in entries:
        rgb = load_rgb(entry.file(pictures))
        for delivery, changed in zip(DELIVERIES, (rgb, smaller(rgb)), strict=True):
            yield {"sha256": entry.sha256, "delivery": delivery, "scores": scored(engine, changed, size)}


def chosen(entries: list[Entry], count: int) -> list[Entry]:
    """The first ``count`` pictures of every split that is looked at."""
    return [entry for split in SPLITS for entry in islice((entry for entry in entries if entry.split == split), count)]


def score_all(folder: Path, card: Card, entries: list[Entry], pictures: Path, kept: Path) -> dict[tuple[str, str], list[float]]:
    """The scores of all pictures and deliveries; what ``kept`` (JSON lines) has already is taken from there, the rest is added to it."""
    text = kept.read_text() if kept.exists() else ""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):  # it was stopped while writing
        kept.write_text("".join(lines := lines[:-1]))
    known = {(row["sha256"], row["delivery"]): row["scores"] for row in map(json.loads, lines)}
    left = [entry for entry in entries if any((entry.sha256, delivery) not in known for delivery in DELIVERIES)]
    if left:
        with Engine.open(folder, settings=EngineSettings(threads=1)) as engine, kept.open("a") as out:
            for number, row in enumerate(rows_of(engine, left, pictures, card.preparation.size)):
                known[row["sha256"], row["delivery"]] = row["scores"]
                out.write(json.dumps(row) + "\n")
                out.flush()
                if number % 100 == 99:
                    print(f"{number // 2 + 1} of {len(left)} pictures", flush=True)
    return known


def document(entries: list[Entry], scores: dict[tuple[str, str], list[float]], size: int) -> dict[str, Any]:
    """AUC at every reach, by split and delivery, with the 95 % interval of its difference to the first reach."""
    sets = []
    for split in SPLITS:
        mine = [entry for entry in entries if entry.split == split]
        labels = np.array([int(entry.fake) for entry in mine], np.int64)
        for delivery in DELIVERIES:
            table = np.array([scores[entry.sha256, delivery] for entry in mine], np.float64).reshape(len(mine), len(SHOWN))
            sets.append({
                "split": split, "delivery": delivery, "real": int((labels == 0).sum()), "generated": int(labels.sum()),
                "shown": [compared(labels, column, table[:, 0] if number else None) for number, column in enumerate(table.T)],
            })  # fmt: skip
    return {"size": size, "reaches": SHOWN, "sets": sets}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder in which the scores are kept")
    parser.add_argument("pictures", type=Path, help="folder made by models.starter.collect")
    parser.add_argument("--count", type=int, default=400, help="pictures of each split")
    parser.add_argument("--expert", type=Path, default=HERE / "expert", help="folder of the pair (default: the bundled one)")
    parser.add_argument("--out", type=Path, default=HERE / "frames.json")
    parser.add_argument("--card", type=Path, default=HERE / "README.md", help="model card whose table is replaced")
    options = parser.parse_args()
    card, entries = load_card(options.expert), chosen(read_list(), options.count)
    kept = options.work / f"frames_{card.projector.sha256[:8]}_{card.language.sha256[:8]}.jsonl"
    found = document(entries, score_all(options.expert, card, entries, options.pictures, kept), card.preparation.size)
    found |= {"shipped": REACHES[card.preparation.kind], "language_sha256": card.language.sha256, "projector_sha256": card.projector.sha256}
    options.out.write_text(json.dumps(found, indent=1) + "\n")
    write_between(options.card, FRAMES, render_frames(found))


if __name__ == "__main__":
    main()
