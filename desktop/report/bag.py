"""The bundle's wrapping: BagIt 1.0 with SHA-256 and SHA-512, signatures beside it, and a seal over the signatures.

Tag manifests cannot list themselves or what signs them. Each hash is therefore kept twice, in two independent lists, so that a changed list
is told from a changed file, and ``signatures/seal-*.txt`` lists what lies in ``signatures/``.
"""

import hashlib
from collections.abc import Mapping

SIGNED = "tagmanifest-sha256.txt"
_ALGORITHMS = ("sha256", "sha512")


def manifests(files: Mapping[str, bytes], pattern: str) -> dict[str, bytes]:
    """The lists of hashes of ``files`` in both algorithms, by their own names (``pattern`` with the algorithm filled in)."""
    return {
        pattern.format(algorithm): "".join(f"{hashlib.new(algorithm, files[path]).hexdigest()}  {path}\n" for path in sorted(files)).encode(
            "ascii"
        )
        for algorithm in _ALGORITHMS
    }


def wrap(payload: Mapping[str, bytes], tags: Mapping[str, bytes], about: Mapping[str, str]) -> dict[str, bytes]:
    """A whole bag but for its signatures. ``payload`` paths begin with ``data/``; ``about`` goes to bag-info.txt in its order."""
    octets = sum(len(data) for data in payload.values())
    info = {**about, "Payload-Oxum": f"{octets}.{len(payload)}"}
    tagged = {
        **tags,
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {value}\n" for name, value in info.items()).encode(),
        **manifests(payload, "manifest-{}.txt"),
    }
    return {**payload, **tagged, **manifests(tagged, "tagmanifest-{}.txt")}


def seal(signatures: Mapping[str, bytes]) -> dict[str, bytes]:
    """``signatures`` (paths begin with ``signatures/``) with the seals over them."""
    return {**signatures, **manifests(signatures, "signatures/seal-{}.txt")}
