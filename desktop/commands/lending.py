"""What the command line lends to ``telltale case``, which itself knows only the analysis document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from desktop import document
from desktop.analysis import Options
from desktop.commands import experts
from desktop.commands.case import Tools, Wish
from desktop.commands.inputs import expand
from desktop.intake import Intake
from desktop.tiles import MOST


@contextmanager
def analysing(wish: Wish) -> Iterator[Callable[[bytes, str, Callable[[], bool]], document.Analysis]]:
    """A way to analyse bytes under a name, with one expert loaded for all of them. Raises ExpertError."""
    with experts.open_analyst(wish.expert) as analyst:

        def analyse(data: bytes, name: str, cancelled: Callable[[], bool]) -> document.Analysis:
            options = Options(explain=wish.explain, effects=True if wish.effects else None, tiles=MOST if wish.tiles else 0)
            return analyst.analyse(data, name=name, options=options, cancelled=cancelled)

        yield analyse


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    """The pixels of a picture file, from the confined worker. Raises InputError."""
    with Intake() as intake:
        return intake.read(data, name).rgb


def tools() -> Tools:
    """All of it."""
    return Tools(expand=expand, analysing=analysing, decode=decode)
