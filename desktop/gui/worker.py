"""The thread that talks to the expert. It owns the analyst: made, used and closed here; native code runs in child processes.

Events are turned into what the main thread can use as it is: pictures arrive ready for drawing, text in pieces that are not too small.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from desktop.gui.jobs import Job
from desktop.gui.picture import Picture, make_picture
from desktop.gui.seam import AnalystFactory, AnalystLike, ExpertFacts, Failed, Read, Shown
from models.errors import TelltaleError

log = logging.getLogger(__name__)
_TEXT_EVERY_S = 0.04
_THUMBNAIL_SIDE = 128


class AnalystWorker(QObject):
    """Runs jobs one after another in its own thread."""

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
        self._handlers: dict[str, Callable[[Job, Any], None]] = {
            "ExhibitReady": self._exhibit_ready,
            "Scored": self._scored,
            "TextPiece": self._text,
            "Progress": self._progress,
        }
        self._text_buffer = ""
        self._text_at = 0.0

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
        """Close the analyst and go on with another."""
        self._shut()
        self._factory = factory
        self.open()

    @Slot(object)
    def work(self, job: Job) -> None:
        """Do one job; always ends with ``finished``."""
        outcome: Any
        try:
            if job.stop.is_set():
                outcome = Failed("cancelled", "cancelled")
            elif job.question:
                outcome = self._ask(job)
            else:
                from desktop.analysis import Options

                options = Options(explain=job.explain)
                outcome = self._ready().analyse(
                    job.source,
                    name=job.name,
                    options=options,
                    on_event=lambda event: self._on_event(job, event),
                    cancelled=job.stop.is_set,
                )
        except TelltaleError as error:
            outcome = Failed(error.code, error.message)
        except MemoryError:
            outcome = Failed("memory", "there was not enough memory for this picture")
        except Exception:
            # A defect of ours must not end the thread: the exhibit fails, the rest goes on, the log keeps the trace.
            log.exception("analysing failed unexpectedly")
            outcome = Failed("internal", "Telltale made a mistake on this picture; the log says what")
        self._flush(job)
        self.finished.emit(job, outcome)

    @Slot()
    def close(self) -> None:
        """End the child processes; the thread may stop after ``closed``."""
        self._shut()
        self.closed.emit()

    def _ready(self) -> AnalystLike:
        if self._analyst is None:
            self._analyst = self._factory()
            self.expert_ready.emit(expert_facts(self._analyst))
        return self._analyst

    def _shut(self) -> None:
        analyst, self._analyst = self._analyst, None
        if analyst is not None:
            try:
                analyst.close()
            except Exception:
                log.exception("closing the expert failed")

    def _ask(self, job: Job) -> Any:
        self.progress.emit(job.key, "ask", None)
        answer = self._ready().ask(job.source, job.question, on_text=lambda text: self._say(job, text), cancelled=job.stop.is_set)
        return str(answer.text)

    def _on_event(self, job: Job, event: Any) -> None:
        # By name and not by type: the window must not import the analysis (NumPy, SciPy) before its first frame, and fakes need not either.
        handler = self._handlers.get(type(event).__name__)
        if handler is not None:
            if type(event).__name__ != "TextPiece":
                self._flush(job)
            handler(job, event)

    def _exhibit_ready(self, job: Job, event: Any) -> None:
        self.shown.emit(job.key, as_shown(event.exhibit, event.frame_box))

    def _scored(self, job: Job, event: Any) -> None:
        opinion = event.opinion
        self.verdict.emit(job.key, Read(opinion.log_odds, opinion.mass, opinion.answer, event.finding))

    def _progress(self, job: Job, event: Any) -> None:
        self.progress.emit(job.key, event.stage, event.fraction)

    def _text(self, job: Job, event: Any) -> None:
        self._say(job, event.text)

    def _say(self, job: Job, text: str) -> None:
        self._text_buffer += text
        if time.monotonic() - self._text_at >= _TEXT_EVERY_S:
            self._flush(job)

    def _flush(self, job: Job) -> None:
        if self._text_buffer:
            self.piece.emit(job.key, self._text_buffer)
            self._text_buffer = ""
            self._text_at = time.monotonic()


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
        questions=tuple(card.prompt.questions),
        folder=str(getattr(analyst, "folder", "")),
    )
