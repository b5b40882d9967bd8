"""The thread that talks to the expert. It owns the analyst: made and closed here; native code runs in child processes.

Each job runs in a thread of a pool, because a job mostly waits for child processes and the expert is cheaper for several pictures at once.

Events are turned into what the main thread can use as it is: pictures arrive ready for drawing, text in pieces that are not too small.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from desktop.gui.jobs import Job
from desktop.gui.picture import Picture, make_picture
from desktop.gui.seam import AnalystFactory, AnalystLike, ExpertFacts, Failed, Read, Shown, Suggested
from models.errors import TelltaleError

log = logging.getLogger(__name__)
_TEXT_EVERY_S = 0.04
_THUMBNAIL_SIDE = 128
_MOST_JOBS = 64
"""Far more than the queue ever starts; threads are made when they are needed."""


class AnalystWorker(QObject):
    """Runs jobs, as many as it is given."""

    expert_ready = Signal(object)  # ExpertFacts | Failed
    shown = Signal(int, object)  # Shown
    verdict = Signal(int, object)  # Read
    piece = Signal(int, str)
    progress = Signal(int, str, object)  # stage, fraction | None
    finished = Signal(object, object)  # Job, Analysis | answer | Failed
    closed = Signal()

    def __init__(self, factory: AnalystFactory) -> None:
        super().__init__()
        self._factory = factory
        self._analyst: AnalystLike | None = None
        self._making = threading.Lock()
        self._pool = ThreadPoolExecutor(_MOST_JOBS, thread_name_prefix="job")
        self._jobs: set[Future[None]] = set()

    @Slot()
    def open(self) -> None:
        """Make the analyst ahead of the first job, so that the expert loads while the person looks for pictures."""
        try:
            self._ready()
        except TelltaleError as error:
            self.expert_ready.emit(Failed(error.code, error.message))
        except Exception:
            log.exception("the expert could not be opened")
            self.expert_ready.emit(Failed("expert-failed", "the expert could not be started; the log says why"))

    @Slot(object)
    def use(self, factory: AnalystFactory) -> None:
        """Close the analyst when what runs has ended, and go on with another."""
        self._shut()
        self._factory = factory
        self.open()

    @Slot(object)
    def work(self, job: Job) -> None:
        """Do one job; always ends with ``finished``."""
        self._jobs = {other for other in self._jobs if not other.done()}
        self._jobs.add(self._pool.submit(self._do, job))

    @Slot()
    def close(self) -> None:
        """End the child processes; the thread may stop after ``closed``."""
        self._shut()
        self._pool.shutdown()
        self.closed.emit()

    def _do(self, job: Job) -> None:
        outcome: Any
        telling = _Telling(self, job)
        try:
            if job.stop.is_set():
                outcome = Failed("cancelled", "cancelled")
            elif job.question:
                self.progress.emit(job.key, "ask", None)
                answer = self._ready().ask(job.source, job.question, on_text=telling.say, cancelled=job.stop.is_set)
                outcome = str(answer.text)
            else:
                from desktop.analysis import Options
                from desktop.evidence.words import mark_title
                from desktop.tiles import MOST

                asked = job.asked
                options = Options(explain=asked.explain, effects=asked.effects or None, tiles=MOST if asked.tiles else 0)
                mark_title("c2pa")  # the panels will want these words: reading them here does not hold the window
                outcome = self._ready().analyse(
                    job.source, name=job.name, options=options, on_event=telling.hear, cancelled=job.stop.is_set
                )
        except TelltaleError as error:
            outcome = Failed(error.code, error.message)
        except MemoryError:
            outcome = Failed("memory", "there was not enough memory for this picture")
        except Exception:
            # A defect of ours must not end the thread: the exhibit fails, the rest goes on, the log keeps the trace.
            log.exception("analysing failed unexpectedly")
            outcome = Failed("internal", "Telltale made a mistake on this picture; the log says what")
        telling.flush()
        self.finished.emit(job, outcome)

    def _ready(self) -> AnalystLike:
        with self._making:
            if self._analyst is None:
                self._analyst = self._factory()
                self.expert_ready.emit(expert_facts(self._analyst))
            return self._analyst

    def _shut(self) -> None:
        wait(self._jobs)
        analyst, self._analyst = self._analyst, None
        if analyst is not None:
            try:
                analyst.close()
            except Exception:
                log.exception("closing the expert failed")


class _Telling:
    """What one job tells the main thread; text in pieces that are not too small."""

    def __init__(self, worker: AnalystWorker, job: Job) -> None:
        self._worker, self._key = worker, job.key
        self._text, self._text_at = "", 0.0
        self._handlers: dict[str, Callable[[Any], None]] = {
            "ExhibitReady": lambda event: worker.shown.emit(self._key, as_shown(event.exhibit, event.frame_box)),
            "Scored": self._scored,
            "TextPiece": lambda event: self.say(event.text),
            "Progress": lambda event: worker.progress.emit(self._key, event.stage, event.fraction),
        }

    def hear(self, event: Any) -> None:
        """Take an event of the analysis."""
        # By name and not by type: the window must not import the analysis (NumPy, SciPy) before its first frame, and fakes need not either.
        handler = self._handlers.get(type(event).__name__)
        if handler is not None:
            if type(event).__name__ != "TextPiece":
                self.flush()
            handler(event)

    def say(self, text: str) -> None:
        """Take the next words."""
        self._text += text
        if time.monotonic() - self._text_at >= _TEXT_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Hand over what was held back."""
        if self._text:
            self._worker.piece.emit(self._key, self._text)
            self._text, self._text_at = "", time.monotonic()

    def _scored(self, event: Any) -> None:
        opinion = event.opinion
        self._worker.verdict.emit(self._key, Read(opinion.log_odds, opinion.mass, opinion.answer, event.finding))


def as_shown(exhibit: Any, frame: Any) -> Shown:
    """What the window keeps of an exhibit: pixels ready for drawing and a few facts."""
    info = exhibit.info
    return Shown(
        name=info.name,
        width=info.width,
        height=info.height,
        sha256=info.sha256,
        rgb_sha256=info.rgb_sha256,
        container=info.container,
        picture=make_picture(exhibit.rgb),
        thumbnail=as_thumbnail(exhibit.thumbnail),
        frame=None if frame is None else tuple(frame),
        deviations=tuple(exhibit.deviations),
    )


def as_thumbnail(rgb: Any) -> Picture:
    """Intake's thumbnail, halved once when it is larger than the list ever draws."""
    return make_picture(rgb[::2, ::2] if max(rgb.shape[:2]) > _THUMBNAIL_SIDE * 1.5 else rgb, pyramid=False)


def expert_facts(analyst: Any) -> ExpertFacts:
    """Facts from the analyst's card; an analyst without a card (a test's) is called what it is."""
    card = getattr(analyst, "card", None)
    if card is None:
        return ExpertFacts(name=type(analyst).__name__, id="", kind="", type="", licence="")
    from desktop.questions import suggestions

    calibration = card.calibration
    return ExpertFacts(
        name=card.name,
        id=card.id,
        kind=card.kind,
        type=card.language.type,
        licence=card.licence.id,
        good_for=card.good_for,
        not_for=card.not_for,
        threshold=None if calibration is None else calibration.threshold,
        questions=tuple(Suggested(one.text, one.kind, one.trained) for one in suggestions(card)),
        folder=str(getattr(analyst, "folder", "")),
        at_once=getattr(analyst, "at_once", 1),
    )
