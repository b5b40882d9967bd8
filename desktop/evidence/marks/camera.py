"""Readers of what the file's construction says: camera data and whether it fits, encoder, trailing bytes, extension, Samsung edits."""

import re
from collections.abc import Mapping
from typing import Any

from desktop.document import Mark
from desktop.evidence.marks.exif import EMPTY, Exif
from desktop.evidence.marks.jpeg import ijg_quality, quality_of, read_structure
from desktop.evidence.marks.pieces import Pieces, extension_kinds
from desktop.evidence.marks.rules import Rule, make_mark

_SAMSUNG = b"PhotoEditor_Re_Edit_Data"
_GENERATIVE = re.compile(rb"genAIType\W{1,8}(\d{1,3})")
_NOTE_WRITERS = ("canon", "nikon", "sony", "olympus", "om digital", "panasonic", "fujifilm", "pentax", "ricoh", "apple", "leica")
_NAME_LIMIT = 64
"""Longer makes or models, and those with braces or colons, are other programs' data put into these fields."""


def read_camera(rule: Rule, pieces: Pieces) -> Mark:
    """The camera that the EXIF block names, with its exposure."""
    exif = pieces.exif
    make, model = _name(exif, "Make"), _name(exif, "Model")
    if not make and not model:
        return make_mark(rule, "absent")
    seconds, aperture, iso = exif.number("ExposureTime"), exif.number("FNumber"), exif.number("ISO")
    shown = [f"1/{round(1 / seconds)} s" if 0 < seconds < 0.4 else f"{seconds:g} s"] if seconds else []
    shown += [f"f/{aperture:.3g}"] if aperture else []
    shown += [f"ISO {iso:.0f}"] if iso else []
    facts: dict[str, Any] = {
        "make": make or "an unnamed maker's", "model": model or "camera", "exposure": ", ".join(shown) or "no exposure stated",
        "exposure_time_s": seconds, "f_number": aperture, "iso": iso, "taken": exif.text("DateTimeOriginal") or None,
        "lens": exif.text("LensModel") or None, "maker_note_bytes": len(_raw(exif, "MakerNote")), "gps": exif.gps,
        "thumbnail": exif.thumbnail_claimed,
    }
    return make_mark(rule, "found", facts)


def read_consistency(rule: Rule, pieces: Pieces) -> Mark:
    """Contradictions between the EXIF block and the file that carries it. Each is a code and a sentence."""
    exif = pieces.exif
    if exif is EMPTY:
        return make_mark(rule, "not-applicable")
    problems = [*_size_problems(exif, pieces), *_thumbnail_problems(exif, pieces), *_history_problems(exif, pieces)]
    if exif.damaged:
        problems.append(("exif-damaged", "the EXIF block is damaged or cut short"))
    if not problems:
        return make_mark(rule, "absent")
    return make_mark(rule, "found", {"codes": [code for code, _ in problems], "list": [text for _, text in problems]})


def _size_problems(exif: Exif, pieces: Pieces) -> list[tuple[str, str]]:
    width, height = exif.number("PixelXDimension"), exif.number("PixelYDimension")
    if not width or not height or not all(pieces.size):
        return []
    if sorted((int(width), int(height))) == sorted(pieces.size):
        return []
    return [("size", f"it says {width:.0f} x {height:.0f} pixels, the file has {pieces.size[0]} x {pieces.size[1]}")]


def _thumbnail_problems(exif: Exif, pieces: Pieces) -> list[tuple[str, str]]:
    if not exif.thumbnail_claimed:
        return []
    small = read_structure(exif.thumbnail)
    if small is None or not small.width or not small.height:
        return [("thumbnail-damaged", "the embedded thumbnail is missing or damaged")]
    width, height = pieces.size
    # DCF cameras put 3:2 and 16:9 pictures with black bars into a 160 x 120 thumbnail, so this size says nothing.
    if not width or not height or sorted((small.width, small.height)) == [120, 160]:
        return []
    ratio, small_ratio = max(width, height) / min(width, height), max(small.width, small.height) / min(small.width, small.height)
    turned = (width >= height) != (small.width >= small.height) and min(ratio, small_ratio) > 1.05
    if turned or abs(ratio - small_ratio) > 0.05 * ratio:
        return [("thumbnail-shape", f"the embedded thumbnail has another shape ({small.width} x {small.height})")]
    return []


def _history_problems(exif: Exif, pieces: Pieces) -> list[tuple[str, str]]:
    problems = []
    make = _name(exif, "Make")
    changed, taken = exif.text("DateTime"), exif.text("DateTimeOriginal")
    stamp = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
    if stamp.fullmatch(changed) and stamp.fullmatch(taken) and changed < taken:
        problems.append(("dates", "it was changed before it was taken, by its own dates"))
    if not make:
        return problems
    if pieces.kind in ("png", "webp", "gif", "bmp", "avif"):
        problems.append(("container", f"cameras do not write {pieces.kind.upper()} files"))
    if not any(exif.number(name) for name in ("ExposureTime", "FNumber", "ISO", "ShutterSpeedValue")):
        problems.append(("no-exposure", "it names a camera but holds no exposure"))
    if make.lower().startswith(_NOTE_WRITERS) and not _raw(exif, "MakerNote"):
        problems.append(("no-maker-note", "the maker note that this brand's cameras write is missing"))
    if pieces.jpeg is not None and "progressive" in pieces.jpeg.process:
        problems.append(("progressive", "the JPEG is progressive, cameras save baseline"))
    return problems


def read_encoder(rule: Rule, pieces: Pieces) -> Mark:
    """The JPEG's own settings: tables, subsampling, process, Huffman tables."""
    jpeg = pieces.jpeg
    if jpeg is None:
        return make_mark(rule, "not-applicable")
    exact, estimate = quality_of(jpeg)
    second = jpeg.tables.get(jpeg.component_tables[1]) if len(jpeg.component_tables) > 1 else None
    chroma = ijg_quality(second, chrominance=True) if second else None
    if exact is not None and (second is None or chroma == exact):
        tables = f"the standard tables of the Independent JPEG Group at quality {exact}"
    elif estimate is not None:
        tables = f"its own tables (about quality {estimate:.0f})"
    else:
        tables = "no quantisation tables of its own"
    facts = {
        "tables": tables, "ijg_quality": exact, "estimated_quality": estimate, "subsampling": jpeg.subsampling, "process": jpeg.process,
        "huffman": jpeg.huffman, "tables_sha256": jpeg.tables_sha256, "restart_interval": jpeg.restart_interval,
        "markers": " ".join(segment.name for segment in jpeg.segments[:64]),
    }
    return make_mark(rule, "found", facts)


def read_trailing(rule: Rule, pieces: Pieces, data: bytes) -> Mark:
    """What follows the end mark of the container."""
    if pieces.kind in ("tiff", "bmp", "other"):
        return make_mark(rule, "not-applicable")
    if pieces.end is None:
        return make_mark(rule, "failed", {"why": "no-end-mark"})
    rest = len(data) - pieces.end
    if rest <= 0:
        return make_mark(rule, "absent")
    kind = _trailer_kind(data, pieces.end)
    if kind == "another JPEG" and any(body.startswith(b"MPF\x00") for _, body in pieces.segments):
        kind = "further pictures of the same file (multi-picture format)"
    return make_mark(rule, "found", {"bytes": rest, "offset": pieces.end, "content": kind or "of an unknown kind"})


def _trailer_kind(data: bytes, start: int) -> str:
    head, tail = data[start : start + 64], data[-8:]
    if tail[-4:] == b"SEFT":
        return "a Samsung data block"
    known = ((b"\xff\xd8\xff", "another JPEG"), (b"PK\x03\x04", "a ZIP archive"), (b"%PDF", "a PDF document"), (b"Rar!", "a RAR archive"),
             (b"7z\xbc\xaf", "a 7-Zip archive"), (b"\x89PNG", "a PNG picture"), (b"RIFF", "a RIFF file"), (b"MZ", "a Windows program"))
    for magic, name in known:
        if head.startswith(magic):
            return name
    if b"ftyp" in head:
        return "a video, as phones append for moving photos"
    return "zeros" if not data[start : start + (1 << 20)].strip(b"\x00") else ""


def read_extension(rule: Rule, pieces: Pieces, facts: Mapping[str, Any]) -> Mark:
    """The extension of the file's name against its magic."""
    extension = str(facts.get("extension") or "")[:16] or str(facts.get("name") or "").rpartition(".")[2][:16]
    promised = extension_kinds(extension)
    if not promised or pieces.kind == "other":
        return make_mark(rule, "not-applicable")
    told = {"extension": extension.lstrip(".").lower(), "content": pieces.kind.upper()}
    return make_mark(rule, "absent" if pieces.kind in promised else "found", told)


def read_samsung(rule: Rule, data: bytes) -> Mark:
    """Samsung's re-edit block, which the phone's editor appends, and what it says of generative edits."""
    place = data.find(_SAMSUNG)
    if place < 0:
        return make_mark(rule, "absent")
    hit = _GENERATIVE.search(data, place, place + (1 << 17))
    number = int(hit.group(1)) if hit else 0
    detail = f"genAIType {number}: a generative tool was used" if number else "no generative tool named"
    facts = {"detail": detail, "gen_ai_type": number if hit else None, "offset": place}
    if number:
        facts["vocabulary"] = "partlyGenAICreation"
    return make_mark(rule, "found", facts, "ai" if number else "edited")


def _name(exif: Exif, tag: str) -> str:
    text = exif.text(tag).strip()
    return text if len(text) <= _NAME_LIMIT and not set(text) & set("{}:") else ""


def _raw(exif: Exif, tag: str) -> bytes:
    value = exif.tags.get(tag)
    return value if isinstance(value, bytes) else b""
