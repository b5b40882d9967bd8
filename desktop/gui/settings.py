"""The window's settings: declared once, with the titles and descriptions that the dialog and the documentation show. No Qt.

They are read before the first frame is on screen, hence with nothing but the standard library.
"""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_type_hints

from desktop.gui import folders


class Meta(NamedTuple):
    """What people read of a setting, and the limits of a number."""

    title: str
    description: str
    ge: int = 0
    le: int = 0


class Settings(NamedTuple):
    """What a person may choose. Unknown fields in a file are ignored, so that an older version can read a newer file."""

    language: Annotated[
        Literal["system", "en", "zh_CN"],
        Meta(title="Language", description="Of menus and sentences. Explanations stay in the expert's own language."),
    ] = "system"
    theme: Annotated[
        Literal["system", "light", "dark", "contrast"],
        Meta(title="Colours", description="System follows your desktop's light or dark setting."),
    ] = "system"
    text_percent: Annotated[int, Meta(title="Text size", description="In percent of your desktop's text size.", ge=80, le=200)] = 100
    explain: Annotated[
        bool,
        Meta(
            title="Ask for an explanation", description="Off is much faster: only the verdict is read, without the model's stated reasons."
        ),
    ] = True
    tiles: Annotated[
        bool,
        Meta(
            title="Also examine what lies outside the frame",
            description="In squares, each of which takes as long as the verdict. They can weaken a finding, never strengthen it.",
        ),
    ] = False
    effects: Annotated[
        bool,
        Meta(
            title="Test what each sentence points at, with large experts too",
            description="By hiding it and reading the verdict again. Small experts always do; a large one takes minutes on a processor.",
        ),
    ] = False
    start_at_once: Annotated[
        bool, Meta(title="Start when pictures are added", description="Off leaves new exhibits waiting until you press Resume.")
    ] = True
    native_dialogs: Annotated[
        bool, Meta(title="Use the system's file dialogs", description="Off shows the same plain dialog on every system.")
    ] = True
    report_profile: Annotated[
        Literal["court", "newsroom"],
        Meta(
            title="Reports are made for",
            description="Court has every detail; newsroom leaves out names, places, file metadata, the case and the original.",
        ),
    ] = "court"
    gpu: Annotated[
        Literal["auto", "off"],
        Meta(
            title="Graphics processor",
            description="Automatic uses one when the expert passes its self-test there; off is slower and always works.",
        ),
    ] = "auto"
    threads: Annotated[
        int,
        Meta(
            title="Processor threads",
            description="Nought takes one for each core; fewer leave more of the computer for other programs, and take longer.",
            ge=0,
            le=256,
        ),
    ] = 0
    heat_percent: Annotated[
        int,
        Meta(
            title="Strength of the heat overlay",
            description="How strongly the map of a claim covers the picture, in percent.",
            ge=0,
            le=100,
        ),
    ] = 55
    picture_memory_mb: Annotated[
        int, Meta(title="Memory for pictures", description="In megabytes; pictures beyond it are read again when shown.", ge=100, le=16000)
    ] = 600


def settings_path() -> Path:
    """Where the settings file is."""
    return folders.settings() / "window.json"


class Field(NamedTuple):
    """One declared setting: ``kind`` is bool or int, ``choices`` the words of one that is a choice."""

    name: str
    kind: type | None
    choices: tuple[str, ...]
    meta: Meta

    def takes(self, value: object) -> bool:
        """Whether a value may stand here."""
        if self.choices:
            return value in self.choices
        return type(value) is self.kind and (self.kind is not int or self.meta.ge <= value <= self.meta.le)  # type: ignore[operator]


def declared() -> list[Field]:
    """All settings in the order of their declaration."""
    fields = []
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        kind, meta = get_args(hint)
        fields.append(Field(name, kind if isinstance(kind, type) else None, get_args(kind), meta))
    return fields


def load(path: Path) -> Settings:
    """Settings of a file; the defaults when there is none or it cannot be understood (it is left as it is)."""
    if not path.is_file():
        return Settings()
    import json

    try:
        held: Any = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return Settings()
    known = {field.name: field for field in declared()}
    values = {name: value for name, value in held.items() if name in known} if isinstance(held, dict) else {}
    return Settings(**values) if all(known[name].takes(value) for name, value in values.items()) else Settings()


def save(path: Path, settings: Settings) -> bool:
    """Write settings so that a crash leaves the old file or the new one. False when the disk will not take it."""
    import json

    from models.places import write_whole

    try:
        write_whole(path, json.dumps(settings._asdict(), indent=2).encode() + b"\n")
    except OSError as error:
        print(f"telltale: settings were not saved: {error.strerror}", file=sys.stderr)  # noqa: T201
        return False
    return True
