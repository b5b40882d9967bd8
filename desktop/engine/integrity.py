"""Nothing native reads a file that is not the one its card describes: hashes and header checks before every start of the worker.

Within one run of the application a file is hashed again only when its inode, size or time of change differs (security.md §6): restarting a
crashed worker must not cost a minute of reading.
"""

from collections.abc import Callable
from pathlib import Path

from models.cards import CARD_NAME, Card, check_files
from models.errors import Cancelled, ExpertError
from models.gguf_scan import scan_gguf

_Stamp = tuple[tuple[str, int, int, int, int], ...]


class Integrity:
    """Remembers which state of an expert's folder was found in order."""

    def __init__(self, folder: Path, card: Card) -> None:
        self._folder, self._card = folder, card
        self._good: _Stamp | None = None

    def check(self, cancelled: Callable[[], bool]) -> None:
        """Raises ExpertError ``expert-incomplete``, ``expert-damaged`` or what the header scan finds; Cancelled."""
        if cancelled():
            raise Cancelled()
        before = self._stamp()
        if self._good is not None and before == self._good:
            return
        check_files(self._folder, self._card)
        if cancelled():
            raise Cancelled()
        scan_headers(self._folder, self._card)
        if self._stamp() != before:
            raise ExpertError("expert-damaged", "the expert's files changed while they were read; try again")
        self._good = before

    def _stamp(self) -> _Stamp:
        card = self._card
        names = [CARD_NAME, card.language.file, card.projector.file, *([card.reference.file] if card.reference else [])]
        stamps = []
        for name in names:
            try:
                facts = (self._folder / name).stat()
            except OSError:
                raise ExpertError("expert-incomplete", f"{name} is missing beside the card") from None
            stamps.append((name, facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns))
        return tuple(stamps)


def scan_headers(folder: Path, card: Card) -> None:
    """Read both GGUF headers in plain Python, so that a malformed one never reaches native code. Raises ExpertError ``gguf-invalid`` …"""
    scan_gguf(folder / card.language.file, "language")
    scan_gguf(folder / card.projector.file, "projector")
