"""The canonical run record: what has to be the same to repeat an analysis bit for bit, and the comparison with a repetition.

Log-odds are kept as hexadecimal floating point, so that no digit is lost.
"""

import json
from dataclasses import dataclass
from typing import Any

from desktop import document
from models.errors import VerificationError

SCHEMA = "telltale.run/1"


@dataclass(frozen=True)
class Repetition:
    """How a repetition compares: ``identical`` is about results; ``differences`` says plainly what was not the same beforehand."""

    identical: bool
    results: tuple[str, ...]
    differences: tuple[str, ...]


def run_record(analysis: document.Analysis) -> bytes:
    """The record of how ``analysis`` came about, as canonical JSON."""
    value = {
        "schema": SCHEMA,
        "telltale": analysis.run.telltale,
        "libraries": analysis.run.libraries,
        "exhibit": {"sha256": analysis.exhibit.sha256, "rgb_sha256": analysis.exhibit.rgb_sha256},
        "engine": analysis.run.engine,
        "prompt": analysis.run.prompt,
        "answer_token_ids": analysis.run.answer_token_ids,
        "opinions": [_opinion(opinion) for opinion in analysis.opinions],
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def compare(record: bytes, again: document.Analysis) -> Repetition:
    """Compare a repetition with a record. Raises VerificationError when the record cannot be read or is about another picture."""
    try:
        before: dict[str, Any] = json.loads(record)
        now: dict[str, Any] = json.loads(run_record(again))
        if before["schema"] != SCHEMA:
            raise KeyError("schema")
        old, new = before["opinions"], now["opinions"]
        same_picture = before["exhibit"]["sha256"] == now["exhibit"]["sha256"]
    except (ValueError, KeyError, TypeError):
        raise VerificationError("record-unreadable", "This is not a run record of Telltale.") from None
    if not same_picture:
        raise VerificationError("record-of-another-picture", "The run record is about another picture.")
    differences = [
        f"{label} differs: {_short(before.get(name))} then, {_short(now.get(name))} now"
        for name, label in (
            ("telltale", "Telltale's version"),
            ("libraries", "a library's version"),
            ("engine", "the machine or the engine's configuration"),
            ("prompt", "the prompt"),
            ("answer_token_ids", "the answer tokens"),
        )
        if before.get(name) != now.get(name)
    ]
    if before["exhibit"]["rgb_sha256"] != now["exhibit"]["rgb_sha256"]:
        differences.append("the decoded pixels differ")
    results = []
    identical = len(old) == len(new)
    for first, second in zip(old, new, strict=False):
        if first["expert"] != second["expert"]:
            differences.append(f"the expert differs: {first['expert']['id']} then, {second['expert']['id']} now, or its files changed")
        if first["frame"] != second["frame"]:
            differences.append("the frame or its preparation differs")
        same = first["log_odds"] == second["log_odds"]
        identical = identical and same
        then, here = float.fromhex(first["log_odds"]), float.fromhex(second["log_odds"])
        results.append(f"log-odds {then!r} then, {here!r} now: " + ("the same bit for bit" if same else "NOT the same"))
    return Repetition(identical, tuple(results), tuple(differences))


def _opinion(opinion: document.Opinion) -> dict[str, Any]:
    expert, frame = opinion.expert, opinion.frame
    return {
        "expert": {
            "id": expert.id, "card_sha256": expert.card_sha256, "language_sha256": expert.language_sha256,
            "projector_sha256": expert.projector_sha256, "type": expert.type,
        },
        "frame": {"box": list(frame.box), "preparation": frame.preparation, "size": frame.size, "rgb_sha256": frame.rgb_sha256},
        "log_odds": float(opinion.log_odds).hex(),
        "mass": float(opinion.mass).hex(),
        "answer": opinion.answer,
    }  # fmt: skip


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 200 else text[:200] + "…"
