"""The same picture gives the same bits: after another picture, after a question, a cancel or a crash, with and without text, and in
another process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.engine import Engine, EngineSettings, Examination
from desktop.engine.values import Configuration
from models.errors import Cancelled
from tests.engine.conftest import ONE_THREAD


def bits(done: Examination) -> Any:
    maps = [b"" if claim.map is None else claim.map.tobytes() for claim in done.claims]
    return done.score, done.text, done.text_state, [claim.span for claim in done.claims], maps, done.tokens


def test_a_b_a(shared: Engine, reference: dict[str, Any]) -> None:
    a, b = reference["pictures"]
    first, other, again = shared.examine(a), shared.examine(b), shared.examine(a)
    assert bits(first) == bits(again)
    assert first.score != other.score
    assert np.array_equal(shared.encode(a), shared.encode(a))


def test_the_score_does_not_depend_on_what_is_asked_around_it(shared: Engine, reference: dict[str, Any]) -> None:
    a, b = reference["pictures"]
    plain = shared.score(a)
    assert shared.examine(a, explain=False).score == plain
    assert shared.examine(a).score == plain
    shared.ask(a, "What do you see in this picture?")
    assert shared.score(a) == plain
    shared.ask(b, "Where was it made?")
    assert shared.score(a) == plain
    shared.text_logits([1, 5, 6, 7])
    assert shared.score(a) == plain


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_cancel_leaves_nothing_behind(after: int, shared: Engine, reference: dict[str, Any]) -> None:
    """Cancelled before the verdict, right after it, and in the middle of the text."""
    a, b = reference["pictures"]
    before = bits(shared.examine(a))
    pid, seen = shared.pid, []
    if after == 0:
        with pytest.raises(Cancelled):
            shared.examine(b, cancelled=lambda: True)
    else:
        done = shared.examine(b, on_text=seen.append, cancelled=lambda: len(seen) >= after)
        assert done.text_state == "cancelled"
        assert done.text.startswith("".join(seen))
        assert done.score == shared.score(b)
    assert bits(shared.examine(a)) == before
    assert shared.pid == pid, "a cancel must not cost the loaded expert"


def test_a_callback_that_raises_is_like_a_cancel(shared: Engine, reference: dict[str, Any]) -> None:
    a, b = reference["pictures"]
    before = bits(shared.examine(a))

    def fail(_text: str) -> None:
        raise RuntimeError("the window is gone")

    with pytest.raises(RuntimeError):
        shared.examine(b, on_text=fail)
    assert bits(shared.examine(a)) == before


def test_two_processes_and_two_thread_counts(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    results = []
    for settings in (ONE_THREAD, ONE_THREAD, EngineSettings(configuration=Configuration("two", 2, 1))):
        with Engine.open(tiny("F16"), settings=settings) as engine:
            results.append([bits(engine.examine(picture)) for picture in reference["pictures"]])
            facts = engine.facts
    assert results[0] == results[1]
    assert [r[0] for r in results[0]] == [r[0] for r in results[2]], "on a CPU the verdict does not depend on the number of threads"
    assert facts["configuration"]["threads"] == 2


def test_capture_does_not_change_the_numbers(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    picture = reference["pictures"][0]
    with Engine.open(tiny("F16"), settings=ONE_THREAD) as engine:
        captured = engine.examine(picture)
    with Engine.open(tiny("F16"), settings=EngineSettings(threads=1, capture=False)) as engine:
        plain = engine.examine(picture)
    assert (captured.score, captured.text) == (plain.score, plain.text)
    assert all(claim.map is None for claim in plain.claims)
    assert plain.grounding == "attention was not read in this configuration"


def test_facts_are_the_same_in_every_run(tiny: Callable[[str], Path]) -> None:
    """They go into the analysis document, where only times may differ."""
    seen = []
    for _ in range(2):
        with Engine.open(tiny("F16"), settings=ONE_THREAD) as engine:
            seen.append(engine.facts)
    assert seen[0] == seen[1]
    assert seen[0]["class_order"] == "corrected" and seen[0]["llama_cpp_python"] == "0.3.36"
