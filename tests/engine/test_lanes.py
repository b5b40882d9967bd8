"""A small expert that many threads ask gets further processes; nothing else changes."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from desktop.engine import Engine, EngineSettings, Score, choosing, lanes, machine
from desktop.engine.values import Configuration
from models.cards import load_card
from models.errors import WorkerError
from tests.engine.conftest import ONE_THREAD

BOTH = EngineSettings(threads=2, slots=2)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further process after few calls."""
    monkeypatch.setattr(lanes, "WORTH", 3)
    monkeypatch.setattr(machine, "gpu_backends", tuple)


@pytest.fixture(scope="module")
def pictures(reference: dict[str, Any]) -> list[Any]:
    rng = np.random.default_rng(11)
    return [rng.integers(0, 256, reference["pictures"][0].shape, dtype=np.uint8) for _ in range(8)]


@pytest.fixture
def two(tiny: Callable[[str], Path], pictures: list[Any]) -> Iterator[Engine]:
    """An engine with both of its processes running."""
    with Engine.open(tiny("F16"), settings=BOTH) as engine:
        wait_for(engine, pictures)
        yield engine


def ask_all(engine: Engine, pictures: list[Any], threads: int = 4) -> list[Score]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(engine.score, pictures))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(engine: Engine, pictures: list[Any], processes: int = 2) -> None:
    deadline = time.monotonic() + 120
    while len(engine.pids) < processes:
        assert time.monotonic() < deadline, "no further process came"
        ask_all(engine, pictures)
    ask_all(engine, pictures)


def test_both_give_the_same_numbers_as_one(two: Engine, pictures: list[Any]) -> None:
    with Engine.open(two.folder, settings=ONE_THREAD) as alone:
        wanted = [alone.score(picture) for picture in pictures]
        assert alone.configuration == two.configuration
    for _ in range(3):
        assert ask_all(two, pictures) == wanted
    assert len(two.pids) == 2


def test_one_caller_keeps_one_process(tiny: Callable[[str], Path], pictures: list[Any]) -> None:
    with Engine.open(tiny("F16"), settings=BOTH) as engine:
        for picture in pictures * 2:
            engine.score(picture)
        assert engine.pids == [engine.pid]
        assert "engine-lane" not in {thread.name for thread in threading.enumerate()}, "a further one is on its way"


def test_a_question_goes_where_the_picture_is(two: Engine, pictures: list[Any]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(two.examine, pictures[:2]))
    assert [two.ask(picture, "What do you see?").reused for picture in pictures[:2]] == [True, True]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_further_process_that_dies_costs_only_its_own_call(two: Engine, pictures: list[Any]) -> None:
    wanted = ask_all(two, pictures)
    further = next(pid for pid in two.pids if pid != two.pid)
    os.kill(further, signal.SIGKILL)
    got = []
    for picture in pictures:
        try:
            got.append(two.score(picture))
        except WorkerError as error:
            got.append(error.code)
    assert sum(isinstance(one, str) for one in got) <= 1
    assert ask_all(two, pictures) == wanted
    assert two.pid in two.pids and further not in two.pids


def test_kill_ends_all_and_the_next_call_works(two: Engine, pictures: list[Any]) -> None:
    wanted = two.score(pictures[0])
    two.kill()
    deadline = time.monotonic() + 120
    while two.pids and time.monotonic() < deadline:
        time.sleep(0.02)
    assert two.pids == []
    assert two.score(pictures[0]) == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_close_ends_all(tiny: Callable[[str], Path], pictures: list[Any]) -> None:
    with Engine.open(tiny("F16"), settings=BOTH) as engine:
        wait_for(engine, pictures)
        pids = engine.pids
    assert len(pids) == 2
    deadline = time.monotonic() + 30
    while (left := [pid for pid in pids if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


def test_one_that_cannot_start_is_done_without(tiny: Callable[[str], Path], pictures: list[Any], monkeypatch: pytest.MonkeyPatch,
                                               caplog: pytest.LogCaptureFixture) -> None:
    with Engine.open(tiny("F16"), settings=BOTH) as engine:
        wanted = engine.score(pictures[0])

        def fails(*_arguments: object) -> None:
            raise WorkerError("worker-start", "no more processes")

        monkeypatch.setattr(lanes.Link, "start", fails)
        deadline = time.monotonic() + 120
        while caplog.text.count("did not start") < lanes.TRIES and time.monotonic() < deadline:
            ask_all(engine, pictures)
        for _ in range(4):
            ask_all(engine, pictures)
        assert caplog.text.count("did not start") == lanes.TRIES, "it is not tried for ever"
        assert engine.pids == [engine.pid] and engine.score(pictures[0]) == wanted


def test_one_that_was_killed_while_it_started_is_tried_again(tiny: Callable[[str], Path], pictures: list[Any],
                                                             monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    start = lanes.Link.start
    starts: list[lanes.Link] = []

    def fails_once(link: lanes.Link, *arguments: Any) -> None:
        starts.append(link)
        if len(starts) == 1:
            raise WorkerError("worker-died", "killed")
        start(link, *arguments)

    with Engine.open(tiny("F16"), settings=BOTH) as engine:
        monkeypatch.setattr(lanes.Link, "start", fails_once)
        wait_for(engine, pictures)
        assert len(starts) == 2 and caplog.text.count("did not start") == 1


def test_how_many(tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    card = load_card(tiny("F16"))
    monkeypatch.setattr(machine, "physical_cores", lambda: 16)
    assert lanes.count(EngineSettings(slots=8), card) == lanes.MOST
    assert lanes.count(EngineSettings(slots=2), card) == 2
    assert lanes.count(EngineSettings(slots=8, threads=3), card) == 3
    assert lanes.count(EngineSettings(), card) == 1
    # The same numbers whatever their number: a process has one thread when it could have company.
    assert lanes.each(EngineSettings(), card).threads == lanes.each(EngineSettings(slots=8), card).threads == 1
    large = structs.replace(card, language=structs.replace(card.language, bytes=choosing.CACHED))
    fixed = EngineSettings(slots=8, configuration=Configuration("own", 2, 1))
    for settings, which in ((EngineSettings(slots=8), large), (fixed, card)):
        assert lanes.count(settings, which) == 1 and lanes.each(settings, which) == settings
    monkeypatch.setattr(machine, "gpu_backends", lambda: ("cuda",))
    assert lanes.count(EngineSettings(slots=8), card) == 1
    assert lanes.count(EngineSettings(slots=8, gpu="off"), card) == lanes.MOST
