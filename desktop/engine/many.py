"""The client's side of examining many pictures: feed the worker as its slots become free, hand out results, and survive its death."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from desktop.engine import replies
from desktop.engine.link import Call, IsCancelled, Link
from desktop.engine.protocol import broken, error_of, text_field
from desktop.engine.text import clean
from desktop.engine.values import Examination, Score
from models.errors import TelltaleError, WorkerError

Result = tuple[int, Examination | TelltaleError]
_AHEAD = 1
"""Pictures sent beyond the slots, so that the worker never waits for the next."""


@dataclass(frozen=True)
class Listener:
    """Told of verdicts and text while they come; the picture's number first."""

    on_score: Callable[[int, Score], None]
    on_text: Callable[[int, str], None] | None


def examine_many(link: Link, pixels: Iterator[bytes], *, explain: bool, listener: Listener,
                 cancelled: IsCancelled | None) -> Iterator[Result]:
    """Results in order of their end. See ``Engine.examine_many``. After a crash the listener hears of the same pictures again."""
    source = enumerate(pixels)
    while True:
        waiting: dict[int, bytes] = {}
        try:
            yield from _batch(link, source, waiting, explain, listener, cancelled)
            return
        except WorkerError:
            if not waiting:
                raise
        # One of these may have killed it; alone, it kills only itself.
        for index, data in waiting.items():
            try:
                yield from _batch(link, iter([(index, data)]), {}, explain, listener, cancelled)
            except WorkerError as error:
                yield index, error


def _batch(link: Link, source: Iterator[tuple[int, bytes]], waiting: dict[int, bytes], explain: bool, listener: Listener,
           cancelled: IsCancelled | None) -> Iterator[Result]:
    """One request for as many pictures as ``source`` has; ``waiting`` holds those that were sent and not answered."""
    with link.call({"do": "batch", "explain": explain, "stream": listener.on_text is not None}, b"", cancelled) as call:
        _feed(call, source, waiting, link.settings.slots + _AHEAD)
        for frame in call.frames:
            event = frame.header["event"]
            if event == "done":
                return
            index = frame.header.get("index")
            if not isinstance(index, int) or index not in waiting:
                raise broken()
            if event == "score":
                listener.on_score(index, replies.score(frame.header))
            elif event == "text" and listener.on_text is not None:
                listener.on_text(index, clean(text_field(frame.header, "text")))
            else:
                result: Any = replies.examination(frame, link.card) if event == "finished" else error_of(frame.header.get("code"))
                del waiting[index]
                _feed(call, source, waiting, link.settings.slots + _AHEAD)
                yield index, result


def _feed(call: Call, source: Iterator[tuple[int, bytes]], waiting: dict[int, bytes], room: int) -> None:
    """Send pictures while there is room; say when there are no more."""
    while len(waiting) < room:
        item = next(source, None)
        if item is None:
            call.send({"do": "end"}, b"")
            return
        index, data = item
        waiting[index] = data
        call.send({"do": "add", "index": index}, data)
