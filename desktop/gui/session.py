"""The life behind the window: the exhibits, the queue, the two threads. Panels read it and listen to it; it knows no widget.

Rebuilding the window (another language) leaves the session running.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop.document import Analysis
from desktop.gui.gather import Batch
from desktop.gui.item import Disposition, Item, State, Turn
from desktop.gui.jobs import Job, Queue
from desktop.gui.picture import Picture
from desktop.gui.seam import AnalystFactory, ExpertFacts, Failed, Read, ReaderFactory, Shown, Source
from desktop.gui.settings import Settings
from desktop.gui.shelf import Shelf
from desktop.gui.threads import Threads

log = logging.getLogger(__name__)


class Session(QObject):
    """Exhibits in order, one being analysed at a time."""

    added = Signal(list)  # keys
    removed = Signal(list)
    changed = Signal(int)
    many_changed = Signal(list)
    piece = Signal(int, str)
    answered = Signal(int)
    picture_ready = Signal(int)
    picture_failed = Signal(int, object)
    queue_changed = Signal()
    expert_changed = Signal()
    selected = Signal()
    message = Signal(str)
    settings_changed = Signal()

    def __init__(self, analyst_factory: AnalystFactory, reader_factory: ReaderFactory, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.shelf = Shelf(settings.picture_memory_mb * 1_000_000)
        self.queue = Queue(paused=not settings.start_at_once)
        self.expert: ExpertFacts | Failed | None = None
        self.current: int | None = None
        self.left_out = 0
        self.threads = Threads(self, analyst_factory, reader_factory)
        self._listen()

    # --- life

    def _listen(self) -> None:
        worker, reader = self.threads.worker, self.threads.reader
        worker.expert_ready.connect(self._on_expert)
        worker.shown.connect(self._on_shown)
        worker.verdict.connect(self._on_verdict)
        worker.piece.connect(self._on_piece)
        worker.progress.connect(self._on_progress)
        worker.finished.connect(self._on_finished)
        reader.found.connect(self._on_found)
        reader.gathered.connect(self._on_gathered)
        reader.shown.connect(self._on_read)
        reader.failed.connect(self._on_read_failed)

    def start(self) -> None:
        """Start the threads and begin to load the expert."""
        self.threads.start()

    def shut(self, patience_s: float = 15.0) -> bool:
        """Stop everything and wait for the threads. False when one did not end in time."""
        self.queue.clear()
        return self.threads.shut(patience_s)

    def use_expert(self, factory: AnalystFactory) -> None:
        """Go on with another expert; what was analysed stays as it is."""
        self.expert = None
        self.expert_changed.emit()
        self.threads.use.emit(factory)

    # --- exhibits

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Take files and folders; folders are walked in the background."""
        self.left_out = 0
        self.threads.gather.emit(tuple(paths))

    def add_data(self, data: bytes, name: str) -> int:
        """Take the raw bytes of a picture."""
        return self.add_sources([(data, name)])[0]

    def add_sources(self, sources: Sequence[tuple[Source, str]]) -> list[int]:
        """Take files or bytes with their names."""
        keys = self.shelf.add(sources)
        for key in keys:
            self.queue.add(key)
        self.added.emit(keys)
        if self.current is None and keys:
            self.select(keys[0])
        self._advance()
        return keys

    def remove(self, keys: Iterable[int]) -> None:
        """Take exhibits out of the window; a running one is cancelled. Files are never touched."""
        gone = [key for key in keys if key in self.items]
        self.queue.drop(set(gone))
        self.shelf.remove(gone)
        self.removed.emit(gone)
        if self.current not in self.items:
            self.select(self.order[0] if self.order else None)
        self.queue_changed.emit()

    def select(self, key: int | None) -> None:
        """Make an exhibit the one that canvas and panels show; its picture is read again when it is not kept."""
        if key == self.current:
            return
        self.current = key
        self.selected.emit()
        self._want(() if key is None else (key,))

    def also_wanted(self, keys: Iterable[int]) -> None:
        """Have these pictures read too, beside the selected one (for comparing)."""
        self._want((*keys, *(() if self.current is None else (self.current,))))

    def _want(self, keys: Iterable[int]) -> None:
        self.threads.reader.wanted = frozenset(keys)
        for key in self.threads.reader.wanted:
            item = self.items.get(key)
            if item is not None and self.picture(key) is None and self.running != key:
                self.threads.read.emit(key, item.source, item.name)

    @property
    def items(self) -> dict[int, Item]:
        """Exhibits by key."""
        return self.shelf.items

    @property
    def order(self) -> list[int]:
        """Keys in the order in which the exhibits came."""
        return self.shelf.order

    @property
    def paused(self) -> bool:
        """Whether no other exhibit will be started."""
        return self.queue.paused

    @property
    def item(self) -> Item | None:
        """The selected exhibit."""
        return self.items.get(self.current) if self.current is not None else None

    def picture(self, key: int) -> Picture | None:
        """A picture that is kept."""
        return self.shelf.pictures.get(key)

    def thumbnail(self, key: int) -> Picture | None:
        """A thumbnail that is kept."""
        return self.shelf.thumbnails.get(key)

    def dispose(self, key: int, claim: str, value: Disposition) -> None:
        """Keep the examiner's judgement of a claim."""
        self.items[key].dispositions[claim] = value
        self.items[key].words_saved = False
        self.changed.emit(key)

    def unsaved(self) -> int:
        """How many exhibits have words of the examiner that are in no report yet."""
        return sum(not item.words_saved for item in self.items.values())

    # --- queue

    @property
    def running(self) -> int | None:
        """The exhibit that the expert is at."""
        return self.queue.running.key if self.queue.running is not None else None

    def counts(self) -> dict[State, int]:
        """How many exhibits are in each state."""
        return self.shelf.counts()

    def pause(self, paused: bool) -> None:
        """Let the running one end and start no other, or go on."""
        self.queue.paused = paused
        self._advance()
        self.queue_changed.emit()

    def cancel(self, keys: Iterable[int] | None = None) -> None:
        """Cancel some exhibits, or everything that waits or runs."""
        stopped = self.queue.drop(set(self.items if keys is None else keys))
        for key in stopped:
            self.items[key].state = State.CANCELLED
        self.many_changed.emit(stopped)
        self.queue_changed.emit()

    def retry(self, keys: Iterable[int]) -> None:
        """Analyse again what failed, was cancelled or is done."""
        for key in keys:
            item = self.items.get(key)
            if item is not None and item.state not in {State.WAITING, State.RUNNING}:
                item.restart()
                self.queue.add(key)
                self.changed.emit(key)
        self._advance()

    def ask(self, key: int, question: str) -> None:
        """Put a question about an exhibit; it is answered before the next exhibit is analysed."""
        item = self.items[key]
        trained = isinstance(self.expert, ExpertFacts) and question in self.expert.questions
        item.turns.append(Turn(question, trained=trained))
        self.queue.ask(item, question)
        self.answered.emit(key)
        self._advance()

    def _advance(self) -> None:
        """Start the next job when nothing runs."""
        job = self.queue.next(self.items, self.settings.explain)
        if job is not None:
            self.threads.work.emit(job)
            if not job.question:
                self.changed.emit(job.key)
        self.queue_changed.emit()

    # --- what the threads tell

    @Slot(object)
    def _on_expert(self, facts: ExpertFacts | Failed) -> None:
        self.expert = facts
        self.expert_changed.emit()

    @Slot(object)
    def _on_found(self, batch: Batch) -> None:
        self.left_out += batch.left_out
        if batch.files:
            self.add_sources([(path, path.name) for path in batch.files])

    @Slot()
    def _on_gathered(self) -> None:
        if self.left_out:
            self.message.emit(self.tr("Left out, because they are no pictures: {count} other files").format(count=self.left_out))

    @Slot(int, object)
    def _on_shown(self, key: int, shown: Shown) -> None:
        if key in self.items:
            self.shelf.keep(key, shown)
            self.changed.emit(key)
            self.picture_ready.emit(key)

    @Slot(int, object)
    def _on_read(self, key: int, shown: Shown) -> None:
        item = self.items.get(key)
        if item is None:
            return
        if item.analysis is not None and shown.rgb_sha256 != item.rgb_sha256:
            # The file is not the one that was analysed: showing it beside the old finding would be a lie.
            self.picture_failed.emit(key, Failed("picture-changed", self.tr("the file has changed since it was analysed")))
            return
        self._on_shown(key, shown)

    @Slot(int, object)
    def _on_read_failed(self, key: int, failure: Failed) -> None:
        if key in self.items and failure.code != "cancelled":
            self.picture_failed.emit(key, failure)

    @Slot(int, object)
    def _on_verdict(self, key: int, verdict: Read) -> None:
        if key in self.items:
            self.items[key].verdict = verdict
            self.changed.emit(key)

    @Slot(int, str)
    def _on_piece(self, key: int, text: str) -> None:
        item = self.items.get(key)
        if item is None:
            return
        if self.queue.running is not None and self.queue.running.question:
            item.turns[-1].answer += text
            self.answered.emit(key)
        else:
            item.text += text
            self.piece.emit(key, text)

    @Slot(int, str, object)
    def _on_progress(self, key: int, stage: str, fraction: float | None) -> None:
        if key in self.items:
            self.items[key].stage, self.items[key].fraction = stage, fraction
            self.changed.emit(key)

    @Slot(object, object)
    def _on_finished(self, job: Job, outcome: object) -> None:
        self.queue.running = None
        item = self.items.get(job.key)
        if item is not None:
            if job.question:
                self._answer(item, outcome)
            else:
                self._analysed(item, outcome)
        self._advance()

    def _analysed(self, item: Item, outcome: object) -> None:
        item.stage, item.fraction = "", None
        if isinstance(outcome, Analysis):
            item.state, item.analysis = State.DONE, outcome
            item.text = outcome.opinions[0].text if outcome.opinions else ""
        elif isinstance(outcome, Failed):
            item.state = State.CANCELLED if outcome.code == "cancelled" else State.FAILED
            item.failure = outcome
        self.changed.emit(item.key)

    def _answer(self, item: Item, outcome: object) -> None:
        turn = next((turn for turn in item.turns if turn.state == "running"), None)
        if turn is not None and isinstance(outcome, Failed):
            turn.state, turn.error = ("cancelled" if outcome.code == "cancelled" else "failed"), outcome
        elif turn is not None:
            turn.state, turn.answer = "done", str(outcome)
        self.answered.emit(item.key)
