"""Which lines a finding keeps: what the choices give on the calibration split alone. ``python -m models.starter.lines WORK PICTURES``.

Every calibration picture, in its one delivery, is scored as it is and in its re-delivered forms (kept in ``WORK/lines.json``; ``--again``
reads that); then each choice tells an outcome of it, its own score left out of the p-values. Prints a table in Markdown. Needs no torch.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.engine import Engine
from desktop.judgement.outcomes import FORM_LEVEL_AI, FORM_LEVEL_CAMERA, LEVEL_AI, LEVEL_CAMERA
from desktop.judgement.statistics import conformal_p_values
from models.cards import Calibration, load_card
from models.evaluation.calibration import choose_threshold
from models.preparation import prepare
from models.starter.card_text import percent, table
from models.starter.finish import calibration_of, delivered
from models.starter.listing import read_list
from models.starter.measure import forms
from models.starter.prepare_data import load_rgb
from models.starter.tables import counted

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Scored:
    """One calibration picture."""

    fake: bool
    score: float
    forms: tuple[float, ...]


@dataclass(frozen=True)
class Choice:
    """Lines on the log-odds, besides the p-values' levels: what the exhibit must reach, and what no form may cross."""

    name: str
    level: float
    reach: float
    forms_of_ai: float
    """No form may lie below."""
    forms_of_camera: float
    """No form may lie at or above."""

    def outcome(self, one: Scored, reals: Sequence[float], fakes: Sequence[float]) -> str:
        """What ``one`` supports: ``ai``, ``camera`` or nothing; ``reals`` and ``fakes`` are ascending and hold its own score."""
        p_real, p_fake = conformal_p_values(one.score, reals if one.fake else without(reals, one.score),
                                            without(fakes, one.score) if one.fake else fakes)  # fmt: skip
        if p_real < self.level and p_fake >= LEVEL_CAMERA and one.score >= self.reach and min(one.forms) >= self.forms_of_ai:
            return "ai"
        return "camera" if p_fake < LEVEL_CAMERA and p_real >= self.level and max(one.forms) < self.forms_of_camera else ""


def without(scores: Sequence[float], score: float) -> list[float]:
    """``scores`` less one that is ``score``."""
    found = list(scores)
    found.remove(score)
    return found


def choices(calibration: Calibration) -> list[Choice]:
    """What was held against each other; the marked one ships."""
    reals, fakes = calibration.real_scores, calibration.fake_scores
    never, always = float("inf"), -float("inf")
    threshold, former = choose_threshold(reals), choose_threshold(reals, 0.05)
    neutral = -calibration.offset / calibration.scale

    def high(level: float) -> float:
        return lowest(lambda score: conformal_p_values(score, reals, fakes)[0] < level, -50.0, 50.0)

    def low(level: float) -> float:
        return lowest(lambda score: conformal_p_values(score, reals, fakes)[1] >= level, -50.0, 50.0)

    ai, camera = high(FORM_LEVEL_AI), low(FORM_LEVEL_CAMERA)
    return [
        Choice("5 % for both classes, the threshold for 5 %; no form on its other side", 0.05, former, former, former),
        Choice("2 % and 5 %; no forms", LEVEL_AI, always, always, never),
        Choice("2 % and 5 %; forms unusual at 5 % and 12.5 %", LEVEL_AI, always, ai, camera),
        Choice("2 % and 5 %, the threshold; no forms", LEVEL_AI, threshold, always, never),
        Choice("… forms whose likelihood ratio is for the same side", LEVEL_AI, threshold, neutral, neutral),
        Choice("**… forms unusual at 5 % and 12.5 %**", LEVEL_AI, threshold, ai, camera),
        Choice("… forms unusual at 2 % and 5 %, as the exhibit", LEVEL_AI, threshold, high(LEVEL_AI), low(LEVEL_CAMERA)),
        Choice("… forms at the threshold, and unusual at 5 %", LEVEL_AI, threshold, threshold, low(LEVEL_CAMERA)),
    ]


def lowest(holds: Callable[[float], bool], below: float, above: float) -> float:
    """Where a condition on a score begins to hold, by bisection: it fails at ``below``, holds at ``above`` and changes once."""
    for _ in range(60):
        middle = (below + above) / 2
        below, above = (below, middle) if holds(middle) else (middle, above)
    return above


def render(scored: Sequence[Scored]) -> str:
    """The table: what each choice tells of the camera pictures and of the AI-made ones."""
    reals, fakes = (sorted(one.score for one in scored if one.fake == fake) for fake in (False, True))
    rows = []
    for choice in choices(calibration_of(reals, fakes)):
        cells = []
        for fake in (False, True):
            told = [choice.outcome(one, reals, fakes) for one in scored if one.fake == fake]
            cells += [percent(counted(told.count(side), len(told))) for side in ("ai", "camera")]
        rows.append([choice.name, *cells])
    return table(["choice", "camera pictures: supports AI", "supports camera", "AI-made ones: supports AI", "supports camera"], rows)


def score_all(expert: Path, pictures: Path) -> list[dict[str, Any]]:
    """Score the calibration split with the pair in ``expert``."""
    preparation, found = load_card(expert).preparation, []
    with Engine.open(expert) as engine:
        for entry in read_list():
            if entry.split != "calibration":
                continue
            rgb = delivered(entry, load_rgb(entry.file(pictures)))
            score = engine.score(prepare(rgb, preparation)[0]).log_odds
            found.append({"fake": entry.fake, "score": score, "forms": [engine.score(form).log_odds for form in forms(rgb, preparation)]})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="the folder of models.starter.train")
    parser.add_argument("pictures", type=Path, help="folder made by models.starter.collect")
    parser.add_argument("--expert", type=Path, default=HERE / "expert", help="folder of the pair (default: the bundled one)")
    parser.add_argument("--again", action="store_true", help="make the table anew from the scores of the last run, WORK/lines.json")
    options = parser.parse_args()
    kept = options.work / "lines.json"
    if not options.again:
        kept.write_text(json.dumps(score_all(options.expert, options.pictures)))
    print(render([Scored(one["fake"], one["score"], tuple(one["forms"])) for one in json.loads(kept.read_text())]))


if __name__ == "__main__":
    main()
