"""Running an expert over a set: one picture after another, each result kept at once, so that an interrupted run goes on where it was."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop.document import Analysis, Finding
from models.cards import CARD_NAME, Card, card_digest
from models.errors import Cancelled, ExpertError, InputError, TelltaleError, UsageError
from models.evaluation.grounding import mask_of
from models.evaluation.items import Dataset, Item
from models.evaluation.readers.questions import prompt_of
from models.evaluation.records import Header, Record, RecordFile
from models.places import data_dir

OnProgress = Callable[[int, int, str], None]
"""Called with (done, of, name of the next picture)."""
ReadMask = Callable[[Path], NDArray[np.uint8]]
"""The pixels (H x W x 3) of a mask, read as carefully as any foreign picture. Raises TelltaleError."""


class AnalystLike(Protocol):
    """What is needed of ``desktop.analysis.Analyst``."""

    @property
    def card(self) -> Card: ...
    @property
    def folder(self) -> Path: ...
    def analyse(self, source: Path, *, options: Any, cancelled: Callable[[], bool]) -> Analysis: ...
    def ask(self, source: Path, question: str, *, cancelled: Callable[[], bool]) -> Any: ...


@dataclass(frozen=True)
class Wishes:
    """How a set is gone through."""

    explain: bool = False
    """Write explanations too; without it, scores only."""
    results: Path | None = None
    """File of results that is kept; default: one in the data folder, deleted when the run is complete."""
    calibration: str = ""
    """Set of the user's own calibration that the analyst was given, if any."""
    read_mask: ReadMask | None = None
    """Needed to see whether explanations of edited pictures point at the edited part."""


def never() -> bool:
    """The cancel flag that is never raised."""
    return False


def run(dataset: Dataset, analyst: AnalystLike, wishes: Wishes | None = None, *, telltale: str, on_progress: OnProgress | None = None,
        cancelled: Callable[[], bool] = never) -> Mapping[str, Record]:
    """Results of every picture, by id; those of an earlier, interrupted run are not made again.

    A picture that fails has its code in its result. Raises ExpertError when the expert itself cannot be used, Cancelled, and UsageError
    ``records-differ`` when the kept results belong to something else.
    """
    wishes = wishes or Wishes()
    used = wishes.calibration or (analyst.card.calibration.set_id if analyst.card.calibration else "")
    header = Header("telltale.evaluation-records/1", dataset.format, dataset.sha256(), _card_sha256(analyst), wishes.explain, used,
                    telltale)
    path = wishes.results or data_dir() / "evaluations" / f"{card_digest(msgspec.json.encode(header))[:32]}.jsonl"
    try:
        with RecordFile(path, header) as kept:
            for done, item in enumerate(dataset.items):
                if on_progress is not None:
                    on_progress(done, len(dataset.items), item.path.name)
                if item.id not in kept.records:
                    kept.append(_one(item, analyst, wishes, cancelled))
            records = dict(kept.records)
    except OSError as error:
        raise UsageError("results-unwritable", f"the file of results cannot be written: {error.strerror}") from None
    if wishes.results is None:
        path.unlink(missing_ok=True)
    return records


def _one(item: Item, analyst: AnalystLike, wishes: Wishes, cancelled: Callable[[], bool]) -> Record:
    if cancelled():
        raise Cancelled()
    if item.problem:
        return Record(item.id, code=item.problem)
    try:
        if any(question.options or not item.label for question in item.questions):
            answers = {question.family: analyst.ask(item.path, prompt_of(question), cancelled=cancelled).text
                       for question in item.questions}
            if item.label is None:
                return Record(item.id, answers=answers)
        else:
            answers = {}
        return _scored(item, answers, analyst, wishes, cancelled)
    except (Cancelled, ExpertError):
        raise
    except TelltaleError as error:
        return Record(item.id, code=error.code)


def _scored(item: Item, answers: dict[str, str], analyst: AnalystLike, wishes: Wishes, cancelled: Callable[[], bool]) -> Record:
    from desktop.analysis import Options

    analysis = analyst.analyse(item.path, options=Options(explain=wishes.explain, effects=False, stability=False), cancelled=cancelled)
    opinion = analysis.opinions[0]
    outcome = analysis.finding.outcome if isinstance(analysis.finding, Finding) else ""
    inside: tuple[float, float] | None = None
    if item.mask is not None and wishes.read_mask is not None and wishes.explain:
        boxes = [region.box for claim in opinion.claims for region in claim.regions]
        # A mask that cannot be read takes away this one measure, not the picture's score.
        with contextlib.suppress(InputError):
            inside = pointing(boxes, wishes.read_mask(item.mask), (analysis.exhibit.width, analysis.exhibit.height))
    return Record(
        item.id, sha256=analysis.exhibit.sha256, width=analysis.exhibit.width, height=analysis.exhibit.height,
        container=analysis.exhibit.container, log_odds=opinion.log_odds, mass=opinion.mass, answer=opinion.answer, outcome=outcome,
        text=opinion.text, answers=answers, in_mask=inside[0] if inside else None, mask_share=inside[1] if inside else None,
    )


def pointing(boxes: list[tuple[int, int, int, int]], mask: NDArray[np.uint8], size: tuple[int, int]) -> tuple[float, float] | None:
    """(share of the boxes' area that lies in the mask, share of the picture that the mask covers); None without boxes.

    ``boxes`` are (x, y, width, height) in a picture of ``size`` (width, height); overlapping boxes count once. A mask of another size is
    stretched. Chance gives both shares alike.
    """
    width, height = size
    white = mask_of(mask, size)
    covered = np.zeros((height, width), bool)
    for x, y, box_width, box_height in boxes:
        covered[y : y + box_height, x : x + box_width] = True
    return (float(white[covered].mean()), float(white.mean())) if covered.any() else None


def _card_sha256(analyst: AnalystLike) -> str:
    return card_digest((analyst.folder / CARD_NAME).read_bytes())
