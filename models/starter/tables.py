"""From single scores to the numbers of the model card, and from these to its tables. Pure functions."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np

from desktop.judgement.outcomes import Outcome, outcome_of
from desktop.judgement.stability import VARIANTS, Variant, assess, takes_back
from desktop.judgement.statistics import clopper_pearson
from models.cards import Calibration, Card
from models.evaluation.calibration import choose_threshold
from models.evaluation.metrics import (
    auc,
    auc_interval,
    mean_rank_correlation,
    partial_rank_correlation,
    rank_correlation,
    stratified_auc,
)
from models.starter.answers import PLACES

Row = dict[str, Any]
TARGETS = (0.1, 0.05, 0.02, 0.01)
"""Most false positives that a threshold may promise with 95 % confidence."""
WHOLE = ("mill", "delivered", "1080q75")
"""Sets of whole pictures, each of both held-out splits."""
STEP = 1.1
"""Pictures are of like size when their shorter sides lie in one band of this ratio; 1024 is the middle of one."""
WORST = 8
"""Pictures of each class that are named among the failures."""


def rate(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    """How many of ``rows`` reach the threshold, with the exact 95 % interval."""
    return counted(sum(row["score"] >= threshold for row in rows), len(rows))


def counted(count: int, of: int) -> dict[str, Any]:
    """A count with the exact 95 % interval of its rate."""
    return {"count": count, "of": of, "interval": [round(bound, 4) for bound in clopper_pearson(count, of)]}


def findings(rows: Sequence[Row], calibration: Calibration) -> dict[str, dict[str, Any]]:
    """How many of ``rows`` would get which outcome, and how many are inconclusive only because of their re-delivered forms."""
    told: Counter[str] = Counter()
    for row in rows:
        outcome = outcome_of(row["score"], calibration)
        variants = tuple(Variant(*form) for form in zip(VARIANTS, row["forms"], strict=True))
        back = takes_back(outcome, assess(outcome, variants, calibration))
        told.update(["inconclusive", "taken-back"] if back else [outcome])
    return {name: counted(told[name], len(rows)) for name in (*get_args(Outcome), "taken-back")}


def separation(reals: Sequence[Row], fakes: Sequence[Row], value: Callable[[Row], float]) -> dict[str, Any]:
    """AUC of ``value`` with its 95 % interval (DeLong)."""
    labels = np.array([0] * len(reals) + [1] * len(fakes), np.int64)
    values = np.array([value(row) for row in (*reals, *fakes)], np.float64)
    area, interval = auc(labels, values), auc_interval(labels, values)
    return {"auc": None if area is None else round(area, 4), "interval": interval and [round(bound, 4) for bound in interval]}


def score_of(row: Row) -> float:
    return float(row["score"])


def at_rate(reals: Sequence[Row], fakes: Sequence[Row], share: float) -> float:
    """Share of the fakes above the score that ``share`` of these reals exceed: needs the truth, so it flatters."""
    limit = float(np.quantile([row["score"] for row in reals], 1 - share))
    return round(float(np.mean([row["score"] > limit for row in fakes])), 4)


def correlations(rows: Sequence[Row]) -> dict[str, Any]:
    """Rank correlation of the score with the original's shorter side and with its format, within one class.

    Across all its sources (``size``, ``format``: what is also the sources' doing), as the mean of those within single sources, and given
    the source.
    """
    scores = np.array([row["score"] for row in rows], np.float64)
    sources = [row["source"] for row in rows]
    found: dict[str, Any] = {}
    for name, value in (("size", lambda row: row["short"]), ("format", lambda row: row["format"] != "jpg")):
        values = np.array([value(row) for row in rows], np.float64)
        mean, pictures, groups = mean_rank_correlation(scores, values, sources)
        found[name] = _rounded(rank_correlation(scores, values))
        found[f"{name}_within"] = {"mean": _rounded(mean), "pictures": pictures, "sources": groups}
        found[f"{name}_given_source"] = _rounded(partial_rank_correlation(scores, values, sources))
    return found | {"lossless": sum(row["format"] != "jpg" for row in rows)}


def over_sources(rows: Sequence[Row], draws: int = 1000) -> dict[str, Any]:
    """Rank correlation of the score with size and format within one class, with 95 % intervals of a bootstrap over whole sources.

    Pictures of one source are alike in size, format and difficulty, so the number of sources, not of pictures, says how sure a
    correlation is (Field and Welsh 2007, Journal of the Royal Statistical Society B 69: the cluster bootstrap).
    """
    names = sorted({row["source"] for row in rows})
    of = {name: np.array([index for index, row in enumerate(rows) if row["source"] == name]) for name in names}
    scores = np.array([row["score"] for row in rows], np.float64)
    chance = np.random.default_rng(0)
    drawn = [np.concatenate([of[names[one]] for one in chance.integers(0, len(names), len(names))]) for _ in range(draws)]
    found: dict[str, Any] = {"sources": len(names), "pictures": len(rows)}
    for name, value in (("size", lambda row: row["short"]), ("format", lambda row: row["format"] != "jpg")):
        values = np.array([value(row) for row in rows], np.float64)
        again = [rank_correlation(scores[some], values[some]) for some in drawn]
        known = [one for one in again if one is not None]
        interval = [round(float(bound), 3) for bound in np.quantile(known, (0.025, 0.975))] if known else None
        found[name] = {"correlation": _rounded(rank_correlation(scores, values)), "interval": interval}
    return found


def size_matched(reals: Sequence[Row], fakes: Sequence[Row]) -> dict[str, Any] | None:
    """AUC between pictures of like size only (see ``STEP``), and what size still tells there."""
    labels = np.array([0] * len(reals) + [1] * len(fakes), np.int64)
    rows = [*reals, *fakes]
    bands = [str(round(math.log(row["short"] / 1024) / math.log(STEP))) for row in rows]
    found, size = (stratified_auc(labels, np.array([row[name] for row in rows], np.float64), bands) for name in ("score", "short"))
    if found is None or size is None:
        return None
    area, interval, pictures = found
    bounds = [round(bound, 4) for bound in interval]
    return {"auc": round(area, 4), "interval": bounds, "pictures": pictures, "size_alone": round(size[0], 4)}


def mean_correlation(rows: Sequence[Row], least: int = 20) -> dict[str, Any]:
    """Rank correlation with the size within single sources whose pictures differ in size: (source, pictures, correlation)."""
    found = {}
    for source in sorted({row["source"] for row in rows}):
        some = [row for row in rows if row["source"] == source]
        value = correlations(some)["size"] if len(some) >= least else None
        if value is not None:
            found[source] = {"pictures": len(some), "size": value}
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def band(value: float | None, limits: Sequence[float], names: Sequence[str], missing: str = "") -> str:
    return missing if value is None else names[int(np.searchsorted(limits, value, side="right"))]


GROUPS: dict[str, Callable[[Row], str]] = {
    "source": lambda row: str(row["source"]),
    "category": lambda row: str(row["category"]),
    "original": lambda row: band(row["short"], (320, 512, 1024), ("1: below 320", "2: 320 to 511", "3: 512 to 1023", "4: 1024 and more")),
    "resized": lambda row: band(row["factor"], (0.72, 0.999, 1.001, 1.3001), (
        "1: by less than 0.72", "2: by 0.72 to 1", "3: not at all", "4: by 1 to 1.3", "5: by more than 1.3")),
    "quality": lambda row: band(row["quality"], (70, 80, 90), (
        "1: 60 to 69", "2: 70 to 79", "3: 80 to 89", "4: 90 to 97"), "5: resized last"),
}  # fmt: skip


def whole_set(rows: Sequence[Row], calibration: Calibration) -> dict[str, Any]:
    """One delivery: both classes together."""
    threshold = calibration.threshold
    reals, fakes = ([row for row in rows if row["kind"] == kind] for kind in ("real", "generated"))
    return {
        **separation(reals, fakes, score_of), "real": rate(reals, threshold), "generated": rate(fakes, threshold),
        "found_at_5_percent": at_rate(reals, fakes, 0.05),
        "size_alone": separation(reals, fakes, lambda row: row["sees"]), "size_matched": size_matched(reals, fakes),
        "correlation": {"real": correlations(reals), "generated": correlations(fakes)},
        "findings": {"real": findings(reals, calibration), "generated": findings(fakes, calibration)},
    }  # fmt: skip


def thresholds(rows: Sequence[Row], calibration_reals: Sequence[float]) -> list[dict[str, Any]]:
    """What other promises about false positives, kept on the calibration split, would give here."""
    reals, fakes = ([row for row in rows if row["kind"] == kind] for kind in ("real", "generated"))
    found = []
    for target in TARGETS:
        threshold = choose_threshold(calibration_reals, target)
        counts = {"real": rate(reals, threshold), "generated": rate(fakes, threshold)}
        found.append({"target": target, "threshold": round(threshold, 4), **counts})
    return found


def grouped(rows: Sequence[Row], threshold: float) -> dict[str, Any]:
    """The mill by source, category and so on: rates within a group, and the AUC of its fakes against all reals and the other way round."""
    reals, fakes = ([row for row in rows if row["kind"] == kind] for kind in ("real", "generated"))
    found: dict[str, Any] = {}
    for name, key in GROUPS.items():
        for kind, mine in (("real", reals), ("generated", fakes)):
            for value in sorted({key(row) for row in mine}):
                some = [row for row in mine if key(row) == value]
                pair = (some, fakes) if kind == "real" else (reals, some)
                found.setdefault(name, []).append(
                    {"class": kind, "group": value, "rate": rate(some, threshold), "auc": separation(*pair, score_of)["auc"]}
                )
    return found


def controls(rows: Sequence[Row]) -> dict[str, Any]:
    """What the mill gives away without looking: the size and format that the expert is shown (the same for all), and, as a warning, what
    the originals' would give."""
    reals, fakes = ([row for row in rows if row["kind"] == kind] for kind in ("real", "generated"))
    return {
        "size_shown": separation(reals, fakes, lambda row: row["sees"]), "format_shown": separation(reals, fakes, lambda _: 0.0),
        "size_of_original": separation(reals, fakes, lambda row: row["short"]),
        "format_of_original": separation(reals, fakes, lambda row: float(row["format"] != "jpg")),
        "drawn_factor": separation(reals, fakes, lambda row: -row["factor"]),
        "drawn_quality": separation(reals, fakes, lambda row: row["quality"] or 100),
    }  # fmt: skip


def named_place(text: str) -> str:
    """The place that an answer names, or nothing; longer names first ("upper left" before "left")."""
    return next((place for place in sorted(PLACES, key=len, reverse=True) if f"the {place}" in text.lower()), "")


def adjoin(first: str, second: str) -> bool:
    one, other = PLACES.index(first), PLACES.index(second)
    return abs(one // 3 - other // 3) <= 1 and abs(one % 3 - other % 3) <= 1


def texts(rows: Sequence[Row]) -> dict[str, Any]:
    """What the explanations say: how many differ, name a place, and name the right one.

    ``by_chance``: right places to be expected if the same places were dealt out among the same pictures.
    """
    told = [row for row in rows if "text" in row]
    found: dict[str, Any] = {"texts": len(told), "different": len({row["text"] for row in told})}
    places = [(row.get("place", ""), named_place(row["text"])) for row in told]
    named = [(truth, place) for truth, place in places if place]
    found["name_a_place"] = len(named)
    known = [(truth, place) for truth, place in named if truth]
    if known:
        found["right"] = sum(truth == place for truth, place in known)
        found["right_or_adjoining"] = sum(adjoin(truth, place) for truth, place in known)
        found["by_chance"] = round(sum(a == place for a, _ in known for _, place in known) / len(known), 2)
        found["adjoining_by_chance"] = round(sum(adjoin(a, place) for a, _ in known for _, place in known) / len(known), 2)
    hidden = [(PLACES.index(named_place(row["text"])), row["hidden"]) for row in told if "hidden" in row]
    if hidden:
        found["hidden"] = len(hidden)
        found["hiding_named_lowers_most"] = sum(min(changes) == changes[place] for place, changes in hidden)
        found["mean_change_named"] = round(float(np.mean([changes[place] for place, changes in hidden])), 3)
        found["mean_change_any"] = round(float(np.mean([changes for _, changes in hidden])), 3)
    found["contradict_score"] = sum(row["text"].startswith("This is a fake") != (row["score"] > 0) for row in told)
    return found


def document(rows: Sequence[Row], card: Card) -> dict[str, Any]:
    """All numbers of the model card. Raises ValueError for a card without calibration."""
    if card.calibration is None:
        raise ValueError("the card has no calibration")
    calibration, threshold = card.calibration, card.calibration.threshold
    sets = {name: [row for row in rows if row["set"] == name] for name in sorted({row["set"] for row in rows})}
    mill = sets["mill"]
    reals, fakes = ([row for row in mill if row["kind"] == kind] for kind in ("real", "generated"))
    kinds = {name: [row for row in (*mill, *sets["painted"], *sets["pasted"]) if row["kind"] == name]
             for name in ("real", "generated", "painted", "pasted")}  # fmt: skip
    return {
        "language_sha256": card.language.sha256, "projector_sha256": card.projector.sha256, "threshold": threshold,
        "least_mass": round(min(row["mass"] for row in rows), 4),
        "sets": {name: whole_set(sets[name], calibration) for name in WHOLE},
        "more": {name: whole_set(sets[f"{name}_more"], calibration) for name in WHOLE},
        "together": {name: {kind: over_sources([row for row in (*sets[name], *sets[f"{name}_more"]) if row["kind"] == kind])
                            for kind in ("real", "generated")} for name in WHOLE},
        "local": {name: {**separation(reals, sets[name], score_of), "rate": rate(sets[name], threshold)} for name in ("painted", "pasted")},
        "thresholds": {name: thresholds(sets[name], calibration.real_scores) for name in ("mill", "delivered", "delivered_more")},
        "groups": grouped(mill, threshold),
        "more_groups": {"source": grouped(sets["mill_more"], threshold)["source"]},
        "controls": controls(mill),
        "within_sources": {"real": mean_correlation(reals), "generated": mean_correlation(fakes)},
        "texts": {name: texts(some) for name, some in kinds.items()},
        "examples": {name: [row["text"] for row in some if "text" in row][:2] for name, some in kinds.items()},
        "worst": {
            "real": _named(sorted(reals, key=score_of, reverse=True)[:WORST]), "generated": _named(sorted(fakes, key=score_of)[:WORST]),
        },
    }  # fmt: skip


def _named(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{"path": row["path"], "score": round(row["score"], 2)} for row in rows]
