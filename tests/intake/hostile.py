"""Files that mean harm, or are simply not pictures. Each names what intake must answer: a code, or ``reads`` with a documented fact."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.intake.pictures import chunk, colours, grey_tiff, png, saved, tiff, with_segment


@dataclass(frozen=True)
class Hostile:
    """One file and the answers that are right for it."""

    name: str
    make: Callable[[], bytes]
    answers: frozenset[str]


def _jpeg() -> bytes:
    return saved(colours(120, 160), "JPEG", quality=85)


def _png() -> bytes:
    return saved(colours(120, 160), "PNG")


def _header_only_png(width: int, height: int) -> bytes:
    return png(width, height, 8, 2, b"")


def flat_png(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel that really unpacks to its size."""
    packer = zlib.compressobj(9)
    row = b"\x00" + bytes((width + 7) // 8)
    body = b"".join(packer.compress(row * 500) for _ in range(height // 500)) + packer.compress(row * (height % 500)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _packed_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def _png_with(*chunks: bytes) -> bytes:
    return png(1, 1, 8, 0, b"\x00\x00", before=chunks)


def _scan_bomb() -> bytes:
    """A progressive JPEG of 36 megapixels whose last scan is repeated until decoding takes minutes."""
    stream = io.BytesIO()
    Image.new("L", (6000, 6000)).save(stream, "JPEG", progressive=True, quality=30)
    data = stream.getvalue()
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 3000 + b"\xff\xd9"


def _gif_of_many_frames() -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x03\x84\x8f\x05\x00"
    return head + frame * 300_000 + b"\x3b"


def _webp_with_canvas(width: int, height: int) -> bytes:
    frame = saved(colours(8, 8), "WEBP")[12:]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + len(extended) + len(frame)) + b"WEBP" + extended + frame


def _tiff_circle() -> bytes:
    data = bytearray(saved(colours(8, 8), "TIFF"))
    offset = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, offset)[0]
    struct.pack_into("<I", data, offset + 2 + 12 * count, offset)
    return bytes(data)


def _bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def _box(name: bytes, *brands: bytes) -> bytes:
    body = b"".join((brands[0], b"\0\0\0\0", *brands[1:]))
    return struct.pack(">I", 8 + len(body)) + name + body


def _apng_with_broken_control() -> bytes:
    return png(1, 1, 8, 0, b"\x00\x00", before=[chunk(b"acTL", struct.pack(">II", 0, 0))])


def _random(size: int) -> bytes:
    return np.random.default_rng(7).integers(0, 256, size, np.uint8).tobytes()


def _all(name: str, make: Callable[[], bytes], *answers: str) -> Hostile:
    return Hostile(name, make, frozenset(answers))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://203.0.113.1/x.png"/></svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\nshowpage\n"
CUT, SPOILED, REFUSED = "picture-truncated", "picture-damaged", "picture-format-refused"
UNPACKS, TOO_MANY = "picture-unpacks-too-large", "picture-too-many-pixels"

FILES: tuple[Hostile, ...] = (
    _all("zero bytes.jpg", lambda: b"", "picture-empty"),
    _all("one byte.jpg", lambda: b"\xff", "picture-not-a-picture"),
    _all("random.jpg", lambda: _random(5000), "picture-not-a-picture"),
    _all("random megabytes.png", lambda: _random(4 << 20), "picture-not-a-picture"),
    _all("zeros.bmp", lambda: bytes(100_000), "picture-not-a-picture"),
    _all("text.jpg", lambda: b"This is no picture.\n" * 50, REFUSED),
    _all("page.jpg", lambda: b"<!DOCTYPE html><html><img src=http://203.0.113.1/></html>", REFUSED),
    _all("drawing.svg", lambda: SVG, REFUSED),
    _all("drawing with prologue.png", lambda: b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, REFUSED),
    _all("document.pdf", lambda: b"%PDF-1.7\n1 0 obj", REFUSED),
    _all("document.jpg", lambda: b"\n\n%PDF-1.7\n1 0 obj", REFUSED),
    _all("postscript.jpg", lambda: EPS, REFUSED),
    _all("dos-postscript.jpg", lambda: b"\xc5\xd0\xd3\xc6" + struct.pack("<IIIIII", 30, len(EPS), 0, 0, 0, 0) + EPS, REFUSED),
    _all("phone.heic", lambda: _box(b"ftyp", b"heic", b"mif1", b"heic") + bytes(100), REFUSED),
    _all("raw.cr2", lambda: b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(100), REFUSED),
    _all("raw.cr3", lambda: _box(b"ftyp", b"crx ", b"crx ", b"isom") + bytes(100), REFUSED),
    _all("raw.dng", lambda: grey_tiff(8, 8, 8, 1, bytes(64), more=[(50706, 4, 0x00000401)]), REFUSED),
    _all("raw.nef", lambda: grey_tiff(8, 8, 8, 1, bytes(64), more=[(254, 4, 1), (330, 4, 8)]), REFUSED),
    _all("raw.raf", lambda: b"FUJIFILMCCD-RAW 0201" + bytes(100), REFUSED),
    _all("layers.psd", lambda: b"8BPS\x00\x01" + bytes(100), REFUSED),
    _all("icon.ico", lambda: b"\x00\x00\x01\x00\x01\x00" + bytes(100), REFUSED),
    _all("film.jpg", lambda: _box(b"ftyp", b"isom", b"isom", b"mp42") + bytes(100), REFUSED),
    _all("film.avi", lambda: b"RIFF" + struct.pack("<I", 100) + b"AVI LIST" + bytes(92), REFUSED),
    _all("next.jxl", lambda: b"\xff\x0a" + bytes(100), REFUSED),
    _all("wavelets.jp2", lambda: b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(100), REFUSED),
    _all("archive.jpg", lambda: b"PK\x03\x04" + bytes(100), REFUSED),
    _all("program.jpg", lambda: b"\x7fELF\x02\x01\x01" + bytes(100), REFUSED),
    _all("program.png", lambda: b"MZ\x90\x00" + bytes(100), REFUSED),
    _all("jpeg of two bytes.jpg", lambda: _jpeg()[:2], CUT),
    _all("jpeg cut in its header.jpg", lambda: _jpeg()[:100], CUT),
    _all("jpeg cut in the middle.jpg", lambda: _jpeg()[: len(_jpeg()) // 2], CUT),
    _all("jpeg without its last bytes.jpg", lambda: _jpeg()[:-40], CUT),
    _all("jpeg with a lying segment.jpg", lambda: with_segment(_jpeg(), 0xDB, bytes(3)), SPOILED, CUT),
    _all("png cut in its signature.png", lambda: _png()[:6], "picture-not-a-picture"),
    _all("png cut in its header.png", lambda: _png()[:20], CUT),
    _all("png cut in the middle.png", lambda: _png()[: len(_png()) // 2], CUT),
    _all("png with a wrong checksum.png", lambda: _png()[:29] + b"\0\0\0\0" + _png()[33:], SPOILED),
    _all("png that promises 60000 x 60000.png", lambda: _header_only_png(60_000, 60_000), TOO_MANY),
    _all("png that promises 2147483647 squared.png", lambda: _header_only_png(2**31 - 1, 2**31 - 1), TOO_MANY),
    _all("png of no width.png", lambda: _header_only_png(0, 5), SPOILED),
    _all("png of 144 megapixels.png", lambda: flat_png(12_000, 12_000), TOO_MANY),
    _all("png with 200 MB of text.png", lambda: _png_with(chunk(b"zTXt", b"Comment\0\0" + _packed_zeros(200))), UNPACKS),
    _all("png with a profile of 200 MB.png", lambda: _png_with(chunk(b"iCCP", b"icc\0\0" + _packed_zeros(200))), UNPACKS),
    _all("png with 80 MB of text.png", lambda: _png_with(*[chunk(b"tEXt", b"k\0" + bytes(1 << 20))] * 80), UNPACKS),
    _all("png with a broken animation.png", _apng_with_broken_control, SPOILED),
    _all("gif cut.gif", lambda: saved(Image.fromarray(colours()).quantize(16), "GIF")[:200], CUT),
    _all("gif that promises 65535 squared.gif", lambda: b"GIF89a" + b"\xff\xff\xff\xff\x00\x00\x00" + bytes(20), TOO_MANY, CUT),
    _all("gif of 300000 frames.gif", _gif_of_many_frames, "reads", SPOILED, CUT),
    _all("webp cut.webp", lambda: saved(colours(120, 160), "WEBP")[:300], CUT),
    _all("webp with a huge canvas.webp", lambda: _webp_with_canvas(16_000, 16_000), TOO_MANY, SPOILED),
    _all("tiff cut.tif", lambda: saved(colours(120, 160), "TIFF", compression="tiff_lzw")[:2000], CUT, SPOILED),
    _all("tiff whose pages go in a circle.tif", _tiff_circle, "reads"),
    _all("tiff that promises 100000 squared.tif", lambda: grey_tiff(100_000, 100_000, 8, 1, bytes(10)), TOO_MANY),
    _all("tiff whose strip lies outside.tif", lambda: grey_tiff(500, 500, 8, 1, bytes(10)), CUT, SPOILED),
    _all("tiff without pixels.tif", lambda: tiff([(256, 4, 8)], b""), SPOILED, CUT),
    _all("tiff of floats.tif", lambda: grey_tiff(4, 4, 32, 1, bytes(64), sample_format=3), "picture-depth-refused"),
    _all("bmp cut.bmp", lambda: saved(colours(), "BMP")[:300], CUT),
    _all("bmp that promises 2 billion squared.bmp", lambda: _bmp(2**31 - 1, -(2**31)), TOO_MANY, SPOILED),
    _all("avif cut.avif", lambda: saved(colours(120, 160), "AVIF", speed=10)[:-200], CUT, SPOILED),
    _all("avif of a header.avif", lambda: _box(b"ftyp", b"avif", b"mif1") + bytes(100), CUT, SPOILED),
    _all("jpeg with a broken profile.jpg", lambda: with_segment(_jpeg(), 0xE2, b"ICC_PROFILE\0\x01\x01" + bytes(400)), "reads"),
    _all("jpeg with broken exif.jpg", lambda: with_segment(_jpeg(), 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(60)), "reads"),
    _all("jpeg and archive in one.jpg", lambda: _jpeg() + b"PK\x03\x04" + bytes(500), "reads"),
    _all("wrong name.png", _jpeg, "reads"),
)
SCAN_BOMB = _all("jpeg of 3000 scans.jpg", _scan_bomb, "intake-timeout")
