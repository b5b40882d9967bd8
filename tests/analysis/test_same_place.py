"""The same pixels give the same regions, tile by tile, whatever file they came in and whichever way it says it is turned."""

import io
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PIL import Image

from desktop import document
from desktop.analysis import Analyst, Options
from models import store
from tests.conftest import PICTURES

OPTIONS = Options(explain=True, effects=False, stability=False, tiles=4)


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    with Analyst(store.default_expert()) as made:
        yield made


@pytest.fixture(scope="module")
def upright() -> Image.Image:
    """Not square, with content outside the frame, and large enough for tiles."""
    coffee = Image.open(PICTURES / "painted-coffee.jpg").convert("RGB")
    both = Image.new("RGB", (2 * coffee.width, coffee.height))
    both.paste(coffee, (0, 0))
    both.paste(coffee.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (coffee.width, 0))
    return both


def opinions(analyst: Analyst, data: bytes) -> tuple[document.Opinion, ...]:
    found = analyst.analyse(data, name="same", options=OPTIONS).opinions
    return tuple(msgspec.structs.replace(opinion, timing=document.Timing()) for opinion in found)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def first(analyst: Analyst, upright: Image.Image) -> tuple[document.Opinion, ...]:
    found = opinions(analyst, saved(upright, "PNG"))
    assert [opinion.frame.role for opinion in found] == ["whole", "tile", "tile", "tile", "tile"]
    assert any(claim.regions for opinion in found for claim in opinion.claims)
    for opinion in found:
        x, y, w, h = opinion.frame.box
        for claim in opinion.claims:
            assert claim.id.startswith(opinion.id + "c")
            for region in claim.regions:
                rx, ry, rw, rh = region.box
                assert x <= rx and y <= ry and rx + rw <= x + w and ry + rh <= y + h, "a region lies in the frame of its own opinion"
    return found


@pytest.mark.parametrize(("form", "options"), [
    ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {"compression": "tiff_lzw"}), ("BMP", {}),
])
def test_a_lossless_copy_gives_the_same(analyst: Analyst, upright: Image.Image, first: tuple[document.Opinion, ...], form: str,
                                        options: dict[str, object]) -> None:
    assert opinions(analyst, saved(upright, form, **options)) == first


# How the stored pixels are turned so that the orientation tag brings them upright (Exif 2.32, tag 0x0112).
_STORED = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
           5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}


@pytest.mark.parametrize("orientation", list(_STORED))
def test_every_orientation_gives_the_same(analyst: Analyst, upright: Image.Image, first: tuple[document.Opinion, ...],
                                          orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = upright.transpose(_STORED[orientation])
    assert (np.asarray(turned).shape != np.asarray(upright).shape) == (orientation >= 5)
    assert opinions(analyst, saved(turned, "PNG", exif=exif)) == first
