"""Collect the pictures of the list from local clones of their public repositories.

``python -m models.starter.collect CLONES OUT``. CLONES holds one git directory per repository (bare or not), named ``owner+name``,
or with a git directory inside a folder of that name. Each picture is read at the commit listed (or HEAD where the clone lacks
it), checked against its SHA-256 and written to ``OUT/<label>/<sha256>.<ext>``. What is missing is counted; nothing is downloaded.
"""

import argparse
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

from models.starter.listing import Entry, read_list


def git_directory(clones: Path, repository: str) -> Path | None:
    """The git directory of ``owner/name`` under ``clones``."""
    root = clones / repository.replace("/", "+")
    inner = (*root.glob("*/HEAD"), *root.glob("*/.git/HEAD"))
    for candidate in (root, root / ".git", *(path.parent for path in inner)):
        if (candidate / "HEAD").is_file() and (candidate / "objects").is_dir():
            return candidate
    return None


def git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "--git-dir", str(directory), *arguments], capture_output=True, check=False)


def collect_repository(directory: Path, entries: list[Entry], out: Path) -> Counter[str]:
    """Write the pictures of one repository; counts by label, and of what is missing or another file than listed."""
    done: Counter[str] = Counter()
    commit = entries[0].commit if git(directory, "cat-file", "-e", entries[0].commit).returncode == 0 else "HEAD"
    listing = git(directory, "ls-tree", "-rz", commit).stdout.split(b"\0")
    blobs = {name.decode(): meta.split()[2].decode() for meta, _, name in (line.partition(b"\t") for line in listing if line)}
    for entry in entries:
        target = entry.file(out)
        if not target.exists():
            blob = blobs.get(entry.path)
            data = git(directory, "cat-file", "blob", blob).stdout if blob else b""
            if hashlib.sha256(data).hexdigest() != entry.sha256:
                done["missing or changed"] += 1
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        done["fake" if entry.fake else "real"] += 1
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    wanted: dict[str, list[Entry]] = {}
    for entry in read_list():
        wanted.setdefault(entry.repository, []).append(entry)
    done: Counter[str] = Counter()
    for repository, entries in wanted.items():
        directory = git_directory(options.clones, repository)
        if directory is None:
            print(f"no clone of {repository}: {len(entries)} pictures left out", file=sys.stderr)
            continue
        done += collect_repository(directory, entries, options.out)
    print(dict(done))


if __name__ == "__main__":
    main()
