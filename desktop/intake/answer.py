"""What the worker may answer, as types that both sides share; the client believes nothing that does not fit them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=1 << 48)]
Side = Annotated[int, Meta(ge=1, le=1 << 20)]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
ShortText = Annotated[str, Meta(max_length=200)]
Container = Literal["jpeg", "png", "webp", "tiff", "gif", "bmp", "avif"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all parts of an answer: immutable, strict."""


class Profile(Part, frozen=True):
    """An embedded ICC profile and what was done with it."""

    bytes: Count
    sha256: Hex64
    space: ShortText
    description: ShortText
    action: Literal["converted", "equals-srgb", "unreadable", "does-not-fit"]
    """``equals-srgb``: it gives every colour within 3 levels of sRGB, so the pixels were left alone."""


class Colour(Part, frozen=True):
    """How stored colours became sRGB."""

    stored: Literal["grey", "palette", "rgb", "cmyk", "ycbcr", "lab", "bilevel"]
    bits: Annotated[int, Meta(ge=1, le=64)] | None
    """Bits a channel has in the file, where it says so."""
    profile: Profile | None
    method: Literal["as-stored", "icc-relative-colorimetric-bpc", "cmyk-by-formula", "lab-d50"]
    png_gamma: Annotated[float, Meta(ge=0.0, le=100_000.0)] | None
    """The gamma a PNG declares; it is not applied."""


class Alpha(Part, frozen=True):
    """Transparency; the picture was laid on white."""

    least: Annotated[int, Meta(ge=0, le=255)]
    transparent_share: Annotated[float, Meta(ge=0.0, le=1.0)]
    """Share of pixels that cannot be seen at all."""
    partial_share: Annotated[float, Meta(ge=0.0, le=1.0)]


class FrameSize(Part, frozen=True):
    """A further picture in the same file, as large as it claims to be."""

    width: Count
    height: Count


class Frames(Part, frozen=True):
    """All pictures of the file; only the first was decoded."""

    kind: Literal["single", "animation", "pages", "multi-picture"]
    count: Annotated[int, Meta(ge=1, le=1 << 32)]
    more: bool
    """There are more than ``count``; counting stopped."""
    listed: Annotated[tuple[FrameSize, ...], Meta(max_length=1024)]
    separate_default: bool
    """An animated PNG whose still picture, decoded here, is not part of the animation that viewers play."""


class Trailing(Part, frozen=True):
    """Bytes after the end of the picture."""

    offset: Count
    bytes: Count
    looks_like: Literal["zeros", "zip", "jpeg", "png", "pdf", "iso-media", "samsung", "text", "unknown"]


class Orientation(Part, frozen=True):
    """The orientation that the file declares (EXIF, or an AVIF's own rotation)."""

    declared: Annotated[int, Meta(ge=-32768, le=65535)] | None
    applied: Annotated[int, Meta(ge=1, le=8)]
    """1: nothing was turned."""


class JpegFacts(Part, frozen=True):
    """How a JPEG is coded."""

    process: Literal["baseline", "extended", "progressive", "lossless", "other"]
    precision: Annotated[int, Meta(ge=0, le=255)]
    sampling: Annotated[tuple[ShortText, ...], Meta(max_length=16)]
    """``HxV`` of every component."""
    adobe_transform: Annotated[int, Meta(ge=0, le=255)] | None


class Facts(Part, frozen=True):
    """Facts about the container, none of which is a fault."""

    container: Container
    mode: ShortText
    """Pillow's name for the stored pixels."""
    stored_size: tuple[Side, Side]
    """Width and height before the orientation was applied."""
    orientation: Orientation
    colour: Colour
    alpha: Alpha | None
    frames: Frames
    trailing: Trailing | None
    ends_properly: bool | None
    """Whether the end marker is there; None where the format has none."""
    jpeg: JpegFacts | None
    extension: ShortText
    extension_matches: bool | None
    """None when the name has no extension."""
    exif_readable: bool
    note: Literal["", "damaged-multi-picture-index"] = ""


class Ready(Part, frozen=True):
    """The worker is confined and waits; sent before it sees a byte of the file."""

    answer: Literal["ready"]
    confinement: dict[str, Any]
    sealed: bool


class Picture(Part, frozen=True):
    """The decoded picture; the payload is its RGB and then that of the thumbnail."""

    answer: Literal["picture"]
    width: Side
    height: Side
    thumbnail: tuple[Side, Side]
    facts: Facts
    deviations: Annotated[tuple[ShortText, ...], Meta(max_length=16)]
    marks: Annotated[list[Any], Meta(max_length=200)]


class Refused(Part, frozen=True):
    """The picture cannot be examined."""

    answer: Literal["refused"]
    code: ShortText
    detail: ShortText | None = None
