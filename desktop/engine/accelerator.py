"""Our own products of quantised weights (``int8/``): when they are used, and for how many columns."""

from desktop.engine import machine
from desktop.engine.drafting import MOST_GUESSED
from desktop.engine.ggml import Int8
from models.cards import Card
from models.errors import ExpertError


def open_int8(card: Card, slots: int) -> Int8:
    """The products, set up for an expert that writes up to ``slots`` texts together; before anything of the expert is loaded.

    Raises ExpertError ``expert-load-failed`` where there are none.
    """
    library = machine.int8_library()
    if library is None:
        raise ExpertError("expert-load-failed", "this machine has no library of 8-bit products")
    int8 = Int8(library)
    # A text that is written alone must not change with the words that are guessed for it: a pass over guesses is left to what computes
    # single tokens. Several texts gain from six tokens a step on, unless a pass of the score would then depend on how many texts there are.
    alone, several = MOST_GUESSED + 2, 6
    question = len(card.prompt.question_ids) + len(card.prompt.answer_start_ids)
    int8.fewest_columns(several if slots > 1 and question >= alone else alone)
    return int8
