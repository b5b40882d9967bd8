"""Compares two frozen folders, or two archives, of one commit and lists every difference. Returns 1 when there is one.

usage: compare.py ONE OTHER     (folders, or .tar.xz, .deb, .rpm and installers, which are compared as bytes)
"""

import hashlib
import sys
from pathlib import Path


def contents(folder: Path) -> dict[str, str]:
    """Relative name -> what it is: digest and whether it may be executed, or where a link points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = f"{hashlib.sha256(path.read_bytes()).hexdigest()} {'program' if path.stat().st_mode & 0o100 else 'file'}"
    return found


def differences(one: Path, other: Path) -> list[str]:
    """One line for each name that is missing or differs."""
    if one.is_file() and other.is_file():
        sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)]
        return [] if sums[0] == sums[1] else [f"differs: {one.name} ({sums[0][:16]}, {sums[1][:16]})"]
    first, second = contents(one), contents(other)
    return [
        f"only in {one}: {name}" if name not in second else f"only in {other}: {name}" if name not in first else f"differs: {name}"
        for name in sorted({*first, *second}) if first.get(name) != second.get(name)
    ]


def main() -> int:
    """Print the differences, or that there are none among how many files."""
    one, other = (Path(argument) for argument in sys.argv[1:3])
    found = differences(one, other)
    print("\n".join(found) or f"identical ({len(contents(one)) if one.is_dir() else 1} files)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
