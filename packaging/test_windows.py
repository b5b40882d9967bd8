"""Tries the Windows installers under Wine: install, analyse, upgrade, remove, all in silence. `make test-windows-packages` runs it.

usage: test_windows.py OUT PICTURE     (OUT: what make_windows.py wrote; as root; by a Python that has Telltale's sources installed)
Wine is not Windows: docs/install.md says what this cannot show.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from make_windows import Machine  # noqa: E402

# What the same sources gave under Linux and may differ by: another compiler, another processor variant.
ALLOWED_DIFFERENCE = 0.05
REGISTRY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Telltale"


class Computer:
    """A Windows with nothing on it, and a picture."""

    def __init__(self, work: Path, picture: Path) -> None:
        self.machine = Machine(work)
        self.machine.prefix = work / "fresh.prefix"
        shutil.rmtree(self.machine.prefix, ignore_errors=True)
        self.machine.run(HERE / "windows/wine/prepare.sh", self.machine.prefix)
        self.drive = self.machine.prefix / "drive_c"
        (self.drive / "exhibits").mkdir()
        shutil.copyfile(picture, self.drive / "exhibits/picture.jpg")

    def run(self, *command: object, **environ: object) -> str:
        return self.machine.wine(*command, **environ)

    def analyse(self, program: Path) -> dict[str, object]:
        """The program's version, self-test and log-odds."""
        seen: dict[str, object] = {"version": self.run(program, "--version").strip()}
        doctor = json.loads(self.run(program, "doctor", "--json"))
        if doctor["error"] or not doctor["engine"]["self_test"]:
            raise SystemExit(f"the self-test failed: {doctor['error']}")
        seen["build"], seen["self_test"] = doctor["engine"]["build"], doctor["engine"]["self_test"]
        seen["log_odds"] = log_odds(self.run(program, "analyze", r"C:\exhibits\picture.jpg", "--json"))
        return seen

    def stays_open(self, program: Path, seconds: int) -> None:
        """Open the window without a screen."""
        script = 'timeout "$1" wine "$2" "C:\\exhibits\\picture.jpg" >/dev/null 2>&1; echo $?'
        told = self.machine.run("sh", "-c", script, "-", seconds, program, WINEPREFIX=self.machine.prefix,
                                WINEDLLOVERRIDES="ucrtbase=n,b;icuuc=n", QT_QPA_PLATFORM="offscreen")
        if told.strip() != "124":
            raise SystemExit(f"the window did not stay open ({told.strip()})")


def log_odds(document: str) -> float:
    """Of an analysis document's first opinion."""
    return float(json.loads(document)["opinions"][0]["log_odds"])


def gone(place: Path, seconds: float = 60) -> bool:
    """Whether a place vanishes: the uninstaller copies itself away and returns before it is done."""
    end = time.monotonic() + seconds
    while place.exists() and time.monotonic() < end:
        time.sleep(0.5)
    return not place.exists()


def try_setup(computer: Computer, setup: Path) -> dict[str, object]:
    """NSIS: for one user, without administrator rights."""
    computer.run(setup, "/S")
    (program,) = computer.drive.glob("users/*/AppData/Local/Programs/Telltale/telltale.exe")
    folder = program.parent
    seen = computer.analyse(program)
    if not list(computer.drive.glob("users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Telltale.lnk")):
        raise SystemExit("no entry in the start menu")
    computer.run("reg", "query", REGISTRY)
    computer.run(program, "case", "new", r"C:\exhibits\case", "--who", "analyst")
    computer.run(program, "case", "add", r"C:\exhibits\case", r"C:\exhibits\picture.jpg", "--who", "analyst")
    computer.run(program, "case", "check", r"C:\exhibits\case")
    computer.stays_open(program.with_name("telltale-window.exe"), 40)
    # An upgrade leaves nothing of the older version behind.
    stale = folder / "_internal/stale.dll"
    stale.touch()
    computer.run(setup, "/S")
    if stale.exists():
        raise SystemExit("a file of the older version was left by the upgrade")
    computer.run(program, "--version")
    computer.run(folder / "uninstall.exe", "/S")
    if not gone(folder):
        raise SystemExit(f"files were left: {sorted(path.as_posix() for path in folder.rglob('*'))[:20]}")
    if list(computer.drive.glob("users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Telltale.lnk")):
        raise SystemExit("the entry in the start menu was left")
    script = 'wine reg query "$1" >/dev/null 2>&1; echo $?'
    asked = computer.machine.run("sh", "-c", script, "-", REGISTRY, WINEPREFIX=computer.machine.prefix)
    if asked.strip() == "0":
        raise SystemExit("the registry still knows the program")
    return seen


def try_msi(computer: Computer, package: Path) -> dict[str, object]:
    """MSI: for the whole machine."""
    computer.run("msiexec", "/i", package, "/qn")
    program = computer.drive / "Program Files/Telltale/telltale.exe"
    seen = computer.analyse(program)
    computer.run("msiexec", "/x", package, "/qn")
    if not gone(program) or not gone(program.parent, 5):
        raise SystemExit(f"files were left: {sorted(path.as_posix() for path in program.parent.rglob('*'))[:20]}")
    return seen


def main() -> int:
    """Try both installers on a new machine; what was seen on standard output."""
    out, picture = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    here = [sys.executable, "-m", "desktop", "analyze", str(picture), "--json"]
    linux = log_odds(subprocess.run(here, check=True, capture_output=True, text=True, cwd=HERE.parent).stdout)
    computer = Computer(out / "scratch", picture)
    (setup,), (package,) = out.glob("telltale-*-windows-setup.exe"), out.glob("telltale-*-windows.msi")
    seen: dict[str, object] = {"linux": {"log_odds": linux}, "setup": try_setup(computer, setup), "msi": try_msi(computer, package)}
    case = computer.drive / "exhibits/case"
    if not (case / "case.sqlite").exists() and not list(case.rglob("*.sqlite*")):
        raise SystemExit("the user's case is gone")
    found = [seen[name]["log_odds"] - linux for name in ("setup", "msi")]  # type: ignore[index]
    seen["differences"] = found
    (out / "test.json").write_text(json.dumps(seen, indent=1) + "\n", "utf-8")
    print(json.dumps(seen, indent=1))
    computer.machine.run("sh", "-c", "wineserver --kill; wineserver --wait; true", WINEPREFIX=computer.machine.prefix)
    shutil.rmtree(computer.machine.prefix)
    if max(map(abs, found)) > ALLOWED_DIFFERENCE:
        raise SystemExit("the log-odds differ from Linux's")
    print("all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
