"""The one client for worker processes: starts, talks to, times out and kills them; works frozen and on Windows.

A worker is this same program started with a hidden command (``--worker NAME``), so that the command line is dispatched before any heavy
import. It reads frames on standard input and writes frames on standard output. Its standard error is captured, capped and never shown
raw. A reader thread per worker hands frames over through a bounded inbox, so that every wait has a time limit and can be cancelled.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO, BinaryIO, cast

from desktop.workers import spawn
from desktop.workers.frames import Admit, Caps, EndOfStream, Frame, Header, Payload, read_frame, write_frame
from desktop.workers.inbox import Inbox, Item
from models.errors import Cancelled, WorkerError

_STDERR_CAP = 64 * 1024
_POLL_S = 0.05


def worker_command(name: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command line that starts worker ``name`` of this very program, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", name, *arguments]
    # -P and -s: nothing from the current folder or the user's site-packages can slip into a worker.
    return [sys.executable, "-P", "-s", "-m", "desktop", "--worker", name, *arguments]


class WorkerClient:
    """One running worker process. Not for use by several threads at once, except ``kill``, which any thread may call."""

    def __init__(self, name: str, arguments: Sequence[str] = (), *, caps: Caps | None = None,
                 environment: Mapping[str, str] | None = None, admit: Admit | None = None, stderr_limit: int | None = None) -> None:
        """Start worker ``name``. Raises WorkerError ``worker-start`` when the process cannot be created.

        ``admit`` judges a frame by its header and announced length before its payload is read (see ``read_frame``). A worker that
        writes more than ``stderr_limit`` bytes of standard error is ended; None means that the excess is only dropped.
        """
        self.name = name
        self._caps = caps or Caps()
        self._admit = admit
        self._inbox = Inbox(self._caps.payload)
        self._stderr: deque[bytes] = deque()
        self._stderr_size = 0
        self._stderr_limit = stderr_limit
        self._killed = False
        self._babbled = False
        try:
            self._process = spawn.start(worker_command(name, arguments), _worker_environment(environment or {}))
        except OSError as error:
            raise WorkerError("worker-start", f"the {name} process cannot be started: {error.strerror}") from None
        self._threads = [
            threading.Thread(target=self._read_frames, name=f"{name}-frames", daemon=True),
            threading.Thread(target=self._read_stderr, name=f"{name}-stderr", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def returncode(self) -> int | None:
        """Exit status of the ended process (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    @property
    def diagnostics(self) -> str:
        """The end of the worker's standard error, control characters removed; for ``doctor -v`` and logs, never for a report."""
        text = b"".join(self._stderr).decode("utf-8", "replace")
        return "".join(c for c in text if c == "\n" or c.isprintable())

    def send(self, header: Header, payload: Payload = b"", *, timeout: float | None = None,
             cancelled: Callable[[], bool] | None = None) -> None:
        """Send one frame. Raises WorkerError with the reason of death when the worker is gone.

        With ``timeout`` or ``cancelled`` a worker that does not read is killed in the end: WorkerError ``worker-timeout`` or Cancelled.
        """
        if timeout is None and cancelled is None:
            failed = not self._write(header, payload)
        else:
            failed = not self._write_within(header, payload, timeout, cancelled)
        if failed:
            raise self._death()

    def receive(self, timeout: float | None = None, cancelled: Callable[[], bool] | None = None) -> Frame:
        """The next frame.

        Raises WorkerError ``worker-timeout`` after ``timeout`` seconds, ``worker-protocol`` for a broken frame, ``worker-crashed`` /
        ``worker-killed`` / ``worker-exited`` when the process ended, and Cancelled as soon as ``cancelled()`` is true. On a time-out or a
        broken frame the worker is killed: it can no longer be trusted to be in step.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            if cancelled is not None and cancelled():
                raise Cancelled()
            wait = _POLL_S if cancelled is not None else 1.0
            if deadline is not None:
                wait = min(wait, deadline - time.monotonic())
                if wait <= 0:
                    self.kill()
                    raise WorkerError("worker-timeout", f"the {self.name} process took longer than {timeout:.0f} s and was stopped")
            item = self._inbox.get(wait)
            if item is None:
                continue
            if isinstance(item, Frame):
                return item
            if isinstance(item, WorkerError):
                self.kill()
                raise item
            raise self._death()

    def kill(self) -> None:
        """End the worker and whatever it started, now. Safe to call from any thread and more than once."""
        self._killed = True
        self._signal_end()
        self._reap()

    def close(self, grace: float = 2.0) -> None:
        """Close the worker's input, give it ``grace`` seconds to end, then kill it."""
        with contextlib.suppress(OSError, ValueError):
            cast(IO[bytes], self._process.stdin).close()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reap()

    def __enter__(self) -> "WorkerClient":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _signal_end(self) -> None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            elif self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _write(self, header: Header, payload: Payload) -> bool:
        """Whether the frame could be written whole."""
        try:
            write_frame(cast(BinaryIO, self._process.stdin), header, payload)
        except (OSError, ValueError):
            return False
        return True

    def _write_within(self, header: Header, payload: Payload, timeout: float | None,
                      cancelled: Callable[[], bool] | None) -> bool:
        """Write from a thread of its own, because a full pipe blocks and only the end of the reader unblocks it."""
        done: list[bool] = []
        thread = threading.Thread(target=lambda: done.append(self._write(header, payload)), name=f"{self.name}-send", daemon=True)
        deadline = None if timeout is None else time.monotonic() + timeout
        thread.start()
        while thread.is_alive():
            thread.join(_POLL_S)
            if not thread.is_alive():
                break
            if cancelled is not None and cancelled():
                self.kill()
                raise Cancelled()
            if deadline is not None and time.monotonic() > deadline:
                self.kill()
                raise WorkerError("worker-timeout", f"the {self.name} process did not take its work within {timeout:.0f} s and was stopped")
        return done == [True]

    def _reap(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        self._inbox.close()  # a reader may be blocked handing over a frame that nobody will take any more
        if self._process.poll() is None:
            return
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(1.0)
        streams = [self._process.stdin]
        if not any(thread.is_alive() for thread in self._threads):
            streams += [self._process.stdout, self._process.stderr]
        for stream in streams:
            with contextlib.suppress(OSError, ValueError):
                cast(IO[bytes], stream).close()

    def _death(self) -> WorkerError:
        """Why the process ended, as an error with a code."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        code, killed = self._process.returncode, self._killed
        self.kill()
        if self._babbled:
            return WorkerError("worker-protocol", f"the {self.name} process wrote endlessly to its log and was stopped")
        if code is None:
            return WorkerError("worker-protocol", f"the {self.name} process closed its output but did not end")
        if code in (-signal.SIGTERM, -9) or (killed and sys.platform == "win32"):  # a signal of its own it had before ours
            return WorkerError("worker-killed", f"the {self.name} process was ended from outside (or by a lack of memory)")
        if code < 0:
            return WorkerError("worker-crashed", f"the {self.name} process crashed ({_signal_name(-code)})")
        if code == 0:
            return WorkerError("worker-exited", f"the {self.name} process ended before it answered")
        return WorkerError("worker-crashed", f"the {self.name} process failed (exit status {code})")

    def _read_frames(self) -> None:
        stream = cast(BinaryIO, self._process.stdout)
        while True:
            try:
                item: Item = read_frame(stream, self._caps, self._admit)
            except WorkerError as error:
                item = error
            except (OSError, ValueError):
                item = EndOfStream()
            self._inbox.put(item)
            if not isinstance(item, Frame):
                return

    def _read_stderr(self) -> None:
        stream = cast(IO[bytes], self._process.stderr)
        total = 0
        with contextlib.suppress(OSError, ValueError):
            while block := os.read(stream.fileno(), 65536):
                total += len(block)
                self._stderr.append(block)
                self._stderr_size += len(block)
                while self._stderr_size > _STDERR_CAP and len(self._stderr) > 1:
                    self._stderr_size -= len(self._stderr.popleft())
                if self._stderr_limit is not None and total > self._stderr_limit and not self._babbled:
                    self._babbled = True
                    self._signal_end()


def _worker_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """A worker sees what it needs to run and nothing of the user's proxies, tokens or Python settings."""
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV",
            "LLAMA_CPP_LIB_PATH", "CUDA_VISIBLE_DEVICES", "PYTHONPATH", "COVERAGE_PROCESS_START")
    environment = {key: os.environ[key] for key in keep if key in os.environ}
    environment.update({"PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1", "HF_HUB_OFFLINE": "1"})
    environment.update(extra)
    return environment


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
