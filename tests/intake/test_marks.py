"""Marks are read in the sealed worker, and are there what they are anywhere else."""

from pathlib import Path

import msgspec
import pytest

from desktop.document import Mark
from desktop.evidence.marks import read_marks
from desktop.intake import Intake
from desktop.intake.client import _marks
from models.errors import InputError
from models.places import DATA_DIR_VARIABLE
from samples.files import camera_jpeg, jpeg, png, saved, signed, signer, xmp

SIGNED, MANIFEST = signed(jpeg(), "image/jpeg", signer())
FILES = {
    "camera": camera_jpeg(), "signed": SIGNED, "avif": signed(saved("AVIF"), "image/avif", signer())[0],
    "generator text": png({"parameters": "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: x"}),
    "xmp": jpeg(xmp=xmp(attributes='xmp:CreatorTool="Adobe Photoshop 25.0"')),
    "beacon": jpeg(xmp=xmp(attributes='dcterms:provenance="http://192.0.2.1/manifest.c2pa"')),
}


def comparable(marks: tuple[Mark, ...] | list[Mark]) -> bytes:
    return msgspec.json.encode(list(marks))


@pytest.mark.parametrize("name", FILES)
def test_the_worker_reads_the_same_marks(intake: Intake, name: str) -> None:
    exhibit = intake.read(FILES[name], "a.jpg")
    assert exhibit.marks
    assert comparable(exhibit.marks) == comparable(read_marks(FILES[name], exhibit.info.container, exhibit.info.facts))
    assert [mark.id for mark in exhibit.marks if mark.state == "failed"] == []


@pytest.mark.parametrize("name", ["a.jpg.c2pa", "a.c2pa"])
def test_a_manifest_file_beside_the_picture_file(intake: Intake, tmp_path: Path, name: str) -> None:
    picture, manifest = signed(jpeg(), "image/jpeg", signer(), remote="http://192.0.2.1/manifest.c2pa", embed=False)
    (tmp_path / "a.jpg").write_bytes(picture)
    alone = intake.read(tmp_path / "a.jpg")
    (tmp_path / name).write_bytes(manifest)
    beside = intake.read(tmp_path / "a.jpg")
    expected = read_marks(picture, "jpeg", beside.info.facts, sidecar=manifest)
    assert comparable(beside.marks) == comparable(expected) != comparable(alone.marks)
    assert (beside.info.sha256, beside.info.bytes) == (alone.info.sha256, len(picture))
    assert comparable(intake.read(picture, "a.jpg").marks) == comparable(alone.marks), "bytes have no neighbour"
    (tmp_path / name).write_bytes(b"")
    assert comparable(intake.read(tmp_path / "a.jpg").marks) == comparable(alone.marks), "an empty file is no manifest"


def test_trust_lists_in_the_data_folder(intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take the place of the bundled ones; a broken one is said, not passed over."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    who = signer()
    data, _ = signed(jpeg(), "image/jpeg", who)

    def trusted() -> bool:
        return bool(next(mark for mark in intake.read(data, "a.jpg").marks if mark.id == "c2pa").facts["signer_trusted"])

    assert not trusted()
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "anchors.pem").write_text(next(entry["text"] for entry in who.trust["lists"] if entry["role"] == "anchors"))
    assert trusted()
    (tmp_path / "trust" / "anchors.pem").write_text("no certificate")
    with pytest.raises(InputError) as caught:
        trusted()
    assert caught.value.code == "trust-list-unreadable"


def test_a_defect_of_ours_costs_one_mark_and_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def stumble(*_arguments: object) -> Mark:
        raise KeyError("words of a hostile file")

    monkeypatch.setattr("desktop.evidence.marks.camera.read_camera", stumble)
    marks = read_marks(camera_jpeg(), "jpeg", {})
    (failed,) = [mark for mark in marks if mark.state == "failed"]
    assert failed.id == "camera-exif" and failed.facts["why"] == "internal"
    assert failed.facts["error"] == f"KeyError in test_marks.py, line {stumble.__code__.co_firstlineno + 1}"
    with caplog.at_level("WARNING"):
        assert _marks(msgspec.to_builtins(marks)) == tuple(marks)
    (line,) = caplog.messages
    assert "camera-exif: KeyError in test_marks.py" in line and "hostile" not in line


def test_a_lying_worker_writes_one_short_line_of_text(caplog: pytest.LogCaptureFixture) -> None:
    lies = [{"id": f"m{number}", "state": "failed", "says": "other", "facts": {"error": "x\x1b[2J\n" * 100}} for number in range(50)]
    with caplog.at_level("WARNING"):
        _marks(lies)
    (line,) = caplog.messages
    assert len(line) < 2100 and line.isprintable()
