"""kill -9 in the middle of a batch: what was reported as done is there, the rest is finished on resume, nothing is done twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop.cases import Case
from samples.cases import work

ROOT = Path(__file__).parents[2]
BATCH = """
import random, sys, time
from contextlib import contextmanager
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from desktop import document
from desktop.cases import Case
from desktop.commands.pending import Analysing, run_pending
from samples.cases import made, picture
case = Case.open(Path(sys.argv[2]))
for number in range(int(sys.argv[3])):
    exhibit = case.add(picture(number), name=f"{number}.jpg")
    print("added", exhibit.sha256, flush=True)
def analyse(data, name, show, cancelled):
    time.sleep(random.uniform(0, 0.004))
    return made(data, name)
@contextmanager
def four(wish, pictures):
    yield Analysing(analyse, 4)
run_pending(case, four, lambda: False, lambda pending, entry: print("done", pending.sha256, flush=True))
"""


def kill_once(folder: Path, pictures: int, after: float) -> tuple[set[str], set[str]]:
    """Start the batch, kill it ``after`` seconds past its first word; what it reported as (added, done)."""
    command = [sys.executable, "-c", BATCH, str(ROOT), str(folder), str(pictures)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
    words = [line.split() for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 64]
    return {w[1] for w in words if w[0] == "added"}, {w[1] for w in words if w[0] == "done"}


def survive(folder: Path, pictures: int, kills: int, longest: float, seed: int) -> None:
    moments = random.Random(seed)
    Case.create(folder).close()
    for _ in range(kills):
        added, done = kill_once(folder, pictures, moments.uniform(0, longest))
        with Case.open(folder) as case:
            assert case.check().ok
            present = {exhibit.sha256: exhibit.state for exhibit in case.exhibits()}
            assert added <= set(present)
            assert all(present[sha256] == "done" for sha256 in done)
            assert case.count(state="done") + case.count(state="pending") == case.count()
        if len(present) == pictures and set(present.values()) == {"done"}:
            folder = folder.with_name(folder.name + "+")  # all done: the next kills get a new batch
            Case.create(folder).close()
    with Case.open(folder) as case:
        from samples.cases import picture

        for number in range(pictures):
            case.add(picture(number))
        work(case)
        assert case.count(state="done") == pictures and case.pending() == []
        assert case.rows("SELECT count(*), count(DISTINCT exhibit) FROM analysis") == [(pictures, pictures)]
        assert case.check().ok


def test_a_killed_batch_loses_nothing(tmp_path: Path) -> None:
    survive(tmp_path / "case", pictures=40, kills=6, longest=0.5, seed=1)


@pytest.mark.long
def test_200_kills_of_a_batch_of_300(tmp_path: Path) -> None:
    survive(tmp_path / "case", pictures=300, kills=200, longest=1.5, seed=2)
