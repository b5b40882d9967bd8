"""The window's settings: declared once, with the titles and descriptions that the dialog and the documentation show. No Qt."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Settings(msgspec.Struct, frozen=True):
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
            description="Court has every detail; newsroom is one page with the outcome, its limits and the reasons.",
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
    """Where the settings file is: in the data directory when one is set, else where this system keeps such files."""
    override = os.environ.get("TELLTALE_DATA_DIR")
    if override:
        return Path(override) / "window.json"
    import platformdirs

    return Path(platformdirs.user_config_dir("telltale", appauthor=False)) / "window.json"


def load(path: Path) -> Settings:
    """Settings of a file; the defaults when there is none or it cannot be understood (it is left as it is)."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (OSError, msgspec.DecodeError):
        return Settings()


def save(path: Path, settings: Settings) -> bool:
    """Write settings so that a crash leaves the old file or the new one. False when the disk will not take it."""
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")
        partial.replace(path)
    except OSError as error:
        print(f"telltale: settings were not saved: {error.strerror}", file=sys.stderr)  # noqa: T201
        return False
    return True
