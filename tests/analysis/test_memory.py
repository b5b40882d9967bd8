"""What large pictures took goes back to the system, whichever thread had it."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

PROGRAM = """
import os, sys, threading
from pathlib import Path
import numpy as np
from desktop.memory import give_back
if sys.argv[1] == "give back":
    give_back()
def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
barrier = threading.Barrier(4)
def look():
    for size in (20, 6, 18, 12, 20, 16, 8):
        pixels = np.ones(size * 1_000_000, np.uint8)
        documents.append(bytes(100_000))  # small ones that stay lie between them
        barrier.wait()
        del pixels
    barrier.wait()
    if threading.current_thread() is threads[0]:
        print(held() - before)
    barrier.wait()
documents = []
before = held()
threads = [threading.Thread(target=look) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def held_after(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    return float(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_memory_of_large_pictures_goes_back() -> None:
    if (kept := held_after("as it is")) < 40:
        pytest.skip("this C library keeps nothing")
    assert held_after("give back") < min(20, kept / 3)


REPEATED = """
import resource, sys, threading
import numpy as np
from desktop.memory import give_back
if sys.argv[1] == "give back":
    give_back()
def look():
    for _ in range(300):
        np.ones(3_000_000, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
thread = threading.Thread(target=look)
thread.start()
thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_ordinary_arrays_do_not_go_to_and_fro() -> None:
    """Each time that memory goes back and comes again the system clears its pages: 3 MB are some 730 of 4 kB."""
    done = subprocess.run([sys.executable, "-c", REPEATED, "give back"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    assert int(done.stdout) < 10 * 730, "of 300 arrays each had to be brought anew"
