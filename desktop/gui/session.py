"""The life behind the window: the exhibits, the queue, the threads, the case. Panels read it and listen to it; it knows no widget.

Rebuilding the window (another language) leaves the session running. Everything a person says and the expert finds goes into the case at
once; a finding is shown after it is on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot

from desktop.gui.seam import AnalystFactory, ExpertFacts, Failed, Read, ReaderFactory, Shown
from desktop.gui.session_case import CaseSession
from desktop.gui.settings import Settings
from desktop.gui.state import ASIDE, State

if TYPE_CHECKING:
    from desktop.document import Analysis
    from desktop.gui.gather import Batch
    from desktop.gui.glances import Glances
    from desktop.gui.item import Conclusion, Disposition, Item, Note
    from desktop.gui.jobs import Job
    from desktop.gui.threads import Threads
    from desktop.gui.watching import Watcher

translate = QCoreApplication.translate
_SOURCE_GONE = frozenset({"picture-not-found", "picture-not-readable", "picture-no-permission", "picture-changed"})
"""Failures that, for a file in the case, speak of the disk and not of the picture."""


class Session(CaseSession):
    """Exhibits in order, analysed as many at a time as the expert can."""

    def __init__(self, analyst_factory: AnalystFactory, reader_factory: ReaderFactory, settings: Settings) -> None:
        super().__init__(analyst_factory, reader_factory, settings)
        self.watcher: Watcher | None = None
        self.glances: Glances | None = None
        self._looked_twice: set[int] = set()

    def _listen(self, threads: Threads) -> None:
        worker, reader = threads.worker, threads.reader
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

    # --- life

    def start(self) -> None:
        """Start the threads, begin to load the expert and open the case."""
        from desktop.gui.glances import Glances
        from desktop.gui.watching import Watcher

        self.watcher, self.glances = Watcher(self), Glances(self)
        self.threads.start()
        self.docket.start()

    def shut(self, patience_s: float = 15.0) -> bool:
        """Stop everything and wait for the threads. False when one did not end, or not everything could be written, in time."""
        self._filling.stop()
        if self.watcher is not None:
            self.watcher.end()
        self.queue.clear()
        written = self.docket.close(patience_s)
        return self.threads.shut(patience_s) and written

    def use_expert(self, factory: AnalystFactory) -> None:
        """Go on with another expert; what was analysed stays as it is."""
        self.expert = None
        self.expert_changed.emit()
        self.threads.use.emit(factory)

    # --- the examiner's words

    def dispose(self, key: int, claim: str, value: Disposition) -> None:
        """Record the examiner's judgement of a claim."""
        item = self.items[key]
        entry = item.entry
        if entry is None or item.dispositions.get(claim, "open") == value or self.refuse_changes():
            self.changed.emit(key)
            return
        item.dispositions[claim] = value
        if item.exhibit is not None:
            from desktop.gui.words import Judged

            self.docket.holding.say(Judged(item.exhibit, entry, claim, value), failed=self.complain)
        self.changed.emit(key)

    def conclude(self, key: int, value: Conclusion) -> None:
        """Record what the examiner concludes about an exhibit."""
        item = self.items[key]
        number, entry = item.exhibit, item.entry
        if number is None or value == item.conclusion or self.refuse_changes():
            return
        from desktop.gui.words import Concluded

        item.conclusion = value
        self.docket.holding.say(Concluded(number, value, entry), failed=self.complain)
        self.changed.emit(key)

    def write_note(self, key: int, text: str) -> None:
        """Record a note on an exhibit."""
        item = self.items[key]
        number = item.exhibit
        if number is None or not text.strip() or self.refuse_changes():
            return
        from desktop.gui.words import Noted

        self.type_note(key, "")
        self.docket.holding.say(Noted(number, text), lambda notes: self._on_noted(key, notes), self.complain)

    def _on_noted(self, key: int, notes: tuple[Note, ...]) -> None:
        if key in self.items:
            self.items[key].notes = notes
            self.changed.emit(key)

    def type_note(self, key: int, text: str) -> None:
        """Remember a note that is being typed, so that neither another exhibit nor a crash costs it."""
        item = self.items[key]
        item.draft = text
        if item.sha256:
            drafts = {digest: words for digest, words in self.docket.desk.drafts.items() if digest != item.sha256}
            self.docket.arrange(drafts=drafts | ({item.sha256: text} if text else {}))

    def change_tags(self, keys: Iterable[int], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Put tags on exhibits and take tags off."""
        here = [item for key in keys if (item := self.items.get(key)) is not None and item.exhibit is not None]
        if not here or self.refuse_changes():
            return
        plus, minus = tuple(" ".join(tag.split())[:100] for tag in add), tuple(remove)
        plus = tuple(tag for tag in plus if tag and tag != ASIDE)
        for item in here:
            item.tags = tuple(sorted((set(item.tags) | set(plus)) - set(minus)))
        from desktop.gui.words import Tagged

        numbers = tuple(item.exhibit for item in here if item.exhibit is not None)
        self.docket.holding.say(Tagged(numbers, plus, minus), failed=self.complain)
        self.many_changed.emit([item.key for item in here])

    def tags(self) -> list[str]:
        """All tags in use, in alphabetical order."""
        return sorted({tag for item in self.items.values() for tag in item.tags}, key=str.casefold)

    def complain(self, failure: Failed) -> None:
        """Say that something was not recorded, and why."""
        from desktop.gui import failures

        self.message.emit(translate("Session", "This was not recorded: {why}").format(why=failures.sentence(failure)))

    # --- queue

    @property
    def running(self) -> int | None:
        """The exhibit that the expert has been at longest."""
        return self.queue.running[0].key if self.queue.running else None

    def counts(self) -> dict[State, int]:
        """How many exhibits are in each state."""
        return self.shelf.counts()

    def pause(self, paused: bool) -> None:
        """Let what runs end and start no other, or go on."""
        self.queue.paused = paused
        self.docket.arrange(paused=paused)
        self._advance()
        self.queue_changed.emit()

    def cancel(self, keys: Iterable[int] | None = None) -> None:
        """Cancel some exhibits, or everything that waits or runs."""
        wanted = set(self.items if keys is None else keys)
        self.queue.drop(wanted)
        stopped = [key for key in wanted if self.items[key].state is State.WAITING]
        for key in stopped:
            self.items[key].state = State.CANCELLED
            self.items[key].failure = Failed("cancelled", "cancelled")
        self._write_cancelled([number for key in stopped if (number := self.items[key].exhibit) is not None])
        self.many_changed.emit(stopped)
        self.queue_changed.emit()

    def retry(self, keys: Iterable[int]) -> None:
        """Analyse again what failed, was cancelled or is done; the case keeps the earlier analyses."""
        if self.refuse_changes():
            return
        again = []
        for key in keys:
            item = self.items.get(key)
            if item is not None and item.state not in {State.WAITING, State.RUNNING}:
                item.restart()
                self._looked_twice.discard(key)
                self.changed.emit(key)
                if item.exhibit is None:
                    self._take(item)
                else:
                    again.append(item.exhibit)
                    self.queue.add(key)
        if again:
            from desktop.gui import kept

            wish = self.wish()
            self.docket.write(lambda case: kept.again(case, again, wish))
        self._advance()

    def ask(self, key: int, question: str) -> None:
        """Put a question about an exhibit; it is answered before the next exhibit is analysed."""
        from desktop.gui.item import Turn

        item = self.items[key]
        if self.refuse_changes():
            return
        trained = isinstance(self.expert, ExpertFacts) and any(one.trained and one.text == question for one in self.expert.questions)
        item.turns.append(Turn(question, trained=trained))
        self.queue.ask(item, question)
        self.answered.emit(key)
        self._advance()

    def _advance(self) -> None:
        """Start the next jobs when there is room and what they find can be kept; the shown exhibit goes first."""
        from desktop.gui.jobs import Asked

        asked = Asked(self.settings.explain, self.settings.tiles, self.settings.effects)
        while self.docket.trouble is None and (job := self.queue.next(self.items, asked, self.current)) is not None:
            self.threads.work.emit(job)
            if not job.question:
                self.changed.emit(job.key)
        self.queue_changed.emit()

    # --- what the threads tell

    @Slot(object)
    def _on_expert(self, facts: ExpertFacts | Failed) -> None:
        self.expert = facts
        self.expert_changed.emit()
        if isinstance(facts, ExpertFacts):
            self.queue.at_once = facts.at_once
            self._advance()

    @Slot(object)
    def _on_found(self, batch: Batch) -> None:
        self.left_out += batch.left_out
        if batch.files:
            self.add_sources([(path, path.name) for path in batch.files])

    @Slot()
    def _on_gathered(self) -> None:
        self._gathering = max(0, self._gathering - 1)
        if not self._untaken and not self._gathering:
            self.docket.arrange(coming=())
        if self.left_out:
            text = translate("Session", "Left out, because they are no pictures: {count} other files")
            self.message.emit(text.format(count=self.left_out))

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
            failure = Failed("picture-changed", translate("Session", "the file has changed since it was analysed"))
            self.picture_failed.emit(key, failure)
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
        job = self.queue.of(key)
        if job is not None and job.question:
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
    def _on_finished(self, job: Job, outcome: Any) -> None:
        self.queue.ended(job)
        item = self.items.get(job.key)
        if item is not None:
            if job.question:
                self._answer(item, outcome)
            else:
                self._record(item, outcome)
        self._advance()

    # --- into the case, then onto the screen

    def _record(self, item: Item, outcome: Analysis | Failed) -> None:
        """Have the case record how an analysis ended; it is shown as ended when that is on the disk."""
        key, number, name = item.key, item.exhibit, item.name
        if number is None:
            return
        from desktop.gui import kept

        item.stage, item.fraction = "storing", None
        self.changed.emit(key)
        if isinstance(outcome, Failed) and outcome.code in _SOURCE_GONE and key not in self._looked_twice:
            self._looked_twice.add(key)
            self.docket.write(
                lambda case: kept.verify(case, number), lambda _none: self._analyse_anew(key), lambda failure: self._record(item, failure)
            )
            return
        self.docket.write(
            lambda case: kept.record(case, number, outcome, name),
            lambda recorded: self._on_recorded(key, outcome, *recorded),
            lambda failure: self._on_not_recorded(key, failure),
        )

    def _on_not_recorded(self, key: int, failure: Failed) -> None:
        """The case refused the document: for one about other bytes the file is looked at again, anything else is told."""
        item = self.items.get(key)
        if item is not None and failure.code == "wrong-exhibit" and key not in self._looked_twice:
            self._record(item, Failed("picture-changed", failure.message))
        else:
            self._on_recorded(key, failure, None, False)

    def _analyse_anew(self, key: int) -> None:
        """The disk was away for a moment, nothing is wrong with the picture."""
        item = self.items.get(key)
        if item is not None:
            item.restart()
            self.queue.add(key)
            self.changed.emit(key)
            self._advance()

    def _on_recorded(self, key: int, outcome: Analysis | Failed, entry: Any, more: bool) -> None:
        item = self.items.get(key)
        if item is None:
            return
        item.stage, item.entry, item.dispositions = "", entry.id if entry is not None else None, {}
        self._looked_twice.discard(key)
        if isinstance(outcome, Failed):
            item.state = State.CANCELLED if outcome.code == "cancelled" else State.FAILED
            item.failure = outcome
        else:
            item.state = State.DONE
            self._show_analysis(item, outcome)
            self._in_memory(key)
        if more:  # somebody asked for another analysis of it, which is still to be made
            item.restart()
            self.queue.add(key)
        self.changed.emit(key)
        self._advance()

    def _answer(self, item: Item, outcome: object) -> None:
        turn = next((turn for turn in item.turns if turn.state == "running"), None)
        number = item.exhibit
        if turn is not None and isinstance(outcome, Failed):
            turn.state, turn.error = ("cancelled" if outcome.code == "cancelled" else "failed"), outcome
        elif turn is not None:
            turn.state, turn.answer = "done", str(outcome)
            if number is not None:
                from desktop.gui.words import Answered

                expert = self.expert.id if isinstance(self.expert, ExpertFacts) else ""
                self.docket.holding.say(Answered(number, turn.question, turn.answer, expert), failed=self.complain)
        self.answered.emit(item.key)
