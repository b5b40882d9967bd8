"""The way through all marks of one file. Every reader is on its own: one that fails is told as failed and the others go on."""

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from desktop.document import Mark
from desktop.evidence.marks import camera, credentials, texts
from desktop.evidence.marks.fields import Fields, gather
from desktop.evidence.marks.pieces import Pieces, cut
from desktop.evidence.marks.rules import Rule, make_mark, rules
from desktop.evidence.marks.trust import bundled_trust

BUDGET_S = 5.0
"""Wall time after which the remaining marks are told as failed rather than read."""


def read_marks(data: bytes, container: str, facts: Mapping[str, Any], *, sidecar: bytes | None = None,
               trust: Mapping[str, Any] | None = None) -> list[Mark]:
    """All marks of a picture file, in the order of the rules file, one for each rule.

    ``data``: the whole file. ``container``: what intake recognised; the marks look at the magic for themselves. ``facts``: intake's facts;
    of these ``extension`` (or ``name``) is used. ``sidecar``: a ``.c2pa`` manifest that lay beside the file. ``trust``: replaced trust
    lists. Never raises. Bounded: counts, sizes and ``BUDGET_S``.
    """
    started = time.monotonic()
    table = rules()
    try:
        pieces = cut(data)
        fields = gather(pieces)
    except Exception as error:
        return [make_mark(rule, "failed", {"why": "container", "error": _place(error)}) for rule in table.marks]
    readers = _readers(data, pieces, fields, facts)
    readers["c2pa"] = lambda rule, _: credentials.read_credentials(
        rule, table, data, pieces, sidecar=sidecar, trust=bundled_trust() if trust is None else trust)
    marks: list[Mark] = []
    for rule in table.marks:
        if rule.reader not in readers:
            continue
        if time.monotonic() - started > BUDGET_S:
            marks.append(make_mark(rule, "failed", {"why": "time"}))
            continue
        try:
            marks.append(readers[rule.reader](rule, marks))
        except Exception as error:  # whatever a hostile file provokes must cost one mark, not the exhibit
            marks.append(make_mark(rule, "failed", {"why": "internal", "error": _place(error)}))
    return marks


def _place(error: Exception) -> str:
    """What went wrong and in which line of code, for whoever mends it; nothing of the file, whose words an error's own text may hold."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}, line {trace.tb_lineno}" if trace is not None else ""  # noqa: PTH119
    return type(error).__name__ + where


_Reader = Callable[[Rule, list[Mark]], Mark]


def _readers(data: bytes, pieces: Pieces, fields: Fields, facts: Mapping[str, Any]) -> dict[str, _Reader]:
    table = rules()

    @cache
    def pixel_marks() -> dict[str, Mark]:
        # Imported here so that a picture whose pixels are not looked at costs no NumPy.
        from desktop.evidence.marks.pixels import read_pixel_marks

        return read_pixel_marks(table.rule("novelai-alpha"), table.rule("open-watermark"), data, pieces)

    return {
        "patterns": lambda rule, _: texts.read_patterns(rule, fields),
        "c2pa-remote": lambda rule, _: credentials.read_remote(rule, fields),
        "source-type": lambda rule, _: texts.read_source_type(rule, table, fields),
        "comfyui": lambda rule, _: texts.read_comfyui(rule, fields),
        "aigc": lambda rule, _: texts.read_aigc(rule, table, fields, pieces),
        "samsung": lambda rule, _: camera.read_samsung(rule, data),
        "camera": lambda rule, _: camera.read_camera(rule, pieces),
        "consistency": lambda rule, _: camera.read_consistency(rule, pieces),
        "encoder": lambda rule, _: camera.read_encoder(rule, pieces),
        "trailing": lambda rule, _: camera.read_trailing(rule, pieces, data),
        "extension": lambda rule, _: camera.read_extension(rule, pieces, facts),
        "pixels": lambda rule, _: pixel_marks()[rule.id],
        "conflict": read_conflict,
    }


def read_conflict(rule: Rule, marks: list[Mark]) -> Mark:
    """Marks that speak for AI generation against marks that speak for a camera.

    A picture taken with a camera and then partly generated may rightly declare both, so declarations of a partial generation do not count.
    """
    found = [mark for mark in marks if mark.state == "found"]
    for_ai = [mark.id for mark in found if mark.says == "ai" and mark.facts.get("vocabulary") != "partlyGenAICreation"]
    for_camera = [mark.id for mark in found if mark.says == "camera"]
    if not for_ai or not for_camera:
        return make_mark(rule, "absent")
    titles = {mark.id: rules().rule(mark.id).title for mark in found}
    facts = {"ai": for_ai, "camera": for_camera}
    return make_mark(rule, "found", {**facts, **{f"{side}_titles": [titles[name] for name in names] for side, names in facts.items()}})
