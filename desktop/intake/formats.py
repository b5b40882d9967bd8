"""What a file is by its first bytes, whatever it is called. Runs in the worker."""

import re
import struct

PILLOW: dict[str, str] = {
    "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF", "gif": "GIF", "bmp": "BMP", "avif": "AVIF",
}
"""The containers that are read and the one Pillow reader that each is given to. MPO begins as a JPEG does."""

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"), "png": (".png", ".apng"), "webp": (".webp",), "tiff": (".tif", ".tiff"),
    "gif": (".gif",), "bmp": (".bmp", ".dib"), "avif": (".avif", ".avifs"),
}

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"BM", "bmp"),
    (b"II*\x00", "tiff"), (b"MM\x00*", "tiff"), (b"II+\x00", "tiff"), (b"MM\x00+", "tiff"),
    (b"%PDF-", "pdf"), (b"%!PS", "postscript"), (b"\xc5\xd0\xd3\xc6", "postscript"), (b"8BPS", "psd"),
    (b"\xff\x0a", "jpeg-xl"), (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpeg-xl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg-2000"), (b"\xff\x4f\xff\x51", "jpeg-2000"),
    (b"FUJIFILMCCD-RAW", "raw"), (b"IIU\x00", "raw"), (b"IIRO", "raw"), (b"IIRS", "raw"), (b"MMOR", "raw"), (b"FOVb", "raw"),
    (b"\x00MRM", "raw"), (b"\x00\x00\x01\x00", "icon"), (b"\x00\x00\x02\x00", "icon"),
    (b"PK\x03\x04", "archive"), (b"PK\x05\x06", "archive"), (b"\x1f\x8b", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ\x00", "archive"), (b"\x28\xb5\x2f\xfd", "archive"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"\xcf\xfa\xed\xfe", "program"), (b"#!", "program"),
    (b"\x1aE\xdf\xa3", "video"), (b"OggS", "video"), (b"FLV\x01", "video"), (b"\x00\x00\x01\xba", "video"),
    (b"ID3", "audio"), (b"fLaC", "audio"),
)
_HEIF = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"))
_SUB_IFDS, _SUBFILE_TYPE, _DNG_VERSION, _COMPRESSION = 330, 254, 50706, 259
_RAW_COMPRESSIONS = frozenset((34713, 32767, 32770, 65535))  # Nikon, Sony, Samsung, Pentax


def recognise(data: bytes) -> str | None:
    """A container that is read, the name of a refused format (see ``problems.REFUSED``), or None for anything else."""
    for start, name in _STARTS:
        if data.startswith(start):
            return "raw" if name == "tiff" and _is_raw(data) else name
    if data[:4] == b"RIFF" and len(data) >= 12:
        return {b"WEBP": "webp", b"AVI ": "video", b"WAVE": "audio"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    return _by_text(data)


def _by_brand(data: bytes) -> str:
    """ISO base media files say by brands what they are (ISO/IEC 14496-12)."""
    size = min(int.from_bytes(data[:4], "big"), 512, len(data))
    major = data[8:12]
    brands = {major} | {data[index : index + 4] for index in range(16, size - 3, 4)}
    if brands & {b"avif", b"avis"}:
        return "avif"
    if major == b"crx ":
        return "raw"
    if brands & _HEIF:
        return "heic"
    return "audio" if major in {b"M4A ", b"M4B "} else "video"


def _by_text(data: bytes) -> str | None:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if b"%pdf-" in head[:1024]:
        return "pdf"
    if re.search(rb"<svg[\s>:]", head):
        return "svg"
    if re.match(rb"<(!doctype html|html|head|body)", head):
        return "html"
    if head.startswith(b"<?xml"):
        return "svg" if b"svg" in head else "text"
    try:
        text = data[:512].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text" if text.strip() and all(character.isprintable() or character in "\r\n\t" for character in text) else None


def _is_raw(data: bytes) -> bool:
    """Whether a TIFF is a camera's raw file. Pillow would show its small preview and call that the picture."""
    if data[8:10] == b"CR":
        return True
    order = "<" if data[:2] == b"II" else ">"
    try:
        (offset,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, offset)
        tags = {}
        for index in range(min(count, 512)):
            tag, kind, number, value = struct.unpack_from(order + "HHII", data, offset + 2 + 12 * index)
            if kind == 3 and number == 1:
                (value,) = struct.unpack_from(order + "H", data, offset + 10 + 12 * index)
            tags[tag] = value
    except struct.error:
        return False
    reduced_with_children = tags.get(_SUBFILE_TYPE) == 1 and _SUB_IFDS in tags
    return _DNG_VERSION in tags or reduced_with_children or tags.get(_COMPRESSION) in _RAW_COMPRESSIONS
