"""The views and their fixed words and parameters, read from ``views.toml``: the code, the window, the report and the docs use the same."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.errors import UsageError


@dataclass(frozen=True)
class Spec:
    """One view: its words and the parameters it is computed with."""

    id: str
    title: str
    shows: str
    gate: str
    means: str
    not_means: str
    source: str
    parameters: Mapping[str, Any]

    def words(self) -> dict[str, Any]:
        """What every computed view carries among its facts."""
        return {"title": self.title, "shows": self.shows, "means": self.means, "does_not_mean": self.not_means, "source": self.source,
                "parameters": dict(self.parameters)}


@lru_cache(maxsize=1)
def catalogue() -> tuple[Spec, ...]:
    """All views, in the order in which they are offered."""
    raw = tomllib.loads(Path(__file__).with_name("views.toml").read_text(encoding="utf-8"))
    return tuple(Spec(**entry) for entry in raw["view"])


def spec(view_id: str) -> Spec:
    """The view of that id. Raises UsageError ``unknown-view``."""
    found = next((entry for entry in catalogue() if entry.id == view_id), None)
    if found is None:
        raise UsageError("unknown-view", "there is no view of that name")
    return found
