"""Measure the finished pair on what was never trained on: ``python -m models.starter.measure WORK PICTURES``.

Every number of the model card comes from here: each held-out picture is scored by the engine, as the application does it. Writes
``measured.json`` beside the model card and puts the tables into the card itself. Needs no torch. Sets of pictures:

- ``mill``: one view a picture through the training's mill (resizing, compression and crop by the same chances for both classes);
- ``delivered``: the file as it lies in its repository;
- ``1080q75``: the shorter side brought down to 1080 where it is longer, then JPEG 75;
- ``painted``, ``pasted``: real pictures with a region made by AI, through the mill.

The first three are made of both held-out splits; the names of those of the second one end in ``_more``.

Whole pictures are scored in the re-delivered forms of ``desktop.judgement.stability`` too, so that the findings can be counted.
Only the mill (and the local sets, which come through it) is free of the classes' differences in size and format.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from desktop.engine import Engine
from desktop.judgement import stability
from models.cards import load_card
from models.preparation import Picture, prepare
from models.starter.card_text import render
from models.starter.listing import Entry, read_list
from models.starter.prepare_data import load_rgb, picture_rng
from models.starter.tables import document, named_place
from models.starter.trials import MEASURED, write_between
from models.starter.views import SIZE, draw_delivery, smaller

HERE = Path(__file__).parent
TEXTS = 96
"""Pictures of each kind whose explanation is read."""
HIDDEN = 48
"""Generated pictures with a named place of which every ninth is hidden in turn."""
Row = dict[str, Any]
Shown = tuple[Row, Picture, Iterable[Picture]]
"""What is known of a picture, the picture as the expert is shown it, and its re-delivered forms as the expert is shown them."""


def facts(entry: Entry, kind: str) -> Row:
    """What the tables group by."""
    return {
        "kind": kind, "source": entry.source, "category": entry.category, "path": f"{entry.repository}: {entry.path}",
        "short": min(entry.width, entry.height), "format": Path(entry.path).suffix.lower().replace("jpeg", "jpg").lstrip("."),
    }  # fmt: skip


def forms(rgb: Picture, preparation: Any) -> Iterator[Picture]:
    """The re-delivered forms of a picture, prepared as the card says, in the order of ``stability.VARIANTS``."""
    for _, changed in stability.variants(rgb):
        yield prepare(changed, preparation)[0]


def milled(cache: Path, known: dict[str, Entry], preparation: Any, more: str = "") -> Iterator[Shown]:
    """The cached views of a held-out split (``more``: ``_more`` for the second) with the delivery that each went through."""
    for kind, label in (("real", "real"), ("generated", "fake")):
        names: list[str] = json.loads((cache / f"test{more}_{label}_0.json").read_text())
        views = np.load(cache / f"test{more}_{label}_0.npy", mmap_mode="r", allow_pickle=False)
        for name, view in zip(names, map(np.asarray, views), strict=False):
            entry = known[name]
            way = draw_delivery(entry.height, entry.width, picture_rng(entry, 0))
            quality = way.last[0] if way.last else None
            row = {**facts(entry, kind), "set": f"mill{more}", "sees": SIZE, "factor": way.factor, "quality": quality}
            yield row, prepare(view, preparation)[0], forms(view, preparation)


def local(cache: Path, known: dict[str, Entry]) -> Iterator[Shown]:
    """The edited views of the test split, with the place of the edit."""
    for kind in ("painted", "pasted"):
        names = cache / "edits" / f"test_{kind}.json"
        views = np.load(names.with_suffix(".npy"), mmap_mode="r", allow_pickle=False)
        for about, view in zip(json.loads(names.read_text()), views, strict=True):
            yield {**facts(known[about["sha256"]], kind), "set": kind, "sees": SIZE, "place": about["place"]}, np.asarray(view), ()


def whole(entries: list[Entry], pictures: Path, preparation: Any) -> Iterator[Shown]:
    """Every held-out picture as delivered and made smaller, prepared as the card says."""
    for entry in entries:
        rgb = load_rgb(entry.file(pictures))
        more = "_more" if entry.split == "test_more" else ""
        for name, changed in (("delivered", rgb), ("1080q75", smaller(rgb))):
            row = facts(entry, "generated" if entry.fake else "real")
            yield {**row, "set": name + more, "sees": min(changed.shape[:2])}, prepare(changed, preparation)[0], forms(changed, preparation)


def scored(expert: Path, source: Iterable[Shown]) -> list[Row]:
    """The rows with the score, those of the forms and the answer mass, and for the first of each kind through the mill with the
    explanation."""
    rows: list[Row] = []
    explained: Counter[str] = Counter()
    hidden = 0
    with Engine.open(expert) as engine:
        for row, picture, changed in source:
            if row["set"] in ("mill", "painted", "pasted") and explained[row["kind"]] < TEXTS:
                explained[row["kind"]] += 1
                seen = engine.examine(picture)
                row |= {"text": seen.text, "score": seen.score.log_odds, "mass": seen.score.mass}
                if named_place(seen.text) and row["kind"] == "generated" and hidden < HIDDEN:
                    hidden += 1
                    row["hidden"] = [engine.score_hidden(picture, cell).log_odds - row["score"] for cell in ninths(SIZE // 32)]
            else:
                score = engine.score(picture)
                row |= {"score": score.log_odds, "mass": score.mass}
            row["forms"] = [engine.score(form).log_odds for form in changed]
            rows.append(row)
            if len(rows) % 200 == 0:
                print(f"{row['set']}: {len(rows)} pictures", flush=True)
    return rows


def score_all(expert: Path, cache: Path, pictures: Path, preparation: Any) -> list[Row]:
    """Every picture of every set. Three engines, each a process of its own, work at the same time."""
    entries = read_list()
    known = {entry.sha256: entry for entry in entries}
    tested = [entry for entry in entries if entry.split in {"test", "test_more"}]
    parts = [
        lambda: chain(milled(cache, known, preparation), local(cache, known), milled(cache, known, preparation, "_more")),
        lambda: whole(tested[::2], pictures, preparation),
        lambda: whole(tested[1::2], pictures, preparation),
    ]
    with ThreadPoolExecutor(len(parts)) as pool:
        return [row for found in pool.map(lambda part: scored(expert, part()), parts) for row in found]


def ninths(side: int) -> list[npt.NDArray[np.bool_]]:
    """The nine parts of a grid of ``side`` x ``side`` patches, in the order of ``PLACES``."""
    third = side // 3
    cells = []
    for row in range(3):
        for column in range(3):
            cell = np.zeros((side, side), np.bool_)
            cell[third * row : third * (row + 1), third * column : third * (column + 1)] = True
            cells.append(cell)
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="the folder of models.starter.train, with cache/")
    parser.add_argument("pictures", type=Path, help="folder made by models.starter.collect")
    parser.add_argument("--expert", type=Path, default=HERE / "expert", help="folder of the pair (default: the bundled one)")
    parser.add_argument("--out", type=Path, default=HERE / "measured.json")
    parser.add_argument("--card", type=Path, default=HERE / "README.md", help="model card whose tables are replaced")
    parser.add_argument("--again", action="store_true", help="make the tables anew from the scores of the last run, WORK/rows.json")
    options = parser.parse_args()
    card, kept = load_card(options.expert), options.work / "rows.json"
    if options.again:
        rows: list[Row] = json.loads(kept.read_text())
    else:
        rows = score_all(options.expert, options.work / "cache", options.pictures, card.preparation)
        kept.write_text(json.dumps(rows))
    found = document(rows, card)
    baseline = options.work / "baseline.json"
    if baseline.exists():
        found["baseline"] = json.loads(baseline.read_text())
    options.out.write_text(json.dumps(found, indent=1) + "\n")
    write_between(options.card, MEASURED, render(found))


if __name__ == "__main__":
    main()
