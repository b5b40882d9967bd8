"""The EXIF and XMP items of HEIF and AVIF files. Sources: ISO/IEC 14496-12 (boxes, item information and location), 23008-12 (HEIF)."""

from collections.abc import Iterator

from desktop.evidence.marks.exif import read_exif
from desktop.evidence.marks.pieces import PACKET_LIMIT, TEXT_LIMIT, Pieces

_C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_BOX_LIMIT = 4096
_ITEM_LIMIT = 512


def cut_items(data: bytes, pieces: Pieces) -> None:
    """Fill ``pieces`` from the boxes of ``data``; damaged boxes end the reading."""
    reached = 0
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"meta":
            _meta(data, start + 4, end, pieces)
        elif name == b"uuid" and data[start : start + 16] == _C2PA_UUID:
            pieces.jumbf = True
        reached = end
    pieces.end = reached or None


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, begin of body, end) of the boxes between two offsets."""
    for _ in range(_BOX_LIMIT):
        size, name, head = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:
            size = end - start
        if len(name) < 4 or size < head or start + size > end:
            return
        yield name, start + head, start + size
        start += size


def _meta(data: bytes, start: int, end: int, pieces: Pieces) -> None:
    kinds: dict[int, str] = {}
    places: dict[int, tuple[int, int]] = {}
    for name, begin, stop in _boxes(data, start, end):
        if name == b"iinf":
            kinds = _item_kinds(data, begin, stop)
        elif name == b"iloc":
            places = _item_places(data, begin, stop)
        elif name == b"iprp":
            pieces.size = _largest_size(data, begin, stop)
    for item, kind in kinds.items():
        offset, length = places.get(item, (0, 0))
        body = data[offset : offset + min(length, TEXT_LIMIT)] if offset else b""
        if kind == "Exif" and len(body) > 8:
            skip = int.from_bytes(body[:4], "big")
            pieces.exif = read_exif(body[4 + min(skip, 64) :])
        elif kind == "xmp" and body and len(pieces.xmp) < PACKET_LIMIT:
            pieces.xmp.append(body)


def _item_kinds(data: bytes, start: int, end: int) -> dict[int, str]:
    """Item numbers of EXIF and XMP items."""
    kinds: dict[int, str] = {}
    count_size = 2 if data[start : start + 1] == b"\x00" else 4
    for name, begin, stop in _boxes(data, start + 4 + count_size, end):
        if name != b"infe" or len(kinds) >= _ITEM_LIMIT or begin >= stop:
            continue
        version = data[begin]
        number_size = 2 if version == 2 else 4
        number = int.from_bytes(data[begin + 4 : begin + 4 + number_size], "big")
        position = begin + 4 + number_size + 2
        kind = data[position : position + 4]
        if version >= 2 and kind == b"Exif":
            kinds[number] = "Exif"
        elif version >= 2 and kind == b"mime" and b"application/rdf+xml" in data[position + 4 : stop]:
            kinds[number] = "xmp"
    return kinds


def _item_places(data: bytes, start: int, end: int) -> dict[int, tuple[int, int]]:
    """(offset in the file, length) of items stored in one piece of the file itself."""
    places: dict[int, tuple[int, int]] = {}
    if start + 8 > end:
        return places
    version, sizes = data[start], int.from_bytes(data[start + 4 : start + 6], "big")
    offset_size, length_size, base_size = sizes >> 12 & 15, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    position = start + 6
    count = int.from_bytes(data[position : position + wide], "big")
    position += wide

    def take(size: int) -> int:
        nonlocal position
        value = int.from_bytes(data[position : min(position + size, end)], "big")
        position += size
        return value

    for _ in range(min(count, _ITEM_LIMIT)):
        if position >= end:
            break
        number = take(wide)
        method = take(2) & 15 if version in (1, 2) else 0
        take(2)
        base = take(base_size)
        extents = []
        for _ in range(min(take(2), 64)):
            take(index_size)
            extents.append((take(offset_size), take(length_size)))
        if len(extents) == 1 and method == 0:
            places[number] = (base + extents[0][0], extents[0][1])
    return places


def _largest_size(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The largest ``ispe`` (image spatial extents) among the item properties: the whole picture rather than a tile or thumbnail."""
    best = (0, 0)
    for name, begin, stop in _boxes(data, start, end):
        if name != b"ipco":
            continue
        for inner, at, close in _boxes(data, begin, stop):
            if inner == b"ispe" and close - at >= 12:
                size = (int.from_bytes(data[at + 4 : at + 8], "big"), int.from_bytes(data[at + 8 : at + 12], "big"))
                best = max(best, size, key=lambda s: s[0] * s[1])
    return best
