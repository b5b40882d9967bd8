"""A command that another program leads: what happens goes out as JSON lines, and words come in.

Out, on standard output: ``{"event": "terms", …}``, ``{"event": "progress", "doing", "what", "fraction"}``, ``{"event": "stored", "id",
"digest"}`` or ``{"event": "failed", "code", "message"}``. In, a line each: ``accept`` or ``decline`` after the terms, ``cancel`` at any
time. The end of the input means ``cancel`` too: when the leading program dies, this one stops.
"""

import dataclasses
import queue
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from desktop.commands.console import emit_value
from models.errors import Cancelled, TelltaleError
from models.pull import Terms
from models.store import Progress

_EVERY_S = 0.1


class Dialogue:
    """Leads one pull. ``flag`` is set when the other side wants to stop."""

    def __init__(self, flag: threading.Event, words: TextIO | None = None) -> None:
        self._flag = flag
        self._answers: queue.Queue[str] = queue.Queue()
        self._words = words or sys.stdin
        threading.Thread(target=self._listen, name="dialogue", daemon=True).start()

    def _listen(self) -> None:
        for line in self._words:
            word = line.strip()
            if word == "cancel":
                break
            self._answers.put(word)
        self._flag.set()
        self._answers.put("cancel")

    def accept(self, terms: Terms) -> bool:
        """Show the terms and wait for the answer. Raises Cancelled."""
        emit_value({"event": "terms", **dataclasses.asdict(terms)})
        answer = self._answers.get()
        if answer == "cancel":
            raise Cancelled
        return answer == "accept"

    def reporter(self, doing: str) -> Progress:
        """Progress of one stage, a few times a second."""
        last = ("", 0.0)

        def report(what: str, fraction: float) -> None:
            nonlocal last
            now = time.monotonic()
            if what != last[0] or now - last[1] >= _EVERY_S or fraction >= 1.0:
                last = (what, now)
                emit_value({"event": "progress", "doing": doing, "what": what, "fraction": round(fraction, 4)})

        return report

    def stored(self, name: str, place: Path) -> None:
        """All is done."""
        emit_value({"event": "stored", "id": name, "digest": place.name})

    def failed(self, error: TelltaleError) -> None:
        """It ended otherwise."""
        emit_value({"event": "failed", "code": error.code, "message": error.message})
