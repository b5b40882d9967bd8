"""A bounded reader of EXIF (TIFF) blocks: the few tags that declare something about a picture's origin, and the embedded thumbnail.

Source: TIFF 6.0, CIPA DC-008 (Exif 3.0). Every directory, entry count and value length is capped, offsets are checked against the block,
and a directory is never read twice, so a block that points into itself ends.
"""

from dataclasses import dataclass, field

from desktop.evidence.marks.text import decoded

_ENTRY_LIMIT = 512
_VALUE_LIMIT = 1 << 20
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TAGS = {
    0x0100: "ImageWidth", 0x0101: "ImageLength", 0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x0112: "Orientation",
    0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist", 0x013C: "HostComputer", 0x02BC: "XMP", 0x8298: "Copyright", 0x83BB: "IPTC",
    0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject", 0xCD41: "C2PA",
    0x829A: "ExposureTime", 0x829D: "FNumber", 0x8827: "ISO", 0x9000: "ExifVersion", 0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized", 0x9201: "ShutterSpeedValue", 0x9202: "ApertureValue", 0x920A: "FocalLength", 0x927C: "MakerNote",
    0x9286: "UserComment", 0xA002: "PixelXDimension", 0xA003: "PixelYDimension", 0xA300: "FileSource", 0xA301: "SceneType",
    0xA433: "LensMake", 0xA434: "LensModel", 0xA460: "CompositeImage",
}
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825

Value = str | int | float | bytes


@dataclass(frozen=True)
class Exif:
    """Known tags by name (text, number, or raw bytes for opaque ones), the thumbnail of the second directory, and whether it is damaged."""

    tags: dict[str, Value]
    thumbnail: bytes = field(default=b"", repr=False)
    thumbnail_claimed: bool = False
    gps: bool = False
    damaged: bool = False

    def text(self, name: str) -> str:
        """The tag as text, or an empty string."""
        value = self.tags.get(name, "")
        return decoded(value) if isinstance(value, bytes) else str(value)

    def number(self, name: str) -> float | None:
        """The tag as a number, or None."""
        value = self.tags.get(name)
        return float(value) if isinstance(value, int | float) else None


EMPTY = Exif({})


class _Block:
    """A TIFF block with its byte order."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order: str = "little" if data[:2] == b"II" else "big"

    def integer(self, offset: int, size: int) -> int:
        raw = self.data[offset : offset + size]
        return int.from_bytes(raw, "little" if self.order == "little" else "big") if len(raw) == size else -1


def read_exif(tiff: bytes) -> Exif:
    """Read a TIFF block (without the ``Exif\\0\\0`` prefix). Never raises; a damaged block gives what could be read."""
    if tiff[:4] not in (b"II*\x00", b"MM\x00*"):
        return EMPTY if not tiff else Exif({}, damaged=True)
    block = _Block(tiff)
    tags: dict[str, Value] = {}
    seen: set[int] = set()
    first = _directory(block, block.integer(4, 4), seen)
    if first is None:
        return Exif({}, damaged=True)
    entries, next_offset, damaged = first
    pointer = _first_integer(block, entries.get(_EXIF_POINTER))
    inner = _directory(block, pointer, seen) if pointer else None
    for directory in (entries, inner[0] if inner else {}):
        for tag, entry in directory.items():
            if tag in _TAGS and (value := _value(block, tag, entry)) is not None:
                tags.setdefault(_TAGS[tag], value)
    thumbnail, claimed = b"", False
    second = _directory(block, next_offset, seen) if next_offset else None
    if second is not None:
        start = _first_integer(block, second[0].get(_THUMBNAIL_OFFSET))
        length = _first_integer(block, second[0].get(_THUMBNAIL_LENGTH))
        claimed = start is not None
        if start and length and length <= _VALUE_LIMIT:
            thumbnail = tiff[start : start + length]
    return Exif(tags, thumbnail, claimed, _GPS_POINTER in entries, damaged or (pointer is not None and inner is None))


_Entry = tuple[int, int, int]
"""(type, count, offset of the value in the block)"""


def _directory(block: _Block, offset: int, seen: set[int]) -> tuple[dict[int, _Entry], int, bool] | None:
    """Entries of a directory, offset of the next one and whether it was cut short; None when there is no directory there."""
    count = block.integer(offset, 2) if offset >= 8 and offset not in seen else -1
    if count < 0:
        return None
    seen.add(offset)
    entries: dict[int, _Entry] = {}
    damaged = count > _ENTRY_LIMIT
    for index in range(min(count, _ENTRY_LIMIT)):
        position = offset + 2 + 12 * index
        tag, kind, number = block.integer(position, 2), block.integer(position + 2, 2), block.integer(position + 4, 4)
        size = _SIZES.get(kind, 0) * number
        if tag < 0 or number < 0:
            damaged = True
            break
        place = position + 8 if size <= 4 else block.integer(position + 8, 4)
        if kind not in _SIZES or (size > _VALUE_LIMIT and tag not in (_THUMBNAIL_OFFSET, 0x927C)) or place + size > len(block.data):
            damaged = True
            continue
        entries.setdefault(tag, (kind, number, place))
    return entries, max(0, block.integer(offset + 2 + 12 * count, 4)), damaged


def _first_integer(block: _Block, entry: _Entry | None) -> int | None:
    if entry is None or entry[0] not in (3, 4, 13) or entry[1] < 1:
        return None
    return block.integer(entry[2], _SIZES[entry[0]])


def _value(block: _Block, tag: int, entry: _Entry) -> Value | None:
    kind, count, place = entry
    raw = block.data[place : place + _SIZES[kind] * count]
    name = _TAGS[tag]
    if name in ("MakerNote", "XMP", "IPTC", "C2PA"):
        return raw
    if name == "UserComment":
        return _comment(raw, block.order)
    if name.startswith("XP"):
        return raw.decode("utf-16-le", "replace").rstrip("\x00")
    if kind in (2, 129):
        return decoded(raw.split(b"\x00", 1)[0])
    if kind in (3, 4, 8, 9, 13) and count:
        return block.integer(place, _SIZES[kind])
    if kind in (5, 10) and count:
        top, bottom = block.integer(place, 4), block.integer(place + 4, 4)
        return top / bottom if bottom > 0 else None
    return decoded(raw.rstrip(b"\x00")) if kind in (1, 7) else None


def _comment(raw: bytes, order: str) -> str:
    """A user comment, whose first eight bytes name its character code; many writers put UTF-8 or UTF-16 there all the same."""
    code, body = raw[:8], raw[8:]
    if code == b"UNICODE\x00":
        # The standard says the block's byte order; generators write either one, so the one with more ASCII wins.
        little, big = body[0:2000:2].count(0), body[1:2000:2].count(0)
        if little == big:
            return body.decode("utf-16-le" if order == "little" else "utf-16-be", "replace").rstrip("\x00")
        return body.decode("utf-16-be" if little > big else "utf-16-le", "replace").rstrip("\x00")
    if code in (b"ASCII\x00\x00\x00", b"JIS\x00\x00\x00\x00\x00", b"\x00" * 8):
        return decoded(body.rstrip(b"\x00 "))
    return decoded(raw.rstrip(b"\x00 "))
