"""Starts worker processes from one thread that lives as long as the application.

Linux sends a worker its parent-death signal when the *thread* that started it ends, so a worker started from a short-lived thread (one
analysis of the window, say) would be killed with that thread.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

PARENT_VARIABLE = "TELLTALE_PARENT"
"""Environment variable with the process id of the application, so that a worker notices an application that died while it started."""

_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031  # Linux: a larger pipe means fewer switches between the two processes for tens of megabytes of pixels

_Job = tuple[Sequence[str], Mapping[str, str], "Future[subprocess.Popen[bytes]]"]
_lock = threading.Lock()
_jobs: "queue.SimpleQueue[_Job] | None" = None
_owner = 0


def start(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start ``command`` with three pipes, in a session of its own. Raises OSError when it cannot be started."""
    future: Future[subprocess.Popen[bytes]] = Future()
    _queue().put((command, {**environment, PARENT_VARIABLE: str(os.getpid())}, future))
    return future.result()


def _queue() -> "queue.SimpleQueue[_Job]":
    global _jobs, _owner
    with _lock:
        if _jobs is None or _owner != os.getpid():  # a fork does not take threads along
            _jobs, _owner = queue.SimpleQueue(), os.getpid()
            threading.Thread(target=_serve, args=(_jobs,), name="worker-spawner", daemon=True).start()
        return _jobs


def _serve(jobs: "queue.SimpleQueue[_Job]") -> None:
    while True:
        command, environment, future = jobs.get()
        try:
            future.set_result(_popen(command, environment))
        except BaseException as error:  # the thread that asked is the one to tell
            future.set_exception(error)
        del future


def _popen(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only: no console flashes up
    process = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=True, env=dict(environment),
        start_new_session=sys.platform != "win32", creationflags=flags,
    )
    if sys.platform == "linux":
        import fcntl

        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # a user may be over the limit for pipe memory; then the pipe keeps its size
                if stream is not None:
                    fcntl.fcntl(stream.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)
    return process
