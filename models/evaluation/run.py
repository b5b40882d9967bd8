"""Running an expert over a set, several pictures at a time. Results are kept one by one in the set's order, so that an interrupted run goes
on where it was, and what comes out is what one picture at a time gives.
"""

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from desktop.document import Analysis, Finding
from desktop.together import each_done
from models.cards import CARD_NAME, Card, card_digest
from models.errors import Cancelled, ExpertError, InputError, TelltaleError, UsageError
from models.evaluation.grounding import mask_of
from models.evaluation.items import Dataset, Item
from models.evaluation.readers.questions import prompt_of
from models.evaluation.records import Header, Record, RecordFile, place_of

OnProgress = Callable[[int, int, str], None]
"""Called with (done, of, name of a picture that was begun or done), from any thread."""
ReadMask = Callable[[Path], NDArray[np.uint8]]
"""The pixels (H x W x 3) of a mask, read as carefully as any foreign picture, from any thread. Raises TelltaleError."""


class AnalystLike(Protocol):
    """What is needed of ``desktop.analysis.Analyst``; asked from ``at_once`` threads."""

    @property
    def card(self) -> Card: ...
    @property
    def folder(self) -> Path: ...
    @property
    def at_once(self) -> int: ...
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

    A picture that fails has its code in its result. Raises ExpertError when the expert itself cannot be used, Cancelled (in both cases what
    was finished is kept), and UsageError ``records-differ`` when the kept results belong to something else.
    """
    wishes = wishes or Wishes()
    used = wishes.calibration or (analyst.card.calibration.set_id if analyst.card.calibration else "")
    header = Header("telltale.evaluation-records/1", dataset.format, dataset.sha256(), _card_sha256(analyst), wishes.explain, used,
                    telltale)
    path = wishes.results or place_of(header)
    try:
        with RecordFile(path, header, Record) as kept:
            _side_by_side(dataset, kept, analyst, wishes, on_progress, cancelled)
            records = dict(kept.records)
    except OSError as error:
        raise UsageError("results-unwritable", f"the file of results cannot be written: {error.strerror}") from None
    if wishes.results is None:
        path.unlink(missing_ok=True)
    return records


def _side_by_side(dataset: Dataset, kept: RecordFile[Header, Record], analyst: AnalystLike, wishes: Wishes, on_progress: OnProgress | None,
                  cancelled: Callable[[], bool]) -> None:
    """Keep what is missing, written by this thread alone."""
    waiting = [item for item in dataset.items if item.id not in kept.records]
    asking = threading.Lock()

    def tell(item: Item) -> None:
        if on_progress is not None:
            on_progress(len(kept.records), len(dataset.items), item.path.name)

    def one(item: Item) -> Record:
        tell(item)
        return _one(item, analyst, wishes, asking, cancelled)

    for item, record in each_done(waiting, one, analyst.at_once, cancelled):
        kept.append(record)
        tell(item)


def _one(item: Item, analyst: AnalystLike, wishes: Wishes, asking: threading.Lock, cancelled: Callable[[], bool]) -> Record:
    if cancelled():
        raise Cancelled()
    if item.problem:
        return Record(item.id, code=item.problem)
    try:
        answers = _answered(item, analyst, asking, cancelled)
        record = Record(item.id, answers=answers) if answers and item.label is None else _scored(item, answers, analyst, wishes, cancelled)
    except (Cancelled, ExpertError):
        raise
    except TelltaleError as error:
        return Record(item.id, code=error.code)
    if cancelled():
        raise Cancelled()  # a text may have been cut short
    return record


def _answered(item: Item, analyst: AnalystLike, asking: threading.Lock, cancelled: Callable[[], bool]) -> dict[str, str]:
    """Answers to a picture's questions by family; none where its label alone is asked for."""
    if not any(question.options or not item.label for question in item.questions):
        return {}
    with asking:  # one picture's after another's: the engine holds one picture's state, and questions between would cost it anew
        return {question.family: analyst.ask(item.path, prompt_of(question), cancelled=cancelled).text for question in item.questions}


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
