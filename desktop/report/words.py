"""The words of a report, and the washing of everything that comes from a file or a model before a person reads it."""

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
LONGEST = 2000
"""Characters of one printed value; the rest is in analysis.json."""


class Words:
    """The words of one language: ``words("claims.title")``, with named places filled in."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._table = table(language)

    def __call__(self, key: str, **places: object) -> str:
        section, _, name = key.partition(".")
        return self._table[section][name].format(**places)

    def get(self, key: str, default: str) -> str:
        """The words of ``key``, or ``default`` where this language has none (for identifiers that come from a document)."""
        section, _, name = key.partition(".")
        return self._table.get(section, {}).get(name, default)

    @property
    def tag(self) -> str:
        """The language as HTML and PDF name it."""
        return "zh-CN" if self.language == "zh" else "en"


@cache
def table(language: Language) -> dict[str, dict[str, str]]:
    """All words of a language by section."""
    return tomllib.loads((files("desktop.report") / "text" / f"{language}.toml").read_text("utf-8"))


def clean(text: object, limit: int = LONGEST) -> str:
    """``text`` as it may be printed: one line, no invisible or text-direction characters, no live address, not too long.

    The exact text stays in analysis.json. An address is broken at its ``://``, because readers of PDF make links of plain text.
    """
    visible = (" " if c.isspace() else c for c in str(text)[: limit + 1] if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = "".join(visible)
    kept = " ".join(kept.split()).replace("://", "[:]//")
    return kept if len(str(text)) <= limit else kept[:limit] + "…"


def paragraphs(text: str, limit: int = 20_000) -> list[str]:
    """``text`` in washed paragraphs, one a line of the original."""
    return [washed for line in text[:limit].splitlines() if (washed := clean(line, limit))]


def rows(facts: Any, words: Words, limit: int = 120) -> list[tuple[str, str]]:
    """Nested facts as printable (name, value) rows; long tables end with a row that says how many more there are."""
    found: list[tuple[str, str]] = []
    _flatten("", facts, words, found, 0)
    return capped(found, words, limit)


def capped(found: list[tuple[str, str]], words: Words, limit: int) -> list[tuple[str, str]]:
    """The first ``limit`` rows, and one that says how many more there are."""
    return [*found[:limit], ("…", words("report.more_rows", count=len(found) - limit))] if len(found) > limit else found


def _flatten(name: str, value: Any, words: Words, into: list[tuple[str, str]], depth: int) -> None:
    if isinstance(value, dict) and value and depth < 6:
        for key, inner in value.items():
            _flatten(f"{name}.{key}" if name else str(key), inner, words, into, depth + 1)
    elif isinstance(value, (list, tuple)) and value and depth < 6 and any(isinstance(inner, (dict, list, tuple)) for inner in value):
        for index, inner in enumerate(value):
            _flatten(f"{name}[{index}]", inner, words, into, depth + 1)
    else:
        into.append((clean(name, 200), shown(value, words)))


def shown(value: Any, words: Words) -> str:
    """One value, washed and readable."""
    if value is None or value in ("", {}, []):
        return words("report.unknown")
    if isinstance(value, bool):
        return words("report.yes") if value else words("report.no")
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return clean(", ".join(shown(inner, words) for inner in value))
    return clean(value)
