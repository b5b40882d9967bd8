"""Which files of a watched folder are new and completely written. No Qt; looks at names, sizes and times only, never at bytes."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from desktop.gui.gather import PICTURE_SUFFIXES

Stamp = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""
SETTLED_S = 1.5
"""So long a file must stay as it is before it counts as written."""
_NOT_INSIDE = frozenset({"case.sqlite", "bagit.txt"})
"""Folders with these are cases and reports: what Telltale itself writes is never taken for a picture that arrived."""


def scan(folder: Path, stop: Callable[[], bool] = lambda: False) -> dict[str, Stamp]:
    """The picture files under ``folder`` by path. Raises OSError when the folder itself cannot be read."""
    found: dict[str, Stamp] = {}
    with os.scandir(folder):  # os.walk would pass over a folder that went away without a word
        pass
    for place, folders, names in os.walk(folder):
        if stop():
            break
        if _NOT_INSIDE.intersection(names):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in PICTURE_SUFFIXES:
                path = Path(place) / name
                try:
                    facts = path.stat()
                except OSError:
                    continue  # renamed or taken away meanwhile
                found[str(path)] = (facts.st_size, facts.st_mtime_ns)
    return found


class Settling:
    """Remembers what was seen; a file is given out once for each content it settles with."""

    def __init__(self, taken: Mapping[str, Stamp]) -> None:
        self.taken = dict(taken)
        self._since: dict[str, tuple[Stamp, float]] = {}

    def look(self, found: Mapping[str, Stamp], now: float) -> list[str]:
        """Files that are new, not empty, and unchanged for ``SETTLED_S`` seconds; they count as taken from now on."""
        ready = []
        for path, stamp in found.items():
            if self.taken.get(path) == stamp or stamp[0] == 0:
                continue
            seen, since = self._since.get(path, (None, now))
            if seen != stamp:
                self._since[path] = (stamp, now)
            elif now - since >= SETTLED_S:
                ready.append(path)
                self.taken[path] = stamp
                del self._since[path]
        self._since = {path: seen for path, seen in self._since.items() if path in found}
        self.taken = {path: stamp for path, stamp in self.taken.items() if path in found}
        return ready

    @property
    def unsettled(self) -> bool:
        """Whether some file is still being watched until it settles."""
        return bool(self._since)
