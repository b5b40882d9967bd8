"""One analysis as one folder that can leave the building and be checked by strangers: a BagIt bag with report, record and evidence."""

import os
import re
import shutil
import unicodedata
from collections.abc import Mapping
from importlib.resources import files as resource_files
from pathlib import Path

from desktop import document
from desktop.report import bag, html, pdf, pictures, timestamp
from desktop.report.case_uco import case_uco
from desktop.report.content import build
from desktop.report.context import CaseContext
from desktop.report.record import run_record
from desktop.report.redact import redacted
from desktop.report.sign import Signer
from desktop.report.values import Content, Profile
from desktop.report.words import Language, Words, clean
from models.errors import OutputError

REPORT = "data/report/"


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
    content, words, shown = _material(analysis, rgb, profile, language, case, views, signer)
    return html.layout(content, words, shown)


def render_pdf(
    analysis: document.Analysis,
    rgb: pictures.Rgb | None = None,
    *,
    profile: Profile = "court",
    language: Language = "en",
    case: CaseContext | None = None,
    views: Mapping[str, pictures.Rgb] | None = None,
    signer: str | None = None,
) -> bytes:
    """The same report as a tagged PDF, not signed yet."""
    content, words, shown = _material(analysis, rgb, profile, language, case, views, signer)
    return pdf.layout(content, words, shown)


def render_pages(
    analysis: document.Analysis,
    rgb: pictures.Rgb | None = None,
    *,
    profile: Profile = "court",
    language: Language = "en",
    case: CaseContext | None = None,
    views: Mapping[str, pictures.Rgb] | None = None,
    signer: str | None = None,
    ppi: float = 96.0,
) -> list[bytes]:
    """The pages of the PDF as PNG pictures, to look at before it is written."""
    content, words, shown = _material(analysis, rgb, profile, language, case, views, signer)
    return pdf.pages(content, words, shown, ppi)


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
    signer: Signer | None = None,
    authority: timestamp.Authority | None = None,
) -> Path:
    """Write ``out/<name>-<first 8 of sha256>/`` and return it. It appears whole or not at all; an earlier one is never touched.

    ``original`` (court only) puts the file itself into the bundle. ``signer`` signs PDF and bundle with the laboratory's key; a signature
    names its holder, also in a newsroom copy. ``authority`` is a local time-stamping authority; the request for one is in every bundle.

    Raises OutputError ``report-unwritable``.
    """
    analysis, case = _for(profile, analysis, case)
    rgb = pictures.checked(rgb, analysis.exhibit.width, analysis.exhibit.height)
    words = Words(language)
    content = build(analysis, words, profile=profile, case=case, signer=signer.name if signer else None)
    shown = pictures.shown(rgb, views or {}, profile)
    paper = pdf.layout(content, words, shown)
    payload = {
        f"{REPORT}analysis.json": document.encode(analysis),
        f"{REPORT}report.html": html.layout(content, words, shown).encode(),
        f"{REPORT}report.pdf": signer.pdf(paper) if signer else paper,
        f"{REPORT}case-uco.jsonld": case_uco(analysis),
        "data/repro/run.json": run_record(analysis),
    }
    if profile == "newsroom" and shown.exhibit:
        payload["data/derived/preview.png"] = shown.exhibit
    elif rgb is not None:
        payload["data/derived/analysed_rgb.png"] = pictures.png(rgb, effort=2)  # every pixel; a tenth larger, a third faster
    if original is not None and profile == "court":
        payload["data/evidence/original.bin"] = original
        payload["data/evidence/original.name.txt"] = (clean(analysis.exhibit.name, 500) + "\n").encode()
    if case is not None and case.custody:
        payload["data/custody/log.jsonl"] = "".join(line + "\n" for line in case.custody).encode("utf-8", "surrogatepass")
    tags = {"README.txt": _readme(content, signer), "verify.py": _program()}
    files = bag.wrap(payload, tags, _about(content, analysis, signer, case))
    signatures = {timestamp.REQUEST: timestamp.request(files[bag.SIGNED])}
    if signer:
        signatures[f"signatures/{bag.SIGNED}.p7s"] = signer.cms(files[bag.SIGNED])
        signatures["signatures/certificate.pem"] = signer.certificates()
    if authority:
        signatures[timestamp.ANSWER] = authority(signatures[timestamp.REQUEST])
        timestamp.time_of(signatures[timestamp.ANSWER], files[bag.SIGNED])
    try:
        out.mkdir(parents=True, exist_ok=True)
        return settle({**files, **bag.seal(signatures)}, out, folder_name(analysis.exhibit))
    except OSError as error:
        raise OutputError("report-unwritable", f"The report cannot be written there: {error.strerror or 'the system refused'}.") from None


def report_file(bundle: Path, name: str = "report.html") -> Path:
    """Where a file of the report lies in a bundle: ``report.html``, ``report.pdf``, ``analysis.json`` or ``case-uco.jsonld``."""
    return bundle / REPORT / name


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


def _material(
    analysis: document.Analysis, rgb: pictures.Rgb | None, profile: Profile, language: Language, case: CaseContext | None,
    views: Mapping[str, pictures.Rgb] | None, signer: str | None,
) -> tuple[Content, Words, pictures.Shown]:
    """What each form of the report lays out: the same sentences and pictures."""
    words = Words(language)
    analysis, case = _for(profile, analysis, case)
    content = build(analysis, words, profile=profile, case=case, signer=signer)
    rgb = pictures.checked(rgb, analysis.exhibit.width, analysis.exhibit.height)
    return content, words, pictures.shown(rgb, views or {}, profile)


def _for(profile: Profile, analysis: document.Analysis, case: CaseContext | None) -> tuple[document.Analysis, CaseContext | None]:
    """What a profile may see. Nothing of a case leaves with a newsroom copy."""
    return (redacted(analysis), None) if profile == "newsroom" else (analysis, case)


def _about(content: Content, analysis: document.Analysis, signer: Signer | None, case: CaseContext | None) -> dict[str, str]:
    """bag-info.txt: nothing here differs between two exports but the signature."""
    about = {
        "Bag-Software-Agent": f"Telltale {clean(analysis.run.telltale, 60)}",
        "Bagging-Date": analysis.run.finished_at[:10],
        "External-Identifier": f"sha256:{analysis.exhibit.sha256}",
        "Telltale-Profile": content.profile,
        "Telltale-Language": content.language,
        "Telltale-Signature": f"cms; certificate sha256 {signer.fingerprint}" if signer else "none",
    }
    return {**about, "Internal-Sender-Identifier": clean(f"{case.case_id} {case.item}", 200)} if case else about


def _readme(content: Content, signer: Signer | None) -> bytes:
    template = (
        resource_files("desktop.report") / "text" / ("README.zh.txt" if content.language == "zh-CN" else "README.en.txt")
    ).read_text("utf-8")
    said = content.signature if not signer else f"{content.signature}\nSHA-256: {signer.fingerprint}"
    return template.format(headline=content.headline, signature=said).encode()


def _program() -> bytes:
    return (resource_files("desktop.report") / "standalone.py").read_bytes()
