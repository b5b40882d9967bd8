"""Benchmarks that ask questions and keep the answers to themselves: FakeBench and AesBench. Their readers prepare a submission."""

import re
from pathlib import Path
from typing import Any

from models.errors import UsageError
from models.evaluation.items import Dataset, Item, Label, Question
from models.evaluation.readers.common import entries, find, first_file, read_json, text

AESBENCH_FAMILIES = {
    "AesP": "perception", "AesE": "empathy", "AesA1": "assessment", "AesA2": "assessment", "AesA3": "assessment", "AesI": "interpretation",
}


def read_fakebench(root: Path) -> Dataset:
    """FakeBench's FakeClass: ``Evaluation/FakeClass.json`` with ``image_id`` and ``question``; pictures in ``FakeBench_images/``.

    Labels are withheld by the list. Where the pictures lie in ``fake_images/`` and ``real_images/``, those folders tell, and are used.
    """
    listing = first_file(root / "Evaluation" / "FakeClass.json", root / "FakeClass.json")
    sides: dict[str, Label] = {"fake_images": "fake", "real_images": "real"}
    items, known = [], 0
    for number, entry in enumerate(entries(read_json(listing), listing)):
        name = text(entry, "image_id")
        path, problem = find(root, name, (*(f"FakeBench_images/{side}" for side in sides), "FakeBench_images", ""))
        label = sides.get(path.parent.name) if not problem else None
        known += label is not None
        items.append(Item(name or f"#{number}", path, label, problem=problem,
                          questions=(Question("FakeClass", text(entry, "question")),) if text(entry, "question") else ()))
    notes = ["FakeBench withholds its labels: send the submission to its authors."]
    if known:
        notes.append(f"{known} labels were taken from the folders fake_images and real_images.")
    return Dataset("fakebench", root, tuple(items), tuple(notes), "fakebench")


def read_aesbench(root: Path) -> Dataset:
    """AesBench: ``AesBench_evaluation.json``, ``{"<picture>": {"AesP_data": {"Question": …, "Options": …}}}``, pictures in ``images/``.

    Questions and options as its own evaluation scripts read them. The right answers are withheld; a field ``Answer`` is used where a copy
    has one (its name and form are inferred).
    """
    listing = first_file(root / "AesBench_evaluation.json", root / "EAPD_release" / "AesBench_evaluation.json")
    value = read_json(listing)
    if not isinstance(value, dict):
        raise UsageError("dataset-invalid", f"{listing.name} is not an object of pictures")
    items, answered = [], 0
    for name, entry in value.items():
        path, problem = find(listing.parent, str(name), ("images", ""))
        questions = tuple(
            question for family in AESBENCH_FAMILIES
            if isinstance(entry, dict) and (question := _aes_question(family, entry.get(f"{family}_data"))) is not None
        )
        answered += sum(bool(question.answer) for question in questions)
        items.append(Item(str(name), path, questions=questions, problem=problem))
    notes = [] if answered else ["AesBench withholds its answers: send the submission to its authors."]
    return Dataset("aesbench", root, tuple(items), tuple(notes), "aesbench")


_BEGINNING = re.compile(r"\W*(?:(?:the )?(?:correct )?(?:answer|option)(?: is)?\W*)?\(?([A-Za-z])(?=[).:,]|\s*(?:\n|$))", re.IGNORECASE)
"""A letter that stands alone: "B", "(B) …", "B. …", "The answer is B."; not the article of "A picture …"."""


def prompt_of(question: Question) -> str:
    """What the model is asked, in the benchmark's own words."""
    if not question.options:
        return question.text
    options = "\n".join(f"{letter}. {option}" for letter, option in question.options)
    return f"{question.text} Choose one from the following options:\n{options}\nYou should output a correct option without explanation."


def chosen(answer: str, options: tuple[tuple[str, str], ...]) -> str:
    """The letter that an answer means: the letter it begins with, else the one option whose text it contains; empty when unclear.

    Never a guess: an unclear answer counts as wrong.
    """
    letters = {letter for letter, _ in options}
    begin = _BEGINNING.match(answer.strip())
    if begin and begin[1].upper() in letters:
        return begin[1].upper()
    named = {letter for letter, option in options if option and re.search(rf"\b{re.escape(option.strip('. ').lower())}\b", answer.lower())}
    return named.pop() if len(named) == 1 else ""


def _aes_question(family: str, data: Any) -> Question | None:
    if not isinstance(data, dict) or not text(data, "Question"):
        return None
    options = tuple(_options(text(data, "Options")))
    answer = text(data, "Answer").strip()
    letter = answer[:1].upper() if re.match(r"^\(?[A-Za-z]\)?\W*$", answer) else chosen(answer, options) if answer else ""
    return Question(family, text(data, "Question"), options, letter)


def _options(value: str) -> list[tuple[str, str]]:
    """``"A) … B) …"`` or one a line, as (letter, text)."""
    marks = list(re.finditer(r"(?:^|(?<=\s))\(?([A-H])[).:]\s*", value))
    ends = [*(mark.start() for mark in marks[1:]), len(value)]
    return [(mark[1], value[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=False)]
