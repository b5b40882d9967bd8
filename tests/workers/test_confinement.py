"""What a confined worker cannot do, proved by trying: every attempt is made by a real process after ``confine`` (and ``seal``)."""

import json
import os
import platform
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
                                reason="the kernel's confinement is Linux's")

ATTEMPTS = """
import ctypes, errno, json, os, socket, subprocess, sys, threading
from pathlib import Path
from desktop.workers.confine import confine, program_paths, seal
outside, free, sealed, port, unix = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "sealed", int(sys.argv[4]), sys.argv[5]
import mmap, resource, signal
held = os.open(outside / "held.jpg", os.O_RDONLY)
state = confine(readable=program_paths(), memory_limit=1 << 30)
if sealed:
    assert seal()
libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid()
results = {}

def attempt(name, function):
    try:
        value = function()
        results[name] = "done" if value is None else str(value)
    except OSError as error:
        results[name] = errno.errorcode.get(error.errno, "refused")
    except LookupError:  # a sealed process cannot even load the codec for names
        results[name] = "refused"
    except ValueError as error:  # resource's own words for EPERM
        results[name] = "EPERM" if "allowed" in str(error) else repr(error)

def call(*arguments):
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    value = libc.syscall(*converted)
    if value < 0:
        raise OSError(ctypes.get_errno(), "")

def child(pid):
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)

def threads():
    done = []
    thread = threading.Thread(target=lambda: done.append(1))
    thread.start()
    thread.join()
    return None if done else "no"

x86 = os.uname().machine == "x86_64"
attempt("thread", threads)
attempt("socket-inet", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close())
attempt("socket-inet-udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close())
attempt("socket-inet6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close())
attempt("socket-netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close())
attempt("socket-packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close())
attempt("connect-unix", lambda: socket.socket(socket.AF_UNIX).connect(unix))
attempt("name-lookup", lambda: socket.getaddrinfo("example.org", 80) and None)
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("subprocess", lambda: subprocess.run(["/bin/true"]) and None)
attempt("fork", lambda: child(os.fork()))
attempt("clone3", lambda: call(435, None, 0))
attempt("memfd-exec", lambda: call(322 if x86 else 281, os.memfd_create("x"), b"", None, None, 0x1000))
attempt("kill-parent", lambda: os.kill(parent, 0))
attempt("kill-everything", lambda: os.kill(-1, 0))
attempt("kill-group", lambda: os.killpg(os.getpgid(parent), 0))
attempt("tgkill-parent", lambda: call(234 if x86 else 131, parent, parent, 0))
attempt("pidfd-signal", lambda: call(424, os.pidfd_open(parent), 0, None, 0))
attempt("ptrace-parent", lambda: call(101 if x86 else 117, 16, parent, None, None))
attempt("read-memory-of-parent", lambda: call(310 if x86 else 270, parent, None, 0, None, 0, 0))
attempt("limits-of-parent", lambda: resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1)) and None)
attempt("limits-of-self", lambda: resource.getrlimit(resource.RLIMIT_AS) and None)
attempt("read-exhibit", lambda: (outside / "exhibit.jpg").read_bytes() and None)
attempt("list-exhibits", lambda: os.listdir(outside) and None)
attempt("read-passwords", lambda: Path("/etc/passwd").read_bytes() and None)
attempt("read-home", lambda: os.listdir(Path.home()) and None)
attempt("read-parent-memory-file", lambda: open(f"/proc/{parent}/mem", "rb").read(1) and None)
attempt("write-exhibit", lambda: (outside / "exhibit.jpg").open("r+b").close())
attempt("append-exhibit", lambda: (outside / "exhibit.jpg").open("ab").close())
attempt("truncate-exhibit", lambda: os.truncate(outside / "exhibit.jpg", 0))
attempt("delete-exhibit", lambda: os.unlink(outside / "exhibit.jpg"))
attempt("rename-exhibit", lambda: os.rename(outside / "exhibit.jpg", outside / "other.jpg"))
attempt("link-exhibit", lambda: os.link(outside / "exhibit.jpg", free / "link.jpg"))
attempt("symlink", lambda: os.symlink(outside / "exhibit.jpg", free / "link.jpg"))
attempt("create", lambda: (free / "new").write_bytes(b"x") and None)
attempt("make-folder", lambda: os.mkdir(free / "folder"))
attempt("make-pipe", lambda: os.mkfifo(free / "pipe"))
attempt("chmod", lambda: os.chmod(outside / "exhibit.jpg", 0o777))
attempt("chmod-open-file", lambda: os.fchmod(held, 0o777))
attempt("chown", lambda: os.chown(outside / "exhibit.jpg", 0, 0))
attempt("touch", lambda: os.utime(outside / "exhibit.jpg", (1, 1)))
attempt("touch-open-file", lambda: os.utime(held, (1, 1)))
attempt("extended-attribute", lambda: os.setxattr(outside / "exhibit.jpg", "user.x", b"1"))
attempt("extended-attribute-open-file", lambda: os.setxattr(held, "user.x", b"1"))
attempt("io-uring", lambda: call(425, 4, None))
attempt("shared-memory", lambda: call(29 if x86 else 194, 0x54454c4c, 4096, 0o1600))
attempt("own-program", lambda: Path(socket.__file__).read_bytes() and None)
attempt("own-output", lambda: os.write(2, b"still here") and None)
attempt("memory", lambda: mmap.mmap(-1, 2 << 30).close())
attempt("more-memory-allowed", lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))
json.dump({"level": state.level, "files": state.files, "results": results}, sys.stdout)
"""

ALLOWED = {"thread", "own-output", "limits-of-self"}


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    outside, free = tmp_path / "case", tmp_path / "free"
    outside.mkdir()
    free.mkdir(mode=0o777)
    (outside / "exhibit.jpg").write_bytes(b"another exhibit")
    (outside / "held.jpg").write_bytes(b"held")
    return outside, free


def attempts(places: tuple[Path, Path], mode: str) -> dict[str, Any]:
    address = f"\0telltale-test-{os.getpid()}"
    with socket.socket(socket.AF_INET) as inet, socket.socket(socket.AF_UNIX) as unix:
        inet.bind(("127.0.0.1", 0))
        inet.listen()
        unix.bind(address)
        unix.listen()
        command = [sys.executable, "-c", ATTEMPTS.replace("sys.argv[5]", repr(address)), str(places[0]), str(places[1]), mode,
                   str(inet.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("mode", ["confined", "sealed"])
def test_a_confined_process_reaches_nothing_outside(places: tuple[Path, Path], mode: str) -> None:
    exhibit = places[0] / "exhibit.jpg"
    before, held = exhibit.stat(), (places[0] / "held.jpg").stat()
    told = attempts(places, mode)
    if told["level"] != "kernel" or told["files"] != "landlock":
        pytest.skip(f"this kernel gives {told['level']}, files {told['files']}")
    results: dict[str, str] = told["results"]
    open_to_confined = {"own-program"} if mode == "confined" else set()
    reached = {name for name, result in results.items() if result in {"done", "no"}}
    assert reached == (ALLOWED | open_to_confined) - ({"limits-of-self"} if results["limits-of-self"] != "done" else set())
    assert results["clone3"] == "ENOSYS"
    assert exhibit.read_bytes() == b"another exhibit"
    assert stat.S_IMODE(exhibit.stat().st_mode) == stat.S_IMODE(before.st_mode)
    assert (exhibit.stat().st_mtime_ns, exhibit.stat().st_nlink) == (before.st_mtime_ns, before.st_nlink)
    assert (places[0] / "held.jpg").stat() == held
    assert list(places[1].iterdir()) == []
    assert {path.name for path in places[0].iterdir()} == {"exhibit.jpg", "held.jpg"}


def test_the_level_is_not_claimed_without_the_kernel() -> None:
    script = ("from desktop.workers import confine, landlock, seccomp\nseccomp.install = lambda: False\n"
              "landlock.restrict = lambda r, w: False\nprint(confine.confine(readable=None).level)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


def test_a_filter_that_does_not_hold_lowers_the_level() -> None:
    script = ("from desktop.workers import confine, seccomp\nseccomp.install = lambda: True\n"
              "print(confine.confine(readable=None).level)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "best-effort"


def test_calls_of_another_architecture_end_the_process() -> None:
    if platform.machine() != "x86_64":
        pytest.skip("x32 is an interface of x86-64")
    script = ("import ctypes\nfrom desktop.workers.confine import confine\nconfine(readable=None)\n"
              "ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 41), 2, 1, 0)\nprint('alive')")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -31, (done.returncode, done.stdout)  # SIGSYS


def test_processor_time_is_limited() -> None:
    script = "from desktop.workers.confine import confine\nconfine(readable=None, cpu_seconds=1)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=300, check=False)
    assert done.returncode == -24  # SIGXCPU
