"""Measure a checkpoint on what was never trained on, and calibrate it: ``python -m models.starter.report --help``.

Scores are the language model's log-odds of "fake" against "real" after the forced start. Three ways of delivery:

- ``mill``: one view a picture through the training's mill (resizing, compression and crop by the same chances for both classes);
- ``delivered``: the file as it lies in its repository, the centre square at its own resolution, as the application does it;
- ``1080q75``: the shorter side brought down to 1080 where it is longer, then JPEG 75, then as ``delivered``.

Only ``mill`` is free of the classes' differences in size and format; the other two show what happens in use.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from scipy.stats import beta  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from transformers import LlavaForConditionalGeneration

from models.preparation import Picture, prepare_residual
from models.starter.answers import PLACES
from models.starter.dataset import open_pools
from models.starter.listing import Entry, read_list
from models.starter.model import normalise, patch_features
from models.starter.prepare_data import load_rgb, picture_rng, quadrant
from models.starter.train_language import verdict_log_odds
from models.starter.views import SIZE, jpeg
from models.starter.words import BOS_ID, EOS_ID, Words

Scores = npt.NDArray[np.float64]
SHORT_SIDE, QUALITY = 1080, 75


class Judge:
    """A checkpoint that gives log-odds for prepared pictures."""

    def __init__(self, folder: Path) -> None:
        self.llava: Any = LlavaForConditionalGeneration.from_pretrained(folder).eval()
        self.words = Words.load(folder / "tokenizer.model")

    @torch.no_grad()
    def score(self, maps: Picture) -> Scores:
        """uint8 (N, SIZE, SIZE, 3), prepared -> log-odds (N,)."""
        parts = [
            verdict_log_odds(self.llava, patch_features(self.llava, normalise(torch.from_numpy(maps[start : start + 32]))), self.words)
            for start in range(0, len(maps), 32)
        ]
        return torch.cat(parts).double().numpy()

    @torch.no_grad()
    def explain(self, maps: Picture, length: int = 48) -> list[str]:
        """Greedy answers after the forced start, uint8 (N, SIZE, SIZE, 3) -> texts from the verdict word on."""
        inner = self.llava.model
        table = inner.language_model.embed_tokens
        features = patch_features(self.llava, normalise(torch.from_numpy(maps)))
        count = len(maps)
        texts = torch.tensor([self.words.question_ids + self.words.start_ids]).repeat(count, 1)
        first = table(torch.full((count, 1), BOS_ID))
        inputs = torch.cat([first, inner.multi_modal_projector(features), table(texts)], 1)
        cache, found = None, []
        for _ in range(length):
            out = inner.language_model(inputs_embeds=inputs, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            chosen = self.llava.lm_head(out.last_hidden_state[:, -1]).argmax(-1)
            found.append(chosen)
            inputs = table(chosen)[:, None]
        ids = torch.stack(found, 1).tolist()
        return [self.words.processor.decode(row[: row.index(EOS_ID)] if EOS_ID in row else row) for row in ids]


def smaller(rgb: Picture) -> Picture:
    """Shorter side at most 1080 (Lanczos), then JPEG 75 with 4:2:0."""
    height, width = rgb.shape[:2]
    factor = SHORT_SIDE / min(height, width)
    if factor < 1:
        size = (round(width * factor), round(height * factor))
        rgb = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))
    return jpeg(rgb, QUALITY, 2)


def whole_pictures(judge: Judge, entries: list[Entry], pictures: Path) -> dict[str, list[dict[str, Any]]]:
    """Scores of every picture, as delivered and after ``smaller``."""
    rows: dict[str, list[dict[str, Any]]] = {"delivered": [], "1080q75": []}
    for start in range(0, len(entries), 16):
        some = entries[start : start + 16]
        rgbs = [load_rgb(entry.file(pictures)) for entry in some]
        rgbs = [quadrant(rgb, picture_rng(entry, 0)) if entry.montage else rgb for entry, rgb in zip(some, rgbs, strict=True)]
        for name, change in (("delivered", None), ("1080q75", smaller)):
            changed = [rgb if change is None else change(rgb) for rgb in rgbs]
            scores = judge.score(np.stack([prepare_residual(rgb, SIZE) for rgb in changed]))
            rows[name] += [
                {"source": entry.source, "fake": entry.fake, "short": min(rgb.shape[:2]), "score": float(score)}
                for entry, rgb, score in zip(some, changed, scores, strict=True)
            ]
    return rows


def milled(judge: Judge, cache: Path, split: str, known: dict[str, Entry]) -> list[dict[str, Any]]:
    """Scores of the cached views of a split."""
    rows: list[dict[str, Any]] = []
    for pool in open_pools(cache, split):
        maps = np.stack([pool.maps(row) for row in range(len(pool))])
        for name, score in zip(pool.names, judge.score(maps), strict=True):
            fake, local = pool.kind != "real", pool.kind in ("painted", "pasted")
            source = pool.kind if local else known[name].source
            rows.append({"source": source, "fake": fake, "short": SIZE, "local": local, "score": float(score)})
    return rows


def texts(judge: Judge, cache: Path, limit: int = 96) -> dict[str, Any]:
    """What the greedy explanations of held-out views say: how many name a place, how many of these the right one."""
    result: dict[str, Any] = {}
    for pool in open_pools(cache, "test"):
        rows = range(min(limit, len(pool)))
        answers = judge.explain(np.stack([pool.maps(row) for row in rows]))
        named = [(row, place) for row, text in zip(rows, answers, strict=True) if (place := named_place(text))]
        right = sum(pool.places[row] == place for row, place in named)
        near = sum(_adjoin(pool.places[row], place) for row, place in named if pool.places[row])
        result[pool.kind] = {
            "texts": len(answers), "different": len(set(answers)), "name_a_place": len(named), "right_place": right,
            "right_or_adjoining": near, "examples": answers[:3],
        }  # fmt: skip
    return result


def named_place(text: str) -> str:
    """The place that an answer names, or nothing; longer names first ("upper left" before "left")."""
    return next((place for place in sorted(PLACES, key=len, reverse=True) if place in text), "")


def _adjoin(first: str, second: str) -> bool:
    one, other = PLACES.index(first), PLACES.index(second)
    return abs(one // 3 - other // 3) <= 1 and abs(one % 3 - other % 3) <= 1


def interval(hits: int, count: int) -> tuple[float, float]:
    """Clopper-Pearson, 95 %."""
    low = float(beta.ppf(0.025, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, count - hits)) if hits < count else 1.0
    return round(low, 4), round(high, 4)


def auc(real: Scores, fake: Scores) -> float:
    return round(float(roc_auc_score(np.r_[np.zeros(len(real)), np.ones(len(fake))], np.r_[real, fake])), 4)


def measure(rows: list[dict[str, Any]], threshold: float) -> dict[str, Any]:
    """AUC, rates at the threshold with intervals, by source, and what size alone would have given."""

    def column(name: str, fake: bool) -> Scores:
        return np.array([row[name] for row in rows if row["fake"] == fake], np.float64)

    real, fake = column("score", False), column("score", True)
    flagged, found = int((real >= threshold).sum()), int((fake >= threshold).sum())
    groups: dict[tuple[bool, str], list[float]] = defaultdict(list)
    for row in rows:
        groups[row["fake"], row["source"]].append(row["score"])
    strict = float(np.quantile(real, 0.95))
    return {
        "reals": len(real),
        "fakes": len(fake),
        "auc": auc(real, fake),
        "balanced_accuracy": round(((len(real) - flagged) / len(real) + found / len(fake)) / 2, 4),
        "false_positives": flagged,
        "fpr": round(flagged / len(real), 4),
        "fpr_95": interval(flagged, len(real)),
        "true_positives": found,
        "tpr": round(found / len(fake), 4),
        "tpr_95": interval(found, len(fake)),
        "tpr_at_5_percent_fpr_of_this_set": round(float((fake > strict).mean()), 4),
        "auc_of_shorter_side_alone": auc(column("short", False), column("short", True)),
        "real_sources": {name: _group(values, threshold) for (made, name), values in sorted(groups.items()) if not made},
        "fake_sources": {
            name: {**_group(values, threshold), "auc": auc(real, np.array(values))}
            for (made, name), values in sorted(groups.items())
            if made
        },
    }


def _group(values: list[float], threshold: float) -> dict[str, Any]:
    flagged = sum(value >= threshold for value in values)
    return {
        "count": len(values),
        "called_fake": flagged,
        "rate": round(flagged / len(values), 4),
        "rate_95": interval(flagged, len(values)),
    }


def calibrate(real: Scores, fake: Scores) -> tuple[float, float]:
    """Scale and offset of a logistic fit to the log-odds, both classes weighing the same."""
    scores, labels = np.r_[real, fake][:, None], np.r_[np.zeros(len(real)), np.ones(len(fake))]
    fit = LogisticRegression(C=1e6, class_weight="balanced").fit(scores, labels)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=None, help="default: report.json in the checkpoint")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    judge = Judge(options.checkpoint)
    entries = read_list()
    known = {entry.sha256: entry for entry in entries}

    calibration = [row for row in milled(judge, options.cache, "calibration", known) if not row["local"]]
    reals = np.sort([row["score"] for row in calibration if not row["fake"]])
    fakes = np.sort([row["score"] for row in calibration if row["fake"]])
    scale, offset = calibrate(reals, fakes)
    threshold = -offset / scale
    mill = milled(judge, options.cache, "test", known)
    whole = [row for row in mill if not row["local"]]
    local = {kind: measure([row for row in mill if not row["fake"] or row["source"] == kind], threshold) for kind in ("painted", "pasted")}
    rows = whole_pictures(judge, [entry for entry in entries if entry.split == "test"], options.pictures)
    document = {
        "prompt": "<image>Does the image looks real/fake?",
        "question_ids": judge.words.question_ids,
        "answer_start_ids": judge.words.start_ids,
        "fake_ids": [judge.words.verdict_ids[0]],
        "real_ids": [judge.words.verdict_ids[1]],
        "calibration": {
            "scale": round(scale, 5), "offset": round(offset, 5), "threshold": round(threshold, 5),
            "real_scores": [round(float(score), 4) for score in reals], "fake_scores": [round(float(score), 4) for score in fakes],
            "measured": measure(calibration, threshold),
        },
        "mill": measure(whole, threshold),
        "local": local,
        "texts": texts(judge, options.cache),
        **{name: measure(found, threshold) for name, found in rows.items()},
    }  # fmt: skip
    out = options.out or options.checkpoint / "report.json"
    out.write_text(json.dumps(document, indent=1) + "\n")
    for name in ("mill", "delivered", "1080q75"):
        found = document[name]
        print(name, {key: value for key, value in found.items() if not key.endswith("_sources")})  # type: ignore[attr-defined]
    print("texts", document["texts"])
    print("local", {kind: (found["auc"], found["tpr"]) for kind, found in local.items()})


if __name__ == "__main__":
    main()
