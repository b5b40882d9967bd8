"""Whatever a worker does, its client stays in control: codes, time limits, bounded memory, no orphan."""

import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.workers.client import WorkerClient
from desktop.workers.frames import Caps
from models.errors import Cancelled, WorkerError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the drills use signals")
Start = Callable[..., WorkerClient]
FAR = 120.0
"""Longer than anything takes on a busy machine."""
WHOLE = 600
"""As long as a worker here sleeps: one that is stopped costs a small part of that."""


def code_of(client: WorkerClient, timeout: float = FAR) -> str:
    with pytest.raises(WorkerError) as caught:
        client.receive(timeout)
    return caught.value.code


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie counts)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in {"Z", "X"}
    except OSError:
        return True


def wait_until(condition: Callable[[], bool], seconds: float = FAR) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_frames_go_there_and_back(worker: Start) -> None:
    client = worker("while True:\n  f = receive()\n  send({'n': f.header['n'] + 1}, f.payload[::-1])\n")
    for number in range(5):
        client.send({"n": number}, b"abc" * number)
        frame = client.receive(FAR)
        assert (frame.header, frame.payload) == ({"n": number + 1}, b"cba" * number)


@pytest.mark.parametrize(("ending", "code"), [
    ("os.kill(os.getpid(), signal.SIGSEGV)", "worker-crashed"), ("os.abort()", "worker-crashed"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "worker-killed"), ("os._exit(0)", "worker-exited"), ("os._exit(7)", "worker-crashed"),
    ("raise MemoryError", "worker-crashed"),
])
def test_every_death_has_its_code(worker: Start, ending: str, code: str) -> None:
    client = worker("receive()\n" + ending)
    client.send({})
    assert code_of(client) == code
    with pytest.raises(WorkerError):
        client.send({}, bytes(1 << 20))


def test_frames_sent_before_a_death_are_still_received(worker: Start) -> None:
    client = worker("send({'n': 1}); send({'n': 2}); os._exit(0)")
    assert wait_until(lambda: not client.alive)
    assert [client.receive(FAR).header["n"] for _ in range(2)] == [1, 2]
    assert code_of(client) == "worker-exited"


def test_a_silent_worker_is_stopped_in_time(worker: Start) -> None:
    client = worker("time.sleep(600)")
    started = time.monotonic()
    assert code_of(client, 0.3) == "worker-timeout"
    assert time.monotonic() - started < WHOLE / 10
    assert not client.alive


def test_a_worker_that_ignores_signals_is_stopped_all_the_same(worker: Start) -> None:
    client = worker("for s in (15, 2, 1, 14): signal.signal(s, signal.SIG_IGN)\nsend({})\ntime.sleep(600)")
    client.receive(FAR)
    client.close(grace=0.2)
    assert not client.alive


def test_a_worker_that_never_reads_cannot_hold_the_sender(worker: Start) -> None:
    client = worker("time.sleep(600)")
    started = time.monotonic()
    with pytest.raises(WorkerError) as caught:
        client.send({}, bytes(64 << 20), timeout=0.5)
    assert caught.value.code == "worker-timeout"
    assert time.monotonic() - started < WHOLE / 10
    assert not client.alive


def test_sending_can_be_cancelled(worker: Start) -> None:
    client = worker("time.sleep(600)")
    flag = threading.Event()
    threading.Timer(0.2, flag.set).start()
    with pytest.raises(Cancelled):
        client.send({}, bytes(64 << 20), cancelled=flag.is_set)


def test_waiting_can_be_cancelled(worker: Start) -> None:
    client = worker("time.sleep(600)")
    flag = threading.Event()
    threading.Timer(0.2, flag.set).start()
    with pytest.raises(Cancelled):
        client.receive(None, flag.is_set)
    assert client.alive


def test_another_thread_may_kill(worker: Start) -> None:
    client = worker("time.sleep(600)")
    threading.Timer(0.2, client.kill).start()
    assert code_of(client) == "worker-killed"


@pytest.mark.parametrize("lie", [
    "raw(b'rubbish' * 100)", "raw(struct.pack('<IQ', 5, 0) + b'[1,2]')", "raw(struct.pack('<IQ', 3, 0) + b'{!}')",
    "raw(struct.pack('<IQ', 2, 1 << 62) + b'{}')", "raw(struct.pack('<IQ', 0xffffffff, 0))",
    "raw(struct.pack('<IQ', 2, 100) + b'{}' + bytes(50)); sink.close(); os.close(1)", "print('a library prints', flush=True)",
])
def test_a_broken_frame_ends_the_worker(worker: Start, lie: str) -> None:
    client = worker(lie + "\ntime.sleep(600)", caps=Caps(header=1 << 16, payload=1 << 20))
    assert code_of(client) == "worker-protocol"
    assert not client.alive


def test_a_worker_cannot_fill_the_memory_of_its_client(worker: Start) -> None:
    client = worker("block = bytes(8 << 20)\nwhile True:\n  send({}, block)", caps=Caps(payload=8 << 20))
    client.receive(FAR)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    time.sleep(1.0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB
    client.kill()
    assert not client.alive


def test_endless_log_output_is_capped(worker: Start) -> None:
    client = worker("while True:\n  os.write(2, b'\\x1b[31m noise ' * 1000)")
    time.sleep(0.5)
    assert len(client.diagnostics) < 1 << 18
    assert "\x1b" not in client.diagnostics
    assert code_of(client, 0.2) == "worker-timeout"


def test_endless_log_output_can_end_the_worker(worker: Start) -> None:
    client = worker("while True:\n  os.write(2, b'noise' * 1000)", stderr_limit=1 << 20)
    assert code_of(client) == "worker-protocol"


def test_a_worker_outlives_the_thread_that_started_it(worker: Start) -> None:
    made: list[WorkerClient] = []
    script = "import ctypes\nctypes.CDLL(None).prctl(1, 9, 0, 0, 0)\nsend({})\nwhile True:\n  send({'echo': receive().header})"
    thread = threading.Thread(target=lambda: made.append(worker(script)))
    thread.start()
    thread.join()
    made[0].receive(FAR)
    time.sleep(0.2)
    made[0].send({"n": 1})
    assert made[0].receive(FAR).header == {"echo": {"n": 1}}


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_a_confined_worker_dies_with_the_application() -> None:
    script = (
        "import sys, time, desktop.workers.client as c\n"
        "c.worker_command = lambda n, a=(): [sys.executable, '-c', 'from desktop.workers.confine import confine\\n"
        "confine(readable=None)\\nimport time, sys\\nsys.stdout.buffer.write(bytes([2,0,0,0,0,0,0,0,0,0,0,0]) + b\"{}\")\\n"
        "sys.stdout.flush()\\ntime.sleep(600)']\n"
        "w = c.WorkerClient('drill')\nw.receive(120)\nprint(w.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as application:
        assert application.stdout is not None
        pid = int(application.stdout.readline())
        assert not gone(pid)
        application.send_signal(signal.SIGKILL)
    assert wait_until(lambda: gone(pid))


def test_nothing_is_left_open(worker: Start) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0

    worker("send({})").receive(FAR)
    before, threads = descriptors(), threading.active_count()
    for _ in range(5):
        client = worker("send({}); time.sleep(600)")
        client.receive(FAR)
        client.kill()
    assert descriptors() <= before
    assert threading.active_count() <= threads


def test_the_environment_of_a_worker_is_short(worker: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("HF_TOKEN", "secret")
    client = worker("send({'names': sorted(os.environ)})")
    names = client.receive(FAR).header["names"]
    assert not {"HTTPS_PROXY", "HF_TOKEN"} & set(names)
