"""Workers that misbehave on purpose."""

import sys
from collections.abc import Callable, Iterator, Sequence

import pytest

from desktop.workers import client as client_module
from desktop.workers.client import WorkerClient
from desktop.workers.frames import Caps

PREAMBLE = """
import os, signal, struct, sys, time
from desktop.workers.frames import Caps, read_frame, write_frame
source, sink = sys.stdin.buffer, sys.stdout.buffer
def receive():
    return read_frame(source, Caps())
def send(header, payload=b""):
    write_frame(sink, header, payload)
def raw(data):
    sink.write(data)
    sink.flush()
"""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., WorkerClient]]:
    """``worker(script, …)`` starts a client whose worker runs ``script`` instead of anything of ours."""
    started: list[WorkerClient] = []

    def start(script: str, *, caps: Caps | None = None, **more: object) -> WorkerClient:
        def command(_name: str, _arguments: Sequence[str] = ()) -> list[str]:
            return [sys.executable, "-P", "-s", "-c", PREAMBLE + script]

        monkeypatch.setattr(client_module, "worker_command", command)
        client = WorkerClient("drill", caps=caps, **more)  # type: ignore[arg-type]
        started.append(client)
        return client

    yield start
    for client in started:
        client.kill()
