"""How every build of packages begins and ends, whatever system it is for: its arguments, its folders, its time; the check of what was
frozen, the checksums and the sizes of what was made."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

import content


class Making:
    """One build: ``out`` gets the packages, ``work`` keeps what a second build can use again."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.started = time.monotonic()
        self.out = arguments.out.resolve()
        self.again = arguments.again is not None
        self.work = (arguments.again or self.out / "scratch").resolve()
        self.version: str = arguments.version or content.version()
        for folder in (self.out, self.work):
            folder.mkdir(parents=True, exist_ok=True)
        # The time of the commit, not of the build: the same commit gives the same packages.
        command = ["git", "-C", str(content.ROOT), "log", "-1", "--format=%ct"]
        self.when = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def finish(self, folder: Path) -> None:
        """Write SHA256SUMS; print the time that passed and the sizes of the frozen folder and of what was made of it, in bytes."""
        made = checksums(self.out)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        seconds = round(time.monotonic() - self.started)
        print(json.dumps({"seconds": seconds, "folder": size, **{path.name: path.stat().st_size for path in made}}, indent=1))


def parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments that every build knows."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("out", type=Path)
    made.add_argument("--version", help="another version than the source's, for testing an upgrade")
    made.add_argument("--again", type=Path, metavar="WORK", help="pack the folder that an earlier run froze in OUT/scratch")
    return made


def check(folder: Path) -> None:
    """Refuse to pack what must not be shipped or cannot run."""
    absent = {*content.EXCLUDED_MODULES, *(name.replace("-", "_") for name in content.NOT_SHIPPED)} - {"telltale"}
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.exists():
            raise SystemExit(f"a link without its file: {path}")
        if path.parent.name == "_internal" and re.split(r"[.-]", path.name)[0] in absent:
            raise SystemExit(f"must not be shipped: {path}")
    libraries = {path.name.removeprefix("lib") for path in (folder / "_internal" / "llama_cpp" / "lib").iterdir()}
    if {"ggml-cpu.so", "ggml-cpu.dll"} & libraries or not any(name.startswith("ggml-cpu-") for name in libraries):
        raise SystemExit("the ggml in the folder was built for this processor alone")


def set_times(folder: Path, when: int) -> None:
    """Give a folder and all in it one time, which packages keep."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (when, when), follow_symlinks=False)


def checksums(out: Path) -> list[Path]:
    """Write SHA256SUMS of the packages and inventories in ``out``; those files."""
    made = sorted(path for path in out.iterdir() if path.is_file() and path.name.startswith("telltale"))
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (out / "SHA256SUMS").write_text(sums, "ascii")
    return made
