"""Tries the Windows installers under Wine: install, analyse, upgrade, remove, all in silence. `make test-windows-packages` runs it.

usage: test_windows.py OUT PICTURE     (OUT: what make_windows.py wrote, and OUT/newer the same as a newer version; as root; by a Python
that has Telltale's sources installed)
Wine is not Windows: docs/install.md says what this cannot show.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from make_windows import Machine  # noqa: E402

# What the same sources gave under Linux and may differ by: another compiler, another processor variant.
ALLOWED_DIFFERENCE = 0.05
UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall"


class Computer:
    """A Windows with nothing on it, and a picture."""

    def __init__(self, work: Path, picture: Path) -> None:
        self.machine = Machine(work)
        self.machine.prefix = work / "fresh.prefix"
        shutil.rmtree(self.machine.prefix, ignore_errors=True)
        self.machine.run(HERE / "windows/wine/prepare.sh", self.machine.prefix)
        self.drive = self.machine.prefix / "drive_c"
        for name in ("exhibits/picture.jpg", "图/图片.jpg"):
            (self.drive / name).parent.mkdir()
            shutil.copyfile(picture, self.drive / name)

    def run(self, *command: object, **environ: object) -> str:
        return self.machine.wine(*command, **environ)

    def analyse(self, program: Path) -> dict[str, object]:
        """The program's version, self-test and log-odds."""
        seen: dict[str, object] = {"version": self.run(program, "--version").strip()}
        doctor = json.loads(self.run(program, "doctor", "--json"))
        if doctor["error"] or not doctor["engine"]["self_test"]:
            raise SystemExit(f"the self-test failed: {doctor['error']}")
        seen["build"], seen["self_test"] = doctor["engine"]["build"], doctor["engine"]["self_test"]
        if "图片.jpg" not in self.run(program, "analyze", "C:\\图"):  # in words, and not to a console
            raise SystemExit("a Chinese name was not told as it is")
        seen["log_odds"] = log_odds(self.run(program, "analyze", r"C:\exhibits\picture.jpg", "--json"))
        return seen

    def status(self, *command: object) -> int:
        """A Windows program's exit status."""
        return int(self.machine.shell('wine "$@" >/dev/null 2>&1; echo $?', *command))

    def listed(self, hive: str) -> list[str]:
        """The versions of Telltale in Windows' list of programs, of this user (HKCU) or of the machine (HKLM)."""
        versions = []
        # Wine may start the 32-bit program, which does not see what 64-bit ones wrote. It fails when nothing is installed.
        told = self.machine.shell('wine reg query "$1" /s /reg:64 2>/dev/null; true', rf"{hive}\{UNINSTALL}")
        for entry in told.split("\nHKEY"):
            if re.search(r"DisplayName\s+REG_SZ\s+Telltale\s*$", entry, re.MULTILINE):
                versions += re.findall(r"DisplayVersion\s+REG_SZ\s+(\S+)", entry)
        return versions

    def stays_open(self, program: Path, seconds: int) -> None:
        """Open the window without a screen."""
        script = 'timeout "$1" wine "$2" "C:\\exhibits\\picture.jpg" >/dev/null 2>&1; echo $?'
        told = self.machine.shell(script, seconds, program, QT_QPA_PLATFORM="offscreen")
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


def version(installer: Path) -> str:
    """What an installer's name says that it installs."""
    return installer.name.split("-")[1]


def expect(found: list[str], wanted: list[str]) -> None:
    """Compare what Windows lists as installed with what should be."""
    if found != wanted:
        raise SystemExit(f"Windows lists {found} as installed, not {wanted}")


def try_setup(computer: Computer, setup: Path, newer: Path) -> dict[str, object]:
    """NSIS: for one user, without administrator rights."""
    computer.run(setup, "/S")
    (program,) = computer.drive.glob("users/*/AppData/Local/Programs/Telltale/telltale.exe")
    folder = program.parent
    seen = computer.analyse(program)
    if not list(computer.drive.glob("users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Telltale.lnk")):
        raise SystemExit("no entry in the start menu")
    expect(computer.listed("HKCU"), [version(setup)])
    computer.run(program, "case", "new", r"C:\exhibits\case", "--who", "analyst")
    computer.run(program, "case", "add", r"C:\exhibits\case", r"C:\exhibits\picture.jpg", "--who", "analyst")
    computer.run(program, "case", "check", r"C:\exhibits\case")
    computer.stays_open(program.with_name("telltale-window.exe"), 40)
    # An upgrade leaves nothing of the older version behind.
    stale = folder / "_internal/stale.dll"
    stale.touch()
    computer.run(newer, "/S")
    if stale.exists():
        raise SystemExit("a file of the older version was left by the upgrade")
    expect(computer.listed("HKCU"), [version(newer)])
    seen["upgraded_to"] = version(newer)
    computer.run(program, "case", "check", r"C:\exhibits\case")
    computer.run(folder / "uninstall.exe", "/S")
    if not gone(folder):
        raise SystemExit(f"files were left: {sorted(path.as_posix() for path in folder.rglob('*'))[:20]}")
    if list(computer.drive.glob("users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Telltale.lnk")):
        raise SystemExit("the entry in the start menu was left")
    if computer.status("reg", "query", rf"HKCU\{UNINSTALL}\Telltale") == 0:
        raise SystemExit("the registry still knows the program")
    return seen


def try_msi(computer: Computer, package: Path, newer: Path) -> dict[str, object]:
    """MSI: for the whole machine."""
    computer.run("msiexec", "/i", package, "/qn")
    program = computer.drive / "Program Files/Telltale/telltale.exe"
    seen = computer.analyse(program)
    expect(computer.listed("HKLM"), [version(package)])
    computer.run("msiexec", "/i", newer, "/qn")
    expect(computer.listed("HKLM"), [version(newer)])
    seen["upgraded_to"] = version(newer)
    computer.run(program, "case", "check", r"C:\exhibits\case")
    if computer.status("msiexec", "/i", package, "/qn") == 0 or computer.listed("HKLM") != [version(newer)]:
        raise SystemExit("an older version was installed over a newer one")
    computer.run("msiexec", "/x", newer, "/qn")
    expect(computer.listed("HKLM"), [])
    if not gone(program) or not gone(program.parent, 5):
        raise SystemExit(f"files were left: {sorted(path.as_posix() for path in program.parent.rglob('*'))[:20]}")
    return seen


def main() -> int:
    """Try both installers on a new machine; what was seen on standard output."""
    out, picture = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    here = [sys.executable, "-m", "desktop", "analyze", str(picture), "--json"]
    linux = log_odds(subprocess.run(here, check=True, capture_output=True, text=True, cwd=HERE.parent).stdout)
    computer = Computer(out / "scratch", picture)
    (setup,), (newer_setup,) = (folder.glob("telltale-*-windows-setup.exe") for folder in (out, out / "newer"))
    (package,), (newer_package,) = (folder.glob("telltale-*-windows.msi") for folder in (out, out / "newer"))
    seen: dict[str, object] = {"linux": {"log_odds": linux}, "setup": try_setup(computer, setup, newer_setup),
                               "msi": try_msi(computer, package, newer_package)}
    if not (computer.drive / "exhibits/case/case.sqlite").exists():
        raise SystemExit("the user's case is gone")
    found = [seen[name]["log_odds"] - linux for name in ("setup", "msi")]  # type: ignore[index]
    seen["differences"] = found
    (out / "test.json").write_text(json.dumps(seen, indent=1) + "\n", "utf-8")
    print(json.dumps(seen, indent=1))
    computer.machine.shell("wineserver --kill; wineserver --wait; true")
    shutil.rmtree(computer.machine.prefix)
    if max(map(abs, found)) > ALLOWED_DIFFERENCE:
        raise SystemExit("the log-odds differ from Linux's")
    print("all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
