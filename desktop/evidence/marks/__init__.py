"""What a picture file declares about its own origin: a list of marks, read inside the confined intake worker.

A mark is a declaration, never proof, and its absence says nothing. ``read_marks`` never raises and is bounded in time and memory; the
catalogue and all words are data (``rules.toml``).
"""

from desktop.evidence.marks.reader import read_marks

__all__ = ["read_marks"]
