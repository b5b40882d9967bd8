"""The front of a GGUF file, byte by byte: never more than there may be, and whatever does not add up ends the reading."""

import struct
from typing import IO

MAX_HEADER = 256 << 20
"""Bytes of a header that anybody would need."""


class Damaged(Exception):
    """A header that does not add up; the text says where."""


class Front:
    """Reads from the front of a file of ``size`` bytes, never more than the file or a header may hold."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self.size, self.at = stream, size, 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises Damaged."""
        if self.at + count > min(self.size, MAX_HEADER):
            raise Damaged("it ends inside its header")
        data = self._stream.read(count)
        if len(data) != count:
            raise Damaged("it ends inside its header")
        self.at += count
        return data

    def number(self, code: str) -> int:
        """The next number, of a struct code. Raises Damaged."""
        value: int = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return value

    def length(self, most: int) -> int:
        """The length of the text that follows. Raises Damaged."""
        size = self.number("<Q")
        if size > most:
            raise Damaged("a text in its header is too long")
        return size
