"""The exhibits in order, with as many of their pictures as memory allows. No Qt in here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.gui.item import Item
    from desktop.gui.picture import Picture, PictureCache
    from desktop.gui.seam import Shown, Source

_THUMBNAILS = 1500


class Shelf:
    """Exhibits by key; a key is never used twice."""

    def __init__(self, picture_bytes: int) -> None:
        self.items: dict[int, Item] = {}
        self.order: list[int] = []
        self._picture_bytes = picture_bytes
        self.thumbnails: OrderedDict[int, Picture] = OrderedDict()
        self._next_key = 1

    @cached_property
    def pictures(self) -> PictureCache:
        """The pictures that are kept, by key."""
        from desktop.gui.picture import PictureCache

        return PictureCache(self._picture_bytes)

    def add(self, sources: Sequence[tuple[Source, str]]) -> list[int]:
        """Take sources with their names; returns the keys."""
        from desktop.gui.item import Item

        keys = []
        for source, name in sources:
            origin = source if isinstance(source, Path) else None
            self.items[self._next_key] = Item(self._next_key, source, name, origin=origin)
            keys.append(self._next_key)
            self._next_key += 1
        self.order.extend(keys)
        return keys

    def adopt(self, items: Iterable[Item]) -> list[int]:
        """Take exhibits as a case keeps them; returns the keys."""
        keys = []
        for item in items:
            item.key = self._next_key
            self.items[item.key] = item
            keys.append(item.key)
            self._next_key += 1
        self.order.extend(keys)
        return keys

    def remove(self, keys: Iterable[int]) -> None:
        """Forget exhibits."""
        for key in keys:
            self.items.pop(key, None)
            self.thumbnails.pop(key, None)
            self.pictures.drop(key)
        self.order = [key for key in self.order if key in self.items]

    def keep(self, key: int, shown: Shown) -> None:
        """Keep an exhibit's facts and pictures."""
        item = self.items[key]
        item.width, item.height, item.container, item.frame = shown.width, shown.height, shown.container, shown.frame or item.frame
        item.sha256, item.rgb_sha256, item.deviations = shown.sha256, shown.rgb_sha256, shown.deviations
        self.pictures.put(key, shown.picture)
        self.keep_thumbnail(key, shown.thumbnail)

    def keep_thumbnail(self, key: int, thumbnail: Picture) -> None:
        """Keep a thumbnail, forgetting the oldest ones."""
        self.thumbnails[key] = thumbnail
        while len(self.thumbnails) > _THUMBNAILS:
            self.thumbnails.popitem(last=False)

    def counts(self) -> dict[State, int]:
        """How many exhibits are in each state."""
        result = dict.fromkeys(State, 0)
        for item in self.items.values():
            result[item.state] += 1
        return result
