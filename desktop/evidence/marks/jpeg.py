"""The bones of a JPEG file: its markers in order, quantisation tables, frame header and Huffman tables; nothing is decoded.

Source: ITU-T T.81 (JPEG), annex B; the standard tables are its annex K. Bounded: one pass over the bytes, at most ``SEGMENT_LIMIT``
segments.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256

SEGMENT_LIMIT = 4096
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_NAMES = {0xD8: "SOI", 0xD9: "EOI", 0xDA: "SOS", 0xDB: "DQT", 0xC4: "DHT", 0xDD: "DRI", 0xFE: "COM", 0xCC: "DAC", 0xDC: "DNL"}
_FRAMES = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive", 0xC3: "lossless", 0xC9: "arithmetic", 0xCA: "arithmetic progressive"}

ZIGZAG = (
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
)
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)
_CHROMINANCE = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    *(99,) * 32,
)
_STANDARD_HUFFMAN = {  # first 16 bytes of each standard table (numbers of codes per length), annex K.3
    (0, 0): bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)),
    (0, 1): bytes((0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)),
    (1, 0): bytes((0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D)),
    (1, 1): bytes((0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77)),
}


@dataclass(frozen=True)
class Segment:
    """One marker segment: ``name`` (``APP1``, ``DQT`` …), where it begins in the file and its body without the length field."""

    name: str
    offset: int
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class JpegStructure:
    """What one pass over the markers tells; tables are in natural (row by row) order."""

    segments: tuple[Segment, ...]
    tables: dict[int, tuple[int, ...]]
    process: str
    precision: int
    width: int
    height: int
    sampling: tuple[tuple[int, int], ...]
    component_tables: tuple[int, ...]
    huffman: str
    restart_interval: int
    scans: int
    end: int | None
    """Offset just after the end-of-image marker, or None when the file has none."""

    @property
    def subsampling(self) -> str:
        """``4:4:4``, ``4:2:2``, ``4:2:0``, ``4:4:0``, ``grey``, or the sampling factors."""
        factors = self.sampling
        if len(factors) == 1:
            return "grey"
        if len(factors) == 3 and factors[1:] == ((1, 1), (1, 1)):
            return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}.get(factors[0], f"{factors[0]}")
        return " ".join(f"{h}x{v}" for h, v in factors)

    @property
    def tables_sha256(self) -> str:
        """Digest of the quantisation tables, to compare files of one camera."""
        return sha256(repr(sorted(self.tables.items())).encode()).hexdigest()


def read_structure(data: bytes) -> JpegStructure | None:
    """Walk the markers of the first picture in ``data``; None when it does not begin as a JPEG. Never raises."""
    if data[:2] != b"\xff\xd8":
        return None
    segments: list[Segment] = []
    tables: dict[int, tuple[int, ...]] = {}
    frame: tuple[str, int, int, int, tuple[tuple[int, int], ...], tuple[int, ...]] = ("none", 0, 0, 0, (), ())
    huffman, seen_huffman, restart, scans, end = True, False, 0, 0, None
    position = 2
    while len(segments) < SEGMENT_LIMIT:
        found = _MARKER.search(data, position)
        if found is None:
            break
        marker, start = data[found.start() + 1], found.start()
        if marker == 0xD9:
            end = found.end()
            segments.append(Segment("EOI", start, b""))
            break
        if marker in (0xD8, 0x01):
            position = found.end()
            continue
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        if length < 2:
            position = found.end()
            continue
        body = data[found.end() + 2 : found.end() + length]
        position = found.end() + length
        segments.append(Segment(_name(marker), start, body))
        if marker == 0xDB:
            tables.update(_tables(body))
        elif marker in _FRAMES or (0xC5 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            frame = _frame(marker, body) or frame
        elif marker == 0xC4:
            seen_huffman = True
            huffman = huffman and _standard_huffman(body)
        elif marker == 0xDD and len(body) >= 2:
            restart = int.from_bytes(body[:2], "big")
        elif marker == 0xDA:
            scans += 1
    process, precision, width, height, sampling, component_tables = frame
    kind = "none" if not seen_huffman else "standard" if huffman else "optimised"
    return JpegStructure(tuple(segments), tables, process, precision, width, height, sampling, component_tables, kind, restart, scans, end)


def ijg_quality(table: tuple[int, ...], *, chrominance: bool = False) -> int | None:
    """The quality 1…100 whose Independent JPEG Group table is exactly ``table``, or None. Source: libjpeg jcparam.c's scaling rule."""
    base = _CHROMINANCE if chrominance else _LUMINANCE
    return next((quality for quality in range(100, 0, -1) if ijg_table(quality, base) == table), None)


def ijg_table(quality: int, base: tuple[int, ...] = _LUMINANCE) -> tuple[int, ...]:
    """The baseline table of the Independent JPEG Group for ``quality`` 1…100, in natural order."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(255, max(1, (value * scale + 50) // 100)) for value in base)


def quality_of(structure: JpegStructure) -> tuple[int | None, float | None]:
    """(exact IJG quality of the luminance table or None, estimated quality from the mean of the table or None without tables)."""
    table = structure.tables.get(structure.component_tables[0] if structure.component_tables else 0)
    if table is None:
        return None, None
    exact = ijg_quality(table)
    if exact is not None:
        return exact, float(exact)
    mean = sum(table) / 64
    nearest = min(range(1, 101), key=lambda quality: abs(sum(ijg_table(quality)) / 64 - mean))
    return None, float(nearest)


def _name(marker: int) -> str:
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    if marker in _NAMES:
        return _NAMES[marker]
    return f"SOF{marker - 0xC0}" if 0xC0 <= marker <= 0xCF else f"{marker:02X}"


def _tables(body: bytes) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    position = 0
    while position < len(body):
        wide, number = body[position] >> 4, body[position] & 15
        size = 128 if wide else 64
        raw = body[position + 1 : position + 1 + size]
        if len(raw) < size or wide > 1:
            break
        values = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, 128, 2)] if wide else list(raw)
        natural = [0] * 64
        for index, value in zip(ZIGZAG, values, strict=True):
            natural[index] = value
        found[number] = tuple(natural)
        position += 1 + size
    return found


def _frame(marker: int, body: bytes) -> tuple[str, int, int, int, tuple[tuple[int, int], ...], tuple[int, ...]] | None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        return None
    parts = [body[6 + 3 * i : 9 + 3 * i] for i in range(min(body[5], 4))]
    sampling = tuple((part[1] >> 4, part[1] & 15) for part in parts)
    width, height = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
    return _FRAMES.get(marker, _name(marker)), body[0], width, height, sampling, tuple(part[2] for part in parts)


def _standard_huffman(body: bytes) -> bool:
    position = 0
    while position + 17 <= len(body):
        counts = body[position + 1 : position + 17]
        standard = _STANDARD_HUFFMAN.get((body[position] >> 4, body[position] & 15))
        if standard is None or counts != standard:
            return False
        position += 17 + sum(counts)
    return True
