"""Where does an expert point? Its maps on pictures whose edited part is known, against guessing, and what hiding them does.

The result is one ``telltale.grounding/1`` document. With ``choose`` the layers and heads are searched on one half of the pictures and
everything is reported on the other half; the halves follow from the pictures' names, so that they stay the same.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop import effects, regions
from desktop.engine import Engine, Trace
from models.cards import Card
from models.errors import Cancelled, ExpertError, TelltaleError, UsageError
from models.evaluation.grounding import Cells, Hit, Map, Shares, centre_prior, curves, mask_of, overlap, random_map, score, shares
from models.evaluation.grounding_maps import Way, candidates
from models.evaluation.grounding_table import Seen, document
from models.evaluation.items import Dataset, Item
from models.evaluation.records import RecordFile, place_of
from models.preparation import prepare

NOTHING_SAID = "nothing-said"
"""Why a picture is left out of which the expert says nothing that could point."""
GUESSES = 20
"""Random maps a picture; the mean of their hits is what chance gives."""
OnProgress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Wishes:
    """How much is measured; every further thing costs passes of the expert."""

    choose: bool = False
    """Search layers and heads on half of the pictures."""
    curves: int = 1_000_000
    """Deletion and insertion curves of at most so many pictures (some 60 passes each)."""
    effects: int = 1_000_000
    """Claims of at most so many pictures are hidden and compared with their controls (5 passes a claim)."""
    results: Path | None = None
    """File in which what was seen is kept; default: one in the data folder, deleted when the run is complete."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First line of a file of what was seen: what it was seen of, and with which wishes."""

    schema: Literal["telltale.grounding-records/1"]
    format: str
    dataset_sha256: str
    pictures: tuple[str, ...]
    """Those with masks, in the order in which they are measured."""
    card_sha256: str
    choose: bool
    curves: int
    effects: int
    telltale: str


def measure(dataset: Dataset, engine: Engine, read: Callable[[Path], NDArray[np.uint8]], wishes: Wishes, *, telltale: str,
            on_progress: OnProgress, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """The document. ``engine`` has to read every layer (``EngineSettings.every_layer``); ``read`` gives the pixels of a picture or mask.

    Pictures that fail, and those of which the expert says nothing that could point, are counted and left out. What was seen of a picture is
    kept at once, so that an interrupted run goes on where it was. Raises UsageError ``no-masks`` or ``records-differ``, ExpertError,
    Cancelled.
    """
    # In an order that follows from the names alone, so that the first few are of every kind.
    items = sorted((item for item in dataset.items if item.mask is not None), key=lambda item: _digest(item)[1:])
    if not items:
        raise UsageError("no-masks", "no edited picture with a mask was found: edited/ and masks/ with pictures of the same names")
    halves = {item.id: _digest(item)[0] % 2 == 0 for item in items}
    first = [item for item in items if wishes.choose and halves[item.id]]
    rest = [item for item in items if not (wishes.choose and halves[item.id])]
    header = Header("telltale.grounding-records/1", dataset.format, dataset.sha256(), tuple(item.id for item in items), engine.card_sha256,
                    wishes.choose, wishes.curves, wishes.effects, telltale)
    path = wishes.results or place_of(header)
    looker = _Looker(engine, read, cancelled)
    try:
        with RecordFile(path, header, Seen) as kept:

            def each(some: Sequence[Item], work: Callable[[Item, int], Seen]) -> list[Seen]:
                """What was seen of pictures of which something was; ``work`` is told how many of those came before."""
                found: list[Seen] = []
                for item in some:
                    if item.id not in kept.records:
                        on_progress(len(kept.records), len(items), item.path.name)
                        kept.append(_tried(item, len(found), work, cancelled))
                    if not kept.records[item.id].code:
                        found.append(kept.records[item.id])
                return found

            searched = each(first, lambda item, _before: looker.search(item))
            chosen, ranking = _best(searched)
            measured = each(rest, lambda item, before: looker.measure(item, chosen, with_curves=before < wishes.curves,
                                                                      with_effects=before < wishes.effects))
            failed = Counter(kept.records[item.id].code for item in (*first, *rest) if kept.records[item.id].code)
    except OSError as error:
        raise UsageError("results-unwritable", f"the file of results cannot be written: {error.strerror}") from None
    if wishes.results is None:
        path.unlink(missing_ok=True)
    return document(dataset, engine, measured, dict(failed), chosen, ranking, len(searched))


def _tried(item: Item, before: int, work: Callable[[Item, int], Seen], cancelled: Callable[[], bool]) -> Seen:
    if cancelled():
        raise Cancelled()
    try:
        return work(item, before)
    except (Cancelled, ExpertError):
        raise
    except TelltaleError as error:
        return Seen(item.id, code=error.code)


def _digest(item: Item) -> bytes:
    return hashlib.sha256(item.id.encode()).digest()


class _Looker:
    """Asks the expert about one picture after another."""

    def __init__(self, engine: Engine, read: Callable[[Path], NDArray[np.uint8]], cancelled: Callable[[], bool]) -> None:
        self._engine, self._read, self._cancelled = engine, read, cancelled
        self.card: Card = engine.card

    def search(self, item: Item) -> Seen:
        """The hits of every candidate."""
        _, trace, truth = self._look(item)
        if not trace.spans:
            return Seen(item.id, code=NOTHING_SAID)
        shape = (trace.baseline.shape[0], trace.baseline.shape[1])
        return Seen(item.id, shape=shape, candidates=[_mean(way.maps(trace), truth) for way in candidates(*shape)])

    def measure(self, item: Item, chosen: Way | None, *, with_curves: bool, with_effects: bool) -> Seen:
        """The hits of the card's way, the chosen one and the guesses; curves and effects where wanted."""
        picture, trace, truth = self._look(item)
        if not trace.spans:
            return Seen(item.id, code=NOTHING_SAID)

        def hidden(cells: Cells) -> float:
            return self._engine.score_hidden(picture, cells, cancelled=self._cancelled).log_odds

        grounding = self.card.grounding
        layers = grounding.layers or tuple(range(trace.baseline.shape[0]))  # a card that reads no attention is compared with all of it
        ways = [Way("patch-contrast"), Way("relative-attention", layers, grounding.heads), Way("attention", layers, grounding.heads)]
        shape, number, log_odds = truth.shape, int.from_bytes(_digest(item)[:4]), trace.score.log_odds
        grid = (shape[0], shape[1])
        maps: dict[str, list[Map]] = {way.method: way.maps(trace) for way in ways}
        if chosen is not None and chosen not in ways:
            maps["chosen"] = chosen.maps(trace)
        if with_curves:
            maps["hiding"] = [effects.hiding_map(grid, log_odds, hidden)]
        maps["centre"] = [centre_prior(grid)]
        maps["random"] = [random_map(grid, number + n) for n in range(GUESSES)]
        seen = Seen(item.id, category=item.category, hits={name: _mean(some, truth) for name, some in maps.items()})
        if with_curves:
            seen.areas = {name: curves(np.mean(some[:1] if name == "random" else some, axis=0), log_odds, hidden)
                          for name, some in maps.items()}
        shipped = maps.get(grounding.method, [])
        seen.claims = len(shipped)
        checked: set[bytes] = set()
        for found in shipped:
            standing = [cells for _, cells in regions.parts(found)]
            if not standing:
                continue
            cells = np.logical_or.reduce(standing)
            seen.pointing_claims += 1
            seen.overlaps.append(overlap(cells, truth))
            if with_effects and cells.tobytes() not in checked:  # sentences that share their places are one observation
                checked.add(cells.tobytes())
                if (effect := effects.effect_of(cells, log_odds, hidden)) is not None:
                    seen.supported.append(effect.supported)
        return seen

    def _look(self, item: Item) -> tuple[NDArray[np.uint8], Trace, Shares]:
        assert item.mask is not None  # noqa: S101 - chosen so
        rgb = self._read(item.path)
        mask = mask_of(self._read(item.mask), (rgb.shape[1], rgb.shape[0]))
        picture, box = prepare(rgb, self.card.preparation)
        trace = self._engine.trace(picture, cancelled=self._cancelled)
        return picture, trace, shares(mask, box, (trace.baseline.shape[2], trace.baseline.shape[3]))


def _mean(maps: Sequence[Map], truth: Shares) -> Hit:
    """The mean over maps, each smoothed as regions are."""
    hits = [score(regions.smoothed(one).astype(np.float32), truth) for one in maps]
    return Hit(*(float(np.mean([getattr(hit, name) for hit in hits])) for name in ("pointing", "energy", "iou")))


def _best(searched: list[Seen]) -> tuple[Way | None, list[dict[str, Any]]]:
    """The candidate that points best (energy decides between equals), and the first five."""
    rows = []
    for number, way in enumerate(candidates(*searched[0].shape) if searched else ()):
        hits = [seen.candidates[number] for seen in searched]
        rows.append((float(np.mean([hit.pointing for hit in hits])), float(np.mean([hit.energy for hit in hits])), -number, way))
    rows.sort(key=lambda row: row[:3], reverse=True)
    ranking = [{"way": str(way), "pointing": pointing, "energy": energy} for pointing, energy, _, way in rows[:5]]
    return (rows[0][3] if rows else None), ranking
