"""Analyses side by side give what they give alone, in order; when the engine dies, only the picture that kills it is lost."""

import hashlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop import document
from desktop.analysis import Analyst, Event, TextPiece
from desktop.engine import EngineSettings
from desktop.together import Gate, in_order
from models import store
from models.errors import Cancelled, InputError, TelltaleError, WorkerError
from tests.conftest import PICTURES

NAMES = ("generated-progan-1.png", "real-chelsea.jpg", "generated-progan-7.png", "painted-chelsea.jpg")
Result = document.Analysis | TelltaleError


@pytest.fixture(scope="module")
def several() -> Iterator[Analyst]:
    with Analyst(store.default_expert(), settings=EngineSettings(slots=3)) as made:
        yield made


@pytest.fixture(scope="module")
def alone() -> list[dict[str, Any]]:
    with Analyst(store.default_expert()) as analyst:
        return [comparable(analyst.analyse(PICTURES / name)) for name in NAMES]


def comparable(analysis: Result) -> dict[str, Any]:
    """Everything but what may differ between two runs of the same picture."""
    assert isinstance(analysis, document.Analysis), analysis
    whole = msgspec.to_builtins(analysis)
    for name in ("started_at", "finished_at"):
        del whole["run"][name]
    for opinion in whole["opinions"]:
        del opinion["timing"]
    return whole


def together(analyst: Analyst, paths: list[Path], on_event: Callable[[int, Event], None] = lambda _number, _event: None) -> list[Result]:
    def one(number: int) -> Result:
        try:
            return analyst.analyse(paths[number], on_event=lambda event: on_event(number, event))
        except TelltaleError as error:
            return error

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(one, range(len(paths))))


def test_the_same_documents(several: Analyst, alone: list[dict[str, Any]], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    got = together(several, [*(PICTURES / name for name in NAMES), broken])
    assert isinstance(got.pop(), InputError)
    assert [comparable(done) for done in got] == alone


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_when_the_engine_dies_nothing_is_lost(several: Analyst, alone: list[dict[str, Any]]) -> None:
    killed = threading.Event()

    def on_event(_number: int, event: Event) -> None:
        if isinstance(event, TextPiece) and not killed.is_set():
            killed.set()
            os.kill(several.engine().pid or 0, signal.SIGSEGV)

    got = together(several, [PICTURES / name for name in NAMES], on_event)
    assert killed.is_set()
    assert [comparable(done) for done in got] == alone


def test_a_picture_that_kills_the_engine_each_time_is_alone_lost(
    several: Analyst, alone: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The text of a small expert may be there before a signal is, so this death is told by the engine's client itself."""
    engine, deaths = several.engine(), list[bytes]()
    examine, deadly = engine.examine, alone[1]["opinions"][0]["frame"]["rgb_sha256"]

    def examining(picture: Any, **how: Any) -> Any:
        if hashlib.sha256(picture.tobytes()).hexdigest() == deadly:
            deaths.append(picture.tobytes())
            engine.kill()
            raise WorkerError("worker-crashed", "the engine process crashed")
        return examine(picture, **how)

    monkeypatch.setattr(engine, "examine", examining)
    got = together(several, [PICTURES / name for name in NAMES])
    lost = got.pop(1)
    assert isinstance(lost, WorkerError) and lost.code == "worker-crashed" and len(deaths) == 2
    assert [comparable(done) for done in got] == [alone[0], *alone[2:]]


def test_results_keep_their_order_and_little_is_begun_ahead() -> None:
    begun: list[int] = []

    def source() -> Iterator[int]:
        for number in range(20):
            begun.append(number)
            yield number

    def work(number: int) -> int:
        time.sleep(0.02 if number % 4 == 0 else 0.0)
        if number == 7:
            raise InputError("picture-unreadable", "seven")
        return number * number

    for told, (number, future) in enumerate(in_order(source(), work, 3, ahead=2)):
        assert number == told and len(begun) <= told + 5
        if number == 7:
            assert isinstance(future.exception(), InputError)
        else:
            assert future.result() == number * number
    assert begun == list(range(20))


def test_whoever_stops_listening_stops_the_rest() -> None:
    done: list[int] = []
    results = in_order(range(100), done.append, 2, ahead=2)
    assert next(results)[0] == 0
    results.close()  # type: ignore[attr-defined]
    assert len(done) <= 5


def test_after_a_stop_nothing_is_begun_and_what_was_begun_is_handed_out() -> None:
    begun: list[int] = []
    stop = threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return number

    got = []
    for number, future in in_order(range(100), work, 3, ahead=4, stop=stop.is_set):
        got.append(future.result())
        if number == 5:
            stop.set()
    assert got == sorted(begun) == list(range(len(begun))) and 6 <= len(begun) <= 6 + 7


def test_alone_is_alone() -> None:
    gate, inside, most, together_with_alone = Gate(), set[int](), 0, []
    lock = threading.Lock()

    def stay(number: int) -> None:
        nonlocal most
        enter = gate.alone if number % 5 == 0 else gate.together
        with enter(lambda: False):
            with lock:
                inside.add(number)
                most = max(most, len(inside))
            time.sleep(0.005)
            with lock:
                if number % 5 == 0 and len(inside) != 1:
                    together_with_alone.append(set(inside))
                inside.discard(number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(stay, range(40)))
    assert most > 1 and not together_with_alone


def test_nobody_waits_for_the_gate_after_a_cancel() -> None:
    gate = Gate()
    with gate.together(lambda: False):
        with pytest.raises(Cancelled), gate.alone(lambda: True):
            pass
        with gate.together(lambda: False) as stay:
            assert stay.accompanied
