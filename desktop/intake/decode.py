"""Decodes one picture: bytes to RGB, facts and thumbnail. Runs in the worker, which is confined and sealed before this is called."""

import io
import traceback
import warnings
from dataclasses import dataclass
from typing import Literal, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from desktop.intake import colour
from desktop.intake.answer import Container, Facts, Frames, FrameSize, JpegFacts, Orientation, Trailing
from desktop.intake.formats import EXTENSIONS, PILLOW, recognise
from desktop.intake.layout import Layout, lay_out, sniff_trailing
from desktop.intake.limits import Limits

_PLUGINS = (
    AvifImagePlugin, BmpImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin,
)
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}
# Damage in metadata is common, and viewers pass over it: it is a fact of the picture, where every other warning refuses it.
_METADATA_WARNINGS = ("Possibly corrupt EXIF data", "Corrupt EXIF data", "Tag offset too large", "Tag data larger than file",
                      "Metadata Warning", "Truncated File Read")
_metadata_trouble: list[str] = []


class RefusedError(Exception):
    """The picture cannot be examined; ``code`` and ``detail`` as in ``problems``."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Decoded:
    """The decoded picture in 8-bit sRGB, turned upright, without transparency."""

    rgb: Image.Image
    thumbnail: Image.Image
    facts: Facts
    deviations: list[str]


def prepare_process(limits: Limits) -> None:
    """Set Pillow up for hostile files: our pixel cap, warnings are errors, no reader but those that are listed."""
    warnings.simplefilter("error")
    for pattern in _METADATA_WARNINGS:
        warnings.filterwarnings("always", message=pattern, category=UserWarning)
    warnings.showwarning = _note_warning
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = limits.pixels
    PngImagePlugin.MAX_TEXT_CHUNK = limits.unpacked_text_bytes
    PngImagePlugin.MAX_TEXT_MEMORY = 4 * limits.unpacked_text_bytes
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    for plugin in set(PILLOW.values()):
        if plugin not in Image.OPEN:
            raise ImportError(f"Pillow has no reader for {plugin}")


def _note_warning(message: Warning | str, *_details: object, **_more: object) -> None:
    _metadata_trouble.append(str(message)[:40])


def decode(data: bytes, extension: str, limits: Limits) -> Decoded:
    """Decode the first picture of a file. Raises RefusedError."""
    name = recognise(data)
    if name is None:
        raise RefusedError("picture-not-a-picture")
    if name not in PILLOW:
        raise RefusedError("picture-format-refused", name)
    container = cast(Container, name)
    layout = lay_out(data, container, limits.frames_counted)
    try:
        return _decode(data, container, extension, layout, limits)
    except (RefusedError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RefusedError("picture-too-many-pixels") from None
    except colour.UnknownDepthError:
        raise RefusedError("picture-depth-refused") from None
    except Exception as error:  # a hostile file may provoke anything
        traceback.print_exc(limit=-1)  # to the captured log; never shown
        raise RefusedError(_what_broke(error, layout)) from None


def _what_broke(error: BaseException, layout: Layout) -> str:
    """Pillow's version is pinned, so a word in its messages may decide between two codes that both refuse."""
    text = str(error).lower()
    if "decompressed data too large" in text or "text chunks" in text:
        return "picture-unpacks-too-large"
    if layout.ends_properly is False or "truncated" in text or isinstance(error, EOFError):
        return "picture-truncated"
    return "picture-damaged"


def _decode(data: bytes, container: Container, extension: str, layout: Layout, limits: Limits) -> Decoded:
    image, note = _open(data, container)
    _check_size(image.size, limits)
    mode = image.mode
    stored_size = image.size
    if container == "tiff":  # Pillow turns TIFFs itself while it loads them, and swaps their size already when it opens them
        turn, exif_readable, declared = _orientation(image)
        stored_size = (stored_size[1], stored_size[0]) if turn >= 5 else stored_size
        image.load()
    else:
        image.load()
        turn, exif_readable, declared = _orientation(image)
    _check_size(image.size, limits)
    rgb, alpha, colours, deviations = colour.to_srgb(image, layout)
    rgb, alpha_facts = colour.over_white(rgb, alpha)
    if alpha_facts is not None and alpha_facts.least < 255:
        deviations.append("alpha")
    if container != "tiff" and turn in _TURNS:
        rgb = rgb.transpose(_TURNS[turn])
        deviations.append("orientation")
    facts = Facts(
        container=container, mode=mode, stored_size=stored_size, orientation=Orientation(declared, turn), colour=colours, alpha=alpha_facts,
        frames=_frames(image, layout, limits), trailing=_trailing(data, layout), ends_properly=layout.ends_properly,
        jpeg=JpegFacts(layout.process, layout.precision, layout.sampling, layout.adobe_transform) if container == "jpeg" else None,
        extension=extension, extension_matches=extension in EXTENSIONS[container] if extension else None, exif_readable=exif_readable,
        note=note,
    )
    return Decoded(rgb, _thumbnail(rgb, limits.thumbnail), facts, deviations)


def _open(data: bytes, container: Container) -> tuple[ImageFile.ImageFile, Literal["", "damaged-multi-picture-index"]]:
    try:
        return Image.open(io.BytesIO(data), formats=(PILLOW[container],)), ""
    except UserWarning as warning:
        if container != "jpeg" or "malformed MPO" not in str(warning):
            raise
        # Phones write indexes of further pictures that Pillow cannot follow; the first picture stands for itself.
        return JpegImagePlugin.JpegImageFile(io.BytesIO(data)), "damaged-multi-picture-index"
    except UnidentifiedImageError:
        raise OSError("not identified") from None


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise RefusedError("picture-damaged")
    if width > limits.side or height > limits.side or width * height > limits.pixels:
        raise RefusedError("picture-too-many-pixels")


def _orientation(image: ImageFile.ImageFile) -> tuple[int, bool, int | None]:
    """The turn to apply (1 to 8), whether EXIF could be read, and what it declares.

    XMP is taken away first: Pillow would fall back on an orientation there, which viewers ignore.
    """
    for key in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(key, None)
    value = None
    try:
        value = image.getexif().get(_ORIENTATION)
    except MemoryError:
        raise
    except Exception:
        # Whatever broken EXIF provokes, the pixels are there; viewers show them as they are stored.
        _metadata_trouble.append("unreadable")
    declared = value if isinstance(value, int) and not isinstance(value, bool) and -32768 <= value <= 65535 else None
    return (declared if declared is not None and 1 <= declared <= 8 else 1), not _metadata_trouble, declared


def _frames(image: ImageFile.ImageFile, layout: Layout, limits: Limits) -> Frames:
    sizes, kind, count = layout.frames, layout.kind, max(1, len(layout.frames))
    if isinstance(image, AvifImagePlugin.AvifImageFile):
        count = min(max(1, int(image.n_frames)), 1 << 32)
        kind, sizes = ("animation" if count > 1 else "single"), []
    listed = tuple(FrameSize(width, height) for width, height in sizes[: limits.frames_listed])
    return Frames(kind, count, layout.more_frames, listed, layout.separate_default)


def _trailing(data: bytes, layout: Layout) -> Trailing | None:
    if layout.end is None or layout.end >= len(data):
        return None
    return Trailing(layout.end, len(data) - layout.end, sniff_trailing(data[layout.end :]))


def _thumbnail(rgb: Image.Image, longest: int) -> Image.Image:
    width, height = rgb.size
    scale = min(1.0, longest / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return rgb.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0) if size != rgb.size else rgb
