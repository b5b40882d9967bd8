"""Golden tests of the marks that come from a file's construction: camera data, consistency, encoder, trailing bytes, extension, Samsung."""

import io
from typing import Any

import pytest
from PIL import Image

from desktop.document import Mark
from desktop.evidence.marks import read_marks
from desktop.evidence.marks.exif import read_exif
from desktop.evidence.marks.jpeg import ijg_quality, read_structure
from samples.files import camera_jpeg, exif, jpeg, png, saved, scene


def marks_of(data: bytes, **facts: Any) -> dict[str, Mark]:
    return {mark.id: mark for mark in read_marks(data, "", facts)}


def codes(data: bytes) -> list[str]:
    return list(marks_of(data)["exif-consistency"].facts.get("codes", []))


def with_thumbnail(size: tuple[int, int]) -> bytes:
    """A camera JPEG whose EXIF block carries a thumbnail of ``size``; written by hand, since Pillow writes none."""
    small = io.BytesIO()
    Image.fromarray(scene()).resize(size).save(small, "JPEG")
    body = camera_jpeg()
    structure = read_structure(body)
    assert structure is not None
    segment = next(s for s in structure.segments if s.name == "APP1")
    tiff = bytearray(segment.body[6:])
    order = "little" if tiff[:2] == b"II" else "big"
    first = int.from_bytes(tiff[4:8], order)  # type: ignore[arg-type]
    count = int.from_bytes(tiff[first : first + 2], order)  # type: ignore[arg-type]
    end = first + 2 + 12 * count
    tiff += b"\x00" * (len(tiff) & 1)
    second = len(tiff)
    tiff[end : end + 4] = second.to_bytes(4, order)  # type: ignore[arg-type]
    entries = ((0x0201, second + 2 + 24 + 4), (0x0202, len(small.getvalue())))
    tiff += (2).to_bytes(2, order)  # type: ignore[arg-type]
    for tag, value in entries:
        tiff += tag.to_bytes(2, order) + (4).to_bytes(2, order) + (1).to_bytes(4, order) + value.to_bytes(4, order)  # type: ignore[arg-type]
    tiff += bytes(4) + small.getvalue()
    new = b"\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\x00\x00" + bytes(tiff)
    return body[: segment.offset] + new + body[segment.offset + 4 + len(segment.body) :]


def test_camera_data_is_told_with_its_exposure() -> None:
    mark = marks_of(camera_jpeg())["camera-exif"]
    assert mark.says == "camera" and mark.facts["exposure"] == "1/125 s, f/2.8, ISO 200"
    assert mark.sentence.startswith("The file declares that it was taken with NIKON CORPORATION NIKON D90 (1/125 s, f/2.8, ISO 200).")
    assert mark.facts["maker_note_bytes"] > 0


def test_consistent_camera_data_has_no_problem() -> None:
    for data in (camera_jpeg(), with_thumbnail((160, 120)), with_thumbnail((320, 240))):
        assert codes(data) == []
    assert marks_of(jpeg())["exif-consistency"].state == "not-applicable"


@pytest.mark.parametrize(("data", "code"), [
    (camera_jpeg(exif=exif(make="NIKON", model="D90", size=(4288, 2848), exposure=True, note=True)), "size"),
    (camera_jpeg(exif=exif(make="NIKON", model="D90", exposure=True)), "no-maker-note"),
    (camera_jpeg(exif=exif(make="Acme", model="One", note=True)), "no-exposure"),
    (camera_jpeg(exif=exif(make="Acme", model="One", exposure=True, t0132="2020:01:01 00:00:00")), "dates"),
    (camera_jpeg(progressive=True), "progressive"),
    (png(exif=exif(make="Acme", model="One", exposure=True)), "container"),
    (with_thumbnail((200, 200)), "thumbnail-shape"),
    (with_thumbnail((90, 160)), "thumbnail-shape"),
])
def test_contradictions(data: bytes, code: str) -> None:
    assert code in codes(data)
    mark = marks_of(data)["exif-consistency"]
    assert mark.says == "edited" and mark.sentence.startswith("The camera data does not fit the file: ")


def test_a_size_that_is_only_turned_is_no_contradiction() -> None:
    assert "size" not in codes(camera_jpeg(exif=exif(make="Acme", model="One", exposure=True, size=(240, 320), t0112=6)))


def test_a_thumbnail_cut_out_of_the_block_is_damaged() -> None:
    data = bytearray(with_thumbnail((160, 120)))
    place = data.find(b"\xff\xd8", 10)
    data[place : place + 2] = b"\x00\x00"
    assert codes(bytes(data)) == ["thumbnail-damaged"]


@pytest.mark.parametrize("quality", [5, 25, 49, 50, 75, 90, 99, 100])
def test_standard_tables_are_named_by_their_quality(quality: int) -> None:
    structure = read_structure(jpeg(quality=quality))
    assert structure is not None and ijg_quality(structure.tables[0]) == quality
    assert ijg_quality(structure.tables[1], chrominance=True) == quality


def test_encoder_settings() -> None:
    mark = marks_of(jpeg(quality=90))["jpeg-encoder"]
    names = ("ijg_quality", "subsampling", "process", "huffman")
    assert [mark.facts[name] for name in names] == [90, "4:2:0", "baseline", "standard"]
    mark = marks_of(jpeg(quality=80, subsampling=0, progressive=True))["jpeg-encoder"]
    assert [mark.facts[name] for name in names] == [80, "4:4:4", "progressive", "optimised"]
    buffer = io.BytesIO()
    Image.fromarray(scene()).save(buffer, "JPEG", qtables=[[3] * 64, [5] * 64])
    own = marks_of(buffer.getvalue())["jpeg-encoder"]
    assert own.facts["ijg_quality"] is None and own.facts["estimated_quality"] > 90
    assert marks_of(png())["jpeg-encoder"].state == "not-applicable"


@pytest.mark.parametrize("data", [jpeg(), png(), saved("GIF"), saved("WEBP"), saved("AVIF")], ids=["jpeg", "png", "gif", "webp", "avif"])
def test_bytes_after_the_end(data: bytes) -> None:
    assert marks_of(data)["trailing-bytes"].state == "absent"
    mark = marks_of(data + b"PK\x03\x04hidden archive")["trailing-bytes"]
    assert (mark.state, mark.facts["bytes"], mark.facts["content"]) == ("found", 18, "a ZIP archive")
    assert mark.facts["offset"] == len(data)


def test_further_pictures_of_a_multi_picture_file_are_named() -> None:
    buffer = io.BytesIO()
    first, second = Image.fromarray(scene(64, 80)), Image.fromarray(scene(64, 80, seed=2))
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    mark = marks_of(buffer.getvalue(), extension="mpo")["trailing-bytes"]
    assert mark.facts["content"] == "further pictures of the same file (multi-picture format)"


def test_a_file_cut_short_has_no_end() -> None:
    for data in (jpeg(), png(), saved("WEBP")):
        assert marks_of(data[: len(data) // 2])["trailing-bytes"].state == "failed"


def test_extension_against_content() -> None:
    assert marks_of(png(), extension="jpg")["extension"].facts == {"extension": "jpg", "content": "PNG"}
    assert marks_of(png(), extension=".PNG")["extension"].state == "absent"
    assert marks_of(png(), name="picture.jpeg")["extension"].state == "found"
    assert marks_of(png())["extension"].state == "not-applicable"


def test_samsung_edits() -> None:
    plain = b'PhotoEditor_Re_Edit_Data{"originalPath":"x","genAIType":0}' + bytes(32) + b"SEFT"
    assert marks_of(jpeg() + plain)["samsung-edit"].says == "edited"
    generative = marks_of(jpeg() + plain.replace(b":0}", b":1}"))
    assert generative["samsung-edit"].says == "ai" and generative["samsung-edit"].facts["gen_ai_type"] == 1
    assert generative["trailing-bytes"].facts["content"] == "a Samsung data block"


def test_an_exif_block_that_points_into_itself_ends() -> None:
    looped = b"II*\x00\x08\x00\x00\x00" + b"\x01\x00" + b"\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00" + b"\x08\x00\x00\x00"
    assert read_exif(looped).damaged
