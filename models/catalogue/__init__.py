"""The catalogue: what experts there are, where they come from, what they need and what they are good for. One TOML file a model.

Reading it never goes online. The files of a user's own folder (``catalogue/`` in the data folder) add to those that ship.
"""

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from models.errors import ExpertError
from models.places import data_dir

SCHEMA = "telltale.catalogue/1"
_MAX_BYTES = 1 << 20


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the checkpoint is kept. ``revision`` is a commit, or empty when none is known: then the newest is looked up once and pinned."""

    repository: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$")]
    revision: Annotated[str, Meta(pattern=r"^([0-9a-f]{40})?$")] = ""
    bytes: Annotated[int, Meta(gt=0)] = 0
    """About how much is downloaded."""
    recipe: str = ""
    """Name of the conversion recipe."""


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Licence of the weights. ``text`` is shown and has to be accepted before anything is fetched."""

    id: str
    text: Annotated[str, Meta(min_length=1)]
    training_data: str = ""


class Hardware(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What running the expert takes, at its usual quantisation."""

    memory_bytes: Annotated[int, Meta(gt=0)]
    disk_bytes: Annotated[int, Meta(gt=0)]
    """Of the converted pair."""
    note: str = ""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model."""

    schema: Literal["telltale.catalogue/1"]
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: str
    kind: Literal["detector", "general", "aesthetics"]
    licence: Terms
    hardware: Hardware
    good_for: str
    not_for: str
    source: Source | None = None
    """None: it ships with the application and cannot be pulled."""
    type: str = "Q4_K_M"
    """Usual quantisation of the language model."""
    questions: tuple[str, ...] = ()
    """Questions that the model was trained on, for people to choose from."""


@dataclass(frozen=True)
class Problem:
    """A catalogue file that could not be used."""

    file: str
    message: str


@dataclass(frozen=True)
class Catalogue:
    """All entries by id, and the user's files that were left out."""

    entries: dict[str, Entry]
    problems: tuple[Problem, ...]

    def get(self, ident: str) -> Entry:
        """The entry of this id. Raises ExpertError ``catalogue-unknown``."""
        try:
            return self.entries[ident]
        except KeyError:
            raise ExpertError("catalogue-unknown", f"the catalogue has no such model; it has {', '.join(sorted(self.entries))}") from None


def parse_entry(data: bytes) -> Entry:
    """Read one catalogue file. Raises ExpertError ``catalogue-invalid``; the text names the field."""
    try:
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), Entry)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ExpertError("catalogue-invalid", f"this is not a valid catalogue file: {error}") from None


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue that ships, with the files of ``folder`` (default: ``catalogue/`` in the data folder) added.

    A user's file that is invalid, or that takes an id which is already there, is left out and named in ``problems``.
    """
    entries: dict[str, Entry] = {}
    for item in sorted(resources.files("models.catalogue").iterdir(), key=lambda item: item.name):
        if item.name.endswith(".toml"):
            entry = parse_entry(item.read_bytes())
            entries[entry.id] = entry
    problems = []
    folder = data_dir() / "catalogue" if folder is None else folder
    for path in sorted(folder.glob("*.toml")):
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise ExpertError("catalogue-invalid", "this is not a valid catalogue file: it is too large")
            entry = parse_entry(path.read_bytes())
            if entry.id in entries:
                raise ExpertError("catalogue-duplicate", f"the id {entry.id} is already in the catalogue; give this model another")
            entries[entry.id] = entry
        except ExpertError as error:
            problems.append(Problem(path.name, error.message))
        except OSError as error:
            problems.append(Problem(path.name, f"the file cannot be read: {error.strerror}"))
    return Catalogue(entries, tuple(problems))
