"""Many pictures at once give what they give alone; one that fails, a crash and a cancel cost no other."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.engine import Engine, EngineSettings, Examination
from models.errors import Cancelled, TelltaleError, WorkerError
from tests.engine.conftest import ONE_THREAD
from tests.engine.test_grounding import speaking  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def pictures(reference: dict[str, Any]) -> list[Any]:
    """Eleven different pictures: more than slots, and not a multiple of them."""
    rng = np.random.default_rng(7)
    made = [rng.integers(0, 256, reference["pictures"][0].shape, dtype=np.uint8) // (1 + n % 4) for n in range(9)]
    return [*reference["pictures"], *made]


@pytest.fixture(scope="module")
def four(speaking: Path) -> Iterator[Engine]:  # noqa: F811
    with Engine.open(speaking, settings=EngineSettings(threads=1, slots=4)) as engine:
        yield engine


@pytest.fixture(scope="module")
def alone(speaking: Path, pictures: list[Any]) -> list[Examination]:  # noqa: F811
    with Engine.open(speaking, settings=ONE_THREAD) as engine:
        return [engine.examine(picture) for picture in pictures]


def whole(results: Any) -> dict[int, Examination]:
    got = dict(results)
    assert all(isinstance(value, Examination) for value in got.values()), got
    return got


def test_together_as_alone(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    scores: dict[int, Any] = {}
    texts: dict[int, str] = {}

    def on_text(index: int, text: str) -> None:
        texts[index] = texts.get(index, "") + text

    got = whole(four.examine_many(pictures, on_score=scores.__setitem__, on_text=on_text))
    assert sorted(got) == list(range(len(pictures)))
    for number, wanted in enumerate(alone):
        assert got[number].score == wanted.score == scores[number], "to the bit"
        assert (got[number].text, got[number].text_state) == (wanted.text, wanted.text_state)
        assert texts[number] == wanted.text
        assert [c.span for c in got[number].claims] == [c.span for c in wanted.claims]
        for mine, theirs in zip(got[number].claims, wanted.claims, strict=True):
            assert mine.map is not None and theirs.map is not None
            np.testing.assert_allclose(mine.map, theirs.map, rtol=2e-2, atol=1e-3)


def test_an_engine_with_slots_does_single_pictures_as_any_other(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    for number in (0, 1, 0):
        done = four.examine(pictures[number])
        assert (done.score, done.text) == (alone[number].score, alone[number].text)
    assert four.ask(pictures[0], "What do you see?").reused


def test_triage_without_text(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    got = whole(four.examine_many(pictures, explain=False))
    assert [got[n].score for n in range(len(pictures))] == [done.score for done in alone]
    assert {done.text_state for done in got.values()} == {"not-asked"}


def test_pictures_are_read_as_slots_become_free(four: Engine, pictures: list[Any]) -> None:
    taken = 0

    def source() -> Iterator[Any]:
        nonlocal taken
        for picture in pictures:
            taken += 1
            yield picture

    finished = 0
    for _ in four.examine_many(source()):
        finished += 1
        assert taken <= finished + 4 + 1
    assert finished == len(pictures)
    assert list(four.examine_many([])) == []


def test_a_cancel_in_the_middle(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    pid, pieces = four.pid, 0

    def on_text(_index: int, _text: str) -> None:
        nonlocal pieces
        pieces += 1

    with pytest.raises(Cancelled):
        list(four.examine_many(pictures, on_text=on_text, cancelled=lambda: pieces > 20))
    assert whole(four.examine_many(pictures[:3]))[2].score == alone[2].score
    assert four.pid == pid


def test_a_consumer_that_stops_early(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    results = four.examine_many(pictures)
    assert len(list(itertools.islice(results, 2))) == 2
    results.close()  # type: ignore[attr-defined]
    assert four.score(pictures[0]) == alone[0].score


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_costs_no_other_picture(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    pieces = 0

    def on_text(_index: int, _text: str) -> None:
        nonlocal pieces
        pieces += 1
        if pieces == 30 and four.pid is not None:
            os.kill(four.pid, signal.SIGSEGV)

    got = whole(four.examine_many(pictures, on_text=on_text))
    assert [got[n].score for n in range(len(pictures))] == [done.score for done in alone]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_picture_that_kills_the_engine_each_time_is_alone_lost(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    def on_score(index: int, _score: Any) -> None:
        if index == 5 and four.pid is not None:
            os.kill(four.pid, signal.SIGSEGV)

    got: dict[int, Examination | TelltaleError] = dict(four.examine_many(pictures, on_score=on_score))
    lost = got.pop(5)
    assert isinstance(lost, WorkerError) and lost.code == "worker-crashed"
    assert sorted(got) == [n for n in range(len(pictures)) if n != 5]
    assert all(isinstance(done, Examination) and done.score == alone[n].score for n, done in got.items())


def test_slots_and_scores_in_quantised_weights(tiny: Callable[[str], Path], pictures: list[Any]) -> None:
    with Engine.open(tiny("Q4_K_M"), settings=EngineSettings(threads=1, slots=3)) as engine:
        wanted = [engine.score(picture) for picture in pictures]
        got = whole(engine.examine_many(pictures))
    assert [got[n].score for n in range(len(pictures))] == wanted
