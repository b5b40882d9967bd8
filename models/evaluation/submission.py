"""Answers in the form in which the benchmarks that withhold their labels take them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.cards import Card
from models.errors import UsageError
from models.evaluation.items import Dataset
from models.evaluation.records import Record


def submission(dataset: Dataset, records: Mapping[str, Record], card: Card, folder: Path) -> dict[str, Any]:
    """Write the benchmark's files (UTF-8 JSON) to ``folder``; returns their names and how many answers they hold.

    FakeBench: ``test_FakeClass.json``, a list of ``image_id`` and ``answer``. AesBench: one ``test_<family>.json`` a family, by picture.
    Raises UsageError ``submission-none`` for other sets, ``submission-unwritable``.
    """
    if not dataset.submission:
        raise UsageError("submission-none", "this set publishes its labels; there is nothing to submit")
    files = _fakebench(dataset, records, card) if dataset.submission == "fakebench" else _aesbench(dataset, records)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in files.items():
            (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=4) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError("submission-unwritable", f"the submission cannot be written: {error.strerror}") from None
    return {name: len(value) for name, value in sorted(files.items())}


def _fakebench(dataset: Dataset, records: Mapping[str, Record], card: Card) -> dict[str, Any]:
    answers = []
    for item in dataset.items:
        record = records.get(item.id)
        if record is None or record.code:
            continue
        words = {"fake": card.prompt.fake_word, "real": card.prompt.real_word}
        # A detector is asked its own question; its explanation, or at least its verdict, answers the benchmark's.
        verdict = f"{card.prompt.answer_start.strip()} {words[record.answer]} image." if record.answer in words else ""
        answers.append({"image_id": item.id, "answer": record.answers.get("FakeClass") or record.text or verdict})
    return {"test_FakeClass.json": answers}


def _aesbench(dataset: Dataset, records: Mapping[str, Record]) -> dict[str, Any]:
    families = sorted({question.family for item in dataset.items for question in item.questions})
    return {
        f"test_{family}.json": {item.id: {f"{family}_response": records[item.id].answers[family]} for item in dataset.items
                                if item.id in records and family in records[item.id].answers}
        for family in families
    }
