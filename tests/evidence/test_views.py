"""Every view against a picture whose truth the test made, and against one where it must stay quiet."""

import io
import platform
import sys
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from desktop.evidence.views import catalogue, compute_view
from desktop.evidence.views.common import log10_chernoff, log10_tail
from desktop.evidence.views.compute import compute, turned_box
from desktop.workers import client as client_module
from desktop.workers.client import WorkerClient
from models.errors import Cancelled, UsageError, WorkerError
from samples.files import Picture, decoded, jpeg, scene
from tests.evidence.test_construction_marks import with_thumbnail


@pytest.fixture(scope="module")
def clean() -> Picture:
    return scene(640, 768, seed=1)


def facts(view_id: str, rgb: Picture, data: bytes | None = None) -> dict[str, Any]:
    view, picture = compute(view_id, rgb, data)
    assert view.applicable, view.why
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3 and picture.flags.c_contiguous
    return view.facts


def of_jpeg(view_id: str, picture: Picture, quality: int, **options: Any) -> dict[str, Any]:
    data = jpeg(picture, quality, **options)
    return facts(view_id, decoded(data), data)


def overlap(box: list[int], truth: list[int]) -> float:
    """Intersection over union."""
    width = min(box[0] + box[2], truth[0] + truth[2]) - max(box[0], truth[0])
    height = min(box[1] + box[3], truth[1] + truth[3]) - max(box[1], truth[1])
    inner = max(0, width) * max(0, height)
    return inner / (box[2] * box[3] + truth[2] * truth[3] - inner)


def demosaiced(picture: Picture) -> Picture:
    """The picture as a Bayer sensor with bilinear demosaicing would give it."""
    height, width = picture.shape[:2]
    kept = np.zeros(picture.shape, np.float32)
    kept[0::2, 1::2, 0], kept[1::2, 0::2, 2], kept[0::2, 0::2, 1], kept[1::2, 1::2, 1] = 1, 1, 1, 1

    def blurred(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        padded, total = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="reflect"), np.zeros(values.shape, np.float32)
        for i, down in enumerate((1, 2, 1)):
            for j, across in enumerate((1, 2, 1)):
                total += down * across * padded[i : i + height, j : j + width]
        return total

    filled = blurred(picture * kept) / blurred(kept)
    return np.clip(np.rint(np.where(kept > 0, picture, filled)), 0, 255).astype(np.uint8)


# JPEG structure and thumbnail


def test_structure_names_tables_and_markers(clean: Picture) -> None:
    told = of_jpeg("jpeg-structure", clean, 83, subsampling=0)
    assert (told["quality"], told["subsampling"], told["ijg_quality"]) == (83, "4:4:4", {"0": 83, "1": 83})
    assert [name.partition("@")[0] for name in told["markers"]] == ["APP0", "DQT", "DQT", "SOF0", "DHT", "DHT", "DHT", "DHT", "SOS", "EOI"]
    assert len(told["tables"]["0"]) == 64 and told["bytes_after_end"] == 0


def test_structure_of_something_else_is_not_applicable(clean: Picture) -> None:
    view, picture = compute("jpeg-structure", clean)
    assert not view.applicable and view.why == "not a JPEG file" and picture.shape == (1, 1, 3)


@pytest.mark.parametrize("size", [(160, 120), (320, 240)])
def test_thumbnail_agrees_with_its_own_picture_and_not_with_another(size: tuple[int, int]) -> None:
    data = with_thumbnail(size)
    same = facts("thumbnail", decoded(data), data)
    assert same["correlation"] > 0.97 and not same["changed"]
    other = facts("thumbnail", scene(240, 320, seed=77), data)
    assert other["correlation"] < 0.5 and other["changed"]


def test_thumbnail_of_another_shape() -> None:
    data = with_thumbnail((160, 120))
    wide = facts("thumbnail", np.ascontiguousarray(decoded(data)[:120]), data)
    assert wide["changed"] and wide["bars_brightness"] > 24


def test_thumbnail_absent(clean: Picture) -> None:
    data = jpeg(clean)
    assert not compute("thumbnail", decoded(data), data)[0].applicable


# Saved again


def test_ela_brightens_what_was_saved_fewer_times(clean: Picture) -> None:
    once = decoded(jpeg(clean, 90))
    mixed = once.copy()
    mixed[200:328, 304:432] = clean[200:328, 304:432]
    data = jpeg(mixed, 95)
    view, picture = compute("ela", decoded(data), data)
    inside, outside = picture[208:320, 312:424].mean(), picture[400:, 312:424].mean()
    assert inside > 1.3 * outside
    assert view.facts["parameters"] == {"quality": 90, "gain": 15} and view.facts["covers"] == [0, 0, 768, 640]


def test_ela_of_an_evenly_saved_picture_is_even(clean: Picture) -> None:
    data = jpeg(decoded(jpeg(clean, 90)), 95)
    picture = compute("ela", decoded(data), data)[1]
    quarters = [picture[y : y + 320, x : x + 384].mean() for y in (0, 320) for x in (0, 384)]
    assert max(quarters) < 1.2 * min(quarters)


def test_ghost_of_a_patch_with_another_quality(clean: Picture) -> None:
    host, patch = decoded(jpeg(clean, 90)).copy(), decoded(jpeg(clean, 60))
    host[200:424, 304:560] = patch[200:424, 304:560]
    told = of_jpeg("ghost", host, 92)
    assert told["shown_quality"] == 60 and told["own_quality"] in (90, 92)
    assert overlap(told["regions"][0]["box"], [304, 200, 256, 224]) > 0.9


@pytest.mark.parametrize("quality", [50, 75, 92, 98])
def test_ghost_of_a_picture_saved_once_is_quiet(quality: int, clean: Picture) -> None:
    told = of_jpeg("ghost", clean, quality)
    assert told["cells_with_ghost"] == 0 and told["regions"] == [] and abs(told["own_quality"] - quality) <= 2


def test_ghost_of_a_picture_saved_twice_as_a_whole_is_quiet(clean: Picture) -> None:
    assert of_jpeg("ghost", decoded(jpeg(clean, 85)), 92)["regions"] == []


# Grids


def test_grid_of_a_region_cloned_with_a_shift(clean: Picture) -> None:
    host = decoded(jpeg(clean, 85)).copy()
    host[203:403, 305:569] = host[100:300, 8:272]
    told = facts("block-grid", host)
    assert told["own_grid"] == [0, 0] and told["begins_in_corner"] and told["own_grid_log10_nfa"] < -100
    best = told["regions"][0]
    assert overlap(best["box"], [305, 203, 264, 200]) > 0.8 and best["log10_nfa"] < -20
    assert best["grid"] == [(305 - 8) % 8, (203 - 100) % 8]


@pytest.mark.parametrize(("x", "y"), [(0, 0), (5, 3)])
def test_grid_of_a_crop_tells_where_it_began(x: int, y: int, clean: Picture) -> None:
    told = facts("block-grid", np.ascontiguousarray(decoded(jpeg(clean, 85))[y:, x:]))
    assert told["own_grid"] == [-x % 8, -y % 8] and told["begins_in_corner"] is (x == 0) and told["regions"] == []


def test_grid_of_a_picture_without_a_jpeg_history_is_quiet(clean: Picture) -> None:
    told = facts("block-grid", clean)
    assert told["own_grid"] is None and told["begins_in_corner"] is None and told["regions"] == []


# Noise


@pytest.mark.parametrize(("host", "patch", "word"), [(2.0, 6.0, "more"), (6.0, 2.0, "less")])
def test_noise_of_a_region_from_elsewhere(host: float, patch: float, word: str) -> None:
    picture = scene(768, 1024, seed=3, noise=host)
    picture[200:456, 300:556] = scene(768, 1024, seed=3, noise=patch)[200:456, 300:556]
    told = facts("noise", picture)
    assert told["regions"] and {region["noise"] for region in told["regions"]} == {word}
    for region in told["regions"]:
        x, y, w, h = region["box"]
        assert 300 - w // 2 <= x + w // 2 <= 556 + w // 2 and 200 - h // 2 <= y + h // 2 <= 456 + h // 2
    assert told["regions"][0]["log10_nfa"] < -10


def test_noise_of_an_even_picture_is_quiet() -> None:
    assert facts("noise", scene(768, 1024, seed=3, noise=4.0))["regions"] == []
    view, _ = compute("noise", np.full((600, 600, 3), 255, np.uint8))
    assert not view.applicable


# Periodic traces


def test_cfa_of_a_demosaiced_picture_and_of_none() -> None:
    picture = scene(1024, 1024, seed=7)
    sensor = demosaiced(picture)
    assert facts("cfa", sensor)["present"] and facts("cfa", sensor)["tiles_with_peak"] == 1.0
    assert of_jpeg("cfa", sensor, 95)["present"]
    quiet = facts("cfa", picture)
    assert not quiet["present"] and quiet["tiles_with_peak"] < 0.05
    sensor[256:768, 256:768] = picture[256:768, 256:768]
    assert facts("cfa", sensor)["tiles_with_peak"] == pytest.approx(0.75, abs=0.05)


def test_cfa_gates() -> None:
    sensor = demosaiced(scene(1024, 1024, seed=7))
    low = jpeg(sensor, 70)
    resized = np.asarray(Image.fromarray(sensor).resize((1402, 1402), Image.Resampling.BICUBIC))
    for rgb, data, why in ((decoded(low), low, "below 90"), (sensor[:900], None, "1 megapixel"), (resized, None, "resampling peak")):
        view, _ = compute("cfa", np.ascontiguousarray(rgb), data)
        assert not view.applicable and why in view.why


@pytest.mark.parametrize("factor", [1.2, 1.37, 1.7])
def test_resampling_of_an_enlarged_region(factor: float) -> None:
    host = scene(768, 1024, seed=1)
    side = round(600 * factor)
    region = np.asarray(Image.fromarray(scene(600, 600, seed=5)).resize((side, side), Image.Resampling.BICUBIC))
    host[128:640, 384:896] = region[:512, :512]
    told = facts("resampling", host)
    best = told["regions"][0]
    assert any(abs(found - factor) < 0.03 for found in best["factors"]), best
    assert overlap(best["box"], [384, 128, 512, 512]) > 0.2


def test_resampling_of_a_native_picture_is_quiet(clean: Picture) -> None:
    assert facts("resampling", clean)["tiles_with_peak"] == 0
    assert of_jpeg("resampling", clean, 90)["tiles_with_peak"] == 0
    low = jpeg(clean, 80)
    assert not compute("resampling", decoded(low), low)[0].applicable


def test_spectrum_of_a_pattern_and_of_none(clean: Picture) -> None:
    y, x = np.mgrid[:512, :512]
    pattern = np.clip(clean[:512, :512] + (6 * np.cos(2 * np.pi * (0.21 * x + 0.33 * y)))[..., None], 0, 255).astype(np.uint8)
    best = facts("spectrum", pattern)["peaks"][0]
    assert abs(best["fx"] - 0.21) < 0.003 and abs(best["fy"] - 0.33) < 0.003 and not best["multiple_of_1_8"]
    assert facts("spectrum", clean)["peaks"] == []


def test_bit_planes_of_a_cleared_region_and_of_noise(clean: Picture) -> None:
    cleared = clean.copy()
    cleared[128:384, 128:384] &= 254
    view, picture = compute("bit-planes", cleared)
    assert not picture[128:384, 128:384].any() and picture[400:].mean() == pytest.approx(127, abs=3)
    assert min(view.facts["patterned_tiles"]) > 0.12
    assert max(facts("bit-planes", clean)["patterned_tiles"]) < 0.01


# What all views share


def test_every_view_carries_its_words_parameters_and_time_and_repeats(clean: Picture) -> None:
    data = jpeg(clean, 92)
    rgb = decoded(data)
    for entry in catalogue():
        first, picture = compute(entry.id, rgb, data)
        again, same = compute(entry.id, rgb, data)
        timing = [view.facts.pop("timing") for view in (first, again)]
        assert first == again and np.array_equal(picture, same) and all(time["seconds"] >= 0 for time in timing)
        assert first.facts["parameters"] == dict(entry.parameters) and first.facts["means"] == entry.means
        assert first.facts["does_not_mean"] == entry.not_means and first.facts["source"] == entry.source
        assert first.why


def turned(picture: Picture, orientation: int) -> Picture:
    image = Image.fromarray(picture)
    block = Image.Exif()
    block[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=block)
    return np.asarray(ImageOps.exif_transpose(Image.open(buffer)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_exhibit_is_viewed_as_stored_and_shown_as_turned(orientation: int, clean: Picture) -> None:
    host = decoded(jpeg(clean[:360, :517], 85)).copy()
    host[100:260, 205:405] = host[3:163, 2:202]
    block = Image.Exif()
    block[0x0112] = orientation
    data = jpeg(host, 100, subsampling=0, exif=block)
    oriented = turned(decoded(data), orientation)
    view, picture = compute("block-grid", oriented, data)
    plain, untouched = compute("block-grid", decoded(data), jpeg(host, 100, subsampling=0))
    assert view.facts["own_grid"] == plain.facts["own_grid"]
    assert np.array_equal(picture, turned(untouched, orientation))
    marked = np.zeros(host.shape, np.uint8)
    x, y, w, h = plain.facts["covers"]
    marked[y : y + h, x : x + w] = 1
    rows, columns, _ = np.nonzero(turned(marked, orientation))
    assert view.facts["covers"] == [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    assert turned_box((10, 20, 30, 40), 1, 100, 200) == (10, 20, 30, 40)


@pytest.mark.parametrize(
    "rgb", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((0, 8, 3), np.uint8)]
)
def test_wrong_input_is_named(rgb: Any) -> None:
    with pytest.raises(UsageError, match="view-input"):
        compute("ela", rgb)
    with pytest.raises(UsageError, match="unknown-view"):
        compute("nothing", scene(16, 16))


@pytest.mark.parametrize("view_id", [entry.id for entry in catalogue()])
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (9, 17), (130, 130), (520, 530)])
def test_odd_sizes_flat_pictures_and_broken_files(view_id: str, shape: tuple[int, int]) -> None:
    flat = np.full((*shape, 3), 128, np.uint8)
    data = jpeg(flat)
    for given in (None, data, data[: len(data) // 2], b"\xff\xd8\xff", b"not a picture"):
        compute(view_id, flat, given)


def test_stopping_between_steps(clean: Picture) -> None:
    data = jpeg(clean, 90)
    for view_id in ("ghost", "block-grid", "noise", "resampling", "spectrum"):
        with pytest.raises(Cancelled):
            compute(view_id, decoded(data), data, lambda: True)


def test_tails_of_the_binomial() -> None:
    assert 10 ** log10_tail(10, 5, 0.5) == pytest.approx(638 / 1024)
    assert 10 ** log10_tail(4, 4, 1 / 64) == pytest.approx(64.0**-4)
    assert log10_tail(100, 0, 0.1) == 0 and log10_tail(3, 4, 0.1) == -np.inf
    assert log10_tail(1_000_000, 15_000, 1 / 64) == pytest.approx(0, abs=1e-6)
    n, k = np.full(50, 60.0), np.linspace(1, 60, 50)
    exact = np.array([log10_tail(60, int(np.ceil(value)), 0.3) for value in k])
    assert (log10_chernoff(n, k, 0.3) >= exact - 1e-9).all()


# The process


@pytest.mark.parametrize("view_id", [entry.id for entry in catalogue()])
def test_a_view_from_the_worker_equals_the_view_in_place(view_id: str) -> None:
    data = jpeg(scene(528, 560, seed=4), 92) if view_id != "thumbnail" else with_thumbnail((160, 120))
    view, picture = compute_view(view_id, decoded(data), data)
    here, same = compute(view_id, decoded(data), data)
    assert view.facts.pop("timing")["seconds"] > 0 and here.facts.pop("timing")
    assert view == here and np.array_equal(picture, same)
    assert view.applicable or view_id == "cfa"


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="the kernel's confinement is Linux's"
)
def test_the_worker_is_confined_and_sealed() -> None:
    with WorkerClient("views") as worker:
        worker.send({"view": "bit-planes", "height": 40, "width": 40, "jpeg": 0}, bytes(4800))
        answer = worker.receive(60.0)
        assert answer.header["network_block"] == "kernel" and answer.header["sealed"]
        worker.send({"view": "bit-planes", "height": 4000, "width": 40, "jpeg": 0}, bytes(48))
        assert worker.receive(60.0).header == {"error": "view-failed"}
        worker.send({"view": "../secret", "height": 1, "width": 1, "jpeg": 0}, bytes(3))
        assert worker.receive(60.0).header == {"error": "unknown-view"}


def test_a_views_process_that_lies_is_not_believed(monkeypatch: pytest.MonkeyPatch, clean: Picture) -> None:
    script = """
import sys
from desktop.workers.frames import Caps, read_frame, write_frame
read_frame(sys.stdin.buffer, Caps())
view = {"id": "ela", "applicable": True, "why": "", "facts": {}}
write_frame(sys.stdout.buffer, {"view": view, "height": 60000, "width": 60000}, bytes(12))
"""
    monkeypatch.setattr(client_module, "worker_command", lambda name, arguments=(): [sys.executable, "-c", script])
    with pytest.raises(WorkerError, match="worker-protocol"):
        compute_view("ela", clean)


def test_an_inapplicable_view_and_an_unknown_one(clean: Picture) -> None:
    view, _ = compute_view("jpeg-structure", clean)
    assert not view.applicable
    with pytest.raises(UsageError, match="unknown-view"):
        compute_view("nothing", clean)
    with pytest.raises(UsageError, match="view-input"):
        compute_view("ela", clean[:, :, 0])


def test_a_view_can_be_stopped_at_once() -> None:
    picture = np.tile(scene(512, 512), (8, 8, 1))  # half a minute of work
    asked: list[float] = []

    def stop_after_three_seconds() -> bool:
        asked.append(time.monotonic())
        return asked[-1] - asked[0] > 3.0

    with pytest.raises(Cancelled):
        compute_view("block-grid", picture, cancelled=stop_after_three_seconds)
    assert time.monotonic() - asked[-1] < 10.0
