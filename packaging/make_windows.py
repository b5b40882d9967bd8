"""Builds the Windows installers on Linux: llama.cpp cross-built, the program frozen under Wine, NSIS, MSI. `make windows-packages` runs it.

usage: make_windows.py OUT [--quick] [--version VERSION] [--again WORK]
As root, with debootstrap. OUT lies in the checkout; OUT/scratch keeps what a second build can use again.
With TELLTALE_SIGN_CERTIFICATE and TELLTALE_SIGN_KEY (PEM files) programs and installers are signed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import inventory  # noqa: E402
import windows_python  # noqa: E402
import wix  # noqa: E402
from content import ROOT  # noqa: E402
from making import Making, check, parser, set_times  # noqa: E402

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "telltale"
OVERRIDES = "ucrtbase=n,b;icuuc=n;mscoree=;mshtml="  # Wine: the libraries of wine/prepare.sh; neither .NET nor a browser
# Runtimes that mingw-w64 puts into the cross-built libraries: their licences travel along.
RUNTIMES = ("gcc-mingw-w64-x86-64-posix-runtime", "mingw-w64-x86-64-dev")


class Machine:
    """The Debian with Wine in which everything that is not Python's own downloading happens."""

    def __init__(self, work: Path) -> None:
        self.root = CACHE / "windows-root"
        self.prefix = work / "wine.prefix"  # with a dot: its link to / would lead setuptools, looking for packages, through the whole disk
        self._environ = {**os.environ, "TELLTALE_WORK": str(work)}

    def run(self, *command: object, offline: bool = True, **environ: object) -> str:
        """Run a command in it, by default without a network; its standard output."""
        # Output through a pipe and no input: Windows' Python refuses to start on a half-usable console.
        full = [HERE / "windows/root.sh", *(["--offline"] if offline else []), self.root,
                "env", *(f"{key}={value}" for key, value in environ.items()), *command]
        done = subprocess.run([str(part) for part in full], check=False, env=self._environ, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"{command[0]} failed ({done.returncode}):\n{done.stdout[-3000:]}")
        return done.stdout

    def wine(self, *command: object, **environ: object) -> str:
        """Run a Windows program."""
        return self.run("wine", *command, WINEPREFIX=self.prefix, WINEDLLOVERRIDES=OVERRIDES, **environ)

    def shell(self, script: str, *arguments: object, **environ: object) -> str:
        """Run a shell's script, which may call ``wine``; its standard output."""
        return self.run("sh", "-c", script, "-", *arguments, WINEPREFIX=self.prefix, WINEDLLOVERRIDES=OVERRIDES, **environ)


def llama(machine: Machine, work: Path) -> tuple[Path, Path]:
    """Cross-build llama.cpp once; the unpacked sources and the folder of DLLs."""
    makers = [HERE / "windows/cross_llama.sh", HERE / "llama_sources.sh", ROOT / "requirements/llama.txt"]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in makers)).hexdigest()[:16]
    store = CACHE / "mingw" / key
    if not (store / "done").is_file():
        folder = work / "llama"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(store, ignore_errors=True)
        _run(HERE / "llama_sources.sh", sys.executable, folder)
        machine.run(HERE / "windows/cross_llama.sh", folder)
        store.mkdir(parents=True)
        shutil.copytree(folder / "out", store / "lib")
        source = store / "source"
        shutil.copytree(folder / "source/llama_cpp", source / "llama_cpp", ignore=shutil.ignore_patterns("lib"))
        for name in ("PKG-INFO", "LICENSE.md"):
            shutil.copyfile(folder / "source" / name, source / name)
        shutil.rmtree(folder)
        (store / "done").touch()
    return store / "source", store / "lib"


def python(machine: Machine, work: Path, sources: Path, libraries: Path) -> Path:
    """The Windows Python with everything that is shipped; its folder."""
    target, stamp = work / "python", work / "python.state"
    state = windows_python.state(libraries.parent)
    if not stamp.is_file() or stamp.read_text("ascii") != state:
        _run(sys.executable, "-m", "venv", "--clear", work / "tools")
        _run(work / "tools/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r",
             ROOT / "requirements/build.txt")
        windows_python.assemble(work / "tools/bin/python", target, sources, libraries)
        shutil.rmtree(work / "tools")
        stamp.write_text(state, "ascii")
    for name in ("python.exe", "python311.dll"):
        signed_by_python(machine, target / name)
    return target


def signed_by_python(machine: Machine, file: Path) -> None:
    """Refuse a file whose bytes are not those that the Python Software Foundation signed.

    Whether the certificate was good when it signed is not checked: for that the authority would have to be asked over a network.
    """
    told = machine.shell('osslsigncode verify -in "$1" 2>/dev/null || true', file)
    digests = re.findall(r"^(?:Current|Calculated) message digest *: ([0-9A-F]{64})", told, re.MULTILINE)
    if len(digests) != 2 or len(set(digests)) != 1 or "/CN=Python Software Foundation" not in told:
        raise SystemExit(f"{file.name} is not what the Python Software Foundation signed")


def freeze(machine: Machine, work: Path, interpreter: Path, when: int) -> Path:
    """Run PyInstaller under Wine; the folder with both programs."""
    machine.run(HERE / "windows/wine/prepare.sh", machine.prefix)
    told = machine.wine(interpreter / "python.exe", "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", "--distpath",
                        f"Z:{work / 'dist'}", "--workpath", f"Z:{work / 'freeze'}", f"Z:{HERE / 'telltale.spec'}",
                        PYTHONHASHSEED=0, SOURCE_DATE_EPOCH=when)
    (work / "pyinstaller.log").write_text(told, "utf-8")
    folder = work / "dist/telltale"
    for name in ("telltale.exe", "telltale-window.exe"):
        if not (folder / name).is_file():
            raise SystemExit(f"PyInstaller made no {name}, see {work / 'pyinstaller.log'}")
    return folder


def describe(machine: Machine, interpreter: Path, folder: Path, version: str, when: int) -> None:
    """Put licences and the bill of materials into the folder."""
    asked = machine.run("dpkg-query", "-W", "-f=${Package} ${Version}\\n", *RUNTIMES)
    runtimes = dict(line.split() for line in asked.splitlines())
    told = machine.wine(interpreter / "python.exe", "-c", "import platform; print(platform.python_version())")
    inventory.put(folder, version, when, runtimes, python=told.strip(), site=interpreter / "Lib/site-packages",
                  licence=interpreter / "LICENSE.txt", documents=machine.root / "usr/share/doc")


def sign(machine: Machine, file: Path) -> None:
    """Sign in place, when a key is given."""
    certificate, key = (os.environ.get(f"TELLTALE_SIGN_{name}") for name in ("CERTIFICATE", "KEY"))
    if not certificate or not key:
        return
    place = machine.prefix.parent / "signing"
    place.mkdir(mode=0o700)
    try:
        for source, name in ((certificate, "certificate"), (key, "key")):
            shutil.copyfile(source, place / name)
        machine.run("osslsigncode", "sign", "-certs", place / "certificate", "-key", place / "key", "-n", "Telltale", "-h", "sha256",
                    "-in", file, "-out", place / "signed")
        shutil.move(place / "signed", file)
    finally:
        shutil.rmtree(place)


def main() -> int:
    """Build everything; sizes and time on standard output."""
    options = parser(__doc__)
    options.add_argument("--quick", action="store_true", help="larger installers, in a tenth of the time")
    arguments = options.parse_args()
    making = Making(arguments)
    out, work, version, when = making.out, making.work, making.version, making.when
    machine = Machine(work)
    machine.run("true", offline=False)  # makes it
    folder = work / "dist/telltale"
    if not making.again:
        sources, libraries = llama(machine, work)
        interpreter = python(machine, work, sources, libraries)
        folder = freeze(machine, work, interpreter, when)
        describe(machine, interpreter, folder, version, when)
        check(folder)
        for name in ("telltale.exe", "telltale-window.exe"):
            sign(machine, folder / name)
    set_times(folder, when)
    setup = out / f"telltale-{version}-windows-setup.exe"
    quick = ["-DQUICK"] if arguments.quick else []
    machine.run("makensis", "-V2", f"-DVERSION={version}", f"-DFOLDER={folder}", f"-DOUT={setup}", *quick, HERE / "windows/telltale.nsi",
                SOURCE_DATE_EPOCH=when)
    package = out / f"telltale-{version}-windows.msi"
    wix.write(folder, work / "telltale.wxs", version)
    machine.run("wixl", "-a", "x64", "-o", package, work / "telltale.wxs")
    wix.settle(package, when)
    for file in (setup, package):
        sign(machine, file)
    shutil.copyfile(folder / "sbom.cdx.json", out / f"telltale-{version}-windows.cdx.json")
    making.finish(folder)
    return 0


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
