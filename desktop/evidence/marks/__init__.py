"""What a picture file declares about its own origin: a list of marks, read inside the confined intake worker.

A mark is a declaration, never proof, and its absence says nothing. ``read_marks`` never raises and is bounded in time and memory; the
catalogue and all words are data (``rules.toml``). ``prepare`` loads what it needs before a worker is sealed; ``load_trust`` reads a
laboratory's own trust lists in the application, to be handed to ``read_marks``.
"""

from desktop.evidence.marks.prepare import prepare
from desktop.evidence.marks.reader import read_marks
from desktop.evidence.marks.trust import bundled_trust, load_trust

__all__ = ["bundled_trust", "load_trust", "prepare", "read_marks"]
