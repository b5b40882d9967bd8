"""Marks that hide in the pixels: text in the lowest bits ("stealth" generation data) and the open DWT-DCT watermarks. Positive only.

Decodes the picture a second time, for itself and only up to small sizes; NumPy and Pillow are imported here and nowhere else in the marks.
"""

import io
import json
import warnings
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from desktop.document import Mark
from desktop.evidence.marks.pieces import Pieces
from desktop.evidence.marks.rules import Rule, make_mark
from desktop.evidence.marks.text import decoded

Pixels = npt.NDArray[np.uint8]

HIDDEN_TEXT_PIXELS = 20_000_000
"""Largest lossless picture whose lowest bits are looked at."""
WATERMARK_PIXELS = 4_600_000
"""Largest picture searched for a watermark: the marked generators write at most 4 megapixels, and resizing destroys the mark."""
_SMALLEST_SIDE_PRODUCT = 256 * 256
_HIDDEN_LIMIT = 4 << 20
_PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, TiffImagePlugin, BmpImagePlugin)
"""Loaded by name: Pillow would otherwise load every format it knows, and could not in a sealed process."""
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
_SIGNATURES = (b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp")


def decode(data: bytes, pieces: Pieces, limit: int) -> Pixels | None:
    """Pixels as stored (RGB or RGBA, not turned, no colour conversion), or None when too large, unreadable or of another kind."""
    width, height = pieces.size
    if not 0 < width * height <= limit:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > limit:
                    return None
                return np.asarray(image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if pieces.alpha else "RGB"))
    except Exception:  # Pillow raises many kinds on damaged files; intake tells the user about them, not this mark
        return None


def read_pixel_marks(hidden: Rule, watermark: Rule, data: bytes, pieces: Pieces) -> dict[str, Mark]:
    """Both marks, by their rules' ids, from one decoding."""
    lossless = pieces.lossless and pieces.kind in ("png", "webp", "tiff")
    pixels = decode(data, pieces, HIDDEN_TEXT_PIXELS if lossless else WATERMARK_PIXELS)
    small = pixels is not None and pixels.shape[0] * pixels.shape[1] <= WATERMARK_PIXELS
    return {hidden.id: read_hidden_text(hidden, pieces, pixels), watermark.id: read_watermark(watermark, pieces, pixels if small else None)}


def read_hidden_text(rule: Rule, pieces: Pieces, pixels: Pixels | None) -> Mark:
    """Text in the lowest bits, column by column: of the alpha channel, or of red, green and blue in turn.

    Layout: 15 bytes signature, 32 bits length in bits (big-endian), then the text, gzip-compressed for the ``comp`` signatures.
    """
    if not pieces.lossless or pieces.kind not in ("png", "webp", "tiff"):
        return make_mark(rule, "not-applicable")
    if pixels is None:
        return make_mark(rule, "not-applicable", {"why": "size"})
    places = (("alpha", pixels[:, :, 3:]),) if pixels.shape[2] == 4 else ()
    for name, channels in (*places, ("red, green and blue", pixels[:, :, :3])):
        # Column-major without a copy of the whole picture: only as many columns as the message can fill.
        per_column = channels.shape[0] * channels.shape[2]
        head = _bits(channels, 0, -(-(19 * 8) // per_column))
        signature = head[:15].tobytes()
        if signature not in _SIGNATURES:
            continue
        length = min(int.from_bytes(head[15:19].tobytes(), "big") // 8, _HIDDEN_LIMIT)
        packed = _bits(channels, 0, -(-(19 + length) * 8 // per_column))[19 : 19 + length].tobytes()
        text, whole = _unpack(packed) if signature.endswith(b"comp") else (packed, True)
        facts: dict[str, Any] = {"channel": name, "signature": signature.decode("ascii"), "bytes": len(text)}
        return make_mark(rule, "found", {**facts, "readable": whole and bool(text), **_hidden_facts(text)})
    return make_mark(rule, "absent")


def _bits(channels: Pixels, first: int, columns: int) -> Pixels:
    """The lowest bits of some columns, packed into bytes (most significant bit first)."""
    part = channels[:, first : first + columns, :] & 1
    return np.packbits(np.ascontiguousarray(part.transpose(1, 0, 2)).reshape(-1))


def _unpack(packed: bytes) -> tuple[bytes, bool]:
    machine = zlib.decompressobj(31)
    try:
        return machine.decompress(packed, _HIDDEN_LIMIT), machine.eof
    except zlib.error:
        return b"", False


def _hidden_facts(text: bytes) -> dict[str, Any]:
    words = decoded(text)
    try:
        parsed = json.loads(words)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return {"software": "software not named", "text": words[:200]}
    return {"software": str(parsed.get("Software") or "software not named"), "source": str(parsed.get("Source") or ""),
            "prompt": str(parsed.get("Description") or parsed.get("prompt") or "")[:200]}


def _message(text: str) -> Pixels:
    return np.array([int(bit) for bit in text], dtype=np.uint8)


SCHEMES = (
    ("Stable Diffusion 1", np.unpackbits(np.frombuffer(b"StableDiffusionV1", np.uint8)), 125),
    ("Stable Diffusion XL", _message("101100111110110010010000011110111011000110011110"), 44),
    ("FLUX", _message("1010101111111010000111100111001111010100101110"), 42),
    ("FLUX (48 bits)", _message("001010101111111010000111100111001111010100101110"), 44),
)
"""Name, bits and the least number of agreeing bits. FLUX's reference code drops the two leading zeros of its message, others keep them."""


def read_watermark(rule: Rule, pieces: Pieces, pixels: Pixels | None) -> Mark:
    """The watermark that the reference code of Stable Diffusion, SDXL and FLUX writes into blocks of the blue-difference channel."""
    if pixels is None or pixels.shape[0] * pixels.shape[1] < _SMALLEST_SIDE_PRODUCT:
        return make_mark(rule, "not-applicable", {"why": "size", "largest_pixels": WATERMARK_PIXELS})
    for order in ("rgb", "bgr"):
        for offset in (128.0, 0.5):  # OpenCV's zero of the difference channels for whole numbers and for fractions
            votes = _votes(pixels, order, offset)
            for name, bits, least in SCHEMES:
                matched = _agreement(votes, bits)
                if matched >= least:
                    facts = {"scheme": name, "matched": matched, "bits": len(bits), "least": least, "channel_order": order}
                    return make_mark(rule, "found", facts)
    return make_mark(rule, "absent")


def _votes(pixels: Pixels, order: str, offset: float) -> npt.NDArray[np.bool_]:
    """One bit per 4 x 4 block of the half-size picture, row by row.

    The channel is OpenCV's U; its Haar approximation is the sum of each 2 x 2 square over two; in a block the largest of the 15 values
    after the first carries the bit: whether it lies in the upper half of a step of 36.
    """
    height, width = (side // 4 * 4 for side in pixels.shape[:2])
    part = pixels[:height, :width].astype(np.float32)
    red, green, blue = part[:, :, 0], part[:, :, 1], part[:, :, 2]
    if order == "bgr":
        red, blue = blue, red
    difference = 0.492 * (blue - (0.299 * red + 0.587 * green + 0.114 * blue)) + offset
    if offset > 1:
        difference = np.rint(difference)
    half = (difference[0::2, 0::2] + difference[0::2, 1::2] + difference[1::2, 0::2] + difference[1::2, 1::2]) / 2
    rows, columns = half.shape[0] // 4, half.shape[1] // 4
    blocks = half[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4).transpose(0, 2, 1, 3).reshape(-1, 16)[:, 1:]
    largest = np.abs(np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)[:, 0])
    votes: npt.NDArray[np.bool_] = largest % 36 > 18
    return votes


def _agreement(votes: npt.NDArray[np.bool_], bits: Pixels) -> int:
    """How many bits of a message the blocks' majority agrees with; a bit whose blocks are nearly tied counts as disagreeing."""
    rounds = len(votes) // len(bits)
    if rounds < 4:
        return 0
    mean = votes[: rounds * len(bits)].reshape(rounds, len(bits)).mean(axis=0)
    return int(((mean > 0.5) == bits.astype(bool)).sum())
