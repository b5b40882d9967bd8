"""What the window knows of the rest: an analyst it can give pictures to, and what happens while it works.

The window depends on this small protocol and not on ``desktop.analysis`` itself, so that every panel can be tested with a fake analyst and
so that nothing heavy is imported before the first frame is on screen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from desktop.document import Analysis, Box, Finding
    from desktop.gui.picture import Picture

Source = Path | bytes


class AnalystLike(Protocol):
    """One expert and the way through: made and closed in the worker thread; asked from several when it says ``at_once``."""

    def analyse(
        self,
        source: Source,
        *,
        name: str | None = None,
        options: Any = None,
        on_event: Callable[[Any], None] = ...,
        cancelled: Callable[[], bool] = ...,
    ) -> Analysis:
        """Examine one picture. Raises TelltaleError."""
        ...

    def ask(
        self, source: Source, question: str, *, on_text: Callable[[str], None] | None = None, cancelled: Callable[[], bool] = ...
    ) -> Any:
        """Put a free question about one picture; the answer has ``text``. Raises TelltaleError."""
        ...

    def close(self) -> None:
        """End the child processes."""
        ...


AnalystFactory = Callable[[], AnalystLike]


class ReaderLike(Protocol):
    """Reads exhibits without an expert (``desktop.intake.Intake``): for thumbnails and for pictures that wait or were forgotten."""

    def read(self, source: Source, name: str | None = None, *, cancelled: Callable[[], bool] | None = None) -> Any:
        """An exhibit with ``info``, ``rgb``, ``thumbnail`` and ``deviations``. Raises TelltaleError."""
        ...

    def close(self) -> None:
        """End the child process."""
        ...


ReaderFactory = Callable[[], ReaderLike]


class Read(NamedTuple):
    """The verdict before its explanation."""

    log_odds: float
    mass: float
    answer: str
    finding: Finding | None


class Suggested(NamedTuple):
    """A question to put with a click; ``trained``: the expert was trained on it. ``kind`` as in ``desktop.questions``."""

    text: str
    kind: str
    trained: bool


class ExpertFacts(NamedTuple):
    """Which expert is in use, as far as people want to see it."""

    name: str
    id: str
    kind: str
    type: str
    licence: str
    good_for: str = ""
    not_for: str = ""
    threshold: float | None = None
    questions: tuple[Suggested, ...] = ()
    folder: str = ""
    at_once: int = 1
    """Exhibits that are worth analysing side by side."""


class Shown(NamedTuple):
    """An exhibit as the window needs it: made in a worker thread, so that the main thread only draws."""

    name: str
    width: int
    height: int
    sha256: str
    rgb_sha256: str
    container: str
    picture: Picture
    thumbnail: Picture
    frame: Box | None
    deviations: tuple[str, ...]


class Failed(NamedTuple):
    """Why a job ended without an analysis."""

    code: str
    message: str
