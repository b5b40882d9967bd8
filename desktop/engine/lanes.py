"""The processes of one expert: one, or several side by side where the expert is so small that a second thread is no help to a picture.

The matrices of a small expert are multiplied in less time than threads take to meet, so that two cores do more with a picture each than
with half a picture each (``docs/performance.md``). Every process is started alike and gives the same numbers to the bit. A further one
costs as much processor time as some dozens of verdicts, so it comes only when that many calls had to share.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from desktop.engine import machine
from desktop.engine.choosing import CACHED
from desktop.engine.link import IsCancelled, Link, ignore
from desktop.engine.values import EngineSettings
from desktop.workers.frames import Frame, Header
from models.cards import Card
from models.errors import TelltaleError

MOST = 4
"""Processes of one expert at most; each takes about 100 MB."""
WORTH = 24
"""Calls that had to share before a further process is started: its start costs about as much."""
TRIES = 2
"""Starts of further processes that may fail: one that was killed while it started says little, the next one says enough."""
_REMEMBERED = 64
"""Pictures of which it is known which process saw them last."""
_FOLLOW_UP = frozenset(("ask", "attention", "hidden"))
"""Requests that are quick where the picture's state or embeddings still are."""


def fits_cache(card: Card) -> bool:
    """Whether both models together stay in a processor's cache."""
    return card.language.bytes + card.projector.bytes < CACHED


def each(settings: EngineSettings, card: Card) -> EngineSettings:
    """The settings of a single process: one thread where several processes may share the cores, so that their number changes nothing."""
    return replace(settings, threads=1) if _side_by_side(settings, card) else settings


def count(settings: EngineSettings, card: Card) -> int:
    """How many processes there may be at most: never more than pictures that are looked at together, nor than cores."""
    if not _side_by_side(settings, card):
        return 1
    return max(1, min(MOST, settings.slots, settings.threads or machine.physical_cores()))


def _side_by_side(settings: EngineSettings, card: Card) -> bool:
    """Whether this expert works best in processes of one thread, and nothing else was asked for."""
    fixed = settings.configuration is not None or (settings.gpu == "auto" and bool(machine.gpu_backends()))
    return fits_cache(card) and not fixed


class Lanes:
    """The links to an expert's processes; calls may come from any thread. The first one speaks for all."""

    def __init__(self, folder: Path, card: Card, card_sha256: str, settings: EngineSettings) -> None:
        own = each(settings, card)
        self._link: Callable[[], Link] = lambda: Link(folder, card, card_sha256, own)
        self.first = self._link()
        self._most = count(settings, card)
        self._calls = {self.first: 0}
        self._shared = self._failures = 0
        self._seen: OrderedDict[int, Link] = OrderedDict()
        self._lock = threading.Lock()
        self._coming: Link | None = None
        self._closed = threading.Event()

    @property
    def pids(self) -> list[int]:
        """Ids of all processes that run."""
        with self._lock:
            links = [*self._calls]
        return [pid for link in links if (pid := link.pid) is not None]

    @contextmanager
    def call(self, header: Header, payload: bytes, cancelled: IsCancelled | None) -> Iterator[Iterator[Frame]]:
        """As ``Link.call``, by the process that knows the picture or has least to do."""
        link = self._take(header, hash(payload))
        try:
            with link.call(header, payload, cancelled) as frames:
                yield frames
        finally:
            with self._lock:
                self._calls[link] -= 1

    def kill(self) -> None:
        """End all processes now; the next call starts the first one anew."""
        with self._lock:
            links = [*self._calls, *([self._coming] if self._coming is not None else [])]
        for link in links:
            link.kill()

    def close(self) -> None:
        """End all processes for good."""
        self._closed.set()
        with self._lock:
            links = [*self._calls]
        for link in links:
            link.close()

    def _take(self, header: Header, picture: int) -> Link:
        with self._lock:
            for link in [link for link, calls in self._calls.items() if link is not self.first and not calls and link.pid is None]:
                del self._calls[link]  # it died; the first one is started anew when it is asked, this one when it is wanted again
            known = self._seen.get(picture) if header.get("do") in _FOLLOW_UP else None
            link = known if known in self._calls else min(self._calls, key=self._calls.__getitem__)
            self._shared += self._calls[link] > 0
            self._calls[link] += 1
            self._seen[picture] = link
            self._seen.move_to_end(picture)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            if self._shared >= WORTH and len(self._calls) < self._most and self._coming is None:
                self._shared, self._coming = 0, self._link()
                threading.Thread(target=self._open, args=(self._coming,), name="engine-lane", daemon=True).start()
        return link

    def _open(self, link: Link) -> None:
        """Start a further process; where that fails again and again, the others go on alone."""
        fit = failed = False
        try:
            link.start(ignore, self._closed.is_set)
            fit = link.configuration == self.first.configuration  # or its numbers could be others
        except (TelltaleError, OSError) as error:
            logging.getLogger(__name__).warning("a further engine process did not start: %s", error)
            failed = True
        with self._lock:
            self._coming = None
            self._failures += failed
            if fit and not self._closed.is_set():
                self._calls[link] = 0
                return
            if not failed or self._failures >= TRIES:
                self._most = len(self._calls)
        link.kill()
