"""From the results of single pictures to one ``telltale.evaluation/1`` document.

A picture that failed, or that the expert did not answer about, is counted and counts as wrong in accuracy and F1; AUC and the like are over
the pictures that have a score. Nothing in the document depends on when or how fast it was made: two runs give the same bytes.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from desktop.judgement.statistics import clopper_pearson
from models.cards import Calibration, Card
from models.evaluation import metrics
from models.evaluation.items import Dataset, Item
from models.evaluation.published import published_for
from models.evaluation.readers.questions import AESBENCH_FAMILIES, chosen
from models.evaluation.records import Record
from models.evaluation.texts import Encoder, css, rouge_l

Pair = tuple[Item, Record]


def summarise(dataset: Dataset, records: Mapping[str, Record], card: Card, *, card_sha256: str, telltale: str, explained: bool,
              threshold: float | None = None, calibration: Calibration | None = None, encoder: tuple[Encoder, str] | None = None,
              against: Mapping[str, Record] | None = None) -> dict[str, Any]:
    """The document. ``threshold`` on the raw log-odds: default the calibration's, else 0 (the likelier word)."""
    calibration = calibration or card.calibration
    limit = threshold if threshold is not None else calibration.threshold if calibration else 0.0
    pairs = [(item, records[item.id]) for item in dataset.items if item.id in records]
    labelled = [pair for pair in pairs if pair[0].label in ("real", "fake")]
    document: dict[str, Any] = {
        "schema": "telltale.evaluation/1", "telltale": telltale, "explained": explained,
        "dataset": {"format": dataset.format, "items": len(dataset.items), "sha256": dataset.sha256(), "notes": list(dataset.notes)},
        "expert": {"id": card.id, "name": card.name, "kind": card.kind, "type": card.language.type, "card_sha256": card_sha256,
                   "language_sha256": card.language.sha256, "projector_sha256": card.projector.sha256},
        "threshold": limit, "calibration": calibration.set_id if calibration else None,
        "counts": counts(pairs), "failures": dict(sorted(Counter(record.code for _, record in pairs if record.code).items())),
        "metrics": measure(labelled, limit, calibration),
        "groups": {name: _grouped(labelled, key, limit, calibration) for name, key in _GROUPS.items()},
        "confounds": confounds(labelled),
    }
    edited = [pair for pair in pairs if pair[0].label == "edited"]
    if edited:
        document["edited"] = measure_edited(edited, limit)
    if explained and any(item.references for item, _ in pairs):
        document["texts"] = measure_texts(pairs, encoder)
    choices = measure_choices(pairs)
    if choices:
        document["choices"] = choices
    if against is not None:
        document["against"] = compare(labelled, against, limit)
    document["published"] = [
        {"expert": row.expert, "source": row.source, "note": row.note, "metrics": row.metrics, "groups": row.groups}
        for row in published_for(dataset.format, card.id, card.name, card.source.name)
    ]
    return document


def counts(pairs: Sequence[Pair]) -> dict[str, int]:
    """How many pictures of which kind came through."""
    labels = Counter(item.label or "unlabelled" for item, _ in pairs)
    return {
        "items": len(pairs), "scored": sum(record.log_odds is not None for _, record in pairs),
        "failed": sum(bool(record.code) for _, record in pairs), "undecided": sum(record.answer == "other" for _, record in pairs),
        **{name: labels.get(name, 0) for name in ("real", "fake", "edited", "unlabelled")},
    }


def says_fake(record: Record, threshold: float) -> bool | None:
    """What the expert said of a picture; None when it failed or did not answer."""
    if record.log_odds is None or record.answer == "other":
        return None
    return record.log_odds >= threshold


def measure(pairs: Sequence[Pair], threshold: float, calibration: Calibration | None) -> dict[str, Any]:
    """All metrics of real and fake pictures; those that need what is not there are None."""
    truth = [item.label == "fake" for item, _ in pairs]
    said = [says_fake(record, threshold) for _, record in pairs]
    hits = Counter(zip(truth, said, strict=True))
    fakes, reals = sum(truth), len(truth) - sum(truth)
    found, kept, flagged, missed = hits[(True, True)], hits[(False, False)], hits[(False, True)], hits[(True, False)]
    scored = [(int(item.label == "fake"), record.log_odds) for item, record in pairs if record.log_odds is not None]
    labels, odds = np.array([one for one, _ in scored], np.int64), np.array([score for _, score in scored], np.float64)
    ratios = odds if calibration is None else calibration.scale * odds + calibration.offset
    recalls = [found / fakes if fakes else None, kept / reals if reals else None]
    f1_fake, f1_real = metrics.f1(found, flagged, fakes - found), metrics.f1(kept, missed, reals - kept)
    return {
        "pictures": len(pairs), "real": reals, "fake": fakes,
        "accuracy": (found + kept) / len(pairs) if pairs else None,
        "balanced_accuracy": None if None in recalls else sum(filter(None, recalls)) / 2,
        "f1": f1_fake, "f1_real": f1_real, "f1_macro": None if f1_fake is None or f1_real is None else (f1_fake + f1_real) / 2,
        "recall_real": recalls[1], "tpr": recalls[0], "tpr_interval": _interval(found, fakes),
        "fpr": flagged / reals if reals else None, "fpr_interval": _interval(flagged, reals),
        "auc": metrics.auc(labels, odds), "auc_interval": metrics.auc_interval(labels, odds),
        "ap": metrics.average_precision(labels, odds), "ece": metrics.expected_calibration_error(labels, ratios),
        "cllr": metrics.cllr(labels, ratios), "cllr_min": metrics.cllr_min(labels, odds), "outcomes": _outcomes(pairs),
    }


def measure_edited(pairs: Sequence[Pair], threshold: float) -> dict[str, Any]:
    """Real pictures with a replaced part: how many were called fake, and whether claims point at the part (where masks and texts are)."""
    said = [says_fake(record, threshold) for _, record in pairs]
    pointed = [(record.in_mask, record.mask_share) for _, record in pairs if record.in_mask is not None and record.mask_share is not None]
    return {
        "pictures": len(pairs), "called_fake": said.count(True), "called_fake_interval": _interval(said.count(True), len(pairs)),
        "with_regions": len(pointed),
        "regions_in_mask": sum(one for one, _ in pointed) / len(pointed) if pointed else None,
        "mask_share": sum(share for _, share in pointed) / len(pointed) if pointed else None,
    }


def measure_texts(pairs: Sequence[Pair], encoder: tuple[Encoder, str] | None) -> dict[str, Any]:
    """Closeness of explanations to people's texts; a picture without an explanation counts 0 in ROUGE-L."""
    told = [(record.text, item.references) for item, record in pairs if item.references]
    result: dict[str, Any] = {"pictures": len(told), "rouge_l": sum(rouge_l(text, references) for text, references in told) / len(told)}
    if encoder is not None:
        result |= {"css": css([text for text, _ in told], [references for _, references in told], encoder[0]), "encoder": encoder[1]}
    return result


def measure_choices(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Choice accuracy by family of questions, over the questions whose answer is known; an unclear answer is wrong."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    for item, record in pairs:
        for question in item.questions:
            if not question.answer:
                continue
            family = AESBENCH_FAMILIES.get(question.family, question.family)
            letter = chosen(record.answers.get(question.family, ""), question.options)
            asked[family] += 1
            right[family] += letter == question.answer
            unclear[family] += not letter
    families = {name: {"questions": asked[name], "accuracy": right[name] / asked[name], "unclear": unclear[name],
                       "interval": _interval(right[name], asked[name])} for name in sorted(asked)}
    return {"accuracy": right.total() / asked.total(), "questions": asked.total(), "families": families} if asked else {}


def compare(pairs: Sequence[Pair], other: Mapping[str, Record], threshold: float) -> dict[str, Any]:
    """Paired flips against another expert's (or quantisation's) results on the same pictures."""
    both = [(item, record, other[item.id]) for item, record in pairs if item.id in other]
    first = [says_fake(record, threshold) == (item.label == "fake") for item, record, _ in both]
    second = [says_fake(record, threshold) == (item.label == "fake") for item, _, record in both]
    flipped = sum(says_fake(one, threshold) != says_fake(two, threshold) for _, one, two in both)
    return {**metrics.mcnemar(first, second), "flipped": flipped}


def size_band(record: Record) -> str:
    """The shorter side of a picture in pixels, as a band; empty for one that could not be read."""
    short = min(record.width, record.height)
    return next((name for limit, name in ((1, ""), (256, "below 256"), (512, "256 to 511"), (1024, "512 to 1023"), (2048, "1024 to 2047"))
                 if short < limit), "2048 and more")


_GROUPS: dict[str, Callable[[Pair], str]] = {
    "category": lambda pair: pair[0].category, "source": lambda pair: pair[0].source, "size": lambda pair: size_band(pair[1]),
    "container": lambda pair: pair[1].container,
}


def confounds(pairs: Sequence[Pair]) -> dict[str, Any]:
    """What the set gives away without looking at the picture, and whether the score follows it.

    ``size_auc`` and ``container_auc``: how well the shorter side alone, and the file format alone (in-sample shares), tell the classes
    apart; 0.5 is chance. ``score_by_size`` and ``score_by_format``: rank correlation, within each class, of the score with the shorter side
    and with not being a JPEG.
    """
    read = [(int(item.label == "fake"), record) for item, record in pairs if record.log_odds is not None and record.width]
    labels = np.array([label for label, _ in read], np.int64)
    sides = np.array([min(record.width, record.height) for _, record in read], np.float64)
    scores = np.array([record.log_odds for _, record in read], np.float64)
    seen: Counter[str] = Counter(record.container for _, record in read)
    fakes: Counter[str] = Counter(record.container for label, record in read if label)
    share = np.array([fakes[record.container] / seen[record.container] for _, record in read], np.float64)
    other = np.array([record.container != "jpeg" for _, record in read], np.float64)

    def within(values: metrics.Floats) -> dict[str, float | None]:
        classes = (("real", labels == 0), ("fake", labels == 1))
        return {name: metrics.rank_correlation(scores[mine], values[mine]) for name, mine in classes}

    return {
        "size_auc": _either_way(metrics.auc(labels, sides)), "container_auc": _either_way(metrics.auc(labels, share)),
        "score_by_size": within(sides), "score_by_format": within(other),
    }


def _either_way(value: float | None) -> float | None:
    return None if value is None else max(value, 1.0 - value)


def _grouped(pairs: Sequence[Pair], key: Callable[[Pair], str], threshold: float, calibration: Calibration | None) -> dict[str, Any]:
    values = sorted({key(pair) for pair in pairs} - {""})
    return {value: measure([pair for pair in pairs if key(pair) == value], threshold, calibration) for value in values}


def _outcomes(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    """How the findings came out, by truth; empty for experts that give none."""
    found = Counter((item.label or "", record.outcome) for item, record in pairs if record.outcome)
    return {label: {outcome: number for (one, outcome), number in sorted(found.items()) if one == label}
            for label in sorted({one for one, _ in found})}


def _interval(count: int, of: int) -> dict[str, Any]:
    low, high = clopper_pearson(count, of)
    return {"count": count, "of": of, "low": low, "high": high, "confidence": 0.95}
