"""The keys at the beginning of a GGUF file, read in plain Python with every count bounded by the file's own size.

Only what an import has to know: which of two files is the projector, what it was made for, and the vocabulary. Format: ggml/docs/gguf.md,
versions 2 and 3, little-endian.
"""

import struct
from pathlib import Path
from typing import IO

from models.errors import ExpertError
from models.gguf_front import Damaged, Front
from models.places import open_file

Value = int | float | bool | str | list["Value"]

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_MAX_KEYS, _MAX_KEY, _MAX_STRING, _MAX_ITEMS = 4096, 256, 1 << 22, 1 << 22


class _Reader(Front):
    """Values of the header; all arrays together hold no more than a vocabulary needs."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        super().__init__(stream, size)
        self._items = _MAX_ITEMS

    def string(self, most: int) -> str:
        return self.take(self.length(most)).decode("utf-8", "replace")

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.string(_MAX_STRING)
        if kind == _ARRAY:
            inner, count = self.number("<I"), self.number("<Q")
            # All arrays together: a byte in the file may become a Python object of many.
            self._items -= count
            if self._items < 0 or inner == _ARRAY:
                raise ValueError
            if inner == _STRING:
                return [self.string(_MAX_STRING) for _ in range(count)]
            code = _SCALARS[inner]
            return list(struct.unpack(f"<{count}{code[1]}", self.take(count * struct.calcsize(code))))
        code = _SCALARS[kind]
        unpacked: Value = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return unpacked


def read_keys(path: Path) -> dict[str, Value]:
    """All keys of a GGUF file. Raises ExpertError ``gguf-invalid`` (not a GGUF file, or a damaged one) or ``gguf-unreadable``."""
    try:
        with open_file(path) as stream:
            reader = _Reader(stream, path.stat().st_size)
            if reader.take(4) != b"GGUF" or reader.number("<I") not in (2, 3):
                raise ValueError
            reader.number("<Q")
            count = reader.number("<Q")
            if count > _MAX_KEYS:
                raise ValueError
            keys: dict[str, Value] = {}
            for _ in range(count):
                name = reader.string(_MAX_KEY)
                if name in keys:
                    raise ValueError
                keys[name] = reader.value(reader.number("<I"))
            return keys
    except (Damaged, ValueError, KeyError, struct.error):
        raise ExpertError("gguf-invalid", f"{path.name} is not a GGUF file that Telltale can read, or it is damaged") from None
    except OSError as error:
        raise ExpertError("gguf-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
