"""Which expert a command uses: by id, by folder, or the default."""

from pathlib import Path

from desktop.analysis import Analyst
from models.cards import CARD_NAME
from models.errors import ExpertError


def find(wanted: str | None) -> Path:
    """The folder of expert ``wanted`` (an id, a digest or a folder; None: the default). Raises ExpertError ``expert-unknown``."""
    if wanted is not None and (Path(wanted) / CARD_NAME).is_file():
        return Path(wanted)
    from models import store

    return store.default_expert() if wanted is None else store.resolve(wanted)


def open_analyst(wanted: str | None) -> Analyst:
    """An analyst with expert ``wanted``. Raises ExpertError."""
    return Analyst(find(wanted))


__all__ = ["ExpertError", "find", "open_analyst"]
