"""GPU packs: folders with one of llama.cpp's GPU backends that lie beside the installed program, in ``packs/``.

A pack is `packs/NAME/` with `pack.json` and the backend's library; `packaging/build_pack.sh` makes one. Nothing is loaded from where an
ordinary user of an installed program could put it, and nothing that was built for another llama.cpp. Nothing here loads a library.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop.engine import machine

_DESCRIPTION = "pack.json"
_MOST_BYTES = 10_000


@dataclass(frozen=True)
class Pack:
    """One pack that fits."""

    backend: str
    """llama.cpp's name of the backend: "vulkan", "cuda", "metal"."""
    folder: Path


def beside_the_program() -> Path | None:
    """Where packs are looked for: beside the frozen program. A source installation builds its own llama.cpp and has none."""
    return Path(sys.executable).resolve().parent / "packs" if getattr(sys, "frozen", False) else None


def fitting(place: Path | None) -> list[Pack]:
    """The packs in ``place`` that were built from the sources of the llama.cpp that is installed here, by name."""
    try:
        folders = sorted(place.iterdir()) if place is not None else []
    except OSError:
        return []
    found = []
    for folder in folders:
        backend = _backend(folder)
        if backend is not None and any(folder.glob(f"*ggml-{backend}*")):
            found.append(Pack(backend, folder))
    return found


def _backend(folder: Path) -> str | None:
    """What the pack says it is, or None when it does not fit."""
    try:
        with (folder / _DESCRIPTION).open("rb") as stream:
            said = json.loads(stream.read(_MOST_BYTES))
        fits = said["llama_cpp_python"] == machine.library_version() and said["platform"] == sys.platform
        return said["backend"] if fits and said["backend"] in machine.GPU_LIBRARIES else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
