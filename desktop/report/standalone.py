#!/usr/bin/env python3
"""Check a Telltale report bundle: every byte, the custody chain and the signature. Needs Python 3.8 or later and nothing else.

    python3 verify.py [FOLDER] [--trust CERTIFICATE.pem]

FOLDER is the bundle (default: where this file lies). With openssl on this machine the signature is checked too; --trust names the
laboratory's certificate (or its authority's) that you received by another way. Exit code: 0 all holds, 5 something does not, 2 usage.

A copy of this program inside a bundle could have been changed together with the bundle: for a check that must hold against forgery, use a
copy that you received by another way, or follow README.txt with sha256sum and openssl.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALGORITHMS = {"sha256": 64, "sha512": 128}
SIGNED = "tagmanifest-sha256.txt"
CMS = "signatures/tagmanifest-sha256.txt.p7s"
CERTIFICATE = "signatures/certificate.pem"
SEALS = {"signatures/seal-sha256.txt", "signatures/seal-sha512.txt"}
CUSTODY = "data/custody/log.jsonl"
TAG_FILES = {"bagit.txt", "bag-info.txt", "README.txt", "verify.py", "manifest-sha256.txt", "manifest-sha512.txt"}
TAG_LISTS = {SIGNED, "tagmanifest-sha512.txt"}


class Problem(NamedTuple):
    """Something that does not hold, and the file it is about."""

    path: str
    code: str
    message: str


class Result(NamedTuple):
    """What was found. ``signature``: good, trusted, bad, unsigned or not-checked."""

    problems: list[Problem]
    signature: str
    certificate: str
    lines: list[str]


def verify(folder: Path, trust: str = "", with_openssl: bool = True) -> Result:
    """Check the bundle in ``folder``; ``trust`` is a PEM file of certificates."""
    problems: list[Problem] = []
    lines: list[str] = []
    present = _walk(folder, problems)
    if not {"bagit.txt", "bag-info.txt"} <= present:
        problems.append(Problem("bagit.txt", "not-a-bundle", "this folder is not a whole Telltale report bundle"))
        return Result(problems, "not-checked", "", lines)
    if _read(folder, "bagit.txt") != BAGIT:
        problems.append(Problem("bagit.txt", "changed", "is not the declaration of a BagIt 1.0 bag"))
    content = {path for path in present if path.startswith("data/")}
    signatures = {path for path in present if path.startswith("signatures/")}
    _check_group(folder, "manifest-{}.txt", content, problems)
    _check_group(folder, "tagmanifest-{}.txt", present & TAG_FILES, problems)
    _check_group(folder, "signatures/seal-{}.txt", signatures - SEALS, problems)
    for path in sorted(present - content - signatures - TAG_FILES - TAG_LISTS):
        problems.append(Problem(path, "unknown", "does not belong to the bundle"))
    for path in sorted(TAG_FILES - present):
        problems.append(Problem(path, "missing", "is missing"))
    lines.append(f"{len(present)} files, {len(content)} of them content")
    if CUSTODY in present:
        _check_chain(folder, problems, lines)
    signature, certificate = _check_signature(folder, present, problems, lines)
    if signature == "not-checked" and with_openssl:
        signature = _with_openssl(folder, trust, certificate, problems, lines)
    return Result(list(dict.fromkeys(problems)), signature, certificate, lines)


def _walk(folder: Path, problems: list[Problem]) -> set[str]:
    """Every file of the bundle by its path with slashes; links and odd things are problems and are not followed."""
    found = set()
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links]
        for name in links + names:
            full = Path(place) / name
            path = full.relative_to(folder).as_posix()
            if full.is_symlink() or not full.is_file():
                problems.append(Problem(path, "unknown", "is a link or not a plain file"))
            else:
                found.add(path)
    return found


def _read(folder: Path, path: str) -> bytes:
    return (Path(folder) / path).read_bytes()


def _hash(folder: Path, path: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with (Path(folder) / path).open("rb") as stream:
        for piece in iter(lambda: stream.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def _parse(folder: Path, name: str, length: int, problems: list[Problem]) -> dict[str, str] | None:
    """A list of hashes, read strictly: any deviation from the exact form that Telltale writes is a change. None when it cannot be read."""
    try:
        text = _read(folder, name)
    except OSError:
        problems.append(Problem(name, "missing", "is missing"))
        return None
    found: dict[str, str] = {}
    for line in text.split(b"\n")[:-1]:
        match = re.match(rb"([0-9a-f]{%d})  ([\x21-\x7e]+)\Z" % length, line)
        path = match.group(2).decode("ascii") if match else ""
        if not match or path in found or path.startswith("/") or "\\" in path or ".." in path.split("/"):
            problems.append(Problem(name, "changed", "has a line that was not written by Telltale"))
            return None
        found[path] = match.group(1).decode("ascii")
    if not text.endswith(b"\n") or list(found) != sorted(found):
        problems.append(Problem(name, "changed", "is not in its written form"))
    return found


def _check_group(folder: Path, pattern: str, members: set[str], problems: list[Problem]) -> None:
    """Compare files with two independent lists of hashes. Where only one list disagrees with a file, it is the list that was changed."""
    names = {algorithm: pattern.format(algorithm) for algorithm in ALGORITHMS}
    parsed = {algorithm: _parse(folder, name, ALGORITHMS[algorithm], problems) for algorithm, name in names.items()}
    lists = {algorithm: found for algorithm, found in parsed.items() if found is not None}
    for path in sorted(members.union(*lists.values())):
        listing = [algorithm for algorithm in lists if path in lists[algorithm]]
        if path not in members:
            if len(listing) == len(lists):
                problems.append(Problem(path, "missing", "is missing"))
            else:
                problems.extend(Problem(names[algorithm], "changed", "lists a file that is not there") for algorithm in listing)
            continue
        if lists and not listing:
            problems.append(Problem(path, "unknown", "is in no list of the bundle"))
            continue
        problems.extend(Problem(names[other], "changed", f"does not list {path}") for other in lists if other not in listing)
        wrong = [algorithm for algorithm in listing if _hash(folder, path, algorithm) != lists[algorithm][path]]
        if wrong and len(wrong) == len(listing):
            problems.append(Problem(path, "changed", "was changed"))
        else:
            problems.extend(Problem(names[algorithm], "changed", f"has a wrong hash for {path}") for algorithm in wrong)


def _check_chain(folder: Path, problems: list[Problem], lines: list[str]) -> None:
    """Follow the custody log from its first entry to its last."""
    previous, count = "0" * 64, 0
    for line in _read(folder, CUSTODY).split(b"\n")[:-1]:
        count += 1
        try:
            event = json.loads(line.decode("utf-8", "surrogatepass"))
            claimed, prev, seq = event.pop("hash"), event["prev"], event["seq"]
        except (ValueError, KeyError, TypeError, AttributeError):
            problems.append(Problem(CUSTODY, "chain", f"entry {count} cannot be read"))
            return
        text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        withheld = set(event) == {"prev", "seq"}
        if prev != previous or seq != count:
            problems.append(Problem(CUSTODY, "chain", f"entry {count} does not continue the one before it"))
        if not withheld and hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != claimed:
            problems.append(Problem(CUSTODY, "chain", f"entry {count} was changed"))
        previous = claimed
    lines.append(f"custody log: {count} entries, head {previous}")


def _check_signature(folder: Path, present: set[str], problems: list[Problem], lines: list[str]) -> tuple[str, str]:
    """What the bundle says of its signature, and whether the parts of it are there."""
    match = re.search(rb"^Telltale-Signature: (none|cms; certificate sha256 ([0-9a-f]{64}))$", _read(folder, "bag-info.txt"), re.M)
    if not match:
        problems.append(Problem("bag-info.txt", "changed", "does not say whether the bundle is signed"))
        return "bad", ""
    if match.group(1) == b"none":
        lines.append("signature: the bundle is not signed; anybody could have made it")
        return "unsigned", ""
    certificate = match.group(2).decode("ascii")
    lines.append(f"signed with the certificate of SHA-256 {certificate}; compare it with the one that the laboratory publishes")
    gone = {CMS, CERTIFICATE} - present
    problems.extend(Problem(path, "missing", "is missing, but the bundle says that it was signed") for path in sorted(gone))
    return ("bad" if gone else "not-checked"), certificate


def _with_openssl(folder: Path, trust: str, certificate: str, problems: list[Problem], lines: list[str]) -> str:
    """Check the detached CMS signature with openssl, and that its signer is the stated certificate."""
    program = shutil.which("openssl")
    if not program:
        lines.append("signature not checked: there is no openssl on this machine")
        return "not-checked"

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)

    state = "bad"
    with tempfile.TemporaryDirectory() as temporary:
        signer = str(Path(temporary) / "signer.pem")
        base = ["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", os.devnull]
        base += ["-in", str(Path(folder) / CMS), "-content", str(Path(folder) / SIGNED)]
        if run(*base, "-noverify", "-signer", signer).returncode == 0:
            der = run("x509", "-in", signer, "-outform", "DER").stdout
            if hashlib.sha256(der).hexdigest() == certificate:
                state = "good"
        # A signature outlives its certificate: the day of the check does not matter, the chain does.
        if state == "good" and trust:
            chain = run(*base, "-CAfile", trust, "-partial_chain", "-no_check_time")
            state = "trusted" if chain.returncode == 0 else "untrusted"
    if state == "bad":
        problems.append(Problem(CMS, "signature", f"does not sign {SIGNED} with the stated certificate"))
    if state == "untrusted":
        problems.append(Problem(CERTIFICATE, "untrusted", "is not among the trusted certificates"))
    words = {
        "bad": "BAD",
        "untrusted": "good, but NOT by a trusted certificate",
        "good": "good",
        "trusted": "good, by a trusted certificate",
    }
    lines.append(f"signature: {words[state]}")
    return "good" if state == "untrusted" else state


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check a Telltale report bundle.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--trust", default="", help="the laboratory's certificate, received by another way (PEM)")
    parsed = parser.parse_args(arguments)
    result = verify(parsed.folder, parsed.trust)
    said = result.lines + [f"FAILED {problem.path}: {problem.message}" for problem in result.problems]
    said.append("the bundle does not hold" if result.problems else "the bundle holds")
    sys.stdout.write("".join(line + "\n" for line in said))
    return 5 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
