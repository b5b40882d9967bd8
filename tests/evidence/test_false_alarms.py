"""The two a-contrario views keep their promised rate of false alarms on clean pictures: ordinary treatments, nothing inserted."""

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from desktop.evidence.views import spec
from desktop.evidence.views.compute import compute
from samples.files import Picture, decoded, jpeg, scene


def clean_picture(seed: int, height: int, width: int) -> Picture:
    """A synthetic photograph after an ordinary life: light-dependent noise, vignetting, then one or two of the usual treatments."""
    rng = np.random.default_rng(1000 + seed)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = scene(height, width, seed, noise=0.0) * (1 - rng.uniform(0, 0.3) * (x * x + y * y) / 2)[..., None]
    sigma = np.sqrt(rng.uniform(0.2, 6.0) + rng.uniform(0, 0.06) * light)
    image = Image.fromarray(np.clip(np.rint(light + rng.normal(size=light.shape) * sigma), 0, 255).astype(np.uint8))
    for treatment in rng.permutation(7)[: rng.integers(0, 3)]:
        if treatment == 0:
            image = image.filter(ImageFilter.UnsharpMask(1.5, int(rng.integers(30, 120)), 2))
        elif treatment == 1:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9)))
        elif treatment == 2:
            image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.7, 1.4))
        elif treatment == 3:
            image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.7, 1.3))
        elif treatment == 4:
            image = image.filter(ImageFilter.MedianFilter(3))
        elif treatment == 5:
            image = Image.fromarray(decoded(jpeg(np.asarray(image), int(rng.integers(60, 99)))))
        else:
            larger = image.resize((round(width * 1.25), round(height * 1.25)), Image.Resampling.LANCZOS)
            image = larger.resize((width, height), Image.Resampling.LANCZOS)
    left, top = (int(v) for v in rng.integers(0, 9, 2))
    picture = np.ascontiguousarray(np.asarray(image)[top:, left:])
    return decoded(jpeg(picture, int(rng.integers(60, 99)))) if rng.random() < 0.6 else picture


def most_allowed(pictures: int, epsilon: float) -> int:
    """The largest number of alarms that a rate of ``epsilon`` a picture still explains (Poisson, 0.1 %)."""
    mean, alarms, total = pictures * epsilon, 0, math.exp(-pictures * epsilon)
    term = total
    while 1 - total > 0.001:
        alarms += 1
        term *= mean / alarms
        total += term
    return alarms


def alarms(view_id: str, pictures: int, height: int, width: int) -> list[Any]:
    return [
        (seed, facts["regions"][0])
        for seed in range(pictures)
        if (facts := compute(view_id, clean_picture(seed, height, width))[0].facts)["regions"]
    ]


@pytest.mark.parametrize("view_id", ["block-grid", "noise"])
def test_false_alarms_on_a_few_clean_pictures(view_id: str) -> None:
    assert len(found := alarms(view_id, 12, 528, 560)) <= most_allowed(12, spec(view_id).parameters["epsilon"]), found


@pytest.mark.long
@pytest.mark.parametrize("view_id", ["block-grid", "noise"])
def test_false_alarms_on_200_clean_pictures(view_id: str) -> None:
    assert len(found := alarms(view_id, 200, 640, 768)) <= most_allowed(200, spec(view_id).parameters["epsilon"]), found


def test_the_allowance() -> None:
    assert most_allowed(200, 0.01) == 8 and most_allowed(12, 0.01) == 2 and most_allowed(200, 0.0000001) == 0
