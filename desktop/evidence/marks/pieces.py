"""The pieces of a picture file that can carry declarations, cut out of the container without decoding a pixel.

JPEG segments, PNG chunks, WebP (RIFF) chunks, GIF extensions, TIFF tags and the items of HEIF/AVIF. Sources: ITU-T T.81, W3C PNG (Third
Edition), RFC 9649 (WebP), GIF89a, TIFF 6.0, ISO/IEC 14496-12 and 23008-12, XMP specification part 3. Bounded: counts, sizes and the
inflating of compressed text are capped, so that no file makes the reading long or large.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from desktop.evidence.marks.exif import EMPTY, Exif, read_exif
from desktop.evidence.marks.jpeg import JpegStructure, read_structure
from desktop.evidence.marks.text import decoded

TEXT_LIMIT = 1 << 21
"""Bytes of one text that are read; a ComfyUI workflow can be hundreds of kilobytes."""
TOTAL_TEXT_LIMIT = 8 << 20
PACKET_LIMIT = 8
CHUNK_LIMIT = 8192
_XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\x00"
_EXTENDED_LIMIT = 1 << 20


@dataclass
class Pieces:
    """What was cut out. ``end`` is the offset just after the picture, None when its end mark is missing."""

    kind: str = "other"
    exif: Exif = EMPTY
    xmp: list[bytes] = field(default_factory=list)
    iptc: bytes = b""
    texts: list[tuple[str, str]] = field(default_factory=list)
    segments: list[tuple[str, bytes]] = field(default_factory=list)
    jpeg: JpegStructure | None = None
    alpha: bool = False
    lossless: bool = False
    jumbf: bool = False
    end: int | None = None
    size: tuple[int, int] = (0, 0)
    """Stored width and height as the container's header says, (0, 0) when unknown."""

    def add_text(self, key: str, value: str) -> None:
        """Keep a text unless the file already gave more than anybody needs."""
        if len(self.texts) < 1024 and sum(len(text) for _, text in self.texts) < TOTAL_TEXT_LIMIT:
            self.texts.append((key, value))


def cut(data: bytes) -> Pieces:
    """Cut ``data`` into pieces by its own magic, whatever its name says. Never raises on damaged files."""
    pieces = Pieces()
    reader: Callable[[bytes, Pieces], None] | None = None
    if data[:3] == b"\xff\xd8\xff":
        pieces.kind, reader = "jpeg", _jpeg
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        pieces.kind, reader = "png", _png
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        pieces.kind, reader = "webp", _webp
    elif data[:6] in (b"GIF87a", b"GIF89a"):
        pieces.kind, reader = "gif", _gif
    elif data[:4] in (b"II*\x00", b"MM\x00*"):
        pieces.kind, reader = "tiff", _tiff
    elif data[4:8] == b"ftyp":
        from desktop.evidence.marks.isobmff import cut_items

        pieces.kind, reader = "avif" if data[8:12] in (b"avif", b"avis") else "heif", cut_items
    elif data[:2] == b"BM":
        pieces.kind = "bmp"
    if reader is not None:
        reader(data, pieces)
    return pieces


def extension_kinds(extension: str) -> tuple[str, ...]:
    """Which containers a file-name extension (without the dot) promises; empty for an unknown one."""
    return {
        "jpg": ("jpeg",), "jpeg": ("jpeg",), "jpe": ("jpeg",), "jfif": ("jpeg",), "mpo": ("jpeg",), "png": ("png",), "apng": ("png",),
        "webp": ("webp",), "gif": ("gif",), "tif": ("tiff",), "tiff": ("tiff",), "bmp": ("bmp",), "dib": ("bmp",), "heic": ("heif",),
        "heif": ("heif", "avif"), "hif": ("heif",), "avif": ("avif", "heif"),
    }.get(extension.lower().lstrip("."), ())


def _jpeg(data: bytes, pieces: Pieces) -> None:
    structure = read_structure(data)
    if structure is None:
        return
    pieces.jpeg, pieces.end, pieces.size = structure, structure.end, (structure.width, structure.height)
    extended: dict[bytes, list[tuple[int, bytes]]] = {}
    for segment in structure.segments:
        body = segment.body
        if segment.name == "COM":
            pieces.add_text("Comment", decoded(body.rstrip(b"\x00")))
        elif segment.name == "APP1" and body[:6] == b"Exif\x00\x00" and pieces.exif is EMPTY:
            pieces.exif = read_exif(body[6:])
        elif segment.name == "APP1" and body.startswith(_XMP_HEAD):
            _add_packet(pieces, body[len(_XMP_HEAD) :])
        elif segment.name == "APP1" and body.startswith(_XMP_MORE):
            rest = body[len(_XMP_MORE) :]
            extended.setdefault(rest[:32], []).append((int.from_bytes(rest[36:40], "big"), rest[40:]))
        elif segment.name == "APP13" and body.startswith(b"Photoshop 3.0\x00"):
            pieces.iptc = pieces.iptc or _photoshop_iptc(body[14:])
        elif segment.name == "APP11" and body[:2] == b"JP":
            pieces.jumbf = True
        elif segment.name.startswith("APP") and len(pieces.segments) < 64:
            pieces.segments.append((segment.name, body[:65536]))
    for parts in list(extended.values())[:2]:
        if sum(len(part) for _, part in parts) <= _EXTENDED_LIMIT:
            _add_packet(pieces, b"".join(part for _, part in sorted(parts, key=lambda item: item[0])))


def _png(data: bytes, pieces: Pieces) -> None:
    position = 8
    pieces.lossless = True
    for _ in range(CHUNK_LIMIT):
        length, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        if len(name) < 4:
            return
        start = position + 8
        body = data[start : start + min(length, TEXT_LIMIT)]
        position = start + length + 4
        if name == b"IHDR" and len(body) >= 13:
            pieces.size = (int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"))
            pieces.alpha = body[9] in (4, 6)
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            key, value = _png_text(name, body)
            if key == "XML:com.adobe.xmp":
                _add_packet(pieces, value)
            elif key in ("Raw profile type exif", "Raw profile type APP1") and pieces.exif is EMPTY:
                raw = _hex_profile(value)
                pieces.exif = read_exif(raw[6:] if raw[:6] == b"Exif\x00\x00" else raw)
            elif key:
                # tEXt is Latin-1 by the standard, yet most generators write UTF-8 into it; valid UTF-8 is taken as such.
                pieces.add_text(key, decoded(value))
        elif name == b"eXIf" and pieces.exif is EMPTY:
            pieces.exif = read_exif(body[6:] if body[:6] == b"Exif\x00\x00" else body)
        elif name == b"tRNS":
            pieces.alpha = True
        elif name == b"caBX":
            pieces.jumbf = True
        elif name == b"IEND":
            pieces.end = min(position, len(data)) if length == 0 else None
            return


def _png_text(name: bytes, body: bytes) -> tuple[str, bytes]:
    key, _, rest = body.partition(b"\x00")
    label = key[:79].decode("latin-1")
    if name == b"zTXt":
        return label, _inflate(rest[1:])
    if name == b"iTXt" and len(rest) >= 2:
        text = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
        return label, _inflate(text) if rest[0] else text
    return label, rest


def _inflate(raw: bytes) -> bytes:
    """At most ``TEXT_LIMIT`` bytes of a zlib stream; what could be read when it is damaged."""
    try:
        return zlib.decompressobj().decompress(raw, TEXT_LIMIT)
    except zlib.error:
        return b""


def _hex_profile(value: bytes) -> bytes:
    """ImageMagick's raw profile: a name, a length, then hexadecimal digits."""
    digits = b"".join(value.split()[2:]) if value[:1] == b"\n" or b"\n" in value[:40] else b""
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return b""


def _webp(data: bytes, pieces: Pieces) -> None:
    declared = int.from_bytes(data[4:8], "little") + 8
    pieces.end = declared if declared <= len(data) else None
    position = 12
    for _ in range(CHUNK_LIMIT):
        name, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if len(name) < 4 or position >= declared:
            return
        body = data[position + 8 : position + 8 + min(length, TEXT_LIMIT)]
        if name == b"EXIF" and pieces.exif is EMPTY:
            pieces.exif = read_exif(body[6:] if body[:6] == b"Exif\x00\x00" else body)
        elif name == b"XMP ":
            _add_packet(pieces, body)
        elif name == b"C2PA":
            pieces.jumbf = True
        elif name == b"VP8X" and len(body) >= 10:
            pieces.alpha = bool(body[0] & 0x10)
            pieces.size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
        elif name == b"VP8L" and len(body) >= 5:
            pieces.lossless = True
            bits = int.from_bytes(body[1:5], "little")
            pieces.alpha = pieces.alpha or bool(bits >> 28 & 1)
            pieces.size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        elif name == b"VP8 " and len(body) >= 10 and pieces.size == (0, 0):
            pieces.size = (int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
        position += 8 + length + (length & 1)


def _gif(data: bytes, pieces: Pieces) -> None:
    pieces.size = (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    pieces.lossless = True
    position = 13 + (3 << ((data[10] & 7) + 1) if len(data) > 10 and data[10] & 0x80 else 0)
    for _ in range(CHUNK_LIMIT):
        mark = data[position : position + 1]
        if mark == b";":
            pieces.end = position + 1
            return
        if mark == b"!":
            label = data[position + 1 : position + 2]
            body, position = _gif_blocks(data, position + 2)
            if label == b"\xfe":
                pieces.add_text("Comment", decoded(body))
            elif label == b"\xff" and body.startswith(b"C2PA_GIF"):
                pieces.jumbf = True
            elif label == b"\xff" and body.startswith(b"XMP DataXMP"):
                # XMP in GIF is written as if the packet were sub-blocks; its text stands in the raw bytes, length bytes and all.
                start = data.rfind(b"XMP DataXMP", 0, position) + 11
                _add_packet(pieces, data[start : min(position, start + TEXT_LIMIT)].rpartition(b">")[0] + b">")
        elif mark == b",":
            packed = data[position + 9 : position + 10]
            table = 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0
            _, position = _gif_blocks(data, position + 11 + table)
        else:
            return


def _gif_blocks(data: bytes, position: int) -> tuple[bytes, int]:
    """The joined sub-blocks (at most ``TEXT_LIMIT`` bytes of them) and the offset after their terminator."""
    parts: list[bytes] = []
    kept = 0
    while position < len(data) and (length := data[position]):
        if kept < TEXT_LIMIT:
            parts.append(data[position + 1 : position + 1 + length])
            kept += length
        position += 1 + length
    return b"".join(parts), position + 1


def _tiff(data: bytes, pieces: Pieces) -> None:
    pieces.exif = read_exif(data)
    pieces.lossless = True
    for name, store in (("XMP", pieces.xmp), ("IPTC", [])):
        value = pieces.exif.tags.get(name)
        if isinstance(value, bytes) and name == "XMP":
            store.append(value)
        elif isinstance(value, bytes):
            pieces.iptc = value
    pieces.jumbf = "C2PA" in pieces.exif.tags
    width, height = pieces.exif.number("ImageWidth"), pieces.exif.number("ImageLength")
    pieces.size = (int(width or 0), int(height or 0))


def _photoshop_iptc(body: bytes) -> bytes:
    """The IPTC-NAA record (resource 0x0404) among Photoshop's image resources. Source: Adobe Photoshop File Formats."""
    position = 0
    for _ in range(256):
        if body[position : position + 4] != b"8BIM":
            return b""
        number = int.from_bytes(body[position + 4 : position + 6], "big")
        name = body[position + 6] if position + 6 < len(body) else 0
        position += 6 + (name + 2 & ~1)
        length = int.from_bytes(body[position : position + 4], "big")
        content = body[position + 4 : position + 4 + length]
        if number == 0x0404:
            return content
        position += 4 + length + (length & 1)
    return b""


def _add_packet(pieces: Pieces, packet: bytes) -> None:
    if len(pieces.xmp) < PACKET_LIMIT:
        pieces.xmp.append(packet)
