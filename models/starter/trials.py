"""What the programs that measure or try something share: how two ways are compared, and where their tables stand in the model card.

Needs no torch.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from models.evaluation.metrics import Floats, Labels, auc, auc_difference, auc_interval
from models.starter.card_text import area, percent, table

MEASURED, TRIED, PAIRS, FRAMES = "measured", "tried", "pairs", "frames"
"""Names of the marked places in the card."""
SPLITS = {"first": "test", "second": "test_more"}
"""The held-out sets."""
_READS = {"noise": "co-occurrences of luminance", "spectra": "spectra of luminance", "colour": "colour", "all": "all"}


def compared(labels: Labels, scores: Floats, against: Floats | None) -> dict[str, Any]:
    """AUC with its interval, and the interval of its difference to the AUC of other scores of the same pictures (95 %).

    Ends the program with a message unless there are two pictures of each class.
    """
    value, interval = auc(labels, scores), auc_interval(labels, scores)
    if value is None or interval is None:
        raise SystemExit("at least two pictures of each class are needed")
    difference = None if against is None else auc_difference(labels, against, scores)
    return {
        "auc": round(value, 4), "interval": [round(bound, 4) for bound in interval],
        "difference": None if difference is None else [round(bound, 4) for bound in difference[1]],
    }  # fmt: skip


def markers(name: str) -> tuple[str, str]:
    """The lines between which the tables of this name stand."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def write_between(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of this name; what stands around them stays. A card without them gets them at its end."""
    begin, end = markers(name)
    card = path.read_text("utf-8") if path.exists() else ""
    if begin not in card:
        card += f"\n{begin}\n{end}\n"
    before, _, rest = card.partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")


def cell(found: dict[str, Any]) -> str:
    """``0.835 (-0.012 to +0.003)``, the interval of the difference; where there is none, the area's own interval."""
    if found["difference"] is None:
        return area(found)
    low, high = found["difference"]
    return f"{found['auc']:.3f} ({low:+.3f} to {high:+.3f})"


def render_tried(found: dict[str, Any]) -> str:
    """The table of what was tried, in the program's order; rows trained on fewer views than the first say so."""
    rows = []
    most = found["variants"][0]["groups"][0]["views"]
    for one in found["variants"]:
        groups: list[dict[str, Any]] = one["groups"]
        fewer = [f" ({group['views']:,} of {most:,} views)" for group in groups[:1] if group["views"] < most]
        rows.append([
            "".join([one["name"], *fewer]), _each(_READS[group["reads"]] for group in groups),
            _each(_share(group["first_list"]) for group in groups),
            _counted(f"{group['members']} of {group['hidden']} units" + ", mixtures" * group["mixed"] for group in groups),
            _each(f"{group['steps']:,}" for group in groups), cell(one["first"]), cell(one["second"]),
        ])  # fmt: skip
    return table(["tried", "statistics", "drawn from the first list", "networks", "steps", "AUC, first set", "second set"], rows)


def render_pairs(found: dict[str, Any]) -> str:
    """Finished pairs: AUC, and what each does at its own threshold."""
    rows = []
    for one in found["pairs"]:
        cells = [text for name in SPLITS for text in (cell(one[name]), percent(one[name]["real"]), percent(one[name]["generated"]))]
        rows.append([one["name"], f"{one['threshold']:+.2f}", *cells])
    head = [f"{set_}: {what}" for set_ in ("first set", "second") for what in ("AUC", "camera views called fake", "AI-made ones found")]
    return table(["pair", "threshold", *head], rows)


_SPLITS = {"calibration": "calibration", "test": "first set", "test_more": "second set"}
_DELIVERIES = {"delivered": "as delivered", "1080q75": "1080, JPEG 75"}


def render_frames(found: dict[str, Any]) -> str:
    """AUC of every reach by split and delivery, with the interval of the difference to the first."""
    head = [f"{_SPLITS[one['split']]}, {_DELIVERIES[one['delivery']]} ({one['real']} + {one['generated']})" for one in found["sets"]]
    rows = []
    for number, reach in enumerate(found["reaches"]):
        name = "the whole picture" if reach is None else f"the middle {reach * found['size']} pixels"
        rows.append([f"**{name}**" if reach == found["shipped"] else name, *(cell(one["shown"][number]) for one in found["sets"])])
    return table(["shown", *head], rows)


def _each(texts: Iterable[str]) -> str:
    """What the groups of a variant differ in, each once."""
    return "; ".join(dict.fromkeys(texts))


def _counted(texts: Iterable[str]) -> str:
    """The same, and how many groups are alike."""
    return "; ".join(text if count == 1 else f"{count} times {text}" for text, count in Counter(texts).items())


def _share(first_list: float | None) -> str:
    return "by size" if first_list is None else f"{100 * first_list:.0f} %"
