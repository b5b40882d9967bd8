"""One analysis as one folder that can leave the building."""

import os
import re
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from desktop import document
from desktop.report import html, pictures
from desktop.report.content import Profile, build
from desktop.report.context import CaseContext
from desktop.report.words import Language, Words


def render_html(
    analysis: document.Analysis,
    rgb: pictures.Rgb | None = None,
    *,
    profile: Profile = "court",
    language: Language = "en",
    case: CaseContext | None = None,
    views: Mapping[str, pictures.Rgb] | None = None,
    signer: str | None = None,
) -> str:
    """The report of ``analysis`` as one HTML text. ``rgb`` are the exhibit's own pixels; ``views`` are maps by the id of their view."""
    words = Words(language)
    content = build(analysis, words, profile=profile, case=case, signer=signer)
    return html.layout(content, words, pictures.checked(rgb, analysis.exhibit.width, analysis.exhibit.height), views or {})


def write_bundle(
    analysis: document.Analysis,
    rgb: pictures.Rgb | None,
    out: Path,
    *,
    profile: Profile = "court",
    original: bytes | None = None,
    language: Language = "en",
    case: CaseContext | None = None,
    views: Mapping[str, pictures.Rgb] | None = None,
) -> Path:
    """Write ``out/<name>-<first 8 of sha256>/`` and return it. It appears whole or not at all; an earlier one is never touched."""
    files = {
        "analysis.json": document.encode(analysis),
        "report.html": render_html(analysis, rgb, profile=profile, language=language, case=case, views=views).encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    return settle(files, out, folder_name(analysis.exhibit))


def folder_name(exhibit: document.ExhibitInfo) -> str:
    """A folder name that every file system takes, from a name that anybody may have chosen."""
    stem = unicodedata.normalize("NFC", Path(exhibit.name.replace("\\", "/")).stem)
    safe = re.sub(r"[^\w.-]+", "_", stem).strip("._-")[:60] or "picture"
    return f"{safe}-{exhibit.sha256[:8]}"


def settle(files: Mapping[str, bytes], out: Path, name: str) -> Path:
    """Write ``files`` to a new folder of ``out``, force them to disk, and give the folder its name last."""
    partial = out / f".{name}.partial-{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for path, data in files.items():
            target = partial / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        return _rename(partial, out, name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _rename(partial: Path, out: Path, name: str) -> Path:
    for number in range(1, 10_000):
        final = out / (name if number == 1 else f"{name}-{number}")
        if not final.exists():
            try:
                return partial.rename(final)
            except OSError:
                if not final.exists():
                    raise
    raise FileExistsError(str(out / name))
