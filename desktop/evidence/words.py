"""The words of marks and views in other languages than English, made again from the facts; texts from the file stay as they are."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from desktop.document import Mark
from desktop.evidence.marks.rules import filled, rules
from desktop.evidence.views.catalogue import spec

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class ViewWords:
    """The fixed words of a view."""

    title: str
    shows: str
    gate: str
    means: str
    not_means: str


def mark_title(mark_id: str, language: str = "en") -> str:
    """A mark's name for people; the id itself for one that the rules do not know."""
    if language in LANGUAGES[1:] and (own := _words(language)["mark"].get(mark_id)):
        return str(own["title"])
    return next((rule.title for rule in rules().marks if rule.id == mark_id), mark_id)


def mark_sentence(mark: Mark, language: str = "en") -> str:
    """A mark's sentence in a language; in English the very sentence of the document."""
    own = _words(language)["mark"].get(mark.id) if language in LANGUAGES[1:] else None
    if own is None:
        return mark.sentence
    words = _words(language)
    state = mark.state.replace("-", "_")
    template = str(own["found"] if state == "found" else own.get(state) or words[state])
    text = filled(template, _translated(mark, words), words["phrases"]["not stated"])
    return text + str(own["strength"]) if state == "found" else text


def view_words(view_id: str, language: str = "en") -> ViewWords:
    """A view's words. Raises UsageError for an unknown view."""
    english = spec(view_id)
    own = _words(language)["view"].get(view_id) if language in LANGUAGES[1:] else None
    if own is not None:
        return ViewWords(**own)
    return ViewWords(english.title, english.shows, english.gate, english.means, english.not_means)


@lru_cache(maxsize=4)
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"words.{language}.toml").read_text(encoding="utf-8"))


def _translated(mark: Mark, words: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with our own fixed phrases in the language; what the file says is not touched, since it is no phrase of ours."""
    phrases = words["phrases"]
    facts = {key: phrases.get(value, value) if isinstance(value, str) else value for key, value in mark.facts.items()}
    if mark.id == "c2pa" and mark.state == "found":
        facts["summary"] = _credentials(mark.facts, words["credentials"])
    elif mark.id == "exif-consistency":
        facts["list"] = [words["codes"].get(code, code) for code in _list(mark.facts.get("codes"))]
    elif mark.id == "jpeg-encoder":
        exact, estimate = mark.facts.get("ijg_quality"), mark.facts.get("estimated_quality")
        kind = "standard" if "standard tables" in str(mark.facts.get("tables")) else "own" if estimate is not None else "none"
        facts["tables"] = words["encoder"][kind].format(quality=exact if kind == "standard" else round(estimate or 0))
    elif mark.id == "conflict":
        language = next(code for code in LANGUAGES[1:] if _words(code) is words)
        for side in ("ai", "camera"):
            facts[f"{side}_titles"] = [mark_title(name, language) for name in _list(mark.facts.get(side))]
    return facts


def _credentials(facts: Mapping[str, Any], words: Mapping[str, str]) -> str:
    bound = {True: "bound_yes", False: "bound_no"}.get(facts.get("pixels_bound"), "bound_unknown")  # type: ignore[arg-type]
    expired = facts.get("time") == "expired"
    trust = "trusted_yes" if facts.get("signer_trusted") else "trusted_expired" if expired else "trusted_no"
    parts = {
        "source": words.get(str(facts.get("source")), ""), "signer": facts.get("signer"), "bound": words[bound],
        "types": ", ".join(_list(facts.get("source_types"))) or words["no_type"],
        "signature": words["signature_yes" if facts.get("signature_valid") else "signature_no"],
        "trusted": filled(words[trust], {"list": facts.get("trust_list"), "asked": facts.get("trust_lists_asked")}, ""),
        "time": words.get(str(facts.get("time")), words["unknown"]),
    }
    return filled(words["summary"], parts, "")


def _list(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
