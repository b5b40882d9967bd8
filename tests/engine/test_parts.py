"""Parts that need no process: arithmetic of the verdict, first steps of the tower, memory of configurations, checks of replies."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.engine import Configuration, EngineSettings, choosing, machine, protocol, replies
from desktop.engine.examiner import row_cosines
from desktop.engine.tower import Tower
from desktop.engine.tuning import Probe
from desktop.engine.verdict import answer_of, log_odds_of, probability
from desktop.workers.frames import Frame
from models.errors import ExpertError, WorkerError


def test_log_odds_of_sets() -> None:
    logits = np.log(np.array([0.5, 0.2, 0.1, 0.1, 0.1], np.float32))
    odds, mass = log_odds_of(logits, [0, 1], [2])
    assert odds == pytest.approx(np.log(7.0), abs=1e-6) and mass == pytest.approx(0.8, abs=1e-6)


def test_huge_logits_do_not_overflow() -> None:
    odds, mass = log_odds_of(np.array([1e4, -1e4, 0], np.float32), [0], [1])
    assert odds == 2e4 and mass == 1.0
    assert probability(odds) == 1.0 and probability(-odds) == 0.0 and probability(0.0) == 0.5


def test_broken_numbers_are_no_verdict() -> None:
    with pytest.raises(WorkerError):
        log_odds_of(np.array([np.nan, 0, 0], np.float32), [0], [1])


@pytest.mark.parametrize(
    ("odds", "mass", "wanted"), [(1.0, 0.99, "fake"), (-1.0, 0.99, "real"), (9.0, 0.94, "other"), (-9.0, 0.1, "other")],
)
def test_answer(odds: float, mass: float, wanted: str) -> None:
    assert answer_of(odds, mass) == wanted


def test_the_towers_sequence_by_hand() -> None:
    """2x2 patches of 1 pixel, width 2: class token first, then patches row by row, position i for token i, layer norm over columns."""
    tower = Tower(
        class_embedding=np.array([1, 0], np.float32), patch_weight=np.array([[1, 0, 0], [0, 1, 0]], np.float32),
        positions=np.arange(10, dtype=np.float32).reshape(5, 2) ** 2,
        norm_weight=np.array([2, 3], np.float32), norm_bias=np.array([0, 1], np.float32),
        mean=np.array([0, 0, 0], np.float32), std=np.array([1, 1, 1], np.float32), epsilon=1e-5, patch=1, size=2,
    )
    picture = np.array([[[0, 255, 0], [255, 0, 0]], [[51, 102, 0], [0, 0, 255]]], np.uint8)
    rows = np.array([[1, 0], [0, 1], [1, 0], [0.2, 0.4], [0, 0]]) + np.arange(10).reshape(5, 2) ** 2
    centred = rows - rows.mean(axis=1, keepdims=True)
    wanted = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5) * [2, 3] + [0, 1]
    np.testing.assert_allclose(tower.sequence(picture), wanted, rtol=1e-5)
    assert tower.sequence(picture).flags.c_contiguous and tower.patches == 4


def test_row_cosines_fail_safe() -> None:
    ones = np.ones((2, 3), np.float32)
    assert row_cosines(ones, ones).min() == pytest.approx(1.0)
    assert row_cosines(np.zeros((2, 3), np.float32), ones).max() == -1.0
    assert row_cosines(ones[:1], ones).min() == -1.0
    assert not row_cosines(ones * np.float32(np.nan), ones).min() >= 0.5


FAST = Configuration("buffers", 2, 1, extra_buffers=True)
FLASH = Configuration("flash", 2, 1, flash_attention=True)


def test_the_safe_configuration_is_always_there() -> None:
    assert choosing.candidates(EngineSettings(gpu="off"), "e" * 64, 4 << 30)[-1].id == "safe"
    safe = choosing.safe(EngineSettings(), 4 << 30)
    assert (safe.threads, safe.token_threads) == (machine.physical_cores(), machine.physical_cores())
    assert not safe.extra_buffers and not safe.flash_attention and not safe.gpu_layers and not safe.int8
    assert choosing.safe(EngineSettings(threads=4), 20 << 20).token_threads == 1, "a small model decodes on one thread"


def test_what_was_measured_is_used_until_it_fails() -> None:
    settings = EngineSettings(gpu="off")
    choosing.note("e", FAST, Probe(FAST, "passed", "", 1, 1, 1, 1).as_facts())
    choosing.choose("e", FAST)
    assert choosing.candidates(settings, "e", 1)[0] == FAST
    assert choosing.candidates(settings, "another expert", 1)[0].id == "safe"
    choosing.remember_failure("e", FAST, "worker-crashed")
    assert choosing.candidates(settings, "e", 1)[0].id == "safe"


def test_flash_attention_only_when_it_is_named() -> None:
    """It gives other embeddings: what was measured as faster in an earlier version is not used unasked."""
    choosing.note("e", FLASH, Probe(FLASH, "passed", "", 1, 1, 1, 1).as_facts())
    choosing.choose("e", FLASH)
    assert [c.id for c in choosing.candidates(EngineSettings(gpu="off"), "e", 1)] == ["safe"]
    assert choosing.candidates(EngineSettings(gpu="off", configuration=FLASH), "e", 1) == [FLASH]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"schema": "telltale.engine/1", "machines": 3}', b'{"schema": "another"}'])
def test_a_damaged_memory_is_no_memory(content: bytes) -> None:
    choosing.store_path().write_bytes(content)
    assert choosing.remembered("e") == {}
    choosing.choose("e", FAST)
    assert json.loads(choosing.store_path().read_bytes())["schema"] == "telltale.engine/1"


def test_a_memory_with_an_impossible_choice(own_data_folder: Path) -> None:
    choosing.choose("e", FAST)
    path = choosing.store_path()
    assert path.parent == own_data_folder
    path.write_text(path.read_text().replace('"threads": 2', '"threads": 100000'))
    assert choosing.candidates(EngineSettings(gpu="off"), "e", 1)[0].id == "safe"


def test_a_folder_that_cannot_be_written_costs_only_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELLTALE_DATA_DIR", "/proc/nowhere")
    choosing.choose("e", FAST)
    assert choosing.remembered("e") == {}


GOOD = {"log_odds": 0.5, "p_fake": 0.6, "mass": 0.99, "answer": "fake", "encode_s": 1, "score_s": 1}


@pytest.mark.parametrize("change", [
    {"answer": "maybe"}, {"p_fake": 1.5}, {"mass": -1}, {"log_odds": float("nan")}, {"log_odds": float("inf")}, {"log_odds": "0"},
    {"log_odds": True},
])
def test_a_score_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    assert replies.score({"score": GOOD}).p_fake == 0.6
    with pytest.raises(WorkerError) as caught:
        replies.score({"score": {**GOOD, **change}})
    assert caught.value.code == "worker-protocol"


@pytest.mark.parametrize("rows", [b"", b"123", b"x" * 4 * 7])
def test_rows_of_the_wrong_size_are_refused(rows: bytes) -> None:
    with pytest.raises(WorkerError):
        replies.rows(Frame({}, rows), 4)


def test_errors_have_fixed_texts() -> None:
    assert isinstance(protocol.error_of("self-test-failed"), ExpertError)
    assert protocol.error_of("engine-failed").code == "engine-failed"
    for code in ("<b>anything</b>", None, 3, "worker-crashed"):
        assert protocol.error_of(code).code == "worker-protocol"


def test_physical_cores_are_at_least_one_and_at_most_logical() -> None:
    assert 1 <= machine.physical_cores() <= machine.logical_cores()
    assert len(machine.machine_id()) == 16 and machine.machine_id() == machine.machine_id()
