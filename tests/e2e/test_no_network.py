"""No byte leaves the machine: the kernel's own record of a complete analysis, with files that ask to be fetched about.

``strace`` writes down every socket, connection and program of ``telltale analyze`` and of its workers. Allowed are local sockets, the two
attempts by which a worker proves that it is refused (EPERM), and starting our own workers.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples.files import jpeg, saved, signed, signer, xmp
from tests.conftest import PICTURES
from tests.intake import hostile

PICTURE = PICTURES / "real-chelsea.jpg"
BEACON = "http://192.0.2.1/manifest.c2pa"  # TEST-NET-1, RFC 5737
CALLS = "socket,connect,sendto,sendmsg,sendmmsg,bind,listen,execve,execveat"
_ADDRESSED = {"connect", "sendto", "sendmsg", "sendmmsg", "bind", "listen"}
LINE = re.compile(r"^(\d+)\s+(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")


def strace_works() -> bool:
    if sys.platform != "linux" or shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not strace_works(), reason="needs strace and the right to trace (Linux)")


@dataclass(frozen=True)
class Trace:
    """What a traced run did."""

    done: "subprocess.CompletedProcess[str]"
    calls: tuple[tuple[int, str, str], ...]
    """Process or thread, system call, and the rest of the line."""

    def internet(self) -> list[tuple[int, str, str]]:
        """Calls that concern the network beyond this machine, but for refused attempts."""
        found = []
        for call in self.calls:
            _, name, rest = call
            far = name == "socket" and not rest.startswith(("AF_UNIX", "AF_NETLINK"))
            far = far or (name in _ADDRESSED and ("sin_addr" in rest or "sin6_addr" in rest or "AF_INET" in rest))
            if far and "= -1 EPERM" not in rest:
                found.append(call)
        return found

    def refused_attempts(self) -> int:
        return sum(name == "socket" and rest.startswith("AF_INET") and "= -1 EPERM" in rest for _, name, rest in self.calls)

    def programs(self) -> list[str]:
        """Successful starts of programs after the first, which is the command itself."""
        return [rest for _, name, rest in self.calls if name.startswith("execve") and "= -1" not in rest][1:]

    def workers(self) -> list[str]:
        found = (re.search(r'"--worker", "(\w+)"', program) for program in self.programs())
        return sorted({match.group(1) for match in found if match})


def traced(tmp_path: Path, command: list[str], timeout: float = 300) -> Trace:
    log = tmp_path / "strace.log"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-s", "4096", "-v", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(log), *command],
        capture_output=True, text=True, timeout=timeout, check=False,
    )
    return Trace(done, tuple(_calls(log.read_text(errors="replace"))))


def _calls(log: str) -> Iterator[tuple[int, str, str]]:
    """Whole calls: what strace began on one line and ended on a later one, because another thread came between, is put together."""
    begun: dict[int, str] = {}
    for line in log.splitlines():
        if match := LINE.match(line):
            thread, rest = int(match[1]), match[3]
            if "<unfinished ...>" in rest:
                begun[thread] = rest.partition("<unfinished ...>")[0]
            else:
                yield thread, match[2], begun.pop(thread, "") + rest if " resumed>" in line else rest


def test_a_call_on_two_lines_is_one() -> None:
    log = '7 execve("/bin/a", ["a"] <unfinished ...>\n8 socket(AF_UNIX) = 3\n7 <... execve resumed>) = 0\n'
    assert list(_calls(log)) == [(8, "socket", "AF_UNIX) = 3"), (7, "execve", '"/bin/a", ["a"] ) = 0')]


def foreign(trace: Trace) -> list[str]:
    """Programs other than our workers that were started, shortened so that a failure can be read; there have to be workers."""
    start = f'"{sys.executable}", ["{sys.executable}", "-P", "-s", "-m", "desktop", "--worker", "'
    own = re.compile(re.escape(start) + "(intake|engine|views)")
    assert trace.workers()
    return [program[:200] for program in trace.programs() if not own.match(program)]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pictures that ask to be fetched about, pictures of every container, and files that other programs would be started for."""
    folder = tmp_path_factory.mktemp("inputs")
    who = signer()
    files = {
        "beacon-xmp.jpg": jpeg(xmp=xmp(attributes=f'dcterms:provenance="{BEACON}"')),
        "beacon-signed.jpg": signed(jpeg(), "image/jpeg", who, remote=BEACON, embed=False)[0],
        "beacon-both.jpg": signed(jpeg(), "image/jpeg", who, remote=BEACON)[0],
        "plain.webp": saved("WEBP"), "plain.avif": saved("AVIF"), "plain.tif": saved("TIFF"), "plain.gif": saved("GIF"),
        "drawing.png": hostile.SVG, "postscript.jpg": hostile.EPS, "page.jpg": b"<html><img src=http://192.0.2.1/></html>",
        "random.jpg": bytes(range(7, 256)) * 40, "cut.jpg": jpeg()[:2000], "film.jpg": b"\0\0\0\x18ftypmp42" + bytes(500),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [*(folder / name for name in files), PICTURE]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, inputs: list[Path]) -> Iterator[Trace]:
    folder = tmp_path_factory.mktemp("traced")
    data = folder / "data"
    command = [sys.executable, "-m", "desktop", "--data-dir", str(data), "analyze", *map(str, inputs), "--json", "--report",
               str(folder / "reports")]
    yield traced(folder, command)


def test_the_run_was_complete(run: Trace, inputs: list[Path]) -> None:
    assert run.done.returncode == 3, run.done.stderr  # some inputs are no pictures, and are told so
    documents = [json.loads(line) for line in run.done.stdout.splitlines()]
    assert len(documents) == len(inputs)
    by_name = {document.get("name") or document["exhibit"]["name"]: document for document in documents}
    for name in (*(name for name in by_name if name.startswith(("beacon", "plain"))), PICTURE.name):
        assert by_name[name]["schema"] == "telltale.analysis/1"
        assert by_name[name]["opinions"][0]["text"]
    for name in ("drawing.png", "postscript.jpg", "page.jpg", "random.jpg", "cut.jpg", "film.jpg"):
        assert by_name[name]["schema"] == "telltale.error/1"
    marks = {mark["id"]: mark["state"] for mark in by_name["beacon-xmp.jpg"]["marks"]}
    assert marks["c2pa-remote"] == "found"


def test_no_internet_socket_and_no_byte_sent(run: Trace) -> None:
    assert run.internet() == []


def test_the_trace_would_have_seen_it(run: Trace, tmp_path: Path) -> None:
    """The workers' own refused attempts are in the record, and so is a program that does open a socket."""
    assert run.refused_attempts() >= 4  # two families, in intake and engine at least
    script = ("import socket, subprocess; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('127.0.0.1', 9)); "
              "subprocess.run(['true'])")
    control = traced(tmp_path, [sys.executable, "-c", script])
    assert {name for _, name, _ in control.internet()} == {"socket", "sendto"}
    assert any("true" in program for program in control.programs())


def test_no_program_but_our_own_workers(run: Trace) -> None:
    assert foreign(run) == []
    assert {"intake", "engine"} <= set(run.workers())


def test_every_report_says_that_the_kernel_blocked_the_network(run: Trace) -> None:
    documents = [json.loads(line) for line in run.done.stdout.splitlines()]
    assert {document["run"]["network_block"] for document in documents if "run" in document} == {"kernel"}


WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop.gui.app import create_window
from desktop.gui.state import State
from desktop.gui.settings import Settings
application = QApplication(["telltale"])
window = create_window(chosen=Settings(language="en", native_dialogs=False))
window.show()
window.session.add_paths([Path(name) for name in sys.argv[1:]])
def look():
    states = [item.state for item in window.session.items.values()]
    if len(states) == len(sys.argv) - 1 and not {State.WAITING, State.RUNNING} & set(states):
        print([state.value for state in states])
        window.close()
        application.quit()
timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
application.exec()
"""


def test_the_window_is_as_silent_as_the_command(inputs: list[Path], tmp_path: Path) -> None:
    chosen = [str(path) for path in inputs if path.name in {"beacon-both.jpg", "page.jpg", PICTURE.name}]
    trace = traced(tmp_path, [sys.executable, "-c", WINDOW, *chosen])
    assert trace.done.stdout.count("done") == 2, (trace.done.stdout, trace.done.stderr)
    assert trace.internet() == []
    assert foreign(trace) == []
    assert trace.refused_attempts() >= 4
