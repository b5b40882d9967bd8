"""The versioned rules file: which marks there are, what text shows them, and the words in which they are told.

A rule's words are the same in the window, the report and ``docs/evidence.md``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from desktop.document import Mark
from desktop.evidence.marks.text import shown_facts

State = Literal["found", "absent", "failed", "not-applicable"]
Says = Literal["ai", "camera", "edited", "other"]
_FILE = Path(__file__).with_name("rules.toml")


@dataclass(frozen=True)
class Match:
    """One way in which a mark shows itself in text: where to look, for what, and what more to pick out of the same place or of others."""

    where: tuple[str, ...]
    pattern: re.Pattern[str]
    details: tuple[re.Pattern[str], ...] = ()
    also: tuple[tuple[str, re.Pattern[str]], ...] = ()
    facts: Mapping[str, Any] | None = None
    every: bool = False


@dataclass(frozen=True)
class Rule:
    """One mark of the catalogue and its words."""

    id: str
    title: str
    reader: str
    says: Says
    found: str
    absent: str
    not_applicable: str
    failed: str
    strength: str
    source: str
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Rules:
    """The whole file."""

    version: str
    date: str
    marks: tuple[Rule, ...]
    source_types: Mapping[str, Mapping[str, str]]
    aigc_labels: Mapping[str, str]

    def rule(self, mark_id: str) -> Rule:
        """The rule of a mark. Raises KeyError."""
        return next(rule for rule in self.marks if rule.id == mark_id)


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The bundled rules, read once. A damaged file is a broken installation and raises."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    marks = tuple(_rule(entry, raw) for entry in raw["mark"])
    return Rules(raw["version"], raw["date"], marks, raw["source_types"], raw["aigc_labels"])


def make_mark(rule: Rule, state: State, facts: dict[str, Any] | None = None, says: Says | None = None) -> Mark:
    """A mark in the rule's words. Facts are made fit to be shown; a mark that was not found says nothing."""
    clean = shown_facts(facts or {})
    return Mark(rule.id, state, (says or rule.says) if state == "found" else "other", clean, sentence(rule, state, clean))


def sentence(rule: Rule, state: State, facts: Mapping[str, Any]) -> str:
    """The rule's sentence for a state, filled from the facts; what is not known reads "not stated"."""
    template = {"found": rule.found, "absent": rule.absent, "failed": rule.failed, "not-applicable": rule.not_applicable}[state]
    text = filled(template, facts, "not stated")
    return f"{text} {rule.strength}" if state == "found" else text


def filled(template: str, facts: Mapping[str, Any], missing: str) -> str:
    """A template with its places filled from facts; values are text and never templates themselves."""
    return template.format_map(_Filled(facts, missing))


class _Filled(dict[str, str]):
    """Facts as text for a sentence."""

    def __init__(self, facts: Mapping[str, Any], missing: str) -> None:
        super().__init__((key, _words(value)) for key, value in facts.items() if value is not None)
        self._missing = missing

    def __missing__(self, key: str) -> str:
        return self._missing


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_words(inner) for inner in value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 10000:
        return f"{value:,}"
    return str(value)


def _rule(entry: dict[str, Any], defaults: dict[str, Any]) -> Rule:
    return Rule(
        entry["id"], entry["title"], entry["reader"], cast(Says, entry.get("says", "other")), entry["found"],
        entry.get("absent", defaults["absent"]), entry.get("not_applicable", defaults["not_applicable"]),
        entry.get("failed", defaults["failed"]), entry["strength"], entry["source"],
        tuple(_match(match) for match in entry.get("match", [])),
    )


def _match(entry: dict[str, Any]) -> Match:
    return Match(
        tuple(entry["where"]), re.compile(entry["pattern"]), tuple(re.compile(detail) for detail in entry.get("details", [])),
        tuple((other["where"], re.compile(other["pattern"])) for other in entry.get("also", [])), entry.get("facts"),
        entry.get("all", False),
    )
