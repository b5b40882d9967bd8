"""What the readers share: listing pictures, reading JSON within bounds, and keeping names inside the set's own folder."""

import json
import os
from pathlib import Path
from typing import Any

from models.errors import UsageError
from models.evaluation.items import Item

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".mpo", ".avif"})
_MAX_JSON = 1 << 30


def pictures(folder: Path) -> list[Path]:
    """Picture files beneath a folder, sorted by name, without following links or entering hidden folders."""
    found: list[Path] = []
    for root, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in files if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_json(path: Path) -> Any:
    """A JSON file of a set. Raises UsageError ``dataset-missing`` or ``dataset-invalid``."""
    try:
        if path.stat().st_size > _MAX_JSON:
            raise UsageError("dataset-invalid", f"{path.name} is too large to be the data set's list")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UsageError("dataset-missing", f"the data set's list {path.name} is missing in {path.parent.name}/") from None
    except (OSError, ValueError, RecursionError):
        raise UsageError("dataset-invalid", f"{path.name} cannot be read as JSON") from None


def entries(value: Any, path: Path) -> list[dict[str, Any]]:
    """A list of objects. Raises UsageError ``dataset-invalid``."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UsageError("dataset-invalid", f"{path.name} is not a list of entries")
    return value


def text(entry: dict[str, Any], name: str) -> str:
    """A string field, or an empty string."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def find(root: Path, name: str, places: tuple[str, ...]) -> tuple[Path, str]:
    """(path, problem) of the picture that an entry names: the first of ``places`` beneath ``root`` where it exists.

    A name that leads out of the set is never opened; a missing file is reported, not raised, so that it is counted.
    """
    own = root.resolve()
    candidates = [(root / place / name) for place in places]
    inside = [path for path in candidates if name and path.resolve().is_relative_to(own)]
    if not inside:
        return root, "picture-outside"
    return next(((path, "") for path in inside if path.is_file()), (inside[0], "picture-missing"))


def first_file(*paths: Path) -> Path:
    """The first of ``paths`` that exists, else the first."""
    return next((path for path in paths if path.is_file()), paths[0])


def by_stem(folder: Path) -> dict[str, Path]:
    """Pictures beneath a folder by name without suffix."""
    return {path.stem: path for path in pictures(folder)}


def relative(path: Path, root: Path) -> str:
    """The name of a file within a set."""
    return path.relative_to(root).as_posix()


def merge(items: list[Item]) -> tuple[tuple[Item, ...], int]:
    """One item a picture: (items in order, how many repeated or contradicting ones were left out)."""
    kept: dict[str, Item] = {}
    contradicting = set()
    for item in items:
        if item.id in kept and kept[item.id].label != item.label:
            contradicting.add(item.id)
        kept.setdefault(item.id, item)
    found = tuple(item for item in kept.values() if item.id not in contradicting)
    return found, len(items) - len(found)
