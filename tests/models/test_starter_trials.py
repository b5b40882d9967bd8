"""The programs behind "What was tried": each variant is trained once, each frame is scored once, and the card shows what came out."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import models.starter
from models.cards import load_card
from models.preparation import Picture, prepare_residual
from models.starter import try_frames, try_pairs
from models.starter.listing import Entry
from models.starter.trials import FRAMES, PAIRS, TRIED, compared, markers, render_frames, render_pairs, render_tried, write_between

HERE = Path(models.starter.__file__).parent


def shown_in_card(name: str) -> str:
    begin, end = markers(name)
    text = (HERE / "README.md").read_text("utf-8")
    return text[text.index(begin) + len(begin):text.index(end)].strip()


def test_the_card_shows_what_the_trials_found() -> None:
    assert shown_in_card(TRIED) == render_tried(json.loads((HERE / "tried.json").read_text("utf-8")))
    assert shown_in_card(PAIRS) == render_pairs(json.loads((HERE / "pairs.json").read_text("utf-8")))
    assert shown_in_card(FRAMES) == render_frames(json.loads((HERE / "frames.json").read_text("utf-8")))


@pytest.mark.parametrize("name", ["frames", "pairs"])
def test_the_very_pair_that_ships_was_tried(name: str) -> None:
    found, card = json.loads((HERE / f"{name}.json").read_text("utf-8")), load_card(HERE / "expert")
    assert (found["language_sha256"], found["projector_sha256"]) == (card.language.sha256, card.projector.sha256)
    if name == "pairs":
        assert card.calibration is not None
        assert found["pairs"][0]["threshold"] == card.calibration.threshold


def test_text_around_the_markers_stays_and_a_card_without_them_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("before\n<!-- tried: begin -->\nyesterday\n<!-- tried: end -->\nafter\n", "utf-8")
    write_between(path, TRIED, "| today |")
    write_between(path, FRAMES, "| new |")
    write_between(path, FRAMES, "| newer |")
    assert path.read_text("utf-8") == (
        "before\n<!-- tried: begin -->\n\n| today |\n\n<!-- tried: end -->\nafter\n"
        "\n<!-- frames: begin -->\n\n| newer |\n\n<!-- frames: end -->\n"
    )


def test_a_difference_is_held_against_the_same_pictures() -> None:
    labels, scores = np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 2.0, 3.0])
    assert compared(labels, scores, None) == {"auc": 0.875, "interval": [0.5285, 1.0], "difference": None}
    assert compared(labels, scores, scores)["difference"] == [0.0, 0.0]
    with pytest.raises(SystemExit):
        compared(np.array([0, 1, 1]), np.zeros(3), None)


class Counting:
    """In the engine's place: a score that any change of the prepared picture changes."""

    def __init__(self) -> None:
        self.asked: list[Picture] = []

    def score(self, picture: Picture) -> SimpleNamespace:
        self.asked.append(picture)
        return SimpleNamespace(log_odds=float(picture.astype(np.int64).sum()))


@pytest.mark.parametrize(("width", "height", "passes"), [(280, 300, 1), (300, 310, 1), (620, 300, 3), (1000, 1000, 4)])
def test_reaches_that_show_the_same_pixels_are_scored_once(width: int, height: int, passes: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    engine: Any = Counting()
    found = try_frames.scored(engine, rgb, 288)
    assert len(engine.asked) == passes
    assert found == [float(prepare_residual(rgb, 288, reach).astype(np.int64).sum()) for reach in try_frames.SHOWN]


def entry(number: int, split: str) -> Entry:
    fake = number % 2 == 1
    return Entry("a/b", "", f"{number}.png", fake, "", "", 320, 320, f"{number:064x}", "MIT", split)  # type: ignore[arg-type]


def test_as_many_of_each_split_are_taken_as_are_asked_for() -> None:
    entries = [entry(number, split) for number, split in enumerate(["test", "train", "calibration", "test_more", "test", "test"])]
    assert [int(one.sha256, 16) for one in try_frames.chosen(entries, 2)] == [2, 0, 4, 3]


def test_frames_are_scored_once_and_compared_by_split_and_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry(number, split) for number, split in enumerate(split for split in try_frames.SPLITS for _ in range(4))]
    for one in entries:
        path = one.file(tmp_path)
        path.parent.mkdir(exist_ok=True)
        rgb = np.random.default_rng(int(one.sha256, 16)).integers(0, 200 if one.fake else 40, (320, 640, 3)).astype(np.uint8)
        Image.fromarray(rgb).save(path)
    opened: list[Counting] = []

    class Opening(Counting):
        def __enter__(self) -> "Opening":
            opened.append(self)
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(try_frames, "Engine", SimpleNamespace(open=lambda _folder, settings: Opening()))
    card: Any = SimpleNamespace(preparation=SimpleNamespace(size=288))
    kept = tmp_path / "kept.jsonl"
    first = try_frames.score_all(tmp_path, card, entries[:6], tmp_path, kept)
    assert len(first) == 12
    kept.write_text(kept.read_text()[:-9])  # it was stopped within the last line
    scores = try_frames.score_all(tmp_path, card, entries, tmp_path, kept)
    assert first.items() <= scores.items()
    assert try_frames.score_all(tmp_path, card, entries, tmp_path, kept) == scores
    assert len(opened) == 2
    assert len(opened[1].asked) == 7 * 2 * 3  # the six new ones and the unfinished one; the third reach shows the whole picture
    found = try_frames.document(entries, scores, 288)
    assert [(one["split"], one["delivery"]) for one in found["sets"]] == [(a, b) for a in try_frames.SPLITS for b in try_frames.DELIVERIES]
    assert all((one["real"], one["generated"]) == (2, 2) and len(one["shown"]) == 4 for one in found["sets"])
    text = render_frames(found | {"shipped": 2})
    assert "| **the middle 576 pixels** |" in text
    assert "| the whole picture |" in text


def test_a_row_says_what_its_groups_differ_in() -> None:
    group = {"reads": "all", "first_list": 0.6, "members": 2, "hidden": 64, "steps": 12000, "mixed": False, "views": 43810}
    other = group | {"reads": "noise", "first_list": None, "mixed": True}
    area = {"auc": 0.8, "interval": [0.7, 0.9], "difference": None}
    rows = [
        {"name": "x", "groups": [group, group, other], "first": area, "second": area | {"difference": [-0.1, 0.0234]}},
        {"name": "y", "groups": [group | {"views": 1200}], "first": area, "second": area},
    ]
    found = render_tried({"variants": rows}).splitlines()
    assert found[2] == (
        "| x | all; co-occurrences of luminance | 60 %; by size | 2 times 2 of 64 units; 2 of 64 units, mixtures | 12,000 "
        "| 0.800 (0.700–0.900) | 0.800 (-0.100 to +0.023) |"
    )
    assert found[3].startswith("| y (1,200 of 43,810 views) | all | 60 % |")


def test_pairs_are_held_against_the_first_at_their_own_thresholds() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    better, worse = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), np.array([0.0, 4.0, 2.0, 3.0, 1.0, 5.0])
    found = try_pairs.document({
        "new": (2.0, {"first": (labels, better), "second": (labels, better)}),
        "old": (4.0, {"first": (labels, worse), "second": (labels, better)}),
    })  # fmt: skip
    new, old = found["pairs"]
    assert (new["first"]["auc"], new["first"]["difference"]) == (1.0, None)
    assert old["first"]["auc"] == pytest.approx(6 / 9, abs=1e-4)
    assert old["second"]["difference"] == [0.0, 0.0]
    assert [new["first"][kind]["count"] for kind in ("real", "generated")] == [1, 3]
    assert [old["first"][kind]["count"] for kind in ("real", "generated")] == [1, 1]
    rows = render_pairs(found).splitlines()
    assert rows[2].startswith("| new | +2.00 | 1.000 (1.000–1.000) | 1 of 3 (33.3 %, 0.8–90.6) | 3 of 3 (100.0 %, 29.2–100.0) |")
    assert len({row.count("|") for row in rows}) == 1


def test_views_are_scored_with_their_class(tmp_path: Path) -> None:
    views = {"real": [10, 20, 0], "fake": [30]}
    for name, values in views.items():
        np.save(tmp_path / f"test_{name}_0.maps.npy", np.array(values, np.uint8)[:, None, None, None])
        (tmp_path / f"test_{name}_0.json").write_text(json.dumps(["x"] * (2 if name == "real" else 1)))  # the third is not filled
    engine: Any = Counting()
    labels, found = try_pairs.scores(engine, tmp_path, "test")
    assert (labels.tolist(), found.tolist()) == ([0, 0, 1], [10.0, 20.0, 30.0])


def has_history() -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    return subprocess.run([git, "-C", str(HERE), "cat-file", "-e", "HEAD"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_history(), reason="the history is not here")
def test_a_pair_is_read_from_the_history(tmp_path: Path) -> None:
    pair = try_pairs.from_history("HEAD", tmp_path)
    assert load_card(pair).projector.sha256 == hashlib.sha256((pair / "mmproj.gguf").read_bytes()).hexdigest()
