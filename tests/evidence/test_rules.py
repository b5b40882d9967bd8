"""The rules and views as data: complete, in order, and the same words in the docs."""

import re
import string
from typing import get_args

from desktop.evidence.docs import TARGET, render
from desktop.evidence.marks import read_marks
from desktop.evidence.marks.rules import Says, make_mark, rules, sentence
from desktop.evidence.marks.text import shown, shown_facts
from desktop.evidence.views import catalogue
from desktop.evidence.views.compute import _FUNCTIONS
from samples.files import png


def test_every_rule_has_a_reader_and_unique_words() -> None:
    table = rules()
    assert len({rule.id for rule in table.marks}) == len(table.marks)
    assert [mark.id for mark in read_marks(png(), "png", {})] == [rule.id for rule in table.marks]
    for rule in table.marks:
        assert rule.says in get_args(Says) and rule.found.endswith(".") and rule.strength.endswith(".") and rule.absent.endswith(".")
        assert rule.reader == "patterns" or not rule.matches
        for match in rule.matches:
            assert all(re.fullmatch(r"(png|text|exif|xmp|iptc):\S[^,]*", place) for place in match.where)
    assert all(known["says"] in get_args(Says) and known["vocabulary"] for known in table.source_types.values())


def test_found_sentences_name_the_file_or_its_parts_and_never_claim_truth() -> None:
    for rule in rules().marks:
        assert re.match(r"The (file|lowest bits|pixels|JPEG|camera data|declarations)|\{bytes\} bytes", rule.found), rule.found
        assert not re.search(r"\bis (an? )?(AI|fake|genuine|authentic|real)\b", rule.found)


def test_sentences_are_filled_with_facts_and_never_with_code() -> None:
    for rule in rules().marks:
        names = {
            name for _, name, spec, conversion in string.Formatter().parse(rule.found) if name is not None and not spec and not conversion
        }
        assert all(name.isidentifier() for name in names)
        told = sentence(rule, "found", dict.fromkeys(names, "{0.__class__}"))
        assert "not stated" not in told and ("{0.__class__}" in told or not names)
    mark = make_mark(rules().rule("sd-webui"), "found", {"where": "png:parameters"})
    assert "seed: not stated" in mark.sentence


def test_text_fit_to_be_shown() -> None:
    assert shown("a\u202eb\x00c\u200d\ud800\n d") == "abc d"
    assert shown("x" * 5000, 10) == "x" * 9 + "…"
    assert shown_facts({"a": float("nan"), "b": 1 << 70, "c": [{"d": {"e": ["f"]}}], "g": None, "h": True}) == {
        "a": None, "b": str(1 << 70), "c": [{"d": {"e": "['f']"}}], "g": None, "h": True}


def test_every_view_has_its_function_and_its_words() -> None:
    assert {spec.id for spec in catalogue()} == set(_FUNCTIONS)
    for spec in catalogue():
        assert all(text.endswith(".") for text in (spec.shows, spec.gate, spec.means, spec.not_means)) and spec.source and spec.parameters


def test_the_docs_are_current() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(), "run python -m desktop.evidence.docs"
