"""Sets with a list that says what a picture is and what people wrote about it: FakeClue, LOKI, DD-VQA."""

import re
from pathlib import Path
from typing import Any

from models.errors import UsageError
from models.evaluation.items import Dataset, Item, Label
from models.evaluation.readers.common import by_stem, entries, find, first_file, merge, read_json, relative, text


def read_fakeclue(root: Path) -> Dataset:
    """FakeClue: ``data_json/test.json``; entries have ``image``, ``label`` (1 real, 0 fake), ``cate`` and ``conversations``.

    Format read in FakeVLM's own loader. Unzipping often doubles the folder (``test/test/``); both are looked into.
    """
    listing = first_file(root / "data_json" / "test.json", root / "test.json")
    sides: dict[str, Label] = {"1": "real", "0": "fake"}
    items = []
    for entry in entries(read_json(listing), listing):
        name = text(entry, "image")
        path, problem = find(root, name, ("test", "test/test", "", "images"))
        items.append(Item(name, path, sides.get(str(entry.get("label"))), category=text(entry, "cate"), source=name.split("/")[0],
                          references=_answers(entry), problem=problem))
    found, left_out = merge(items)
    return Dataset("fakeclue", root, found, _left_out(left_out))


def read_loki(root: Path) -> Dataset:
    """LOKI, image part: ``data_json/image/true_or_false.json`` with ``image_path``, ``question`` and ``answer`` (Yes or No).

    What "yes" means follows from the question's own words, and the category from the picture's folder: both are inferred, not documented.
    Explanations (``open_ended_vqa.json``) are not read: the copy that was seen is not valid JSON.
    """
    listing = root / "data_json" / "image" / "true_or_false.json"
    items, unclear = [], 0
    for entry in entries(read_json(listing), listing):
        name = entry.get("image_path")
        name = name[0] if isinstance(name, list) and len(name) == 1 else name
        label = _loki_label(text(entry, "question"), text(entry, "answer"))
        if not isinstance(name, str) or label is None:
            unclear += 1
            continue
        name = name.replace("\\", "/").removeprefix("./")
        path, problem = find(root, name, ("", "media_data/image", "media_data"))
        items.append(Item(name, path, label, category=_loki_category(name), source=text(entry, "question_type"), problem=problem))
    found, left_out = merge(items)
    notes = ["The meaning of yes and no was inferred from each question's words, and the category from the picture's folder."]
    if unclear:
        notes.append(f"{unclear} entries were left out: several pictures, or a question that names neither side alone.")
    return Dataset("loki", root, found, (*notes, *_left_out(left_out)))


def read_ddvqa(root: Path) -> Dataset:
    """DD-VQA: ``test_set/<method>/<method>.json``, ``{"<method number>_<video>": {"0": {"question": …, "answer": […]}}}``.

    Number 5 is an original, the others are manipulations (README of Research-DD-VQA). That the pictures lie beside the list and are named
    like its keys is inferred.
    """
    base = next((path for path in (root / "DQ_FF++" / "test_set", root / "test_set", root) if path.is_dir()), root)
    items = []
    for listing in sorted(base.glob("*/*.json")):
        value = read_json(listing)
        if not isinstance(value, dict):
            raise UsageError("dataset-invalid", f"{listing.name} is not an object of pictures")
        found = by_stem(listing.parent)
        for key, questions in value.items():
            path = found.get(key)
            label: Label = "real" if str(key).split("_")[0] == "5" else "fake"
            items.append(Item(f"{relative(listing.parent, root)}/{key}", path or listing.parent / key, label, category=listing.stem,
                              references=_ddvqa_references(questions), problem="" if path else "picture-missing"))
    found_items, left_out = merge(items)
    note = "That pictures lie beside the lists and are named like their entries was inferred."
    return Dataset("ddvqa", root, found_items, (note, *_left_out(left_out)))


def _answers(entry: dict[str, Any]) -> tuple[str, ...]:
    turns = entry.get("conversations")
    if not isinstance(turns, list):
        return ()
    said = [text(turn, "value") for turn in turns if isinstance(turn, dict) and text(turn, "from") in ("gpt", "assistant")]
    return tuple(value for value in said if value)


def _ddvqa_references(questions: Any) -> tuple[str, ...]:
    """The people's answers about the whole image (the question that FakeVLM is asked), not those about single parts of a face."""
    if not isinstance(questions, dict):
        return ()
    whole = [item for item in questions.values() if isinstance(item, dict) and "image" in text(item, "question").lower()]
    return tuple(answer for item in whole for answer in item.get("answer") or () if isinstance(answer, str))


def _loki_label(question: str, answer: str) -> Label | None:
    yes = {"yes": True, "no": False}.get(answer.strip().strip(".").lower())
    fake = re.search(r"\b(ai|synthe\w*|generat\w*|fake|artificial\w*)\b", question, re.IGNORECASE)
    real = re.search(r"\b(real|authentic|genuine|natural)\b", question, re.IGNORECASE)
    if yes is None or bool(fake) == bool(real):
        return None
    return "fake" if yes == bool(fake) else "real"


def _loki_category(name: str) -> str:
    folders = [part for part in name.split("/")[:-1] if part.lower() not in ("media_data", "image", "images", "fake", "real", ".")]
    return folders[0] if folders else ""


def _left_out(count: int) -> tuple[str, ...]:
    return (f"{count} entries that repeat or contradict another one about the same picture were left out.",) if count else ()
