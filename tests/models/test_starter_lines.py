"""The choice that is marked as the one that ships tells what the application would tell, each picture's own score left out."""

import msgspec
import numpy as np

from desktop.judgement.outcomes import outcome_of
from desktop.judgement.stability import Variant, assess, takes_back
from models.starter.finish import calibration_of
from models.starter.lines import Scored, choices, lowest, render, without

CHANCE = np.random.default_rng(4)
SCORED = [Scored(bool(number % 3 == 0), float(score), tuple(float(score + step) for step in CHANCE.normal(0, 1, 4)))
          for number, score in enumerate(np.where(np.arange(900) % 3 == 0, 1.0, -1.0) + CHANCE.normal(0, 1, 900))]  # fmt: skip
REALS, FAKES = (sorted(one.score for one in SCORED if one.fake == fake) for fake in (False, True))


def test_the_marked_choice_is_what_the_application_tells() -> None:
    whole = calibration_of(REALS, FAKES)
    (marked,) = [choice for choice in choices(whole) if choice.name.startswith("**")]
    seen = set()
    for one in SCORED:
        left = {"fake_scores": tuple(without(FAKES, one.score))} if one.fake else {"real_scores": tuple(without(REALS, one.score))}
        calibration = msgspec.structs.replace(whole, **left)
        outcome = outcome_of(one.score, calibration)
        variants = tuple(Variant("x", form) for form in one.forms)
        told = "" if takes_back(outcome, assess(outcome, variants, calibration)) else outcome
        expected = {"supports-ai": "ai", "supports-camera": "camera"}.get(told, "")
        assert marked.outcome(one, REALS, FAKES) == expected
        seen.add((outcome, expected))
    assert {("supports-ai", "ai"), ("supports-camera", "camera"), ("supports-ai", ""), ("inconclusive", "")} <= seen


def test_where_a_condition_begins() -> None:
    assert abs(lowest(lambda score: score >= 0.3, -50.0, 50.0) - 0.3) < 1e-9


def test_stricter_lines_tell_no_more() -> None:
    told = [[int(cell.split(" of ")[0]) for cell in line.split(" | ")[1:]] for line in render(SCORED).splitlines()[2:]]
    names = [choice.name for choice in choices(calibration_of(REALS, FAKES))]
    marked = next(index for index, name in enumerate(names) if name.startswith("**"))
    for strict, lax in ((marked, names.index("2 % and 5 %, the threshold; no forms")), (marked + 1, marked), (marked + 2, marked + 1)):
        assert all(fewer <= more for fewer, more in zip(told[strict], told[lax], strict=True)), (names[strict], names[lax])
        assert told[strict] != told[lax]
