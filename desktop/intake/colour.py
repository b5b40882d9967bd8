"""From whatever a file stores to 8-bit sRGB, by documented rules. Runs in the worker.

- an embedded ICC profile is applied with relative colorimetric intent and black-point compensation, unless it equals sRGB;
- inks without a profile: R = (255 - C)(255 - K) / 255 and so on, as Pillow does;
- 16 bits: the high byte (what Pillow does to 16-bit RGB, here for grey as well);
- transparent places: over white, in sRGB values, c*a/255 + 255 - a, rounded to nearest, after all colour conversion;
- a gamma that a PNG declares is told, not applied.
"""

import hashlib
import io
from typing import Any, Literal

from PIL import Image, ImageCms

from desktop.intake.answer import Alpha, Colour, Profile
from desktop.intake.layout import Layout

_TOLERANCE = 3
_SPACES = {"RGB": "RGB ", "CMYK": "CMYK", "L": "GRAY"}
_Stored = Literal["grey", "palette", "rgb", "cmyk", "ycbcr", "lab", "bilevel"]
_STORED: dict[str, _Stored] = {
    "1": "bilevel", "L": "grey", "LA": "grey", "La": "grey", "I;16": "grey", "I;16B": "grey", "I;16L": "grey", "I;16N": "grey",
    "P": "palette", "PA": "palette", "RGB": "rgb", "RGBA": "rgb", "RGBa": "rgb", "RGBX": "rgb", "CMYK": "cmyk", "YCbCr": "ycbcr",
    "LAB": "lab",
}


class UnknownDepthError(Exception):
    """Pixels are numbers without a defined white."""


def to_srgb(image: Image.Image, layout: Layout) -> tuple[Image.Image, Image.Image | None, Colour, list[str]]:
    """Colours, transparency (or None), how it was done, and codes of deviations from ``image.convert("RGB")``."""
    if image.mode not in _STORED:
        raise UnknownDepthError
    stored, icc = _STORED[image.mode], image.info.get("icc_profile")
    deviations: list[str] = []
    base, alpha = _split(image, layout, deviations)
    del image
    method: Literal["as-stored", "icc-relative-colorimetric-bpc", "cmyk-by-formula", "lab-d50"] = "as-stored"
    profile: Profile | None = None
    if isinstance(icc, bytes) and icc:
        base, profile = _apply_profile(base, icc)
    if profile is not None and profile.action == "converted":
        method = "icc-relative-colorimetric-bpc"
        deviations.append("icc")
    elif base.mode == "CMYK":
        method = "cmyk-by-formula"
    elif base.mode == "LAB":
        method = "lab-d50"
        deviations.append("lab")
        base = _transform(base, ImageCms.createProfile("LAB"))
    if base.mode != "RGB":
        base = base.convert("RGB")
    return base, alpha, Colour(stored, layout.bits, profile, method, layout.gamma), deviations


def over_white(rgb: Image.Image, alpha: Image.Image | None) -> tuple[Image.Image, Alpha | None]:
    """Lay a picture on white, and tell how transparent it was."""
    if alpha is None:
        return rgb, None
    counts = alpha.histogram()
    total = max(1, sum(counts))
    facts = Alpha(
        least=next(level for level, count in enumerate(counts) if count), transparent_share=round(counts[0] / total, 6),
        partial_share=round(sum(counts[1:255]) / total, 6),
    )
    if facts.least == 255:
        return rgb, facts
    white = Image.new("RGB", rgb.size, (255, 255, 255))
    white.paste(rgb, (0, 0), alpha)
    return white, facts


def _split(image: Image.Image, layout: Layout, deviations: list[str]) -> tuple[Image.Image, Image.Image | None]:
    """The colours in mode L, RGB, CMYK or LAB, and the transparency."""
    if image.mode.startswith("I;16"):
        return _sixteen_bits(image, layout, deviations)
    declared = "transparency" in image.info
    if image.mode in {"1", "L"}:
        if declared:
            image = image.convert("LA")
        elif image.mode == "1":
            image = image.convert("L")
    elif image.mode == "La":
        image = image.convert("LA")
    elif image.mode == "PA" or (image.mode in {"P", "RGB"} and declared) or image.mode == "RGBa":
        image = image.convert("RGBA")
    elif image.mode in {"P", "RGBX", "YCbCr"}:
        image = image.convert("RGB")
    if image.mode == "CMYK" and layout.sampling and not layout.saw_adobe:
        deviations.append("cmyk-plain")
        image = image.point([255 - level for level in range(256)] * 4)  # undoes the inversion that Pillow does to every JPEG with inks
    if image.mode in {"LA", "RGBA"}:
        return image.convert(image.mode[:-1]), image.getchannel("A")
    return image, None


def _sixteen_bits(image: Image.Image, layout: Layout, deviations: list[str]) -> tuple[Image.Image, Image.Image | None]:
    deviations.append("sixteen-bit")
    transparent = image.info.get("transparency")
    wide = image.convert("I")
    high = [255 - (level >> 8) for level in range(1 << 16)] if layout.white_is_zero else [level >> 8 for level in range(1 << 16)]
    alpha = None
    if isinstance(transparent, int) and 0 <= transparent < 1 << 16:
        alpha = wide.point([0 if level == transparent else 255 for level in range(1 << 16)], "L")
    return wide.point(high, "L"), alpha


def _apply_profile(base: Image.Image, icc: bytes) -> tuple[Image.Image, Profile]:
    """The picture in sRGB if its profile fits and changes anything, else as it is; and the facts."""
    digest = hashlib.sha256(icc).hexdigest()
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        space, description = str(source.profile.xcolor_space), str(source.profile.profile_description or "")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return base, Profile(len(icc), digest, "", "", "unreadable")
    description = "".join(character for character in description if character.isprintable())[:80]

    def facts(action: Literal["converted", "equals-srgb", "unreadable", "does-not-fit"]) -> Profile:
        return Profile(len(icc), digest, space.strip()[:4], description, action)

    if base.mode == "L" and space == "RGB ":
        base = base.convert("RGB")
    if _SPACES.get(base.mode) != space:
        return base, facts("does-not-fit")
    try:
        if base.mode != "CMYK" and _equals_srgb(source, base.mode):
            return base, facts("equals-srgb")
        return _transform(base, source), facts("converted")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return base, facts("unreadable")


def _transform(base: Image.Image, source: Any) -> Image.Image:
    transform = ImageCms.buildTransform(
        source, ImageCms.createProfile("sRGB"), base.mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(base, transform)
    if converted is None:
        raise ValueError("no transform")
    return converted


def _equals_srgb(source: Any, mode: str) -> bool:
    """Whether the profile does to a lattice of colours what sRGB does, within the tolerance."""
    if mode == "L":
        probe = Image.frombytes("L", (256, 1), bytes(range(256)))
    else:
        steps = range(0, 256, 15)
        ramps = b"".join(bytes((v, v, v, v, 0, 0, 0, v, 0, 0, 0, v)) for v in range(256))
        lattice = bytes(value for r in steps for g in steps for b in steps for value in (r, g, b)) + ramps
        probe = Image.frombytes("RGB", (len(lattice) // 3, 1), lattice)
    before, after = probe.convert("RGB").tobytes(), _transform(probe, source).tobytes()
    return max(abs(a - b) for a, b in zip(before, after, strict=True)) <= _TOLERANCE
