"""Many pictures at once give what they give alone; one that fails and a cancel cost no other."""

import itertools
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.engine import Engine, EngineSettings, Examination
from models.errors import Cancelled, TelltaleError, WorkerError
from tests.engine.conftest import ONE_THREAD, changed
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


def together(engine: Engine, pictures: Sequence[Any], threads: int = 6, **how: Any) -> list[Examination | TelltaleError]:
    """Examine from several threads at once; ``how`` may hold callbacks, which get the picture's number first."""
    def one(number: int) -> Examination | TelltaleError:
        callbacks = {name: (lambda value, call=call: call(number, value)) for name, call in how.items() if name.startswith("on_")}
        if "cancelled" in how:
            callbacks["cancelled"] = lambda: how["cancelled"](number)
        try:
            return engine.examine(pictures[number], explain=how.get("explain", True), **callbacks)
        except TelltaleError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(len(pictures))))


def whole(results: Sequence[Examination | TelltaleError]) -> list[Examination]:
    got = [result for result in results if isinstance(result, Examination)]
    assert len(got) == len(results), results
    return got


def test_together_as_alone(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    scores: dict[int, Any] = {}
    texts: dict[int, str] = {}

    def on_text(index: int, text: str) -> None:
        texts[index] = texts.get(index, "") + text

    got = whole(together(four, pictures, on_score=scores.__setitem__, on_text=on_text))
    for number, wanted in enumerate(alone):
        assert got[number].score == wanted.score == scores[number], "to the bit"
        assert (got[number].text, got[number].text_state) == (wanted.text, wanted.text_state)
        assert texts[number] == wanted.text
        assert [c.span for c in got[number].claims] == [c.span for c in wanted.claims]
        for mine, theirs in zip(got[number].claims, wanted.claims, strict=True):
            assert mine.map is not None and theirs.map is not None
            np.testing.assert_allclose(mine.map, theirs.map, rtol=2e-2, atol=1e-3)


def test_texts_are_really_written_together(four: Engine, pictures: list[Any]) -> None:
    """Pieces of one text come while another's still come: nobody waits for a whole text."""
    order: list[int] = []
    whole(together(four, pictures[:4], threads=4, on_text=lambda index, _text: order.append(index)))
    changes = sum(one != other for one, other in itertools.pairwise(order))
    assert changes > 3 * 4


def test_an_engine_with_slots_does_single_pictures_as_any_other(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    for number in (0, 1, 0):
        done = four.examine(pictures[number])
        assert (done.score, done.text) == (alone[number].score, alone[number].text)
    assert four.ask(pictures[0], "What do you see?").reused


def test_everything_else_goes_on_beside_texts(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    """Scores, hidden regions and questions from other threads while four texts are written: same numbers."""
    hidden = np.zeros((8, 8), np.bool_)
    hidden[2:4, 2:5] = True
    wanted, answer = four.score_hidden(pictures[5], hidden), four.ask(pictures[6], "What do you see?").text
    got: list[Any] = []
    done = threading.Event()

    def beside() -> None:
        while not done.is_set():
            got.append((four.score(pictures[4]), four.score_hidden(pictures[5], hidden), four.ask(pictures[6], "What do you see?").text))

    other = threading.Thread(target=beside)
    other.start()
    try:
        texts = whole(together(four, pictures[:4]))
    finally:
        done.set()
        other.join()
    assert [done.text for done in texts] == [done.text for done in alone[:4]]
    assert got and set(got) == {(alone[4].score, wanted, answer)}


def test_triage_without_text(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    got = whole(together(four, pictures, explain=False))
    assert [done.score for done in got] == [done.score for done in alone]
    assert {done.text_state for done in got} == {"not-asked"}


def test_a_question_finds_the_picture_where_its_text_was_written(four: Engine, pictures: list[Any]) -> None:
    whole(together(four, pictures[:3]))
    with_state = four.ask(pictures[1], "What do you see?")
    assert with_state.reused
    four.score(pictures[0])
    with four.__class__.open(four.folder, settings=EngineSettings(threads=1)) as fresh:
        assert with_state.text == fresh.ask(pictures[1], "What do you see?").text


def test_a_cancel_costs_no_other(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    pid, pieces = four.pid, [0] * len(pictures)

    def on_text(index: int, _text: str) -> None:
        pieces[index] += 1

    got = together(four, pictures, on_text=on_text, cancelled=lambda index: (index == 2 and pieces[2] > 4) or index == 7)
    stopped = got[2]
    assert isinstance(stopped, Examination) and stopped.text_state == "cancelled" and stopped.score == alone[2].score
    assert alone[2].text.startswith(stopped.text) and len(stopped.text) < len(alone[2].text)
    assert isinstance(got[7], Cancelled)
    others = [number for number in range(len(pictures)) if number not in (2, 7)]
    assert [got[n].text for n in others] == [alone[n].text for n in others]  # type: ignore[union-attr]
    assert four.pid == pid


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_told_to_everybody_who_waited(four: Engine, pictures: list[Any], alone: list[Examination]) -> None:
    killed = threading.Event()

    def on_text(_index: int, _text: str) -> None:
        if not killed.is_set() and four.pid is not None:
            killed.set()
            os.kill(four.pid, signal.SIGSEGV)

    got = together(four, pictures, on_text=on_text)
    lost = [result for result in got if not isinstance(result, Examination)]
    assert lost and {type(result) for result in lost} == {WorkerError} and {result.code for result in lost} <= {"worker-crashed"}
    assert [done.score for done in whole(together(four, pictures))] == [done.score for done in alone], "a new process, at once"


def test_slots_and_scores_in_quantised_weights(tiny: Callable[[str], Path], pictures: list[Any]) -> None:
    with Engine.open(tiny("Q4_K_M"), settings=EngineSettings(threads=1, slots=3)) as engine:
        wanted = [engine.score(picture) for picture in pictures]
        got = whole(together(engine, pictures))
    assert [done.score for done in got] == wanted


def test_guesses_change_no_text(
    speaking: Path, tmp_path: Path, pictures: list[Any], alone: list[Examination],  # noqa: F811
) -> None:
    """Each picture twice: the second time every word can be guessed from the first, and still every text is what it was."""
    folder = Path(shutil.copytree(speaking, tmp_path / "expert"))
    changed(folder, grounding={"layers": ()})
    with Engine.open(folder, settings=EngineSettings(threads=1, drafts=True)) as engine:
        for number in (0, 1, 0, 1, 2, 0, 1, 2):
            done = engine.examine(pictures[number])
            assert (done.score, done.text, done.tokens) == (alone[number].score, alone[number].text, alone[number].tokens)
