"""An evaluation document as a table for a terminal."""

from typing import Any

_TELLING = 0.65
"""A set whose sizes or formats alone give an AUC above this is said to give itself away."""
_SHOWN = ("accuracy", "balanced_accuracy", "f1", "f1_real", "auc", "ap", "fpr", "tpr", "ece", "cllr")


def as_text(document: dict[str, Any]) -> str:
    """What a person wants to see of the document: overall, by group, published beside measured, and what was assumed."""
    counts, expert = document["counts"], document["expert"]
    lines = [
        f"{expert['name']} ({expert['type']}) on {document['dataset']['format']}: {counts['real']} real, {counts['fake']} fake, "
        f"{counts['edited']} edited, {counts['unlabelled']} unlabelled; {counts['failed']} failed, {counts['undecided']} not answered.",
        f"Threshold on the log-odds: {document['threshold']:.3f}",
    ]
    if document["metrics"]["pictures"]:
        rows = {"all": document["metrics"], **document["groups"]["category"]}
        cells = [[name, str(row["pictures"]), *(_number(row[key]) for key in _SHOWN)] for name, row in rows.items()]
        lines += ["", *_table(["", "n", *_SHOWN], cells)]
        for key, sentence in (("fpr_interval", "real pictures called fake"), ("tpr_interval", "fake pictures found")):
            one = document["metrics"][key]
            lines.append(f"{sentence}: {one['count']} of {one['of']} (95 % interval {100 * one['low']:.1f} % to {100 * one['high']:.1f} %)")
    confounds = document["confounds"]
    for key, what in (("size_auc", "size"), ("container_auc", "file format")):
        if confounds[key] is not None and confounds[key] > _TELLING:
            lines.append(f"WARNING: in this set the {what} alone tells real from fake (AUC {confounds[key]:.2f}); the rest may rest on it.")
    for name, values in (("edited", document.get("edited")), ("texts", document.get("texts")), ("against", document.get("against"))):
        if values:
            lines.append(f"{name}: " + ", ".join(f"{key} {_number(value)}" for key, value in values.items() if not isinstance(value, dict)))
    for family, values in (document.get("choices") or {"families": {}})["families"].items():
        lines.append(f"{family}: {_number(values['accuracy'])} of {values['questions']} questions right, {values['unclear']} unclear")
    for row in document["published"]:
        here = {**document["metrics"], **(document.get("texts") or {})}
        pairs = ", ".join(f"{key} {_number(value)} / {_number(here.get(key))}" for key, value in row["metrics"].items())
        lines.append(f"published / here ({row['source']}): {pairs}")
    lines += [f"note: {note}" for note in document["dataset"]["notes"]]
    lines += [f"{number} failed with {code}" for code, number in document["failures"].items()]
    return "\n".join(lines)


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    cells = [head, *rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
