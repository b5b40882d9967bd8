"""Attacker-written text made fit to be shown: decoded without errors, stripped of invisible and direction-changing characters, capped.

Everything that leaves the marks as a fact goes through ``shown``. Source of the filter: Unicode general categories C* (control, format,
private, unassigned), Zl and Zp, as security.md asks for printed evidence.
"""

import math
import unicodedata
from typing import Any

SHOWN_LIMIT = 800
"""Characters of one shown value; prompts are longer, and a mark is not the place to read them whole."""


def shown(value: object, limit: int = SHOWN_LIMIT) -> str:
    """``value`` as one printable line of at most ``limit`` characters; an ellipsis says that more was there."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    head = text[: limit * 4]
    kept = "".join(" " if c in "\n\r\t" else c for c in head if c in "\n\r\t" or _visible(c))
    line = " ".join(kept.split())
    if len(line) > limit or len(text) > len(head):
        return line[: limit - 1].rstrip() + "…"
    return line


def _visible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] != "C" and category not in ("Zl", "Zp")


def decoded(raw: bytes) -> str:
    """Bytes of unknown encoding as text: UTF-16 with a byte-order mark, UTF-8, else Latin-1. Never raises."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def shown_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts with every text in them made fit to be shown; numbers, flags and None stay, containers are walked two levels deep."""
    return {shown(key, 60): _fact(value, 3) for key, value in list(facts.items())[:64]}


def _fact(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int):
        # JSON readers elsewhere take 64-bit integers only.
        return value if value is None or isinstance(value, bool) or abs(value) < 1 << 53 else shown(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth and isinstance(value, dict):
        return {shown(key, 60): _fact(inner, depth - 1) for key, inner in list(value.items())[:64]}
    if depth and isinstance(value, list | tuple):
        return [_fact(inner, depth - 1) for inner in list(value)[:64]]
    return shown(value)
