"""The worst case, rehearsed: code of an attacker runs inside the real intake worker, in the place of the decoder.

``sitecustomize`` on the worker's path plants the attack; confinement, sealing, the pipes and the client are the real ones. What the attack
could do is told on standard error, which the client captures. This is the test behind "a hostile file cannot touch another exhibit".
"""

import json
import os
import platform
import sys
from pathlib import Path

import pytest

from desktop.intake import Intake
from models.errors import InputError
from tests.intake.pictures import colours, saved

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
                                reason="the kernel's confinement is Linux's")

PLANT = """
import json, os, sys
if "--worker" in sys.orig_argv and "intake" in sys.orig_argv:
    import socket, subprocess
    import desktop.intake.decode as decode
    case, parent = CASE, os.getppid()

    def attack(data, extension, limits):
        done = []
        def attempt(name, function):
            try:
                function()
                done.append(name)
            except BaseException:
                pass
        attempt("read another exhibit", lambda: open(case + "/other.jpg", "rb").read())
        attempt("read the case", lambda: open(case + "/case.db", "rb").read())
        attempt("list the case", lambda: os.listdir(case))
        attempt("write into another exhibit", lambda: open(case + "/other.jpg", "r+b").write(b"x"))
        attempt("write into the case", lambda: open(case + "/case.db", "ab").write(b"x"))
        attempt("delete another exhibit", lambda: os.unlink(case + "/other.jpg"))
        attempt("rename another exhibit", lambda: os.rename(case + "/other.jpg", case + "/gone.jpg"))
        attempt("change its mode", lambda: os.chmod(case + "/other.jpg", 0))
        attempt("change its time", lambda: os.utime(case + "/other.jpg", (0, 0)))
        attempt("leave a file", lambda: open(case + "/planted.jpg", "wb").write(b"x"))
        attempt("leave a file in a temporary folder", lambda: open(case + "/../planted", "wb").write(b"x"))
        attempt("leave a file in shared memory", lambda: open(f"/dev/shm/telltale-{parent}", "wb").write(b"x"))
        attempt("read its own program", lambda: open(decode.__file__).read())
        attempt("open the network", lambda: socket.socket(socket.AF_INET))
        attempt("open the network (6)", lambda: socket.socket(socket.AF_INET6))
        attempt("open a local socket", lambda: socket.socket(socket.AF_UNIX))
        attempt("start a program", lambda: subprocess.Popen(["/bin/true"]))
        attempt("fork", lambda: os.fork() == 0 and os._exit(0))
        attempt("signal the application", lambda: os.kill(parent, 0))
        attempt("open the memory of the application", lambda: open(f"/proc/{parent}/mem", "r+b"))
        sys.stderr.write("DONE " + json.dumps(done) + "\\n")
        sys.stderr.flush()
        attempt("replace itself", lambda: os.execv("/bin/true", ["true"]))  # would end without the answer below
        raise decode.RefusedError("picture-damaged")

    decode.decode = attack
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "other.jpg").write_bytes(saved(colours(), "JPEG"))
    (folder / "case.db").write_bytes(b"rows of other exhibits")
    return folder


def test_an_attacker_inside_the_worker_reaches_nothing(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = tmp_path / "plant"
    plant.mkdir()
    (plant / "sitecustomize.py").write_text(PLANT.replace("CASE", repr(str(case)), 1))
    before = {path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns) for path in case.iterdir()}
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(plant))
        intake = Intake()
    with intake:
        worker = intake._spare
        assert worker is not None
        with pytest.raises(InputError) as caught:
            intake.read(saved(colours(), "PNG"))
        assert caught.value.code == "picture-damaged"
        told = [line for line in worker.diagnostics.splitlines() if line.startswith("DONE ")]
        assert told, worker.diagnostics
        assert json.loads(told[0][5:]) == []
        assert {path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns) for path in case.iterdir()} == before
        assert not (tmp_path / "planted").exists()
        assert not Path(f"/dev/shm/telltale-{os.getpid()}").exists()
        # The next picture has a process of its own, in which nothing of the attack is left.
        assert intake.read(case / "other.jpg").rgb.shape == (37, 53, 3)


def test_the_attack_itself_works_without_confinement(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same plant, with the confinement taken out, does reach the case. Otherwise the test above would prove nothing."""
    plant = tmp_path / "plant"
    plant.mkdir()
    open_doors = ("import desktop.workers.seccomp as s, desktop.workers.landlock as l\n"
                  "s.install = s.seal = lambda: False\nl.restrict = lambda r, w: False\n")
    (plant / "sitecustomize.py").write_text(open_doors + PLANT.replace("CASE", repr(str(case)), 1))
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(plant))
        intake = Intake()
    with intake:
        worker = intake._spare
        assert worker is not None
        with pytest.raises(InputError):
            intake.read(saved(colours(), "PNG"))
        Path(f"/dev/shm/telltale-{os.getpid()}").unlink(missing_ok=True)
        (told,) = [json.loads(line[5:]) for line in worker.diagnostics.splitlines() if line.startswith("DONE ")]
    assert {"read another exhibit", "write into the case", "open the network", "start a program", "signal the application"} <= set(told)
    assert (case / "planted.jpg").exists()
    assert (tmp_path / "planted").exists()
