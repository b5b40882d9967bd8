"""The real analyst and the real reader. They are imported in the threads that use them, never before the first frame is on screen."""

from pathlib import Path

from desktop.gui.seam import AnalystFactory, AnalystLike, ReaderLike
from desktop.gui.settings import Settings

_SIDE_BY_SIDE = 4
"""Texts that the window has written together where memory allows: its memory is taken while the expert is loaded, even for one picture."""


def default_analyst(chosen: Settings, expert: str | Path = "") -> AnalystFactory:
    """A factory for the analyst with an expert by id or folder, or the default one. It is called, and imports, in the worker thread."""

    def make() -> AnalystLike:
        from desktop.commands.experts import open_analyst

        threads = chosen.threads or None
        return open_analyst(str(expert) or None, pictures=_SIDE_BY_SIDE, gpu=chosen.gpu, threads=threads)

    return make


def default_reader() -> ReaderLike:
    """An intake for looking at pictures without an expert."""
    from desktop.intake import Intake

    return Intake()
