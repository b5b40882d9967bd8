"""``telltale case add``, ``resume`` and ``evaluate`` with the real program: several pictures at a time give what one at a time gives."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.cases import Case
from tests.conftest import PICTURES, ROOT
from tests.e2e.test_main_job import telltale, without_times

NAMES = ("real-chelsea.jpg", "generated-progan-1.png", "painted-astronaut.jpg", "real-rocket.jpg", "generated-progan-7.png")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pictures and one that is none."""
    folder = tmp_path_factory.mktemp("inputs")
    for number, name in enumerate(NAMES):
        shutil.copy(PICTURES / name, folder / f"{number} {name}")
    (folder / "3 broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    return folder


def recorded(folder: Path) -> list[tuple[str, str, Any]]:
    """(name, kind, document without times) of everything that a case holds, in the order of recording."""
    with Case.open(folder, read_only=True) as case:
        assert case.check().ok
        found = [(entry, row.name) for row in case.exhibits() for entry in case.analyses(row.id)]
        found.sort(key=lambda pair: pair[0].id)
        return [(name, entry.kind, without_times(json.loads(case.document(entry.id)))) for entry, name in found]


@pytest.fixture(scope="module")
def alone(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, Any]]:
    """What one at a time gives."""
    case = tmp_path_factory.mktemp("alone") / "case"
    assert telltale("case", "new", case).returncode == 0
    done = telltale("case", "add", case, inputs, "--jobs", 1)
    assert done.returncode == 3, done.stderr
    return recorded(case)


def test_a_case_filled_by_several_at_a_time(inputs: Path, alone: list[tuple[str, str, Any]], tmp_path: Path) -> None:
    assert telltale("case", "new", tmp_path / "case").returncode == 0
    done = telltale("case", "add", tmp_path / "case", inputs, "--jobs", 3)
    assert done.returncode == 3 and done.stderr == "", done.stderr
    assert recorded(tmp_path / "case") == alone
    lines = done.stdout.splitlines()
    assert len(lines) == 6 and all(line.endswith(f" {name}") for line, (name, _, _) in zip(lines, alone, strict=True))
    assert [kind for _, kind, _ in alone].count("failure") == 1 and len(alone) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_that_is_stopped_in_the_middle_is_finished_on_resume(
    number: signal.Signals, inputs: Path, alone: list[tuple[str, str, Any]], tmp_path: Path,
) -> None:
    folder = tmp_path / "case"
    assert telltale("case", "new", folder).returncode == 0
    command = [sys.executable, "-m", "desktop", "case", "add", str(folder), str(inputs), "--jobs", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [process.stdout.readline()]
        process.send_signal(number)
        told += process.stdout.read().splitlines()
        process.wait(60)
    assert process.returncode in ((-signal.SIGKILL,) if number == signal.SIGKILL else (130, 3))  # it may have been done already
    kept = recorded(folder)
    assert len(kept) >= len(told) >= 1, "what was told is there"
    resumed = telltale("case", "resume", folder, "--jobs", 3)
    assert resumed.returncode in (0, 3), resumed.stderr
    key = lambda row: row[0]  # noqa: E731 - what was under way at the stop may be recorded after what was not
    assert sorted(recorded(folder), key=key) == sorted(alone, key=key)
    assert recorded(folder)[: len(kept)] == kept, "nothing was done again"


def test_an_evaluation_of_several_at_a_time(inputs: Path, tmp_path: Path) -> None:
    for path in inputs.iterdir():
        side = tmp_path / "set" / ("fake" if "progan" in path.name or "broken" in path.name else "real")
        side.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, side)
    results = [tmp_path / f"{jobs}.jsonl" for jobs in (1, 3)]
    runs = [telltale("evaluate", tmp_path / "set", "--explain", "--json", "--jobs", jobs, "--results", file)
            for jobs, file in zip((1, 3), results, strict=True)]
    assert [run.returncode for run in runs] == [3, 3], runs[1].stderr
    assert runs[0].stdout == runs[1].stdout and json.loads(runs[0].stdout)["counts"]["failed"] == 1
    assert results[0].read_bytes() == results[1].read_bytes() and len(results[0].read_bytes().splitlines()) == 7
