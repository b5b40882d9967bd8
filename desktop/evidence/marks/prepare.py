"""Loads everything that reading marks may need, for a worker that is about to lose the right to open files.

Modules, codecs, the rules and the trust lists are all loaded when first used; a sealed worker could not do that any more.
"""

import codecs
import contextlib
import importlib
import struct
import zlib

from desktop.evidence.marks.reader import read_marks

_MODULES = ("desktop.evidence.marks.isobmff", "desktop.evidence.marks.pixels", "defusedxml.ElementTree", "c2pa")
_ENCODINGS = ("ascii", "utf-8", "latin-1", "utf-16", "utf-16-le", "utf-16-be")


def prepare() -> None:
    """Import the readers' modules and run every reader once, on a picture made here. Missing libraries are passed over: the marks tell."""
    for name in _MODULES:
        with contextlib.suppress(ImportError, OSError, RuntimeError):
            importlib.import_module(name)
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    text = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + packet
    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"iTXt", text), (b"caBX", b"\x00" * 16), (b"IDAT", zlib.compress(bytes(5))), (b"IEND", b""))
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks)
    read_marks(picture, "png", {})
