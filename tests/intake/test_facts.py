"""Oddities of a file are facts of the exhibit, not failures: names, further bytes, missing ends, broken metadata."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from desktop.intake import Intake
from desktop.intake.formats import EXTENSIONS, recognise
from desktop.intake.layout import lay_out
from tests.intake import hostile
from tests.intake.pictures import chunk, colours, grey_tiff, png_of, saved, with_segment, without_segment

CONTAINERS: dict[str, dict[str, Any]] = {
    "jpeg": {}, "png": {}, "webp": {"lossless": True}, "gif": {}, "bmp": {}, "avif": {"speed": 10}, "tiff": {},
}


def facts(intake: Intake, data: bytes, name: str | None = None) -> dict[str, Any]:
    return intake.read(data, name).info.facts


@pytest.mark.parametrize(("name", "matches"), [
    ("a.jpg", True), ("a.JPEG", True), ("a.jfif", True), ("a.png", False), ("a.jpg.exe", False), ("noending", None), (".jpg", None),
])
def test_the_name_against_the_first_bytes(intake: Intake, name: str, matches: bool | None) -> None:
    told = facts(intake, saved(colours(), "JPEG"), name)
    assert told["extension_matches"] is matches
    assert told["container"] == "jpeg"


def test_a_wrong_name_is_told_for_a_file_too(intake: Intake, tmp_path: Path) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(saved(colours(), "JPEG"))
    exhibit = intake.read(path)
    assert (exhibit.info.name, exhibit.info.facts["extension"], exhibit.info.facts["extension_matches"]) == ("holiday.png", ".png", False)
    assert [mark.state for mark in exhibit.marks if mark.id == "extension"] == ["found"]


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name != "tiff"])
@pytest.mark.parametrize(("tail", "kind"), [
    (b"PK\x03\x04 an archive", "zip"), (b"\0" * 33, "zeros"), (b"\xff\xd8\xff another picture", "jpeg"), (b"some words\n", "text"),
    (b"\0\0\0\x18ftypmp42" + bytes(12), "iso-media"), (b"\x01\x02\x03 something else \xfe", "unknown"),
])
def test_bytes_after_the_end(intake: Intake, container: str, tail: bytes, kind: str) -> None:
    data = saved(colours(), container.upper(), **CONTAINERS[container])
    if container == "avif" and kind in {"zeros", "iso-media"}:
        return  # a further box is part of an AVIF
    told = facts(intake, data + tail)
    assert told["trailing"] == {"offset": len(data), "bytes": len(tail), "looks_like": kind}
    assert told["ends_properly"] is (None if container == "bmp" else True)


@pytest.mark.parametrize("container", CONTAINERS)
def test_nothing_after_the_end_is_nothing(intake: Intake, container: str) -> None:
    assert facts(intake, saved(colours(), container.upper(), **CONTAINERS[container]))["trailing"] is None


def test_an_archive_that_is_a_picture_too(intake: Intake) -> None:
    told = facts(intake, saved(colours(), "JPEG") + b"PK\x03\x04" + bytes(99), "a.zip")
    assert told["trailing"]["looks_like"] == "zip"
    assert told["extension_matches"] is False


def test_a_missing_end_marker(intake: Intake) -> None:
    assert facts(intake, saved(colours(), "GIF")[:-1])["ends_properly"] is False


def test_broken_exif_is_a_fact_and_a_readable_orientation_in_it_counts(intake: Intake) -> None:
    good = saved(colours(), "JPEG")
    # Two entries: an orientation, and a text that is said to lie outside.
    entries = (b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00", b"\x01\x0f\x00\x02\x00\x00\x03\xe8\x00\x00\x0f\xa0")
    body = b"Exif\0\0MM\0*\0\0\0\x08\x00\x02" + b"".join(sorted(entries)) + bytes(4)
    told = facts(intake, with_segment(good, 0xE1, body))
    assert not told["exif_readable"]
    assert told["orientation"] == {"declared": 6, "applied": 6}
    assert facts(intake, good)["exif_readable"]


def test_a_further_picture_index_that_leads_nowhere(intake: Intake) -> None:
    index = b"MPF\0MM\0*\0\0\0\x08\x00\x01\xb0\x01\x00\x04\x00\x00\x00\x01\x00\x00\x00\x02" + bytes(4)
    exhibit = intake.read(with_segment(saved(colours(), "JPEG"), 0xE2, index))
    assert exhibit.rgb.shape == (37, 53, 3)
    assert exhibit.info.facts["frames"]["count"] == 1


def test_how_a_jpeg_is_coded(intake: Intake) -> None:
    told = facts(intake, saved(colours(), "JPEG", progressive=True, subsampling=1))["jpeg"]
    assert told == {"process": "progressive", "precision": 8, "sampling": ["2x1", "1x1", "1x1"], "adobe_transform": None}
    inks = saved(Image.new("CMYK", (8, 8)), "JPEG")
    assert facts(intake, inks)["jpeg"]["adobe_transform"] == 0
    assert facts(intake, without_segment(inks, 0xEE))["jpeg"]["adobe_transform"] is None


def test_a_gamma_that_a_png_declares_is_told_and_not_applied(intake: Intake) -> None:
    exhibit = intake.read(png_of(colours(), 8, 2, before=[chunk(b"gAMA", (100_000).to_bytes(4, "big"))]))
    assert exhibit.info.facts["colour"]["png_gamma"] == 1.0
    assert (exhibit.rgb == colours()).all()


def test_a_profile_s_name_is_only_printable(intake: Intake) -> None:
    from tests.intake.pictures import matrix_profile
    from tests.intake.test_golden import SRGB_D50

    profile = matrix_profile(SRGB_D50[:, [1, 0, 2]]).replace(b"Test profile", b"Te\x1b[31m\x00\x07ile")
    told = facts(intake, saved(colours(), "PNG", icc_profile=profile))["colour"]["profile"]
    assert all(character.isprintable() for character in told["description"])


@pytest.mark.parametrize("container", CONTAINERS)
def test_walkers_take_any_cut_and_any_change(container: str) -> None:
    """Here in the application, where a bug would show as an exception; in the worker it would only cost the picture."""
    data = saved(colours(9, 11), container.upper(), **CONTAINERS[container])
    for cut in range(len(data)):
        lay_out(data[:cut], container, 100)
        lay_out(data[:cut] + bytes((data[cut] ^ 0xFF,)) + data[cut + 1 :], container, 100)


def test_first_bytes_decide() -> None:
    for container, options in CONTAINERS.items():
        assert recognise(saved(colours(9, 11), container.upper(), **options)) == container
        assert container in EXTENSIONS
    assert recognise(b"") is None
    for file in hostile.FILES:
        if file.answers == {"picture-format-refused"}:
            assert recognise(file.make()) not in {None, *CONTAINERS}
    assert recognise(grey_tiff(4, 4, 8, 1, bytes(16))) == "tiff"
    assert recognise(grey_tiff(4, 4, 8, 1, bytes(16), order=">")) == "tiff"
