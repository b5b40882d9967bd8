"""A report as it was wished for: profile, language, views, signature, the received file. One way for the command line and the window."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop import document
from desktop.evidence.views import catalogue, compute_view
from desktop.report import CaseContext, Signer, render_pages, write_bundle
from desktop.report.values import Profile
from desktop.report.words import Language
from models.errors import UsageError

Rgb = NDArray[np.uint8]
IsCancelled = Callable[[], bool]


@dataclass(frozen=True)
class Wish:
    """What a person wants of a report. ``views`` are ids; ``original`` puts the received file into a court report."""

    profile: Profile = "court"
    language: Language = "en"
    views: tuple[str, ...] = ()
    original: bool = False
    signer: Signer | None = None


@dataclass(frozen=True)
class Material:
    """An analysis with what its report is made of. ``rgb`` (H, W, 3) uint8 are the analysed pixels, ``data`` the received bytes."""

    analysis: document.Analysis
    rgb: Rgb | None
    data: bytes | None = None
    case: CaseContext | None = None


@dataclass(frozen=True)
class Written:
    """Where a report is, and the SHA-256 that stands for all of it."""

    bundle: Path
    digest: str


def chosen_views(text: str) -> tuple[str, ...]:
    """Ids of views from words with commas between; ``all`` are all of them. Raises UsageError."""
    known = tuple(spec.id for spec in catalogue())
    wanted = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if wanted == ("all",):
        return known
    unknown = [word for word in wanted if word not in known]
    if unknown:
        raise UsageError("unknown-view", f"there is no view {unknown[0]!r}; there are: {', '.join(known)}")
    return wanted


def with_views(material: Material, wanted: tuple[str, ...], cancelled: IsCancelled | None = None) -> tuple[Material, dict[str, Rgb]]:
    """The same material with the views computed and entered into its analysis, and their pictures. Raises Cancelled, WorkerError.

    Views are functions of the pixels (and of a JPEG's own bytes) alone, so that the report's analysis stays one that can be repeated.
    """
    if not wanted or material.rgb is None:
        return material, {}
    analysis = material.analysis
    same = material.data is not None and hashlib.sha256(material.data).hexdigest() == analysis.exhibit.sha256
    jpeg = material.data if same and analysis.exhibit.container in ("jpeg", "mpo") else None
    found, maps = [], {}
    for view_id in wanted:
        view, picture = compute_view(view_id, material.rgb, jpeg, cancelled)
        # How long it took is the only thing that would differ between two reports of the same exhibit.
        found.append(msgspec.structs.replace(view, facts={name: value for name, value in view.facts.items() if name != "timing"}))
        if view.applicable:
            maps[view_id] = picture
    kept = tuple(view for view in analysis.views if view.id not in wanted)
    analysis = msgspec.structs.replace(analysis, views=(*kept, *found))
    return Material(analysis, material.rgb, material.data, material.case), maps


def pages(material: Material, wish: Wish, cancelled: IsCancelled | None = None, ppi: float = 96.0) -> list[bytes]:
    """The pages of the report as PNG, as they would be printed."""
    material, maps = with_views(material, wish.views, cancelled)
    signer = wish.signer.name if wish.signer is not None else None
    return render_pages(
        material.analysis,
        material.rgb,
        profile=wish.profile,
        language=wish.language,
        case=material.case,
        views=maps,
        signer=signer,
        ppi=ppi,
    )


def write(material: Material, out: Path, wish: Wish, cancelled: IsCancelled | None = None) -> Written:
    """Write the report below ``out``. Raises OSError, Cancelled, TelltaleError."""
    material, maps = with_views(material, wish.views, cancelled)
    bundle = write_bundle(
        material.analysis,
        material.rgb,
        out,
        profile=wish.profile,
        original=material.data if wish.original else None,
        language=wish.language,
        case=material.case,
        views=maps,
        signer=wish.signer,
    )
    return Written(bundle, hashlib.sha256((bundle / "tagmanifest-sha256.txt").read_bytes()).hexdigest())
