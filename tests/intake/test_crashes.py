"""Deaths of the intake worker in the middle of a file cost that file only."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.intake import Exhibit, Intake, Limits
from models.errors import Cancelled, InputError
from tests.intake.pictures import colours, saved

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the drills use signals and look into /proc")
GOOD = saved(colours(), "PNG")
LARGE = saved(colours(2500, 2500), "PNG", compress_level=1)  # more than a pipe holds, and a second of work


FAR = 120.0
"""Seconds: longer than anything takes on a busy machine."""


def stopped_spare(intake: Intake) -> int:
    """The process id of the spare, stopped once it is ready, so that the next file is certainly in its hands."""
    spare = intake._spare
    assert spare is not None
    while "R" in Path(f"/proc/{spare.pid}/stat").read_text().split() or not _waits(spare.pid):
        time.sleep(0.02)
    os.kill(spare.pid, signal.SIGSTOP)
    return spare.pid


def _waits(pid: int) -> bool:
    return "pipe" in Path(f"/proc/{pid}/wchan").read_text() or Path(f"/proc/{pid}/syscall").read_text().startswith("0 ")


def in_its_hands(pid: int) -> None:
    """Wait until the stopped process has been sent as much of a file as its pipe holds."""
    while _unread(pid) < 4096:
        time.sleep(0.02)


def _unread(pid: int) -> int:
    """Bytes in the pipes that a process reads from."""
    import fcntl
    import termios

    found = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if link.readlink().name.startswith("pipe:"):
            descriptor = os.open(link, os.O_RDONLY | os.O_NONBLOCK)
            try:
                found += int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)
            finally:
                os.close(descriptor)
    return found


def in_background(work: Callable[[], Exhibit]) -> "Future[Exhibit]":
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return future


@pytest.mark.parametrize(("number", "code"), [
    (signal.SIGKILL, "intake-killed"), (signal.SIGSEGV, "intake-crashed"), (signal.SIGABRT, "intake-crashed"),
    (signal.SIGBUS, "intake-crashed"), (signal.SIGTERM, "intake-killed"),
])
def test_a_death_in_the_middle_of_a_file_costs_that_file(number: signal.Signals, code: str) -> None:
    with Intake() as intake:
        pid = stopped_spare(intake)
        future = in_background(lambda: intake.read(LARGE))
        in_its_hands(pid)
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)
        with pytest.raises(InputError) as caught:
            future.result(FAR)
        assert caught.value.code == code
        assert intake.read(GOOD).rgb.shape == (37, 53, 3)
        assert intake.read(LARGE).rgb.shape == (2500, 2500, 3)


def test_a_spare_that_dies_while_it_waits_costs_nothing() -> None:
    with Intake() as intake:
        for number in (signal.SIGKILL, signal.SIGSEGV):
            spare = intake._spare
            assert spare is not None
            os.kill(spare.pid, number)
            while spare.alive:
                time.sleep(0.01)
            assert intake.read(GOOD).rgb.shape == (37, 53, 3)


def test_a_hanging_worker_costs_its_time_limit() -> None:
    with Intake(Limits(wall_seconds=4.0)) as intake:  # a busy machine reads the second file in that too
        stopped_spare(intake)
        with pytest.raises(InputError) as caught:
            intake.read(LARGE)
        assert caught.value.code == "intake-timeout"
        assert intake.read(GOOD).rgb.shape == (37, 53, 3)


def test_reading_can_be_cancelled_at_once() -> None:
    with Intake() as intake:
        stopped_spare(intake)
        flag = threading.Event()
        threading.Timer(0.3, flag.set).start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            intake.read(LARGE, cancelled=flag.is_set)
        assert time.monotonic() - started < 60  # the limit is 120
        assert intake.read(GOOD).rgb.shape == (37, 53, 3)


def test_closing_ends_a_read_and_leaves_no_process() -> None:
    intake = Intake()
    pid = stopped_spare(intake)
    future = in_background(lambda: intake.read(LARGE))
    in_its_hands(pid)
    intake.close()
    with pytest.raises(Cancelled):
        future.result(FAR)
    assert not Path(f"/proc/{pid}").exists()
    assert intake._spare is None


def test_every_file_gets_a_process_of_its_own() -> None:
    with Intake() as intake:
        seen = set()
        for _ in range(3):
            assert intake._spare is not None
            seen.add(intake._spare.pid)
            intake.read(GOOD)
        assert len(seen) == 3
        spare = intake._spare
    assert spare is not None
    assert not spare.alive


def test_the_spare_survives_the_thread_that_read() -> None:
    with Intake() as intake:
        in_background(lambda: intake.read(GOOD)).result(FAR)
        time.sleep(0.3)
        spare = intake._spare
        assert spare is not None
        assert spare.alive


def test_the_worker_is_confined_and_sealed_before_it_sees_the_file() -> None:
    with Intake() as intake:
        pid = stopped_spare(intake)
        status = Path(f"/proc/{pid}/status").read_text()
        os.kill(pid, signal.SIGCONT)
        exhibit = intake.read(GOOD)
    if exhibit.network_block != "kernel":
        pytest.skip(f"this kernel gives {exhibit.network_block}")
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    assert lines["Seccomp"].strip() == "2"
    assert lines["NoNewPrivs"].strip() == "1"
    assert int(lines["Seccomp_filters"]) >= 2
