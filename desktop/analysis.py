"""THE way through: exhibit -> marks, opinion -> finding. The command line, the window and batches all come this way and no other.

An ``Analyst`` owns an intake (hostile bytes are decoded in a process of their own) and an engine (llama.cpp in a process of its own).
What happens on the way is told by events, so that a verdict can be shown before its explanation is written.
"""

import functools
import hashlib
import os
import platform
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop import __version__, document, effects, memory, regions, tiles
from desktop.engine import Answer, Engine, EngineSettings, Examination, Score
from desktop.intake import Exhibit, Limits
from desktop.intake.several import Intakes
from desktop.judgement import judge, stability
from desktop.judgement import tiles as tile_judgement
from desktop.judgement.stability import Variant
from desktop.together import Gate
from models.cards import CARD_NAME, Calibration, Card, card_digest, load_card
from models.errors import Cancelled, TelltaleError, WorkerError
from models.preparation import prepare

SMALL_EXPERT = 1 << 30
"""Bytes of language model up to which stability variants and effects are computed unasked."""

Picture = NDArray[np.uint8]
NetworkBlock = Literal["kernel", "best-effort", "none"]


@dataclass(frozen=True)
class Options:
    """How far an analysis goes."""

    explain: bool = True
    """Write the explanation; without it the finding comes after one pass."""
    effects: bool | None = None
    """Hide each claim's regions and measure the change; None: when the expert is small enough for that to take seconds."""
    stability: bool | None = None
    """Score re-delivered forms too; None: when the expert is small enough for that to take seconds."""
    tiles: int = 0
    """Look at most at so many tiles outside the main frame too, each a score of its own (detectors only); the strongest is explained."""


@dataclass(frozen=True)
class Started:
    """An exhibit is being read."""

    name: str


@dataclass(frozen=True)
class ExhibitReady:
    """The exhibit's pixels are there; ``frame_picture`` (size x size x 3) is what the expert will see, ``frame_box`` where it lies."""

    exhibit: Exhibit
    frame_picture: Picture
    frame_box: document.Box


@dataclass(frozen=True)
class Scored:
    """The verdict pass is done; ``finding`` is already final unless the explanation contradicts it."""

    opinion: document.Opinion
    finding: document.Finding | None


@dataclass(frozen=True)
class TileScored:
    """A tile outside the main frame has its score; the finding comes when all have."""

    opinion: document.Opinion
    number: int
    of: int


@dataclass(frozen=True)
class TextPiece:
    """The next words of the explanation."""

    text: str


@dataclass(frozen=True)
class Progress:
    """What is being done; ``fraction`` in 0…1 where it is known."""

    stage: str
    fraction: float | None = None


Event = Started | ExhibitReady | Scored | TileScored | TextPiece | Progress
OnEvent = Callable[[Event], None]
IsCancelled = Callable[[], bool]


def ignore(_event: Event) -> None:
    """The listener that listens to nothing."""


def never() -> bool:
    """The cancel flag that is never raised."""
    return False


class Analyst:
    """Analyses exhibits with one expert, several at once when several threads ask. ``close`` it, or use it in a ``with``."""

    def __init__(self, expert: Path, *, settings: EngineSettings | None = None, limits: Limits | None = None,
                 calibration: Calibration | None = None) -> None:
        """Take the expert in folder ``expert``; its engine starts in the background at once. ``calibration`` replaces the card's own.

        Raises ExpertError when the card cannot be read.
        """
        memory.give_back()
        self.folder = expert
        self.card: Card = load_card(expert)
        self._card_sha256 = card_digest((expert / CARD_NAME).read_bytes())
        self._calibration = calibration or self.card.calibration
        self._settings = settings or EngineSettings()
        self._intakes = Intakes(limits or Limits(), most=max(2, os.cpu_count() or 1))
        self._gate = Gate()
        self._restart = threading.Lock()
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine-start")
        self._engine: Future[Engine] = self._pool.submit(self._open_engine)

    def __enter__(self) -> "Analyst":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes."""
        self._stop.set()
        self._intakes.close()
        try:
            self._engine.result().close()
        except TelltaleError:
            pass  # it never started; whoever asked was told
        finally:
            self._pool.shutdown()

    @property
    def at_once(self) -> int:
        """How many analyses are worth running side by side: one beside those whose texts are written together, being read or prepared."""
        return self._settings.slots + 1

    def engine(self, cancelled: IsCancelled = never) -> Engine:
        """The engine, waiting for its start and self-test. Raises ExpertError, WorkerError or Cancelled; a failed start is tried anew."""
        with self._restart:
            if self._engine.done() and self._engine.exception() is not None:
                self._engine = self._pool.submit(self._open_engine)
        while True:
            try:
                return self._engine.result(timeout=0.05)
            except TimeoutError:
                if cancelled():
                    raise Cancelled() from None

    def analyse(self, source: Path | bytes, *, name: str | None = None, options: Options | None = None, on_event: OnEvent = ignore,
                cancelled: IsCancelled = never) -> document.Analysis:
        """Analyse one picture. Raises TelltaleError: InputError for the picture, ExpertError or WorkerError for the machine, Cancelled.

        May be called from several threads at once; each document is the same as if its picture were the only one. When the engine dies
        under several, each is analysed again alone, and its events come again.
        """
        def once() -> document.Analysis:
            return self._analyse(source, name, options or Options(), on_event, cancelled)

        try:
            with self._gate.together(cancelled) as stay:
                return once()
        except WorkerError:
            if not stay.accompanied or self._stop.is_set():
                raise
        with self._gate.alone(cancelled):
            return once()

    def _analyse(self, source: Path | bytes, name: str | None, options: Options, on_event: OnEvent,
                 cancelled: IsCancelled) -> document.Analysis:
        started_at = _now()
        on_event(Started(name or (source.name if isinstance(source, Path) else "pasted picture")))
        exhibit = self._intakes.read(source, name, cancelled)
        picture, box = prepare(exhibit.rgb, self.card.preparation)
        on_event(ExhibitReady(exhibit, picture, box))
        on_event(Progress("loading-expert"))
        engine = self.engine(cancelled)
        on_event(Progress("looking"))

        size = (exhibit.info.width, exhibit.info.height)

        variants = self._variants(engine, exhibit, options, on_event, cancelled)

        def on_score(score: Score) -> None:
            unexplained = Examination(score=score, text="", text_state="not-asked", claims=(), explain_s=0.0, grounding="")
            opinion = self._opinion(unexplained, picture, box, size)
            on_event(Scored(opinion, self._finding(opinion, variants)))

        examination = engine.examine(picture, explain=options.explain, on_score=on_score, on_text=lambda text: on_event(TextPiece(text)),
                                     cancelled=cancelled)
        opinion = self._with_effects(self._opinion(examination, picture, box, size), engine, picture, options, on_event, cancelled)
        finding = self._finding(opinion, variants)
        opinions = (opinion, *self._tiles(engine, exhibit, box, options, on_event, cancelled))
        if len(opinions) > 1 and finding is not None:
            summary = tile_judgement.summarise(opinions, *size, self._calibration)
            finding = tile_judgement.with_tiles(finding, summary, opinions)
        return document.Analysis(
            schema=document.SCHEMA, id=self._identity(exhibit, options), exhibit=exhibit.info, opinions=opinions, marks=exhibit.marks,
            views=(), finding=msgspec.UNSET if finding is None else finding, run=self._run(engine, exhibit, started_at),
        )

    def read(self, source: Path | bytes, *, name: str | None = None, cancelled: IsCancelled = never) -> Exhibit:
        """A picture as intake gives it, without any opinion. Raises TelltaleError."""
        return self._intakes.read(source, name, cancelled)

    def ask(self, source: Path | bytes, question: str, *, name: str | None = None, on_text: Callable[[str], None] | None = None,
            cancelled: IsCancelled = never) -> Answer:
        """Put a free question about a picture. The answer never changes a recorded score. Raises TelltaleError."""
        exhibit = self._intakes.read(source, name, cancelled)
        picture, _ = prepare(exhibit.rgb, self.card.preparation)
        return self.engine(cancelled).ask(picture, question, on_text=on_text, cancelled=cancelled)

    def _open_engine(self) -> Engine:
        return Engine.open(self.folder, settings=self._settings, cancelled=self._stop.is_set)

    def _finding(self, opinion: document.Opinion, variants: tuple[Variant, ...]) -> document.Finding | None:
        return judge(opinion, self._calibration, variants) if self.card.kind == "detector" else None

    def _variants(self, engine: Engine, exhibit: Exhibit, options: Options, on_event: OnEvent,
                  cancelled: IsCancelled) -> tuple[Variant, ...]:
        """Scores of the exhibit's re-delivered forms; none where nothing could weigh them or they would take minutes."""
        wanted = self.card.language.bytes <= SMALL_EXPERT if options.stability is None else options.stability
        if not wanted or self._calibration is None or self.card.kind != "detector":
            return ()
        scores = []
        for number, (name, rgb) in enumerate(stability.variants(exhibit.rgb)):
            on_event(Progress("checking-stability", number / len(stability.VARIANTS)))
            scores.append(Variant(name, engine.score(prepare(rgb, self.card.preparation)[0], cancelled=cancelled).log_odds))
        return tuple(scores)

    def _tiles(self, engine: Engine, exhibit: Exhibit, frame: document.Box, options: Options, on_event: OnEvent,
               cancelled: IsCancelled) -> tuple[document.Opinion, ...]:
        """An opinion on each tile outside ``frame``; only the one that leans most to fake is explained, where explanations are wanted."""
        card, size = self.card, (exhibit.info.width, exhibit.info.height)
        if options.tiles <= 0 or card.kind != "detector":
            return ()
        boxes = tiles.plan(*size, card.preparation, frame, options.tiles)
        seen = []
        for number, tile in enumerate(boxes, start=1):
            on_event(Progress("looking-at-tiles", (number - 1) / len(boxes)))
            x, y, width, height = tile
            picture, within = prepare(np.ascontiguousarray(exhibit.rgb[y : y + height, x : x + width]), card.preparation)
            box = tiles.shift(within, tile)
            score = engine.score(picture, cancelled=cancelled)
            unexplained = Examination(score=score, text="", text_state="not-asked", claims=(), explain_s=0.0, grounding="")
            seen.append((self._opinion(unexplained, picture, box, size, number + 1), picture))
            on_event(TileScored(seen[-1][0], number, len(boxes)))
        if seen and options.explain:
            at = max(range(len(seen)), key=lambda n: seen[n][0].log_odds)
            picture, box = seen[at][1], seen[at][0].frame.box
            seen[at] = self._opinion(engine.examine(picture, cancelled=cancelled), picture, box, size, at + 2), picture
        return tuple(opinion for opinion, _ in seen)

    def _opinion(self, examination: Examination, picture: Picture, box: document.Box, size: tuple[int, int],
                 number: int = 1) -> document.Opinion:
        """Opinion ``number`` of the analysis; the first is of the main frame, the others are of tiles."""
        card, score = self.card, examination.score
        claims = tuple(
            document.Claim(
                id=f"o{number}c{claim}", text=draft.text, span=draft.span,
                regions=() if draft.map is None else regions.from_grid(draft.map, box, size),
                map=None if draft.map is None else regions.as_map(draft.map),
            )
            for claim, draft in enumerate(examination.claims, start=1)
        )
        return document.Opinion(
            id=f"o{number}",
            expert=document.ExpertInfo(
                id=card.id, name=card.name, kind=card.kind, card_sha256=self._card_sha256, language_sha256=card.language.sha256,
                projector_sha256=card.projector.sha256, type=card.language.type, licence=card.licence.id,
            ),
            frame=document.Frame(box=box, role="whole" if number == 1 else "tile", preparation=card.preparation.kind,
                                 size=card.preparation.size, rgb_sha256=hashlib.sha256(picture.tobytes()).hexdigest()),
            log_odds=score.log_odds, p_fake=score.p_fake, mass=score.mass, answer=score.answer, text=examination.text,
            text_state=examination.text_state, claims=claims, grounding=examination.grounding,
            timing=document.Timing(score.encode_s, score.score_s, examination.explain_s),
        )

    def _with_effects(self, opinion: document.Opinion, engine: Engine, picture: Picture, options: Options, on_event: OnEvent,
                      cancelled: IsCancelled) -> document.Opinion:
        """The opinion with the effect of hiding each claim's regions; as it was where that would take minutes or there are no regions."""
        wanted = self.card.language.bytes <= SMALL_EXPERT if options.effects is None else options.effects
        if not wanted or opinion.text_state == "cancelled" or not any(claim.regions for claim in opinion.claims):
            return opinion

        def hidden(cells: NDArray[np.bool_]) -> float:
            return engine.score_hidden(picture, cells, cancelled=cancelled).log_odds

        claims = []
        known: dict[bytes, document.Effect | None] = {}  # sentences may share their places
        for number, claim in enumerate(opinion.claims):
            on_event(Progress("checking-claims", number / len(opinion.claims)))
            effect = None
            if claim.regions and claim.map is not None:
                cells = np.logical_or.reduce([part for _, part in regions.parts(regions.from_map(claim.map))])
                if cells.tobytes() not in known:
                    known[cells.tobytes()] = effects.effect_of(cells, opinion.log_odds, hidden)
                effect = known[cells.tobytes()]
            claims.append(msgspec.structs.replace(claim, effect=effect))
        return msgspec.structs.replace(opinion, claims=tuple(claims))

    def _identity(self, exhibit: Exhibit, options: Options) -> str:
        """The same picture, expert and options give the same id, so that two runs give the same document."""
        parts = (document.SCHEMA, __version__, exhibit.info.sha256, exhibit.info.name, self._card_sha256, repr(options))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _run(self, engine: Engine, exhibit: Exhibit, started_at: str) -> document.Run:
        prompt = self.card.prompt
        return document.Run(
            telltale=__version__, started_at=started_at, finished_at=_now(), engine=engine.facts,
            network_block=weaker(exhibit.network_block, engine.network_block),
            prompt=f"{prompt.before_picture}<picture>{prompt.asked(prompt.question)}{prompt.answer_start}",
            answer_token_ids={"fake": list(prompt.fake_ids), "real": list(prompt.real_ids), "start": list(prompt.answer_start_ids)},
            deviations=exhibit.deviations, libraries=dict(library_versions()),
        )


def weaker(first: str, second: str) -> NetworkBlock:
    """The weaker of two network blocks; a chain is as strong as its weakest link."""
    order: tuple[NetworkBlock, ...] = ("none", "best-effort", "kernel")
    return order[min(order.index(word) if word in order else 0 for word in (first, second))]


@functools.cache
def library_versions() -> Mapping[str, str]:
    """Versions of what touches pixels or numbers, for the run record."""
    versions: dict[str, str] = {"python": platform.python_version()}
    for name in ("llama-cpp-python", "pillow", "numpy", "gguf"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"
    return versions


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facts_of(error: TelltaleError, name: str) -> document.Failure:
    """A failed input as a document."""
    return document.Failure(schema=document.ERROR_SCHEMA, name=name, code=error.code, message=error.message)


__all__ = [
    "Analyst", "Event", "ExhibitReady", "Options", "Progress", "Scored", "Started", "TextPiece", "TileScored", "facts_of", "ignore",
    "library_versions", "never", "weaker",
]
