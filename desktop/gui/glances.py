"""Thumbnails of exhibits that are on the screen and were not analysed today: read one at a time, so that a chosen picture never waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.gui.picture import Picture
from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.gui.session import Session


class Glances(QObject):
    """Asks the reader for one thumbnail after the other."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._wanted: list[int] = []
        self._reading: int | None = None
        self._without: set[int] = set()
        session.threads.reader.glanced.connect(self._came)

    def want(self, keys: Sequence[int]) -> None:
        """These rows are on the screen now; others are not read any more."""
        shelf = self._session.shelf
        self._wanted = [key for key in keys if key in shelf.items and key not in shelf.thumbnails and key not in self._without]
        self._next()

    def _next(self) -> None:
        while self._wanted and self._reading is None and self._session.docket.trouble is None:
            item = self._session.items.get(self._wanted.pop(0))
            coming = item is not None and (item.state is State.RUNNING or (item.state is State.WAITING and not self._session.paused))
            if item is not None and item.exhibit is not None and not coming:  # an analysis brings a thumbnail by itself
                self._reading = item.key
                self._session.threads.glance.emit(item.key, item.source, item.name)

    def _came(self, key: int, thumbnail: Picture | None) -> None:
        self._reading = None
        if thumbnail is None:
            self._without.add(key)
        elif key in self._session.items:
            self._session.shelf.keep_thumbnail(key, thumbnail)
            self._session.picture_ready.emit(key)
        self._next()
