"""The report as a tagged PDF, made by typst from the same content as the HTML; the same analysis gives the same bytes.

The fonts are embedded and known: a character that they lack is printed as its code (``[U+1F600]``), because a PDF would drop it silently.
"""

import dataclasses
import json
import re
import tempfile
from bisect import bisect_right
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

from desktop.report import pictures
from desktop.report.values import Content
from desktop.report.words import Words


def layout(content: Content, words: Words, shown: pictures.Shown) -> bytes:
    """``content`` laid out as PDF."""
    return bytes(_set(content, words, shown, "pdf"))


def pages(content: Content, words: Words, shown: pictures.Shown, ppi: float) -> list[bytes]:
    """The pages of the same layout as PNG, ``ppi`` pixels to the inch."""
    made = _set(content, words, shown, "png", ppi)
    return [bytes(page) for page in made] if isinstance(made, list) else [bytes(made)]


def _set(content: Content, words: Words, shown: pictures.Shown, form: Literal["pdf", "png"], ppi: float | None = None) -> Any:
    import typst

    names = {name: f"view-{number}.png" for number, name in enumerate(shown.maps)}
    # Only the day is stated: the moment is in the text, and readers show a moment in whatever zone they like.
    year, month, day = _day(content.made)
    geometry = {"picture": shown.exhibit is not None, "views": names, "year": year, "month": month, "day": day}
    project = {
        "main.typ": (files("desktop.report") / "report.typ").read_bytes(),
        "content.json": _json(_without_maps(content)),
        "words.json": _json(_words(words, content)),
        "geometry.json": json.dumps(geometry).encode(),
        **{names[name]: data for name, data in shown.maps.items()},
    }
    if shown.exhibit is not None:
        project["picture.png"] = shown.exhibit
    # typst reads pictures from files only: a private folder that is gone again afterwards.
    with tempfile.TemporaryDirectory(prefix="telltale-pdf-") as folder, as_file(files("desktop.report") / "fonts") as fonts:
        for name, data in project.items():
            (Path(folder) / name).write_bytes(data)
        found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
        return typst.compile(str(Path(folder) / "main.typ"), root=folder, format=form, font_paths=found, ppi=ppi, timestamp=0)


def printable(text: str) -> str:
    """``text`` with every character that the fonts lack written as its code."""
    return "".join(letter if letter == "\n" or _covered(ord(letter)) else f"[U+{ord(letter):04X}]" for letter in text)


@cache
def _ranges() -> tuple[list[int], list[int]]:
    lines = (files("desktop.report") / "fonts" / "coverage.txt").read_text("ascii").split()
    pairs = [tuple(int(code, 16) for code in line.split("-")) for line in lines]
    return [first for first, _ in pairs], [last for _, last in pairs]


def _covered(code: int) -> bool:
    firsts, lasts = _ranges()
    place = bisect_right(firsts, code) - 1
    return place >= 0 and code <= lasts[place]


def _json(value: Any) -> bytes:
    return json.dumps(_printable(value), ensure_ascii=False).encode()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(inner) for inner in value]
    return value


def _without_maps(content: Content) -> dict[str, Any]:
    return dataclasses.asdict(
        dataclasses.replace(
            content,
            opinions=[
                dataclasses.replace(opinion, claims=[dataclasses.replace(claim, heat=None) for claim in opinion.claims])
                for opinion in content.opinions
            ],
        )
    )


def _day(text: str) -> tuple[int, int, int]:
    found = re.search(r"(\d{4})-(\d{2})-(\d{2})", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (1970, 1, 1)


def _words(w: Words, content: Content) -> dict[str, Any]:
    """The words that the layout itself needs."""
    return {
        "title": w("report.title"), "newsroom": w("report.newsroom"), "signature": w("report.signature"),
        "error_rate": w("head.error_rate"),
        "not_probability": w("head.not_probability"), "conclusion": w("head.conclusion"), "change_title": w("head.change"),
        "changes": [w(f"head.change_{number}") for number in (1, 2, 3)],
        "alt": w("picture.alt", width=content.width, height=content.height),
        "reasons_title": w("claims.title"), "reasons_note": w("claims.note"), "no_claims": w("claims.none"), "other": w("claims.other"),
        "no_regions": w("claims.no_regions"), "examiner": w("claims.examiner"), "full_text": w("claims.full_text"),
        "opinion": w("opinion.title"), "marks_title": w("marks.title"), "marks_note": w("marks.note"), "marks_none": w("marks.none"),
        "marks_rest": w("marks.rest"), "shows": w("views.shows"),
        "views_title": w("views.title"), "views_note": w("views.note"), "views_none": w("views.none"), "means": w("views.means"),
        "means_not": w("views.means_not"), "limits_title": w("limits.title"), "method_title": w("method.title"),
        "prompt": w("method.prompt"), "deviations": w("method.deviations"), "no_deviations": w("method.no_deviations"),
        "case_title": w("case.title"), "case_none": w("case.none"), "head": w("case.head"),
        "custody": [w(f"case.{name}") for name in ("seq", "at", "who", "event", "details")],
        "links": w("footer.links"), "checked": w("footer.checked"),
    }  # fmt: skip
