"""A conversion that is killed leaves no output, and the next one succeeds."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import convert
from models.cards import check_files, load_card
from models.errors import ConversionError
from tests.convert.test_conversion import digests

PROGRAM = """
import sys, time
from pathlib import Path
import convert
def slow(step):
    print(step.stage, flush=True)
    time.sleep(float(sys.argv[3]))
convert.convert(Path(sys.argv[1]), Path(sys.argv[2]), convert.Options(language_type="Q4_K_M"), progress=slow)
"""


def start(checkpoint: Path, out: Path, pause: float) -> "subprocess.Popen[str]":
    """A conversion in a process of its own that rests `pause` seconds after every step."""
    command = [sys.executable, "-c", PROGRAM, str(checkpoint), str(out), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def finish(checkpoint: Path, out: Path) -> None:
    """A rerun gives a whole expert and nothing beside it."""
    convert.convert(checkpoint, out, convert.Options(reference=False))
    check_files(out, load_card(out))
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize("stage", ["projector", "language", "reference", "finish"])
def test_killed_in_a_stage(checkpoint: Any, tmp_path: Path, stage: str) -> None:
    out = tmp_path / "experts" / "tiny"
    process = start(checkpoint(), out, 0.02)
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if line.strip() == stage:
                break
        process.kill()
    assert not out.exists()
    finish(checkpoint(), out)


def command(checkpoint: Path, out: Path) -> "subprocess.Popen[str]":
    """The command itself, as a person starts it."""
    arguments = [sys.executable, "-m", "desktop", "convert", str(checkpoint), "--out", str(out)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def seconds_until(there: Callable[[], bool]) -> float:
    """Wait for something; how long it took."""
    started = time.monotonic()
    while not there():
        assert time.monotonic() < started + 120
        time.sleep(0.002)
    return time.monotonic() - started


@pytest.mark.long
def test_command_killed_at_twenty_moments(checkpoint: Any, tmp_path: Path) -> None:
    """Ten random moments of the whole run, and ten of the time in which files are written (starting Python is most of a small run)."""
    whole = tmp_path / "whole" / "tiny"
    with command(checkpoint(), whole) as process:
        starts = seconds_until(whole.parent.exists)
        writes = seconds_until(whole.exists)
        assert process.wait(120) == 0
    wanted = digests(whole)
    unfinished = under_way = 0
    for number in range(20):
        out = tmp_path / str(number) / "tiny"
        moment = random.Random(number).random()
        with command(checkpoint(), out) as process:
            if number % 2:
                seconds_until(out.parent.exists)
                time.sleep(moment * 0.9 * writes)
            else:
                time.sleep(moment * (starts + writes))
            process.kill()
        under_way += out.parent.exists() and any(path.name != out.name for path in out.parent.iterdir())
        if not out.exists():
            unfinished += 1
            with command(checkpoint(), out) as process:
                assert process.wait(120) == 0
        check_files(out, load_card(out))
        assert digests(out) == wanted
        assert [path.name for path in out.parent.iterdir()] == [out.name]
    print(f"{unfinished} of 20 kills came before the end, {under_way} of them while files were being written")
    assert unfinished >= 5  # of ten to twenty, when the machine is as busy as it was for the first run
    assert under_way >= 3


def test_command_never_touches_what_is_there(checkpoint: Any, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    with command(checkpoint(), out) as process:
        _, error = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "output-exists" in error
    assert {path.name: path.read_text() for path in out.iterdir()} == {"notes.txt": "mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_two_conversions_to_one_output(checkpoint: Any, tmp_path: Path) -> None:
    out = tmp_path / "tiny"
    process = start(checkpoint(), out, 0.05)
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            if line.strip() == "projector":
                break
        with pytest.raises(ConversionError) as caught:
            convert.convert(checkpoint(), out)
        assert caught.value.code == "output-busy"
        for _ in process.stdout:
            pass
        assert process.wait(60) == 0
    check_files(out, load_card(out))
