"""``prepare`` gives, pixel for pixel, what transformers' ``CLIPImageProcessor`` gives for the same RGB; so does an exhibit's RGB."""

import numpy as np
import pytest

from desktop.intake import Intake
from models.preparation import centre_box, prepare
from tests.intake.pictures import saved
from tests.references.preparation import CASES, HERE, picture

CLIP = {"kind": "crop", "mean": (0.48145466, 0.4578275, 0.40821073)}


@pytest.fixture(scope="module")
def references() -> dict[str, np.ndarray]:
    with np.load(HERE / "clip.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_every_case_has_a_reference(references: dict[str, np.ndarray]) -> None:
    assert set(references) == {name for name, *_ in CASES}


@pytest.mark.parametrize(("name", "height", "width", "size"), CASES)
def test_equal_to_the_reference_processor(references: dict[str, np.ndarray], name: str, height: int, width: int, size: int) -> None:
    prepared, box = prepare(picture(height, width), {**CLIP, "size": size})
    assert prepared.dtype == np.uint8
    assert prepared.shape == (size, size, 3)
    assert np.array_equal(prepared, references[name])
    assert box == centre_box(width, height)
    assert box[2] == box[3] == min(height, width)


@pytest.mark.parametrize(("name", "height", "width", "size"), CASES[:5])
def test_equal_through_a_file_and_the_confined_worker(intake: Intake, references: dict[str, np.ndarray], name: str, height: int, width: int,
                                                      size: int) -> None:
    exhibit = intake.read(saved(picture(height, width), "PNG"))
    prepared, _ = prepare(exhibit.rgb, {**CLIP, "size": size})
    assert np.array_equal(prepared, references[name])
