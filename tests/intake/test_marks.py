"""Marks are read in the sealed worker, and are there what they are anywhere else."""

import msgspec
import pytest

from desktop.document import Mark
from desktop.evidence.marks import read_marks
from desktop.intake import Intake
from tests.evidence.makers import camera_jpeg, jpeg, png, saved, signed, signer, xmp

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


def test_a_manifest_beside_the_picture(intake: Intake) -> None:
    picture, manifest = signed(jpeg(), "image/jpeg", signer(), remote="http://192.0.2.1/manifest.c2pa", embed=False)
    alone, beside = intake.read(picture), intake.read(picture, sidecar=manifest)
    expected = read_marks(picture, "jpeg", beside.info.facts, sidecar=manifest)
    assert comparable(beside.marks) == comparable(expected)
    assert comparable(alone.marks) != comparable(beside.marks)
    assert beside.info.sha256 == alone.info.sha256
    assert beside.info.bytes == len(picture)


def test_trust_lists_of_one_s_own_reach_the_worker() -> None:
    trust = {"lists": [], "cautions": []}
    with Intake(trust=trust) as intake:
        exhibit = intake.read(SIGNED, "a.jpg")
    assert comparable(exhibit.marks) == comparable(read_marks(SIGNED, "jpeg", exhibit.info.facts, trust=trust))
