"""What the command line lends to ``telltale case``, which itself knows only the analysis document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from desktop import document
from desktop.analysis import Options
from desktop.commands import experts
from desktop.commands.case import Tools
from desktop.commands.inputs import expand
from desktop.commands.pending import Analysing, Wish
from desktop.commands.stages import stage
from desktop.intake import Intake
from desktop.tiles import MOST


@contextmanager
def analysing(wish: Wish, pictures: int, jobs: int | None) -> Iterator[Analysing]:
    """One expert loaded for ``pictures`` pictures, ``jobs`` of their texts together (None: as many as pay). Raises ExpertError."""
    with experts.open_analyst(wish.expert, pictures=pictures, jobs=jobs, explain=wish.explain) as analyst:
        options = Options(explain=wish.explain, effects=True if wish.effects else None, tiles=MOST if wish.tiles else 0)

        def analyse(data: bytes, name: str, show: Callable[[str], None], cancelled: Callable[[], bool]) -> document.Analysis:
            return analyst.analyse(data, name=name, options=options, on_event=lambda event: show(stage(event)), cancelled=cancelled)

        yield Analysing(analyse, analyst.at_once)


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    """The pixels of a picture file, from the confined worker. Raises InputError."""
    with Intake() as intake:
        return intake.read(data, name).rgb


def tools() -> Tools:
    """All of it."""
    return Tools(expand=expand, analysing=analysing, decode=decode)
