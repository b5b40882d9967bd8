"""Changed bytes of real pictures: whatever comes of them, it is an exhibit or an InputError."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.intake import Intake, Limits
from models.errors import InputError
from tests.intake.pictures import colours, matrix_profile, saved
from tests.intake.test_golden import SRGB_D50, exif

ORIGINALS: dict[str, bytes] = {
    "jpeg": saved(colours(), "JPEG", exif=exif(6), icc_profile=matrix_profile(SRGB_D50[:, [1, 0, 2]])),
    "progressive": saved(colours(), "JPEG", progressive=True), "png": saved(colours(channels=4), "PNG", exif=exif(3)),
    "webp": saved(colours(), "WEBP"), "gif": saved(colours(), "GIF"), "bmp": saved(colours(), "BMP"),
    "tiff": saved(colours(), "TIFF", compression="tiff_deflate"), "avif": saved(colours(), "AVIF", speed=10),
}
CODES = {
    "picture-truncated", "picture-damaged", "picture-not-a-picture", "picture-format-refused", "picture-too-many-pixels",
    "picture-unpacks-too-large", "picture-depth-refused", "intake-memory",
}
"""What a changed picture may give. A crash of the worker would be a code too, but would have to be looked at."""


def check(intake: Intake, data: bytes) -> None:
    try:
        exhibit = intake.read(data)
    except InputError as error:
        assert error.code in CODES
    else:
        assert exhibit.rgb.shape == (exhibit.info.height, exhibit.info.width, 3)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case 1:
                data[at : at + 4] = b"\xff" * 4
            case 2:
                del data[at : at + draw(st.integers(1, 40))]
            case 3:
                data[at:at] = draw(st.binary(min_size=1, max_size=20))
            case _:
                data[at : at + 2] = b"\0\0"
        if not data:
            return b"\0"
    return bytes(data)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mutated())
def test_changed_pictures(intake: Intake, data: bytes) -> None:
    check(intake, data)


@pytest.mark.long
@pytest.mark.parametrize("name", ORIGINALS)
def test_every_flipped_byte_and_every_cut(name: str) -> None:
    data = ORIGINALS[name]
    step = max(1, len(data) // 100)
    with Intake(Limits(pixels=4_000_000)) as intake:
        for at, change in itertools.product(range(0, len(data), step), ("cut", "flip")):
            broken: Any = data[:at] if change == "cut" else data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]
            if broken:
                check(intake, broken)
