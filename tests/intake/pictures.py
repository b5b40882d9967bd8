"""Picture files for the tests, made by hand or by Pillow's encoders from arrays whose pixels are known."""

import io
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def colours(height: int = 37, width: int = 53, channels: int = 3) -> Array:
    """A picture without symmetry in which every channel runs over its range."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * 255 // (width - 1)), (y * 255 // (height - 1)), (x * 7 + y * 13) % 256, (x * 3 + y * 5 + 40) % 256]
    return np.stack(planes[:channels], axis=-1).astype(np.uint8)


def grey(height: int = 37, width: int = 53) -> Array:
    """One plane."""
    return np.ascontiguousarray(colours(height, width)[..., 2])


def saved(array: Array | Image.Image, container: str, **options: Any) -> bytes:
    """The file that Pillow writes."""
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    stream = io.BytesIO()
    image.save(stream, container, **options)
    return stream.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, bits: int, kind: int, rows: bytes, *, before: Iterable[bytes] = (), after: Iterable[bytes] = ()) -> bytes:
    """A PNG from its unfiltered rows (each begins with its filter byte), with further chunks before and after the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return (b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + chunk(b"IDAT", zlib.compress(rows, 9)) + b"".join(after)
            + chunk(b"IEND", b""))


def png_of(array: Array, bits: int, kind: int, **more: Any) -> bytes:
    """A PNG of an array whose dtype is one byte (8 bits) or two (16 bits) a sample."""
    rows = array.astype(">u2" if bits == 16 else np.uint8)
    raw = b"".join(b"\x00" + row.tobytes() for row in rows)
    return png(array.shape[1], array.shape[0], bits, kind, raw, **more)


def tiff(tags: Sequence[tuple[int, int, int]], strip: bytes, *, order: str = "<") -> bytes:
    """A TIFF of one strip. Tags are (number, kind 3 or 4, value); the strip's place and length are added."""
    entries = [*tags, (273, 4, 0), (279, 4, len(strip))]
    start = 8 + 2 + 12 * len(entries) + 4
    body = struct.pack(order + "H", len(entries))
    for tag, kind, value in sorted(entries):
        content = start if tag == 273 else value
        packed = struct.pack(order + "HH", content, 0) if kind == 3 else struct.pack(order + "I", content)
        body += struct.pack(order + "HHI", tag, kind, 1) + packed
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    return magic + struct.pack(order + "I", 8) + body + struct.pack(order + "I", 0) + strip


def grey_tiff(width: int, height: int, bits: int, photometric: int, strip: bytes, *, order: str = "<", sample_format: int = 1,
              more: Sequence[tuple[int, int, int]] = ()) -> bytes:
    """An uncompressed TIFF of one channel."""
    return tiff([(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (277, 3, 1), (278, 4, height),
                 (339, 3, sample_format), *more], strip, order=order)


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """A JPEG without its segments of one marker."""
    at, kept = 2, bytearray(jpeg[:2])
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack_from(">H", jpeg, at + 2)[0] + 2
        if jpeg[at + 1] != marker:
            kept += jpeg[at : at + length]
        at += length
    return bytes(kept + jpeg[at:])


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with a further segment after its start."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def matrix_profile(primaries: Array, gamma: float = 2.2) -> bytes:
    """A version 2 ICC display profile: ``primaries`` are the XYZ (D50) of red, green and blue as columns (ICC.1:2001-04)."""

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: Iterable[float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(fixed(value) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"Test profile"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(4 + 4 + 2 + 1 + 67)
    description += bytes(-len(description) % 4)
    columns = np.asarray(primaries, float).T
    elements = [(b"desc", description), (b"wtpt", xyz((0.9642, 1.0, 0.8249))), (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
                (b"rXYZ", xyz(columns[0])), (b"gXYZ", xyz(columns[1])), (b"bXYZ", xyz(columns[2])),
                (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    return _profile(b"mntr", b"RGB ", b"XYZ ", elements)


def ink_profile(labs: Sequence[tuple[float, float, float]]) -> bytes:
    """A version 2 ICC printer profile with a 2 x 2 x 2 x 2 table: the CIE Lab of every corner, black (K) running fastest (lut8)."""
    table = bytes(byte for lightness, a, b in labs for byte in (round(lightness * 2.55), round(a) + 128, round(b) + 128))
    identity = bytes(range(256))
    matrix = b"".join(struct.pack(">i", value) for value in (65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + identity * 4 + table + identity * 3
    description = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"Inks\0" + bytes(4 + 4 + 2 + 1 + 67)
    elements = [(tag, body + bytes(-len(body) % 4)) for tag, body in (
        (b"desc", description), (b"wtpt", b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)),
        (b"cprt", b"text\0\0\0\0none\0\0\0\0"), (b"A2B0", lut), (b"A2B1", lut))]
    return _profile(b"prtr", b"CMYK", b"Lab ", elements)


def _profile(kind: bytes, space: bytes, connection: bytes, elements: Sequence[tuple[bytes, bytes]]) -> bytes:
    start = 128 + 4 + 12 * len(elements)
    table, body = struct.pack(">I", len(elements)), b""
    for name, content in elements:
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    header = struct.pack(">I4sI", start + len(body), b"\0\0\0\0", 0x02400000) + kind + space + connection + bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">iii", 63190, 65536, 54061)
    return header + bytes(128 - len(header)) + table + body
