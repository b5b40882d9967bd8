"""A laboratory's own trust lists for Content Credentials, from the data folder. Runs in the application: the worker may read no file."""

import os
from typing import Any

from models.errors import InputError
from models.places import data_dir

_LIMIT = 3 << 20
"""Characters of all lists together: they travel to every worker in one message header."""


def own_trust() -> dict[str, Any] | None:
    """What lies in ``trust/`` of the data folder: ``lists.toml`` with its PEM files, else ``anchors.pem``; None when there is neither.

    Raises InputError ``trust-list-unreadable`` or ``trust-list-damaged``: a list that was put there is never passed over in silence.
    """
    folder = data_dir() / "trust"
    for name in ("lists.toml", "anchors.pem"):
        if os.path.lexists(folder / name):
            from desktop.evidence.marks import load_trust  # seldom needed, and slow to import

            trust = load_trust(folder / name)
            if sum(len(entry["text"]) for entry in trust["lists"]) > _LIMIT:
                raise InputError("trust-list-unreadable", "the trust lists are too large")
            return trust
    return None
