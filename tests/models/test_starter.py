"""The starter's card says what was measured of the pair that ships; its tables count right; its mill treats both classes alike."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.starter
from models.cards import Calibration, load_card
from models.starter.card_text import render
from models.starter.finish import delivered
from models.starter.listing import TEST_GENERATORS, Entry, balanced, permissive, read_list
from models.starter.measure import ninths
from models.starter.prepare_cells import cells_of
from models.starter.tables import controls, correlations, findings, named_place, over_sources, rate, size_matched, texts, thresholds
from models.starter.trials import MEASURED, markers, write_between
from models.starter.views import MARGIN, SIZE, draw_delivery, make_view, redelivered, smaller

BEGIN, END = markers(MEASURED)
HERE = Path(models.starter.__file__).parent


def row(score: float, **more: object) -> dict[str, object]:
    known = {"kind": "real", "source": "a/b", "short": 512, "format": "jpg", "sees": SIZE, "factor": 1.0, "quality": 80}
    return {"score": score, **known, **more}


def test_the_card_shows_what_was_measured_of_this_very_pair() -> None:
    found = json.loads((HERE / "measured.json").read_text("utf-8"))
    card = load_card(HERE / "expert")
    assert (found["language_sha256"], found["projector_sha256"]) == (card.language.sha256, card.projector.sha256)
    assert card.calibration is not None
    assert found["threshold"] == card.calibration.threshold
    text = (HERE / "README.md").read_text("utf-8")
    assert text[text.index(BEGIN) + len(BEGIN):text.index(END)].strip() == render(found).strip()


def test_a_card_keeps_what_stands_around_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nyesterday\n{END}\nafter\n", "utf-8")
    write_between(path, MEASURED, render(json.loads((HERE / "measured.json").read_text("utf-8"))))
    text = path.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "yesterday" not in text
    assert "| mill |" in text


def test_no_source_and_no_generator_is_on_two_sides() -> None:
    sides: dict[str, set[str]] = {}
    for entry in read_list():
        sides.setdefault(entry.source, set()).add(entry.split)
    assert all(len(found - {"unused"}) <= 1 for found in sides.values())
    assert {"train", "calibration", "test"} <= set.union(*sides.values())


def entry(**more: object) -> Entry:
    known = {"repository": "a/b", "commit": "", "path": "x.jpg", "fake": True, "generator": "", "category": "", "width": 512, "height": 512,
             "sha256": "", "licence": "MIT"}  # fmt: skip
    return Entry(**(known | more))  # type: ignore[arg-type]


def test_a_family_that_the_test_holds_out_is_never_trained_on() -> None:
    assert entry(named_split="train", generator="SDXL").split == "train"
    assert entry(named_split="train", generator="Qwen-Image").split == "unused"
    assert entry(named_split="calibration", path="kandinsky-3/1.png").split == "unused"
    assert entry(named_split="test_more", generator="Qwen-Image").split == "test_more"
    assert entry(named_split="train", fake=False, path="playground/1.jpg").split == "train"
    held_out = [one for one in read_list() if one.fake and any(word in one.generator.lower() for word in TEST_GENERATORS)]
    assert held_out
    assert not {one.split for one in held_out} & {"train", "calibration"}


@pytest.mark.parametrize(("licence", "free"), [
    ("MIT", True), ("CC0 (dataset)", True), ("CC BY 4.0", True), ("CC BY-SA 4.0", False), ("CC-BY-NC-4.0", False), ("none stated", False),
    ("MIT (repository); photographs not stated", False), ("MIT repo; ICDAR SROIE terms", False), ("GPL-3.0", False), ("AGPL-3.0", False),
    ("BSD-3-Clause; samples CC BY-SA 4.0", False), ("ImageNet terms: non-commercial research", False),
])  # fmt: skip
def test_only_licences_that_allow_any_use_are_permissive(licence: str, free: bool) -> None:
    assert permissive(entry(licence=licence)) is free


def test_all_sources_have_their_turn() -> None:
    entries = [entry(repository=name, path=str(number)) for name, count in (("a/a", 5), ("b/b", 2), ("c/c", 1)) for number in range(count)]
    assert [one.repository[0] for one in balanced(entries, 6)] == ["a", "b", "c", "a", "b", "a"]
    assert len(balanced(entries, 100)) == 8


@given(st.integers(0, 2**32 - 1))
def test_sums_over_the_ninths_are_those_of_their_squares(seed: int) -> None:
    maps = np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)
    found = cells_of(maps)
    places = [(32 * row, 32 * column) for row in range(3) for column in range(3, 6)]
    squares = [maps[top:top + 32, left:left + 32].reshape(-1).astype(int) for top, left in places]
    assert (found[1] == np.sum(squares, axis=0)).all()


@given(st.integers(256, 3000), st.integers(256, 3000), st.integers(0, 2**32 - 1))
def test_a_drawn_delivery_fits_its_picture(height: int, width: int, seed: int) -> None:
    way = draw_delivery(height, width, np.random.default_rng(seed))
    assert 0 <= way.top <= height - way.side
    assert 0 <= way.left <= width - way.side
    assert way.last is None or 60 <= way.last[0] <= 97
    assert (way.kernel is None) == (way.side == SIZE + MARGIN)


def test_what_a_view_went_through_can_be_told_from_its_size_alone() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (400, 500, 3)).astype(np.uint8)
    for seed in range(20):
        way = draw_delivery(400, 500, np.random.default_rng(seed))
        view, truth = make_view(rgb, np.random.default_rng(seed))
        assert view.shape == (SIZE, SIZE, 3)
        assert not truth.any()
        if way.first is None and way.last is None and way.kernel is None:
            dy, dx = way.top + way.shift[0], way.left + way.shift[1]
            assert (view == (rgb[dy:dy + SIZE, dx:dx + SIZE][:, ::-1] if way.mirrored else rgb[dy:dy + SIZE, dx:dx + SIZE])).all()


def test_smaller_brings_only_large_pictures_down() -> None:
    assert smaller(np.zeros((1620, 2160, 3), np.uint8)).shape == (1080, 1440, 3)
    assert smaller(np.zeros((500, 300, 3), np.uint8)).shape == (500, 300, 3)


def test_redelivery_cuts_nothing_off() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (700, 900, 3)).astype(np.uint8)
    for seed in range(10):
        way = draw_delivery(700, 900, np.random.default_rng(seed))
        height, width = redelivered(rgb, np.random.default_rng(seed)).shape[:2]
        assert (height, width) == ((700, 900) if way.kernel is None else (round(700 * way.factor), round(900 * way.factor)))


def test_a_calibration_picture_has_one_of_four_deliveries_whatever_its_class() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (1200, 1300, 3)).astype(np.uint8)
    seen = {"as it is": 0, "1080": 0, "crop": 0, "resized or saved again": 0}
    for number in range(24):
        one = entry(sha256=f"{number:064x}", width=1300, height=1200)
        found = delivered(one, rgb)
        assert np.array_equal(found, delivered(entry(sha256=one.sha256, fake=False), rgb))
        kind = "as it is" if found is rgb else {1080: "1080", SIZE: "crop"}.get(found.shape[0], "resized or saved again")
        seen[kind] += 1
    assert min(seen.values()) >= 2


def test_ninths_are_the_grid_once() -> None:
    cells = ninths(9)
    assert np.sum(cells, axis=0).tolist() == np.ones((9, 9)).tolist()
    assert cells[0][:3, :3].all()
    assert cells[5][3:6, 6:].all()


def test_rate_counts_what_reaches_the_threshold() -> None:
    found = rate([row(1.0), row(2.0), row(3.0)], 2.0)
    assert (found["count"], found["of"]) == (2, 3)
    assert found["interval"] == [0.0943, 0.9916]


def test_findings_are_counted_with_what_their_forms_take_back() -> None:
    reals, fakes = (tuple(float(number) for number in range(first, first + 399)) for first in (0, 200))
    calibration = Calibration(0.1, -30.0, 392.0, "t", "2026-11-21", "t", 399, 399, 7, 207, reals, fakes)
    still, turned = [395.0] * 4, [395.0, 379.5, 395.0, 395.0]  # 19 of 399 reals score as high: not below 5 %
    rows = [row(395.0, forms=still), row(395.0, forms=turned), row(210.0, forms=[210.0] * 4), row(310.0, forms=[395.0] * 4)]
    found = {name: one["count"] for name, one in findings(rows, calibration).items()}
    assert found == {"supports-ai": 1, "supports-camera": 1, "inconclusive": 2, "out-of-domain": 0, "taken-back": 1}


def test_few_sources_leave_a_correlation_unsure() -> None:
    """Twenty pictures of each of three sources are not sixty: the interval is that of three."""
    chance = np.random.default_rng(0)
    rows = [row(float(level + chance.normal()), source=name, short=size)
            for name, size, level in (("a/a", 300, 4), ("b/b", 500, 5), ("c/c", 900, 0)) for _ in range(20)]  # fmt: skip
    found = over_sources(rows)
    low, high = found["size"]["interval"]
    assert (found["sources"], found["pictures"]) == (3, 60)
    assert found["size"]["correlation"] < -0.4
    assert low < -0.8 and high > 0.4
    assert found["format"] == {"correlation": None, "interval": None}
    assert over_sources(rows) == found


def test_correlation_within_a_class() -> None:
    rows = [row(float(number), short=300 + number, format="png" if number > 2 else "jpg") for number in range(5)]
    found = correlations(rows)
    assert found["size"] == 1.0
    assert found["format"] == pytest.approx(0.866, abs=1e-3)
    assert found["lossless"] == 2
    assert correlations([row(1.0), row(2.0), row(3.0)])["size"] is None


def test_what_two_sources_differ_in_is_not_a_correlation_within_them() -> None:
    rows = [row(float(number), source="small/a", short=300) for number in range(20)]
    rows += [row(float(100 - number), source="large/b", short=1000 + number) for number in range(20)]
    found = correlations(rows)
    assert found["size"] > 0.3
    assert found["size_within"] == {"mean": -1.0, "pictures": 20, "sources": 1}
    assert found["size_given_source"] < -0.5


def test_only_pictures_of_like_size_are_held_against_each_other() -> None:
    reals = [row(1.0, short=300), row(2.0, short=310), row(5.0, short=1000), row(6.0, short=1040)]
    fakes = [row(7.0, kind="generated", short=1010), row(8.0, kind="generated", short=1024), row(0.0, kind="generated", short=4000)]
    found = size_matched(reals, fakes)
    assert found is not None
    assert (found["auc"], found["pictures"], found["size_alone"]) == (1.0, 4, 0.5)
    assert size_matched(reals[:2], fakes) is None


def test_a_stricter_promise_has_a_higher_threshold() -> None:
    calibration = [float(number) for number in range(400)]
    found = thresholds([row(390.0), row(100.0, kind="generated"), row(500.0, kind="generated")], calibration)
    assert [one["target"] for one in found] == sorted((one["target"] for one in found), reverse=True)
    assert [one["threshold"] for one in found] == sorted(one["threshold"] for one in found)
    assert all(one["generated"]["count"] == 1 for one in found)
    assert found[0]["real"]["count"] == 1


def test_what_all_are_shown_alike_tells_nothing() -> None:
    rows = [row(0.0, kind=kind, short=short) for kind, short in (("real", 300), ("real", 400), ("generated", 1024), ("generated", 1024))]
    found = controls(rows)
    assert found["size_shown"]["auc"] == 0.5
    assert found["format_shown"]["auc"] == 0.5
    assert found["size_of_original"]["auc"] == 1.0


def test_places_are_counted_against_chance() -> None:
    assert named_place("It is clearest in the upper left.") == "upper left"
    assert named_place("This is a real image.") == ""
    rows = [
        row(1.0, text="This is a fake image. In the left.", place="left"),
        row(1.0, text="This is a fake image. In the top.", place="left"),
        row(1.0, text="This is a fake image. In the lower right.", place="lower right"),
        row(-1.0, text="This is a fake image.", place="top"),
    ]
    found = texts(rows)
    assert (found["name_a_place"], found["right"], found["contradict_score"]) == (3, 2, 1)
    assert found["by_chance"] == pytest.approx((2 * 1 + 1 * 1) / 3, abs=0.01)
