"""A conversion that is killed leaves no output, and the next one succeeds."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import convert
from models.cards import check_files, load_card
from models.errors import ConversionError

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


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_moment(checkpoint: Any, tmp_path: Path, seed: int) -> None:
    out = tmp_path / "experts" / "tiny"
    process = start(checkpoint(), out, 0.01)
    assert process.stdout is not None
    with process:
        process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, 3))
        process.kill()
    if out.exists():
        check_files(out, load_card(out))
    else:
        finish(checkpoint(), out)


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
