"""The facts of views for people: names with units and values in their language. The analysis document keeps its keys.

The window and the reports print the same words; they stand in ``view_facts.toml`` beside this.
"""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

Row = tuple[str, str]
"""Name and value."""
_PEOPLE_KNOW = ("title", "shows", "means", "does_not_mean", "timing")
"""What a view carries of its fixed words, and what differs from run to run: shown elsewhere or not at all."""
_LAST = ("qualities", "radial_profile_log10", "tables", "markers", "tables_sha256", "covers", "parameters", "source")
"""Long rows of numbers, and how it was done: behind what was found."""
_DEEPEST = 4
_LONGEST = 400


def fact_rows(view_id: str, facts: dict[str, Any], language: str = "en", *, without: tuple[str, ...] = ()) -> list[Row]:
    """The facts of a view as rows to print, a region or a peak in one row; a fact that has no name here is called by its key.

    ``facts`` may come from anywhere: what is in names and values is not washed. ``without``: keys that are left out too.
    """
    shown = {key: value for key, value in facts.items() if key not in _PEOPLE_KNOW and key not in without}
    shown |= {key: shown.pop(key) for key in _LAST if key in shown}
    return list(_rows(_Names(view_id, language), "", shown))


def fact_lines(view_id: str, facts: dict[str, Any], language: str = "en", *, without: tuple[str, ...] = ()) -> list[str]:
    """The same as lines for a narrow place, long values cut."""
    pair = _Names(view_id, language).word["pair"]
    rows = fact_rows(view_id, facts, language, without=without)
    return [pair.format(name=name, value=value if len(value) <= _LONGEST else value[:_LONGEST] + "…") for name, value in rows]


def why_not(why: str, language: str = "en") -> str:
    """The reason of a view that does not apply, in a language; one that is not known here stays as it is."""
    return str(_table()["phrase"].get(language, {}).get(why, why))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class _Names:
    """The words of one view in one language."""

    def __init__(self, view_id: str, language: str) -> None:
        table = _table()
        self.language = language if language in table["word"] else "en"
        self.word: dict[str, str] = table["word"][self.language]
        self.phrase: dict[str, str] = table["phrase"].get(self.language, {})
        self._facts = {**table["fact"]["common"], **table["fact"].get(view_id, {})}

    def name(self, path: str, number: str = "") -> str:
        """What the fact at a path is called."""
        entry = self._facts.get(path)
        if entry is None:
            return f"{path.removesuffix('.#').rpartition('.')[2].replace('_', ' ')} {number}".strip()
        return str(entry[self.language]).format(n=number) if number else str(entry[self.language])

    def value(self, path: str, value: Any) -> str:
        """A value as people read it."""
        kind = self._facts.get(path, {}).get("as", "")
        if isinstance(value, list | tuple):
            parts = _PARTS.get(kind, ())
            if parts and len(value) == len(parts) and all(isinstance(part, int | float) for part in value):
                return self.word[kind].format(**dict(zip(parts, map(_number, value), strict=True)))
            told = (str(part) if isinstance(part, _NESTED) else self.value(path, part) for part in value)
            return self.word["list"].join(told) or self.word["none"]
        if isinstance(value, bool):
            return self.word["yes" if value else "no"]
        if isinstance(value, int | float):
            return f"{_number(100 * value)} %" if kind == "share" else _number(value)
        return self.word["unknown"] if value in (None, "") else self.phrase.get(text := str(value), text)


_NESTED = (list, tuple, dict)
_PARTS = {"box": ("left", "top", "width", "height"), "size": ("width", "height")}


def _rows(names: _Names, path: str, facts: dict[str, Any], depth: int = 0) -> Iterator[Row]:
    for key, value in facts.items():
        here, number = (f"{path}.#", key) if path and key.isdigit() else (f"{path}.{key}" if path else key, "")
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _rows(names, here, value, depth + 1)
        elif isinstance(value, list | tuple) and value and depth < _DEEPEST and all(isinstance(part, dict) for part in value):
            for count, part in enumerate(value, 1):
                pairs = (names.word["pair"].format(name=name, value=told) for name, told in _rows(names, here, part, depth + 1))
                yield names.name(f"{here}.#", str(count)), names.word["between"].join(pairs)
        else:
            yield names.name(here, number), names.value(here, value)


def _number(value: float) -> str:
    """Six digits that count; small numbers without an exponent."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    text = f"{value:.6g}"
    return f"{value:.15f}".rstrip("0") if "e-" in text and abs(value) > 1e-9 else text
