"""What was seen of single pictures as one ``telltale.grounding/1`` document, and that document as a table."""

from typing import Any

import msgspec
import numpy as np

from desktop import effects
from desktop.engine import Engine
from desktop.judgement.statistics import clopper_pearson
from models.cards import Grounding
from models.evaluation.grounding import Hit
from models.evaluation.grounding_maps import Way
from models.evaluation.items import Dataset

_RESAMPLES = 2000


class Seen(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One picture's numbers, or the code of why there are none."""

    id: str
    code: str = ""
    category: str = ""
    shape: tuple[int, int] = (0, 0)
    """Layers and heads of the trace that was searched."""
    candidates: list[Hit] = []
    """Of every way of pointing, where layers and heads are searched."""
    hits: dict[str, Hit] = {}
    areas: dict[str, tuple[float, float]] = {}
    claims: int = 0
    pointing_claims: int = 0
    overlaps: list[float] = []
    supported: list[bool] = []


def document(dataset: Dataset, engine: Engine, measured: list[Seen], failed: dict[str, int], chosen: Way | None,
              ranking: list[dict[str, Any]], searched: int) -> dict[str, Any]:
    card, groups = engine.card, sorted({seen.category for seen in measured} - {""})
    supported = [one for seen in measured for one in seen.supported]
    overlaps = [one for seen in measured for one in seen.overlaps]
    low, high = clopper_pearson(sum(supported), len(supported)) if supported else (0.0, 1.0)
    return {
        "schema": "telltale.grounding/1",
        "expert": {"id": card.id, "name": card.name, "type": card.language.type, "card_sha256": engine.card_sha256,
                   "language_sha256": card.language.sha256, "projector_sha256": card.projector.sha256},
        "dataset": {"format": dataset.format, "sha256": dataset.sha256(), "notes": list(dataset.notes)},
        "pictures": len(measured), "searched": searched, "left_out": failed,
        "shipped": _where(card.grounding),
        "chosen": None if chosen is None else {**_where(chosen), "best_on_first_half": ranking},
        "methods": _rows(measured, card.grounding.method),
        "groups": {name: _rows([seen for seen in measured if seen.category == name], card.grounding.method) for name in groups},
        "claims": {
            "claims": sum(seen.claims for seen in measured), "with_regions": sum(seen.pointing_claims for seen in measured),
            "regions_iou": float(np.mean(overlaps)) if overlaps else None,
            "places_checked": len(supported), "beat_controls": sum(supported), "low": low, "high": high,
            "by_chance": 1 / (1 + effects.CONTROLS),
        },
    }


def _where(way: Way | Grounding) -> dict[str, Any]:
    return {"method": way.method, "layers": list(way.layers), "heads": [list(head) for head in way.heads]}


def _rows(measured: list[Seen], shipped: str) -> dict[str, Any]:
    """For each way of pointing its means, and by how much the shipped one points better (95 % interval of a paired bootstrap)."""
    names = [name for name in ("relative-attention", "attention", "patch-contrast", "chosen", "hiding", "centre", "random")
             if any(name in seen.hits for seen in measured)]
    rows: dict[str, Any] = {}
    for name in names:
        with_it = [seen for seen in measured if name in seen.hits]
        row: dict[str, Any] = {"pictures": len(with_it)}
        for part in ("pointing", "energy", "iou"):
            row[part] = float(np.mean([getattr(seen.hits[name], part) for seen in with_it]))
        areas = [seen.areas[name] for seen in with_it if name in seen.areas]
        row["deletion"], row["insertion"] = (float(np.mean([pair[n] for pair in areas])) if areas else None for n in (0, 1))
        both = [seen for seen in with_it if shipped in seen.hits]
        if both and name != shipped:
            row["shipped_better_by"] = _interval([seen.hits[shipped].pointing - seen.hits[name].pointing for seen in both])
        rows[name] = row
    return rows


def _interval(differences: list[float]) -> dict[str, float]:
    values = np.asarray(differences, np.float64)
    draws = np.random.default_rng(1).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def as_text(found: dict[str, Any]) -> str:
    """The document as a table for a terminal; in Markdown, so that it can go into a model card as it is."""
    expert, shipped, claims = found["expert"], found["shipped"], found["claims"]
    where = f"layers {shipped['layers'] or 'all, for comparison'}" + (f", heads {shipped['heads']}" if shipped["heads"] else "")
    lines = [f"{expert['name']} ({expert['type']}) on {found['pictures']} edited pictures with masks; "
             f"the card: {shipped['method']}, {where}"]
    if found["chosen"] is not None:
        chosen = found["chosen"]
        lines.append(f"chosen on {found['searched']} other pictures: {chosen['best_on_first_half'][0]['way']}")
    lines += [f"{number} left out: {code}" for code, number in found["left_out"].items()]
    lines += ["", "| pictures | map | pointing game | energy in mask | IoU | deletion | insertion | card's method points better by |",
              "|---|---|---|---|---|---|---|---|"]
    for group, rows in {"all": found["methods"], **found["groups"]}.items():
        for name, row in rows.items():
            cells = [f"{row[part]:.3f}" if row[part] is not None else "" for part in ("pointing", "energy", "iou", "deletion", "insertion")]
            better = row.get("shipped_better_by")
            said = f"{better['mean']:+.3f} ({better['low']:+.3f} to {better['high']:+.3f})" if better else ""
            lines.append(f"| {group} ({row['pictures']}) | {name} | {' | '.join(cells)} | {said} |")
    share = f"{claims['beat_controls']} of {claims['places_checked']} different places" if claims["places_checked"] else "none checked"
    iou = f" (IoU with the mask {claims['regions_iou']:.3f})" if claims["regions_iou"] is not None else ""
    lines += ["", f"claims: {claims['claims']}, of which {claims['with_regions']} have regions{iou}; hiding them beats every control for "
              f"{share} (95 % interval {100 * claims['low']:.1f} % to {100 * claims['high']:.1f} %; "
              f"by chance at most {100 * claims['by_chance']:.0f} %)"]
    return "\n".join(lines)
