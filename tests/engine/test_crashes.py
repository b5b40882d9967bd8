"""What happens to the engine's process costs one picture: a coded error, and the next call works and gives the same numbers."""

import dataclasses
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.commands import doctor
from desktop.engine import Configuration, Engine, EngineSettings, known_configurations, tune
from models.errors import Cancelled, TelltaleError, WorkerError
from tests.engine.conftest import ONE_THREAD


@pytest.fixture(scope="module")
def engine(tiny: Callable[[str], Path]) -> Iterator[Engine]:
    with Engine.open(tiny("F32"), settings=ONE_THREAD) as opened:
        yield opened


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, "worker-killed"), (signal.SIGSEGV, "worker-crashed"), (signal.SIGABRT, "worker-crashed")],
)
def test_killed_in_the_middle_of_a_token(number: int, code: str, engine: Engine, reference: dict[str, Any]) -> None:
    a, b = reference["pictures"]
    wanted = engine.score(a)
    victim = engine.pid
    pieces: list[str] = []

    def shoot(text: str) -> None:
        pieces.append(text)
        if len(pieces) == 4:
            assert victim is not None
            os.kill(victim, number)

    with pytest.raises(WorkerError) as caught:
        engine.examine(b, on_text=shoot)
    assert caught.value.code == code
    assert len(pieces) >= 4, "it was speaking"
    assert engine.score(a) == wanted
    assert engine.pid not in (None, victim)
    assert engine.examine(b).text.startswith(pieces[0])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_between_two_calls(engine: Engine, reference: dict[str, Any]) -> None:
    wanted = engine.score(reference["pictures"][0])
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert engine.score(reference["pictures"][0]) == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_hanging_process_is_ended(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    with Engine.open(tiny("F32"), settings=EngineSettings(threads=1, patience=0.02)) as engine:
        wanted = engine.score(reference["pictures"][0])
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(WorkerError) as caught:
            engine.score(reference["pictures"][0])
        assert caught.value.code == "worker-timeout" and time.monotonic() - started < 120
        assert engine.score(reference["pictures"][0]) == wanted


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_ignores_a_cancel_is_killed_after_the_grace_time(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    with Engine.open(tiny("F32"), settings=EngineSettings(threads=1, grace=0.5)) as engine:
        wanted = engine.score(reference["pictures"][0])
        victim = engine.pid
        assert victim is not None
        os.kill(victim, signal.SIGSTOP)
        cancel = threading.Event()
        threading.Timer(0.2, cancel.set).start()
        with pytest.raises(Cancelled):
            engine.score(reference["pictures"][0], cancelled=cancel.is_set)
        assert engine.score(reference["pictures"][0]) == wanted
        assert engine.pid != victim


def test_kill_from_another_thread(engine: Engine, reference: dict[str, Any]) -> None:
    wanted = engine.score(reference["pictures"][0])

    def kill(_text: str) -> None:
        threading.Thread(target=engine.kill).start()

    with pytest.raises(WorkerError):
        for _ in range(50):
            engine.examine(reference["pictures"][1], on_text=kill)
    assert engine.score(reference["pictures"][0]) == wanted


def test_the_worker_ends_with_its_client(tiny: Callable[[str], Path]) -> None:
    engine = Engine.open(tiny("F32"), settings=ONE_THREAD)
    pid = engine.pid
    assert pid is not None
    engine.close()
    with pytest.raises(OSError):
        os.kill(pid, 0)
    assert engine.pid is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_configuration_that_crashes_is_marked_and_never_used(tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    """As the AMX path does on some CPUs: the probe's process dies, the safe configuration stays, doctor can show it."""
    folder = tiny("F32")
    probes = tune(folder, settings=ONE_THREAD, drill=["buffers"])
    assert [p.state for p in probes if p.configuration.id == "safe"] == ["passed"]
    (crashed,) = [p for p in probes if p.configuration.extra_buffers]
    assert (crashed.state, crashed.code) == ("crashed", "worker-crashed")
    (shown,) = [known for known in known_configurations(folder) if known["id"] == "buffers"]
    assert (shown["state"], shown["code"], shown["chosen"]) == ("crashed", "worker-crashed", False)
    assert [known["id"] for known in known_configurations(folder) if known["chosen"]] == ["safe"]
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        assert not engine.configuration.extra_buffers
        engine.score(reference["pictures"][0])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_remembered_configuration_that_crashes_now_gives_way_to_the_safe_one(
    tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
) -> None:
    from desktop.engine import choosing, link

    folder = tiny("F32")
    fast = Configuration("buffers", 1, 1, extra_buffers=True)
    real = link.WorkerClient

    def crashing(name: str, arguments: list[str], **rest: Any) -> Any:
        text = arguments[0]
        return real(name, [text.replace('"drill": false', '"drill": true') if '"buffers"' in text else text], **rest)

    with Engine.open(folder, settings=ONE_THREAD) as engine:
        expert = engine.card_sha256
    choosing.choose(expert, fast)
    monkeypatch.setattr(link, "WorkerClient", crashing)
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        assert engine.configuration.id == "safe"
    assert choosing.remembered(expert)["probes"][choosing.key_of(fast)]["code"] == "worker-crashed"
    assert fast not in choosing.candidates(ONE_THREAD, expert, 1)


def test_a_forced_configuration_that_crashes_is_an_error(tiny: Callable[[str], Path]) -> None:
    with pytest.raises(TelltaleError) as caught:
        Engine.open(tiny("F32"), settings=EngineSettings(configuration=Configuration("safe", 1, 1), drill=True))
    assert caught.value.code == "worker-crashed"


def test_tuning_is_remembered_and_used(tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The real probes, with times that make one of them win: it is what the next engine runs, and doctor says so."""
    from desktop.engine import tuning

    folder, real = tiny("F32"), tuning.probe

    def timed(folder: Path, configuration: Configuration, *how: Any) -> tuning.Probe:
        found = real(folder, configuration, *how)
        return dataclasses.replace(found, encode_s=1.0, score_s=0.5 if configuration.extra_buffers else 2.0, token_s=0.0)

    monkeypatch.setattr(tuning, "probe", timed)
    probes = tune(folder, settings=ONE_THREAD)
    assert [p.configuration.id for p in probes] == ["safe", "buffers", "safe"], "what won is held against the safe one again"
    assert not any(p.configuration.flash_attention for p in probes), "another instrument is not chosen unasked"
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        running = engine.facts["configuration"]
    assert running["extra_buffers"]
    text = {known["id"]: doctor.known_line(known, running) for known in known_configurations(folder)}
    assert set(text) == {"safe", "buffers"}
    assert "in use" in text["buffers"] and "chosen by tuning" in text["buffers"] and "verdict 500.0 ms" in text["buffers"]
    assert "in use" not in text["safe"] and "chosen" not in text["safe"] and "verdict 2000.0 ms" in text["safe"]
    assert all("log-odds" in line for line in text.values())


def test_a_tuning_that_is_stopped_changes_no_choice(tiny: Callable[[str], Path]) -> None:
    from desktop.engine import choosing

    folder, begun = tiny("F32"), list[str]()
    with Engine.open(folder, settings=ONE_THREAD) as engine:
        expert = engine.card_sha256
    choosing.choose(expert, Configuration("buffers", 1, 1, extra_buffers=True))
    with pytest.raises(Cancelled):
        tune(folder, settings=ONE_THREAD, progress=lambda name, _share: begun.append(name), cancelled=lambda: bool(begun))
    assert begun == ["safe"]
    chosen = choosing.chosen(choosing.remembered(expert))
    assert chosen is not None and chosen.extra_buffers


def test_the_speed_is_measured_more_than_once(engine: Engine) -> None:
    speed = engine.speed()
    assert set(speed) == {"encode_s", "score_s", "token_s"} and all(0 < value < 60 for value in speed.values())
