"""What every part of a session rests on: its signals, its exhibits, the case and the threads. The last two come to life when asked for.

The window shows its first frame with nothing of a case or a thread loaded; see ``desktop.gui.session_case`` and ``desktop.gui.session``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.gui.seam import AnalystFactory, ExpertFacts, Failed, ReaderFactory
from desktop.gui.settings import Settings
from desktop.gui.shelf import Shelf

if TYPE_CHECKING:
    from desktop.gui.docket import Docket
    from desktop.gui.item import Item
    from desktop.gui.jobs import Queue
    from desktop.gui.kept import Opened
    from desktop.gui.picture import Picture
    from desktop.gui.threads import Threads


class SessionBase(QObject):
    """The exhibits in order; who adds to it says in ``_follow`` and ``_listen`` what case and threads are to be heard for."""

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
    case_changed = Signal()

    def __init__(self, analyst_factory: AnalystFactory, reader_factory: ReaderFactory, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.shelf = Shelf(settings.picture_memory_mb * 1_000_000)
        self.expert: ExpertFacts | Failed | None = None
        self.current: int | None = None
        self._docket: Docket | None = None
        self._threads: Threads | None = None
        self._factories = analyst_factory, reader_factory

    @cached_property
    def queue(self) -> Queue:
        """What is to be done next."""
        from desktop.gui.jobs import Queue

        return Queue(paused=not self.settings.start_at_once)

    @property
    def docket(self) -> Docket:
        """The case behind the session."""
        if self._docket is None:
            from desktop.gui.docket import Docket

            self._docket = Docket(self)
            self._follow(self._docket)
        return self._docket

    def _follow(self, docket: Docket) -> None:
        """Connect what the case tells."""

    @property
    def case(self) -> Opened | None:
        """The case that is open; None until one is."""
        return self._docket.case if self._docket is not None else None

    @property
    def read_only(self) -> bool:
        """Whether the open case can only be looked at."""
        return self._docket is not None and self._docket.read_only

    @property
    def threads(self) -> Threads:
        """The threads of the expert and the reader."""
        if self._threads is None:
            from desktop.gui.threads import Threads

            self._threads = Threads(self, *self._factories)
            self._listen(self._threads)
        return self._threads

    def _listen(self, threads: Threads) -> None:
        """Connect what the threads tell."""

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
        return self.queue.paused if "queue" in self.__dict__ else not self.settings.start_at_once

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
