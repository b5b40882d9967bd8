"""Where a picture ends inside its file and what else is there, from the container's own structure. Runs in the worker.

These walkers never decode pixels and never fail: what they cannot follow they leave unknown. Every loop is bounded by the file or a count.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

_MAX_STEPS = 1_000_000
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # ISO/IEC 10918-1, B.1.1: stuffed zeros and restart markers belong to the scan
_TOP_BOXES = frozenset((b"ftyp", b"styp", b"meta", b"mdat", b"moov", b"moof", b"mfra", b"free", b"skip", b"wide", b"uuid", b"pdin", b"sidx",
                        b"ssix", b"prft", b"emsg", b"idat", b"imda"))
_PROCESSES: dict[int, Literal["baseline", "extended", "progressive", "lossless"]] = {
    0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive", 0xC3: "lossless",
}


@dataclass
class Layout:
    """What a walker found."""

    end: int | None = None
    """Offset after the last byte that belongs to the picture, where the format tells."""
    ends_properly: bool | None = None
    frames: list[tuple[int, int]] = field(default_factory=list)
    more_frames: bool = False
    kind: Literal["single", "animation", "pages", "multi-picture"] = "single"
    separate_default: bool = False
    bits: int | None = None
    process: Literal["baseline", "extended", "progressive", "lossless", "other"] = "other"
    precision: int = 0
    sampling: tuple[str, ...] = ()
    adobe_transform: int | None = None
    saw_adobe: bool = False
    gamma: float | None = None
    white_is_zero: bool = False


def lay_out(data: bytes, container: str, most_frames: int) -> Layout:
    """The layout of a file of a known container; frames are counted up to ``most_frames``."""
    layout = Layout()
    try:
        _WALKERS[container](data, layout, most_frames)
    except (IndexError, struct.error, ValueError, OverflowError):
        layout.ends_properly = False if layout.ends_properly is None and container not in {"tiff", "bmp"} else layout.ends_properly
    return layout


def _jpeg(data: bytes, layout: Layout, most_frames: int) -> None:
    layout.ends_properly = False
    index_at = _jpeg_picture(data, 0, layout)
    layout.bits = layout.precision or None
    if index_at is not None and layout.end is not None:
        _multi_picture(data, index_at, layout, most_frames)


def _jpeg_picture(data: bytes, at: int, layout: Layout) -> int | None:
    """Walk one JPEG from its start marker; returns the offset of its multi-picture index, if any."""
    index_at = None
    at += 2
    for _ in range(_MAX_STEPS):
        while data[at] != 0xFF:  # bytes that are no marker: decoders skip them
            at = data.index(b"\xff", at)
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xD9:
            layout.end, layout.ends_properly = at, True
            return index_at
        if marker in {0x00, 0x01, 0xD8} or 0xD0 <= marker <= 0xD7:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        body = at + 2
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and not layout.frames:
            precision, height, width, components = struct.unpack_from(">BHHB", data, body)
            layout.frames.append((width, height))
            layout.process = _PROCESSES.get(marker, "other")
            layout.precision = precision
            layout.sampling = tuple(f"{data[body + 7 + 3 * n] >> 4}x{data[body + 7 + 3 * n] & 15}" for n in range(min(components, 8)))
        elif marker == 0xE2 and data[body : body + 4] == b"MPF\x00":
            index_at = body + 4
        elif marker == 0xEE and data[body : body + 5] == b"Adobe":
            layout.saw_adobe = True
            layout.adobe_transform = data[body + 11] if length >= 14 else None
        at += max(length, 2)
        if marker == 0xDA:
            found = _MARKER_IN_SCAN.search(data, at)
            if found is None:
                return index_at
            at = found.start()
    return index_at


def _multi_picture(data: bytes, base: int, layout: Layout, most_frames: int) -> None:
    """Further pictures by the index of CIPA DC-007; offsets count from ``base``."""
    order = "<" if data[base : base + 2] == b"II" else ">"
    (offset,) = struct.unpack_from(order + "I", data, base + 4)
    (count,) = struct.unpack_from(order + "H", data, base + offset)
    for entry in range(min(count, 64)):
        tag, _kind, length, value = struct.unpack_from(order + "HHII", data, base + offset + 2 + 12 * entry)
        if tag != 0xB002:
            continue
        for number in range(1, length // 16):
            _attribute, size, start = struct.unpack_from(order + "III", data, base + value + 16 * number)
            if len(layout.frames) >= most_frames:
                layout.more_frames = True
                return
            start += base
            if data[start : start + 2] != b"\xff\xd8":
                continue
            further = Layout()
            try:
                _jpeg_picture(data, start, further)
            except (IndexError, struct.error, ValueError):
                continue
            layout.kind = "multi-picture"
            layout.frames.extend(further.frames[:1] or [(0, 0)])
            layout.end = max(layout.end or 0, min(len(data), further.end or start + size))


def _png(data: bytes, layout: Layout, most_frames: int) -> None:
    layout.ends_properly = False
    at, played, seen_control = 8, 0, False
    for _ in range(_MAX_STEPS):
        length, name = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if name == b"IHDR":
            width, height, layout.bits = struct.unpack_from(">IIB", data, body)
            layout.frames.append((width, height))
        elif name == b"gAMA" and length == 4:
            layout.gamma = struct.unpack_from(">I", data, body)[0] / 100_000
        elif name == b"IDAT":
            layout.separate_default = layout.kind == "animation" and not seen_control
        elif name == b"acTL":
            layout.kind = "animation"
        elif name == b"fcTL":
            seen_control = True
            played += 1
            if played == 1 and not layout.separate_default:
                pass  # the first frame of the animation is the still picture itself
            elif len(layout.frames) < most_frames:
                layout.frames.append(struct.unpack_from(">II", data, body + 4))
            else:
                layout.more_frames = True
        at = body + length + 4
        if name == b"IEND":
            if at <= len(data):
                layout.end, layout.ends_properly = at, True
            return


def _webp(data: bytes, layout: Layout, most_frames: int) -> None:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size + (size & 1)
    layout.ends_properly = 8 + size <= len(data)
    layout.end = min(end, len(data)) if layout.ends_properly else None
    layout.bits = 8
    at = 12
    for _ in range(_MAX_STEPS):
        if at + 8 > min(end, len(data)):
            return
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"ANMF":
            layout.kind = "animation"
            if len(layout.frames) >= most_frames:
                layout.more_frames = True
            else:
                width, height = (int.from_bytes(data[at + start : at + start + 3], "little") + 1 for start in (14, 17))
                layout.frames.append((width, height))
        at += 8 + length + (length & 1)


def _gif(data: bytes, layout: Layout, most_frames: int) -> None:
    layout.ends_properly = False
    flags = data[10]
    layout.bits = 8
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    for _ in range(_MAX_STEPS):
        block = data[at]
        if block == 0x3B:
            layout.end, layout.ends_properly = at + 1, True
            break
        if block == 0x2C:
            _x, _y, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            if len(layout.frames) >= most_frames:
                layout.more_frames = True
            else:
                layout.frames.append((width, height))
            at += 10 + (3 << (flags & 7) + 1 if flags & 0x80 else 0) + 1
        elif block == 0x21:
            at += 2
        else:
            break  # Pillow skips unknown bytes; where the picture ends is then a matter of opinion
        while data[at]:
            at += 1 + data[at]
        at += 1
    if len(layout.frames) > 1:
        layout.kind = "animation"


def _bmp(data: bytes, layout: Layout, _most_frames: int) -> None:
    (size,) = struct.unpack_from("<I", data, 2)
    (header,) = struct.unpack_from("<I", data, 14)
    (bits,) = struct.unpack_from("<H", data, 28 if header >= 40 else 24)
    layout.bits = bits if 1 <= bits <= 8 else 8 if bits in {24, 32} else None
    if 26 <= size <= len(data):
        layout.end = size


def _tiff(data: bytes, layout: Layout, most_frames: int) -> None:
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in {b"+\x00", b"\x00+"}
    offset = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    number, entry, after = (("Q", "HHQQ", 20), ("H", "HHII", 12))[0 if big else 1]
    seen: set[int] = set()
    while offset and offset not in seen:
        seen.add(offset)
        if len(layout.frames) >= most_frames:
            layout.more_frames = True
            return
        count = struct.unpack_from(order + number, data, offset)[0]
        at = offset + struct.calcsize(order + number)
        tags: dict[int, int] = {}
        for index in range(min(count, 4096)):
            tag, kind, length, value = struct.unpack_from(order + entry, data, at + after * index)
            field_at = at + after * index + (12 if big else 8)
            if kind == 3 and length * 2 <= (8 if big else 4):
                (value,) = struct.unpack_from(order + "H", data, field_at)
            elif kind == 3 and tag == 258:
                (value,) = struct.unpack_from(order + "H", data, value)
            tags[tag] = value
        if not layout.frames:
            layout.bits = tags.get(258) if 1 <= tags.get(258, 0) <= 64 else None
            layout.white_is_zero = tags.get(262) == 0
        layout.frames.append((min(tags.get(256, 0), 1 << 40), min(tags.get(257, 0), 1 << 40)))
        if len(layout.frames) > 1:
            layout.kind = "pages"
        offset = struct.unpack_from(order + ("Q" if big else "I"), data, at + after * count)[0]


def _avif(data: bytes, layout: Layout, _most_frames: int) -> None:
    """Boxes of ISO/IEC 14496-12, top level only."""
    at = 0
    layout.ends_properly = True
    for _ in range(_MAX_STEPS):
        if at == len(data):
            break
        if at + 8 > len(data):
            break
        size, name = struct.unpack_from(">I4s", data, at)
        if name not in _TOP_BOXES:
            break
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        elif size == 0:
            size = len(data) - at
        if size < 8:
            break
        if at + size > len(data):
            layout.ends_properly = False
            return
        at += size
    layout.end = at


def sniff_trailing(data: bytes) -> Literal["zeros", "zip", "jpeg", "png", "pdf", "iso-media", "samsung", "text", "unknown"]:
    """What the bytes after a picture look like."""
    head = data[:4096]
    starts: tuple[tuple[bytes, Literal["zip", "jpeg", "png", "pdf"]], ...] = (
        (b"PK\x03\x04", "zip"), (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"%PDF-", "pdf"),
    )
    for start, name in starts:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "iso-media"
    if data[-4:] == b"SEFT":
        return "samsung"
    if not data.strip(b"\x00"):
        return "zeros"
    if all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in head):
        return "text"
    return "unknown"


_WALKERS: dict[str, Callable[[bytes, Layout, int], None]] = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "bmp": _bmp, "tiff": _tiff, "avif": _avif,
}
