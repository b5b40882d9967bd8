"""Golden files: for every kind of picture, exactly which RGB comes out, and where that differs from the reference's loader."""

import hashlib
import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from desktop.intake import Exhibit, Intake
from desktop.intake.problems import DEVIATIONS
from tests.intake.pictures import (
    Array,
    chunk,
    colours,
    grey,
    grey_tiff,
    ink_profile,
    matrix_profile,
    png_of,
    saved,
    with_segment,
    without_segment,
)

# XYZ (D50) of sRGB's own primaries (IEC 61966-2-1, Bradford-adapted), as columns.
SRGB_D50 = np.array([[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7139]])
ORIENTED = {
    1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[:, ::-1], 7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1], 8: lambda a: a.transpose(1, 0, 2)[::-1],
}
"""What EXIF 2.32 says of tag 274, in terms of rows and columns."""


def says(exhibit: Exhibit, *codes: str) -> bool:
    """Whether the deviations are exactly these."""
    return exhibit.deviations == tuple(DEVIATIONS[code] for code in codes)


def same(exhibit: Exhibit, expected: Array) -> bool:
    assert exhibit.rgb.dtype == np.uint8
    assert exhibit.rgb.flags.c_contiguous
    assert not exhibit.rgb.flags.writeable
    assert (exhibit.info.height, exhibit.info.width, 3) == exhibit.rgb.shape
    assert exhibit.info.rgb_sha256 == hashlib.sha256(exhibit.rgb.tobytes()).hexdigest()
    return bool(exhibit.rgb.shape == expected.shape and np.array_equal(exhibit.rgb, expected))


def on_white(rgb: Array, alpha: Array) -> Array:
    """The documented rule, in whole numbers."""
    weight = alpha[..., None].astype(int)
    return ((rgb * weight + 255 * (255 - weight) + 127) // 255).astype(np.uint8)


def exif(orientation: int) -> bytes:
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def triple(plane: Array) -> Array:
    return np.repeat(plane[..., None], 3, axis=-1)


@pytest.mark.parametrize("container", ["PNG", "BMP", "TIFF", "WEBP"])
def test_plain_rgb_comes_out_as_it_went_in(intake: Intake, container: str) -> None:
    exhibit = intake.read(saved(colours(), container, **({"lossless": True} if container == "WEBP" else {})))
    assert same(exhibit, colours())
    assert says(exhibit)
    assert exhibit.info.container == container.lower()
    assert exhibit.info.facts["colour"]["method"] == "as-stored"


@pytest.mark.parametrize("container", ["JPEG", "WEBP", "AVIF", "GIF", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_coded_pictures_equal_the_reference_loader(intake: Intake, container: str, mode: str) -> None:
    options = {"TIFF": {"compression": "jpeg"}, "AVIF": {"speed": 10}}.get(container, {})
    data = saved(Image.fromarray(colours()).convert(mode), container, **options)
    exhibit = intake.read(data)
    assert same(exhibit, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    assert says(exhibit)


def test_a_jpeg_gives_the_pixels_it_gave_when_this_was_written(intake: Intake) -> None:
    exhibit = intake.read(saved(colours(64, 64), "JPEG", quality=90, subsampling=2))
    assert exhibit.info.rgb_sha256 == "d9e8d438612dbbf6fef13f9f6fee9e03eef6797ed06ad7af5eb47e8f40554f00"
    assert exhibit.info.facts["jpeg"] == {"process": "baseline", "precision": 8, "sampling": ["2x2", "1x1", "1x1"], "adobe_transform": None}


def test_grey(intake: Intake) -> None:
    exhibit = intake.read(saved(grey(), "PNG"))
    assert same(exhibit, triple(grey()))
    assert says(exhibit)
    assert exhibit.info.facts["colour"]["stored"] == "grey"


def test_black_and_white(intake: Intake) -> None:
    bits = grey() > 128
    exhibit = intake.read(saved(Image.fromarray(bits), "PNG"))
    assert same(exhibit, triple(bits.astype(np.uint8) * 255))
    assert says(exhibit)
    assert exhibit.info.facts["colour"]["bits"] == 1


def test_alpha_is_laid_on_white_and_told(intake: Intake) -> None:
    rgba = colours(channels=4)
    rgba[:5, :, 3] = 0
    rgba[5:9, :, 3] = 255
    exhibit = intake.read(saved(rgba, "PNG"))
    assert same(exhibit, on_white(rgba[..., :3], rgba[..., 3]))
    assert says(exhibit, "alpha")
    told = exhibit.info.facts["alpha"]
    assert told["least"] == 0
    assert told["transparent_share"] == pytest.approx(np.mean(rgba[..., 3] == 0), abs=1e-6)
    assert told["partial_share"] == pytest.approx(np.mean((rgba[..., 3] > 0) & (rgba[..., 3] < 255)), abs=1e-6)


def test_alpha_that_hides_nothing_changes_nothing(intake: Intake) -> None:
    rgba = colours(channels=4)
    rgba[..., 3] = 255
    exhibit = intake.read(saved(rgba, "PNG"))
    assert same(exhibit, rgba[..., :3])
    assert says(exhibit)
    assert exhibit.info.facts["alpha"]["least"] == 255


@pytest.mark.parametrize("container", ["PNG", "TIFF", "WEBP"])
def test_what_lies_under_full_transparency_is_not_analysed(intake: Intake, container: str) -> None:
    rgba = np.dstack([colours(), np.zeros((37, 53), np.uint8)])
    options = {"lossless": True, "exact": True} if container == "WEBP" else {}
    exhibit = intake.read(saved(rgba, container, **options))
    assert same(exhibit, np.full((37, 53, 3), 255, np.uint8))
    assert says(exhibit, "alpha")


def test_grey_with_alpha(intake: Intake) -> None:
    alpha = colours()[..., 0]
    exhibit = intake.read(saved(Image.merge("LA", [Image.fromarray(grey()), Image.fromarray(np.ascontiguousarray(alpha))]), "PNG"))
    assert same(exhibit, on_white(triple(grey()), alpha))
    assert says(exhibit, "alpha")


@pytest.mark.parametrize("container", ["PNG", "GIF"])
def test_palette_with_transparency(intake: Intake, container: str) -> None:
    indexes = np.arange(48, dtype=np.uint8).reshape(6, 8) % 4
    palette = np.array([[10, 20, 30], [200, 0, 0], [0, 200, 0], [9, 9, 250]], np.uint8)
    image = Image.frombytes("P", (8, 6), indexes.tobytes())
    image.putpalette(palette.tobytes())
    exhibit = intake.read(saved(image, container, transparency=2))
    expected = palette[indexes]
    expected[indexes == 2] = 255
    assert same(exhibit, expected)
    assert says(exhibit, "alpha")


def test_palette_with_degrees_of_transparency(intake: Intake) -> None:
    indexes = np.arange(48, dtype=np.uint8).reshape(6, 8) % 4
    palette = np.array([[10, 20, 30], [200, 0, 0], [0, 200, 0], [9, 9, 250]], np.uint8)
    alphas = np.array([255, 128, 0, 7], np.uint8)
    image = Image.frombytes("P", (8, 6), indexes.tobytes())
    image.putpalette(palette.tobytes())
    exhibit = intake.read(saved(image, "PNG", transparency=alphas.tobytes()))
    assert same(exhibit, on_white(palette[indexes], alphas[indexes]))


def test_palette_without_transparency(intake: Intake) -> None:
    image = Image.fromarray(colours()).quantize(64)
    exhibit = intake.read(saved(image, "PNG"))
    assert same(exhibit, np.asarray(image.convert("RGB")))
    assert says(exhibit)


def test_one_transparent_colour_of_an_rgb_png(intake: Intake) -> None:
    rgb = colours()
    exhibit = intake.read(saved(rgb, "PNG", transparency=tuple(int(v) for v in rgb[3, 4])))
    expected = rgb.copy()
    expected[np.all(rgb == rgb[3, 4], axis=-1)] = 255
    assert same(exhibit, expected)
    assert says(exhibit, "alpha")


class TestSixteenBits:
    ramp = np.linspace(0, 65535, 37 * 53).astype(np.uint16).reshape(37, 53)

    def test_grey_png_takes_the_high_byte(self, intake: Intake) -> None:
        exhibit = intake.read(png_of(self.ramp, 16, 0))
        assert same(exhibit, triple((self.ramp >> 8).astype(np.uint8)))
        assert says(exhibit, "sixteen-bit")
        assert exhibit.info.facts["colour"]["bits"] == 16

    def test_colour_png_takes_the_high_byte_as_the_reference_does(self, intake: Intake) -> None:
        rgb = np.dstack([self.ramp, self.ramp[::-1], self.ramp[:, ::-1]])
        data = png_of(rgb, 16, 2)
        exhibit = intake.read(data)
        assert same(exhibit, (rgb >> 8).astype(np.uint8))
        assert same(exhibit, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
        assert says(exhibit)

    def test_grey_png_with_a_transparent_value(self, intake: Intake) -> None:
        value = int(self.ramp[10, 10])
        exhibit = intake.read(png_of(self.ramp, 16, 0, before=[chunk(b"tRNS", struct.pack(">H", value))]))
        expected = triple((self.ramp >> 8).astype(np.uint8))
        expected[self.ramp == value] = 255
        assert same(exhibit, expected)
        assert says(exhibit, "sixteen-bit", "alpha")

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_tiff_of_either_byte_order(self, intake: Intake, order: str) -> None:
        exhibit = intake.read(grey_tiff(53, 37, 16, 1, self.ramp.astype(order + "u2").tobytes(), order=order))
        assert same(exhibit, triple((self.ramp >> 8).astype(np.uint8)))
        assert says(exhibit, "sixteen-bit")

    def test_tiff_whose_zero_is_white(self, intake: Intake) -> None:
        exhibit = intake.read(grey_tiff(53, 37, 16, 0, self.ramp.astype("<u2").tobytes()))
        assert same(exhibit, triple(255 - (self.ramp >> 8).astype(np.uint8)))


def test_a_tiff_whose_zero_is_white(intake: Intake) -> None:
    exhibit = intake.read(grey_tiff(53, 37, 8, 0, grey().tobytes()))
    assert same(exhibit, triple(255 - grey()))
    assert says(exhibit)


class TestInks:
    """Four flat fields of C, M, Y, K, whose JPEG is exact to a level or two."""

    fields = np.repeat(np.repeat(np.array([[[255, 0, 0, 0], [0, 255, 0, 0]], [[0, 0, 255, 0], [0, 0, 0, 128]]], np.uint8), 16, 0), 16, 1)

    def by_formula(self, cmyk: Array) -> Array:
        inks = cmyk.astype(int)
        return ((255 - inks[..., :3]) * (255 - inks[..., 3:]) // 255).astype(np.uint8)

    def image(self) -> Image.Image:
        return Image.frombytes("CMYK", (32, 32), self.fields.tobytes())

    def test_adobe_jpeg(self, intake: Intake) -> None:
        data = saved(self.image(), "JPEG", quality=100, subsampling=0)
        assert b"Adobe" in data
        exhibit = intake.read(data)
        assert np.abs(exhibit.rgb.astype(int) - self.by_formula(self.fields)).max() <= 3
        assert says(exhibit)
        assert same(exhibit, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
        assert exhibit.info.facts["colour"]["method"] == "cmyk-by-formula"

    def test_plain_jpeg_is_read_as_stored(self, intake: Intake) -> None:
        exhibit = intake.read(without_segment(saved(self.image(), "JPEG", quality=100, subsampling=0), 0xEE))
        assert np.abs(exhibit.rgb.astype(int) - self.by_formula(255 - self.fields)).max() <= 3
        assert says(exhibit, "cmyk-plain")

    def test_tiff(self, intake: Intake) -> None:
        exhibit = intake.read(saved(self.image(), "TIFF"))
        assert np.abs(exhibit.rgb.astype(int) - self.by_formula(self.fields)).max() <= 1
        assert says(exhibit)

    def test_a_profile_decides(self, intake: Intake) -> None:
        # Corners C, M, Y, K (K fastest): black wherever there is K; else cyan ink is a deep red, magenta a green, yellow a grey.
        solid = {(1, 0, 0): (40, 60, 40), (0, 1, 0): (60, -60, 50), (0, 0, 1): (50, 0, 0), (0, 0, 0): (100, 0, 0)}
        labs = [(0, 0, 0) if k else solid.get((c, m, y), (20, 0, 0)) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
        exhibit = intake.read(saved(self.image(), "TIFF", icc_profile=ink_profile(labs)))
        assert says(exhibit, "icc")
        assert exhibit.info.facts["colour"]["profile"]["description"] == "Inks"
        assert exhibit.info.facts["colour"]["profile"]["space"] == "CMYK"
        red, green, mid = exhibit.rgb[8, 8].astype(int), exhibit.rgb[8, 24].astype(int), exhibit.rgb[24, 8].astype(int)
        assert red[0] > red[1] + 80
        assert red[0] > red[2] + 60
        assert green[1] > green[0] + 60
        assert np.ptp(mid) <= 3
        assert abs(mid.mean() - 119) <= 6  # L* 50 is grey 119 of sRGB


class TestProfiles:
    def to_srgb(self, rgb: Array, primaries: Array, gamma: float) -> Array:
        """The definition: linearise, to XYZ (D50), to linear sRGB, encode."""
        linear = (rgb / 255.0) ** gamma @ (np.linalg.inv(SRGB_D50) @ primaries).T
        linear = np.clip(linear, 0, 1)
        return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)

    @pytest.mark.parametrize("container", ["PNG", "TIFF"])
    def test_a_wide_profile_is_converted(self, intake: Intake, container: str) -> None:
        # Adobe RGB (1998): XYZ (D50) of its primaries, gamma 563/256.
        primaries = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
        soft = (colours() // 2 + 64).astype(np.uint8)
        exhibit = intake.read(saved(soft, container, icc_profile=matrix_profile(primaries, 2.19921875)))
        assert np.abs(exhibit.rgb - self.to_srgb(soft, primaries, 2.19921875)).max() <= 3
        assert says(exhibit, "icc")
        profile = exhibit.info.facts["colour"]["profile"]
        assert (profile["action"], profile["space"], profile["description"]) == ("converted", "RGB", "Test profile")

    def test_a_profile_with_red_and_green_exchanged(self, intake: Intake) -> None:
        swapped = matrix_profile(SRGB_D50[:, [1, 0, 2]], 2.2)
        rgb = np.zeros((16, 16, 3), np.uint8)
        rgb[..., 0] = 200
        exhibit = intake.read(saved(rgb, "JPEG", quality=100, subsampling=0, icc_profile=swapped))
        red, green, blue = exhibit.rgb[8, 8].astype(int)
        assert green > 180
        assert max(red, blue) < 60

    def test_the_profile_of_srgb_leaves_the_pixels_alone(self, intake: Intake) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        exhibit = intake.read(saved(colours(), "PNG", icc_profile=profile))
        assert same(exhibit, colours())
        assert says(exhibit)
        assert exhibit.info.facts["colour"]["profile"]["action"] == "equals-srgb"

    def test_a_profile_under_transparency(self, intake: Intake) -> None:
        rgba = np.zeros((16, 16, 4), np.uint8)
        rgba[..., 0], rgba[..., 3] = 200, 128
        exhibit = intake.read(saved(rgba, "PNG", icc_profile=matrix_profile(SRGB_D50[:, [1, 0, 2]], 2.2)))
        red, green, blue = exhibit.rgb[8, 8].astype(int)
        assert green > 220
        assert 120 <= min(red, blue) <= max(red, blue) < 165
        assert says(exhibit, "icc", "alpha")

    def test_grey_with_a_colour_profile(self, intake: Intake) -> None:
        exhibit = intake.read(saved(grey(), "PNG", icc_profile=matrix_profile(SRGB_D50, 1.0)))
        linear = grey() / 255.0
        expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        assert np.abs(exhibit.rgb - triple(expected)).max() <= 4

    @pytest.mark.parametrize(("profile", "action"), [(b"rubbish" * 50, "unreadable"), (None, "does-not-fit")])
    def test_a_useless_profile_is_a_fact_and_not_a_failure(self, intake: Intake, profile: bytes | None, action: str) -> None:
        data = saved(colours(), "PNG", icc_profile=profile or ink_profile([(50, 0, 0)] * 16))
        exhibit = intake.read(data)
        assert same(exhibit, colours())
        assert says(exhibit)
        assert exhibit.info.facts["colour"]["profile"]["action"] == action

    def test_lab(self, intake: Intake) -> None:
        lab = np.zeros((16, 16, 3), np.uint8)
        lab[..., 0] = 128  # a TIFF stores a and b as signed numbers (TIFF 6.0, section 23), so 0 is neutral
        image = Image.frombytes("LAB", (16, 16), lab.tobytes())
        exhibit = intake.read(saved(image, "TIFF"))
        assert np.abs(exhibit.rgb.astype(int) - 119).max() <= 3
        assert says(exhibit, "lab")


@pytest.mark.parametrize("orientation", range(1, 9))
class TestOrientation:
    def test_of_a_png_and_a_webp(self, intake: Intake, orientation: int) -> None:
        for container, options in (("PNG", {}), ("WEBP", {"lossless": True})):
            exhibit = intake.read(saved(colours(), container, exif=exif(orientation), **options))
            assert same(exhibit, np.ascontiguousarray(ORIENTED[orientation](colours())))
            assert says(exhibit, *(["orientation"] if orientation > 1 else []))
            assert exhibit.info.facts["orientation"] == {"declared": orientation, "applied": orientation}
            assert exhibit.info.facts["stored_size"] == [53, 37]

    def test_of_a_jpeg(self, intake: Intake, orientation: int) -> None:
        data = saved(colours(), "JPEG", exif=exif(orientation))
        exhibit = intake.read(data)
        assert same(exhibit, np.ascontiguousarray(ORIENTED[orientation](np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))))

    def test_of_a_tiff_which_the_reference_turns_too(self, intake: Intake, orientation: int) -> None:
        data = saved(colours(), "TIFF", exif=exif(orientation))
        exhibit = intake.read(data)
        assert same(exhibit, np.ascontiguousarray(ORIENTED[orientation](colours())))
        assert says(exhibit)
        assert exhibit.info.facts["orientation"]["applied"] == orientation
        assert exhibit.info.facts["stored_size"] == [53, 37]

    def test_of_an_avif_with_its_own_rotation(self, intake: Intake, orientation: int) -> None:
        data = saved(colours(), "AVIF", exif=exif(orientation), speed=10)
        exhibit = intake.read(data)
        assert same(exhibit, np.ascontiguousarray(ORIENTED[orientation](np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))))


@pytest.mark.parametrize("value", [0, 9, 300])
def test_an_orientation_that_does_not_exist_is_not_applied(intake: Intake, value: int) -> None:
    exhibit = intake.read(saved(colours(), "PNG", exif=exif(value)))
    assert same(exhibit, colours())
    assert exhibit.info.facts["orientation"] == {"declared": value, "applied": 1}
    assert says(exhibit)


def test_an_orientation_in_xmp_is_not_applied(intake: Intake) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = saved(colours(), "JPEG")
    turned = intake.read(with_segment(data, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp))
    assert same(turned, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def test_a_turned_transparent_picture_with_a_profile_is_all_three(intake: Intake) -> None:
    rgba = np.dstack([np.full((8, 4), 200, np.uint8), np.zeros((8, 4, 2), np.uint8), np.full((8, 4), 128, np.uint8)])
    exhibit = intake.read(saved(rgba, "PNG", exif=exif(6), icc_profile=matrix_profile(SRGB_D50[:, [1, 0, 2]], 2.2)))
    assert (exhibit.info.width, exhibit.info.height) == (8, 4)
    assert says(exhibit, "icc", "alpha", "orientation")


class TestFrames:
    def frames(self) -> list[Image.Image]:
        return [Image.fromarray(np.roll(colours(), shift, axis=1)) for shift in (0, 9, 21)]

    def facts(self, exhibit: Exhibit) -> dict[str, Any]:
        return dict(exhibit.info.facts["frames"])

    @pytest.mark.parametrize(("container", "options", "kind"), [
        ("GIF", {}, "animation"), ("WEBP", {"lossless": True}, "animation"), ("PNG", {}, "animation"), ("TIFF", {}, "pages"),
        ("AVIF", {"speed": 10}, "animation"), ("MPO", {"quality": 95}, "multi-picture"),
    ])
    def test_the_first_is_analysed_and_all_are_told(self, intake: Intake, container: str, options: dict[str, Any], kind: str) -> None:
        first, *others = self.frames()
        data = saved(first, container, save_all=True, append_images=others, **options)
        exhibit = intake.read(data)
        assert same(exhibit, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
        told = self.facts(exhibit)
        assert (told["kind"], told["count"], told["more"], told["separate_default"]) == (kind, 3, False, False)
        if container in {"TIFF", "MPO", "PNG", "WEBP"}:
            assert told["listed"][0] == {"width": 53, "height": 37}
        assert exhibit.info.facts["trailing"] is None

    def test_an_animated_png_with_a_still_picture_of_its_own(self, intake: Intake) -> None:
        first, *others = self.frames()
        exhibit = intake.read(saved(first, "PNG", save_all=True, append_images=others, default_image=True))
        assert same(exhibit, np.asarray(first))
        assert self.facts(exhibit)["separate_default"]

    def test_only_some_of_many_frames_are_listed(self, intake: Intake) -> None:
        pages = [Image.new("L", (2 + page, 3)) for page in range(80)]
        told = self.facts(intake.read(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])))
        assert (told["count"], len(told["listed"])) == (80, 64)
        assert told["listed"][63] == {"width": 65, "height": 3}

    def test_a_still_picture_is_single(self, intake: Intake) -> None:
        assert self.facts(intake.read(saved(colours(), "PNG")))["kind"] == "single"


def test_thumbnails_keep_the_shape_and_never_grow(intake: Intake) -> None:
    wide = intake.read(saved(colours(300, 900), "PNG"))
    assert wide.thumbnail.shape == (85, 256, 3)
    assert np.abs(wide.thumbnail.mean(axis=(0, 1)) - wide.rgb.mean(axis=(0, 1))).max() < 3
    assert intake.read(saved(colours(), "PNG")).thumbnail.shape == (37, 53, 3)
    assert intake.read(saved(np.zeros((1, 5000, 3), np.uint8), "PNG")).thumbnail.shape == (1, 256, 3)


def test_hashes_and_names(intake: Intake) -> None:
    data = saved(colours(), "PNG")
    exhibit = intake.read(data)
    assert exhibit.info.name == "pasted picture"
    assert exhibit.info.bytes == len(data)
    assert exhibit.info.sha256 == hashlib.sha256(data).hexdigest()
    assert exhibit.info.sha512 == hashlib.sha512(data).hexdigest()
    assert intake.read(data, "shot.png").info.name == "shot.png"


def test_two_reads_are_the_same(intake: Intake) -> None:
    data = saved(colours(), "JPEG", exif=exif(8))
    first, second = intake.read(data), intake.read(data)
    assert first.info == second.info
    assert first.marks == second.marks
    assert np.array_equal(first.rgb, second.rgb)
