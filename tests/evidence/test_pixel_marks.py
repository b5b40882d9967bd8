"""Golden tests of the marks that hide in pixels: text in the lowest bits and the open watermarks."""

import json
import struct

import numpy as np
import pytest
from PIL import Image

from desktop.document import Mark
from desktop.evidence.marks import pixels, read_marks
from samples.files import Picture, jpeg, png, saved, scene, stealth, watermarked

TEXT = json.dumps({"Software": "NovelAI", "Source": "NovelAI Diffusion V4", "Description": "a castle"}).encode()
SDXL = [int(bit) for bit in "101100111110110010010000011110111011000110011110"]
FLUX = [int(bit) for bit in "1010101111111010000111100111001111010100101110"]
SD1 = np.unpackbits(np.frombuffer(b"StableDiffusionV1", np.uint8)).tolist()


def mark(data: bytes, mark_id: str) -> Mark:
    return next(entry for entry in read_marks(data, "", {}) if entry.id == mark_id)


@pytest.mark.parametrize(("signature", "channels"), [
    (b"stealth_pngcomp", 1), (b"stealth_pnginfo", 1), (b"stealth_rgbcomp", 3), (b"stealth_rgbinfo", 3)])
def test_hidden_text(signature: bytes, channels: int) -> None:
    found = mark(png(picture=stealth(scene(61, 83), TEXT, signature, channels)), "novelai-alpha")
    assert (found.state, found.says, found.facts["software"], found.facts["readable"]) == ("found", "ai", "NovelAI", True)
    assert found.facts["bytes"] == len(TEXT) and found.facts["prompt"] == "a castle"


def test_hidden_text_in_lossless_webp() -> None:
    assert mark(saved("WEBP", stealth(scene(61, 83), TEXT), lossless=True, exact=True), "novelai-alpha").facts["software"] == "NovelAI"


def test_hidden_text_absent_and_not_applicable() -> None:
    assert mark(png(picture=np.dstack([scene(64, 64), np.full((64, 64), 255, np.uint8)])), "novelai-alpha").state == "absent"
    assert mark(jpeg(), "novelai-alpha").state == "not-applicable"


def test_a_hidden_text_of_absurd_length_is_bounded() -> None:
    bomb = stealth(scene(800, 800), b"\x00" * (64 << 20))
    found = mark(png(picture=bomb), "novelai-alpha")
    assert found.state == "found" and found.facts["bytes"] <= 4 << 20
    broken = stealth(scene(64, 64), TEXT)
    bits = np.unpackbits(np.frombuffer(b"stealth_pngcomp" + struct.pack(">I", 0xFFFFFFFF), np.uint8))
    alpha = broken[:, :, 3].T.reshape(-1).copy()
    alpha[: len(bits)] = 254 | bits
    broken[:, :, 3] = alpha.reshape(64, 64).T
    assert mark(png(picture=broken), "novelai-alpha").state == "found"


@pytest.mark.parametrize(("bits", "scheme"), [
    (SD1, "Stable Diffusion 1"), (SDXL, "Stable Diffusion XL"), (FLUX, "FLUX"), ([0, 0, *FLUX], "FLUX (48 bits)")])
@pytest.mark.parametrize("zero", [0.5, 128.0], ids=["fractions", "bytes"])
def test_open_watermarks(bits: list[int], scheme: str, zero: float) -> None:
    marked = watermarked(scene(512, 512, seed=4, noise=16), bits, zero)
    found = mark(png(picture=marked), "open-watermark")
    assert (found.state, found.says, found.facts["scheme"]) == ("found", "ai", scheme)
    swapped = mark(png(picture=marked[:, :, ::-1]), "open-watermark")
    assert swapped.facts["channel_order"] == "bgr" and swapped.facts["scheme"] == scheme


def test_watermark_is_gone_after_resizing_and_absence_says_nothing() -> None:
    marked = watermarked(scene(512, 512, seed=4, noise=16), SDXL)
    resized = np.asarray(Image.fromarray(marked).resize((500, 500)))
    found = mark(png(picture=resized), "open-watermark")
    assert found.state == "absent" and "says nothing about origin" in found.sentence


@pytest.mark.parametrize("picture", [
    *(scene(300, 300, seed) for seed in range(12)), np.zeros((300, 300, 3), np.uint8), np.full((300, 300, 3), 255, np.uint8),
    np.tile(np.arange(300, dtype=np.uint8)[:, None, None], (1, 300, 3)),
    np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8),
])
def test_no_watermark_in_pictures_that_have_none(picture: Picture) -> None:
    assert mark(png(picture=picture), "open-watermark").state == "absent"


def test_large_and_tiny_pictures_are_not_searched() -> None:
    assert mark(png(), "open-watermark").state == "not-applicable"
    large = np.zeros((2200, 2200, 3), np.uint8)
    assert large.shape[0] * large.shape[1] > pixels.WATERMARK_PIXELS
    assert mark(png(picture=large), "open-watermark").state == "not-applicable"
