"""The session's exhibits and the case that keeps them: how they get in, are listed again, are put aside.

What the window shows is what the case holds, or a copy that is on its way there. The queue and the threads are in ``desktop.gui.session``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer, Slot

from desktop.gui.seam import AnalystFactory, Failed, ReaderFactory, Source
from desktop.gui.session_base import SessionBase
from desktop.gui.settings import Settings
from desktop.gui.state import ASIDE, State

if TYPE_CHECKING:
    from desktop.cases import Exhibit
    from desktop.document import Analysis
    from desktop.gui.docket import Docket
    from desktop.gui.item import Item
    from desktop.gui.kept import Details, Opened

_BATCH = 200
_MOST_READ = 200
"""So many analyses are kept in memory."""
translate = QCoreApplication.translate


class CaseSession(SessionBase):
    """The exhibits of the open case."""

    def __init__(self, analyst_factory: AnalystFactory, reader_factory: ReaderFactory, settings: Settings) -> None:
        super().__init__(analyst_factory, reader_factory, settings)
        self.left_out = 0
        self._numbers: dict[int, int] = {}
        """Keys by the exhibit's number in the case."""
        self._read: dict[int, None] = {}
        """Exhibits whose analysis is in memory, the one looked at longest ago first."""
        self._held: list[tuple[Source, str]] = []
        self._arriving: list[Item] = []
        self._left = ""
        """SHA-256 of the exhibit that was shown when this case was left."""
        self._unfinished: tuple[str, ...] = ()
        """What was given to the window when this case was open last, and was not all taken."""
        self._gathering = 0
        self._untaken = 0
        self._filling = QTimer(self)
        self._filling.setInterval(0)
        self._filling.timeout.connect(self._fill)

    def _follow(self, docket: Docket) -> None:
        docket.opened.connect(self._on_opened)
        docket.refused.connect(lambda _folder, _failure: self._release())
        docket.trouble_changed.connect(self._on_trouble)

    # --- what the whole session adds

    def _advance(self) -> None:
        """Start the next job when nothing runs."""

    def cancel(self, keys: Iterable[int] | None = None) -> None:
        """Cancel some exhibits."""

    # --- the case

    @Slot(object)
    def _on_opened(self, case: Opened) -> None:
        """Another case is open: its exhibits take the place of those of the last one. The first one takes in what was given before."""
        gone = [key for key, item in self.items.items() if item.exhibit is not None]
        if gone:
            self.queue.clear()
            self._untaken = 0
            everything = list(self.items)
            self.shelf.remove(everything)
            self._numbers.clear()
            self._read.clear()
            self.select(None)
            self.removed.emit(everything)
        self.queue.paused = self.docket.desk.paused or not self.settings.start_at_once
        self._unfinished, self._left = () if case.read_only else case.desk.coming, case.desk.selected
        self._arriving = list(case.items)
        self._filling.start()
        self.case_changed.emit()

    def _fill(self) -> None:
        """List some of the exhibits of an opened case; all at once would hold the window."""
        part, self._arriving = self._arriving[:_BATCH], self._arriving[_BATCH:]
        keys = self.shelf.adopt(part)
        doubles = []
        for item in part:
            number = item.exhibit or 0
            if number in self._numbers:  # it was given to the window while the case was being opened
                doubles.append((self.items[self._numbers[number]], item))
            self._numbers[number] = item.key
            item.draft = self.docket.desk.drafts.get(item.sha256, "")
            if item.state is State.WAITING and not self.docket.read_only:
                self.queue.add(item.key)
        if keys:
            self.added.emit(keys)
        for given, kept_one in doubles:
            self._double(given, kept_one)
        if self.current is None:
            left = next((item.key for item in part if item.sha256 == self._left), None)
            if left is not None or (not self._arriving and self.order):
                self.select(left if left is not None else self.order[0])
        if not self._arriving:
            self._filling.stop()
            self._release()
            unfinished, self._unfinished = self._unfinished, ()
            if unfinished:
                self.add_paths(Path(path) for path in unfinished)
            self._advance()
        self.queue_changed.emit()

    @property
    def filling(self) -> bool:
        """Whether the exhibits of an opened case are still being listed."""
        return self._filling.isActive()

    def _release(self) -> None:
        """Take what was given to the window while it went from one case to another."""
        held, self._held = self._held, []
        if held:
            self.add_sources(held)

    @Slot()
    def _on_trouble(self) -> None:
        if self.docket.trouble is None:
            self._look_again()
            self._advance()
        self.queue_changed.emit()

    def _look_again(self) -> None:
        """The case is back: read what could not be read meanwhile."""
        item = self.item
        if item is not None:
            if not item.loaded:
                self._load(item)
            if self.picture(item.key) is None:
                self._want((item.key,))

    def unsaved(self) -> int:
        """How many things are not on the disk yet."""
        return self.docket.keeper.waiting()

    def refuse_changes(self) -> bool:
        """Say so, if the case can only be looked at."""
        if self.docket.read_only:
            self.message.emit(translate("Session", "This case is open to look at only; nothing can be added or changed."))
        return self.docket.read_only

    # --- exhibits

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Take files and folders; folders are walked in the background."""
        if self.refuse_changes():
            return
        given = tuple(path.absolute() for path in paths)
        coming = dict.fromkeys((*self.docket.desk.coming, *(str(path) for path in given)))
        self.docket.arrange(coming=tuple(coming))
        self.left_out = 0
        self._gathering += 1
        self.threads.gather.emit(given)

    def add_data(self, data: bytes, name: str) -> int:
        """Take the raw bytes of a picture."""
        return (self.add_sources([(data, name)]) or [0])[0]

    def add_sources(self, sources: Sequence[tuple[Source, str]]) -> list[int]:
        """Take files or bytes with their names: into the window at once, into the case and the queue one after another."""
        if self.refuse_changes():
            return []
        if self.docket.case is not None and (self.docket.switching or self._arriving):
            self._held.extend(sources)
            return []
        keys = self.shelf.add(sources)
        self.added.emit(keys)
        if self.current is None and keys:
            self.select(keys[0])
        for key in keys:
            self._take(self.items[key])
        self.queue_changed.emit()
        return keys

    def wish(self) -> dict[str, str]:
        """What the case keeps of how an analysis is asked for."""
        said = {"explain": self.settings.explain, "tiles": self.settings.tiles}
        effects = "yes" if self.settings.effects else "auto"
        return {"expert": "", **{name: "yes" if on else "no" for name, on in said.items()}, "effects": effects}

    def _take(self, item: Item) -> None:
        """Copy an exhibit into the case; its analysis waits for that."""
        key, source, name, settings = item.key, item.source, item.name, self.wish()
        self._untaken += 1

        taken, failed = partial(self._on_taken, key), partial(self._on_not_taken, key)
        if isinstance(source, bytes):  # they are nowhere else; a file given to the window is remembered by its path
            from desktop.gui.words import Pasted

            self.docket.holding.say(Pasted(name, settings, source), taken, failed)
        else:
            from desktop.gui import kept

            self.docket.write(lambda case: kept.take(case, source, name, settings), taken, failed, copies=True)

    def _on_taken(self, key: int, taken: tuple[Exhibit, Path]) -> None:
        row, path = taken
        self._one_less()
        item = self.items.get(key)
        if item is None:
            return
        known = self._numbers.get(row.id)
        if known is not None and known != key:
            self._double(item, self.items[known])
            return
        item.exhibit, item.sha256, item.source = row.id, row.sha256, path
        self._numbers[row.id] = key
        if key == self.current:
            self.docket.arrange(selected=item.sha256)
        if item.state is State.CANCELLED:
            self._write_cancelled([row.id])
        elif item.state is State.WAITING:
            self.queue.add(key)
            self._advance()

    def _write_cancelled(self, numbers: list[int]) -> None:
        """Record that a person stopped these, so that nothing starts them again tomorrow."""
        if numbers:
            from desktop.gui import kept

            self.docket.write(lambda case: kept.cancelled(case, numbers))

    def _show_analysis(self, item: Item, analysis: Analysis) -> None:
        """Take an analysis into an exhibit's row, with the facts of its file."""
        item.analysis, item.kept_outcome, item.kept_log_odds = analysis, "", None
        item.text = analysis.opinions[0].text if analysis.opinions else ""
        info = analysis.exhibit
        item.width, item.height, item.container = info.width, info.height, info.container
        item.sha256, item.rgb_sha256, item.deviations = info.sha256, info.rgb_sha256, analysis.run.deviations
        opinion = item.opinion
        item.frame = opinion.frame.box if opinion is not None else item.frame

    def _double(self, item: Item, known: Item) -> None:
        """The same bytes are the same exhibit, whatever they are called."""
        was_shown = self.current in (None, item.key)
        self.message.emit(translate("Session", "{name} is in the case already, as {known}.").format(name=item.name, known=known.name))
        self.shelf.remove([item.key])
        self.removed.emit([item.key])
        if was_shown:
            self.select(known.key)
        self.queue_changed.emit()

    def _on_not_taken(self, key: int, failure: Failed) -> None:
        self._one_less()
        item = self.items.get(key)
        if item is not None:
            item.state, item.failure = State.FAILED, failure
            self.changed.emit(key)
            self.queue_changed.emit()

    def _one_less(self) -> None:
        self._untaken = max(0, self._untaken - 1)
        if not self._untaken and not self._gathering:
            self.docket.arrange(coming=())

    def set_aside(self, keys: Iterable[int], aside: bool) -> None:
        """Put exhibits aside or bring them back. What a case received it keeps; what it never took just leaves the window."""
        if self.refuse_changes():
            return
        here = [self.items[key] for key in keys if key in self.items]
        foreign = [item.key for item in here if item.exhibit is None and item.state is not State.WAITING]
        numbers = tuple(item.exhibit for item in here if item.exhibit is not None and item.aside != aside)
        for item in here:
            if item.exhibit is not None:
                item.aside = aside
        if numbers:
            from desktop.gui.words import Tagged

            self.docket.holding.say(Tagged(numbers, (ASIDE,) if aside else (), () if aside else (ASIDE,)))
        if aside:
            self.cancel([item.key for item in here if item.state in (State.WAITING, State.RUNNING)])
        self.shelf.remove(foreign)
        if foreign:
            self.removed.emit(foreign)
        self.many_changed.emit([item.key for item in here])
        if self.current not in self.items:
            self.select(self.order[0] if self.order else None)
        self.queue_changed.emit()

    def select(self, key: int | None) -> None:
        """Make an exhibit the one that canvas and panels show; what is not kept of it in memory is read again."""
        if key == self.current:
            return
        self.current = key
        item = self.item
        if item is not None:
            self.docket.arrange(selected=item.sha256)
            if not item.loaded:
                self._load(item)
        self.selected.emit()
        self._want(() if key is None else (key,))

    def by_number(self, number: int) -> Item | None:
        """The exhibit with this number in the case."""
        return self.items.get(self._numbers.get(number, 0))

    def reread(self, item: Item) -> None:
        """What people said of an exhibit has changed in the case."""
        if item.loaded:
            item.loaded, item.turns = False, [turn for turn in item.turns if turn.state == "running"]
            if item.key == self.current:
                self._load(item)

    def _load(self, item: Item) -> None:
        from desktop.gui import kept

        key, number = item.key, item.exhibit
        if number is not None:
            self.docket.read(lambda case: kept.details(case, number), lambda details: self._on_loaded(key, details))

    def _on_loaded(self, key: int, details: Details) -> None:
        item = self.items.get(key)
        if item is None or item.loaded:
            return
        item.loaded = True
        item.conclusion = details.conclusion
        item.notes, item.turns = details.notes, [*details.turns, *item.turns]
        if item.state in (State.DONE, State.FAILED, State.CANCELLED):
            item.entry, item.dispositions = details.entry, dict(details.dispositions)
            item.failure = details.failure or item.failure
            if details.analysis is not None:
                self._show_analysis(item, details.analysis)
        self._in_memory(key)
        self.changed.emit(key)
        self.answered.emit(key)
        if key == self.current:
            self.selected.emit()

    def _in_memory(self, key: int) -> None:
        """This exhibit's analysis is in memory now; those that nobody looked at for longest go, for the case has them."""
        self._read.pop(key, None)
        self._read[key] = None
        if self.docket.trouble is None:
            while len(self._read) > _MOST_READ:
                old = next(iter(self._read))
                del self._read[old]
                if old in self.items and old != self.current:
                    self.items[old].forget()

    def also_wanted(self, keys: Iterable[int]) -> None:
        """Have these pictures read too, beside the selected one (for comparing)."""
        self._want((*keys, *(() if self.current is None else (self.current,))))

    def _want(self, keys: Iterable[int]) -> None:
        self.threads.reader.wanted = frozenset(keys)
        for key in self.threads.reader.wanted:
            item = self.items.get(key)
            if item is not None and self.picture(key) is None and self.queue.of(key) is None:
                self.threads.read.emit(key, item.source, item.name)
