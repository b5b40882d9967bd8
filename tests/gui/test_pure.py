"""What the window decides without Qt: places, pictures, heat, words, settings, gathering."""

import base64
import threading
from pathlib import Path

import msgspec
import numpy as np
import platformdirs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.document import Claim, ClaimMap, Effect, Region
from desktop.gui import exhibits_model, failures, folders, geometry, heat, settings, theme, wording
from desktop.gui.exhibits_model import Order, accepts, rank
from desktop.gui.gather import gather
from desktop.gui.geometry import Placement
from desktop.gui.item import Item, Turn, segments
from desktop.gui.labels import put, text_label
from desktop.gui.licence_dialog import flowing
from desktop.gui.picture import PictureCache, make_picture
from desktop.gui.questions_panel import answer_text
from desktop.gui.rehearsal import explanation, rehearsed_finding, rehearsed_opinion
from desktop.gui.seam import Failed
from desktop.gui.state import State


def test_fit_centres_and_never_enlarges() -> None:
    small = geometry.fit((100, 50), (500, 400))
    assert small.scale == 1.0 and (small.x, small.y) == (200, 175)
    large = geometry.fit((4000, 1000), (500, 400))
    assert large.to_window((0, 0, 4000, 1000))[2] == pytest.approx(476)


def test_zoom_keeps_the_point_under_the_pointer() -> None:
    before = Placement(0.5, 30, 40)
    point = before.to_picture(120, 90)
    after = before.zoomed(3.0, 120, 90)
    assert after.to_picture(120, 90) == pytest.approx(point)
    assert after.zoomed(1e9, 0, 0).scale == geometry.LARGEST


def test_a_picture_cannot_be_pushed_out_of_sight() -> None:
    held = geometry.held(Placement(1.0, -5000, 900), (600, 100), (300, 200))
    assert held.x == -300 and held.y == 50


@pytest.mark.parametrize("scale", [0.013, 0.1, 0.5, 1.0, 7.3, 50.0])
def test_zoom_steps_go_up_and_down(scale: float) -> None:
    assert geometry.next_zoom(scale, 1) > scale > geometry.next_zoom(scale, -1)


@pytest.mark.parametrize("frame", [(0, 0, 40, 30), (5, 0, 30, 30), (0, 4, 40, 20), (-5, -5, 60, 60), (10, 10, 5, 5)])
def test_outside_and_frame_make_up_the_picture(frame: tuple[int, int, int, int]) -> None:
    canvas = np.zeros((30, 40), int)
    for x, y, w, h in geometry.outside(frame, (40, 30)):
        canvas[y : y + h, x : x + w] += 1
    left, top = max(0, frame[0]), max(0, frame[1])
    canvas[top : max(0, frame[1] + frame[3]), left : max(0, frame[0] + frame[2])] += 1
    assert (canvas == 1).all()


def test_the_smallest_region_is_hit() -> None:
    boxes = [("large", (0, 0, 100, 100)), ("small", (10, 10, 20, 20))]
    assert geometry.smallest_hit(boxes, 15, 15) == "small"
    assert geometry.smallest_hit(boxes, 90, 90) == "large"
    assert geometry.smallest_hit(boxes, 100, 100) is None
    assert geometry.smallest_hit([("z", (0, 0, 9, 9)), ("a", (0, 0, 9, 9))], 5, 5) == "z", "of equal ones the first"


@pytest.mark.parametrize("shape", [(1, 1), (7, 3000), (1201, 1599), (600, 513)])
def test_picture_levels_halve_and_keep_the_mean(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    picture = make_picture(rgb)
    for above, below in zip(picture.levels, picture.levels[1:], strict=False):
        assert below.shape[0] == (above.shape[0] + 1) // 2 and below.shape[1] == (above.shape[1] + 1) // 2
        assert abs(float(above.mean()) - float(below.mean())) < 2.0
        assert below.flags.c_contiguous
    assert picture.pixel(0, 0) == tuple(int(v) for v in rgb[0, 0])
    assert picture.pixel(-1, 0) is None and picture.pixel(shape[1], 0) is None


def test_drawing_uses_the_level_nearest_to_the_screen() -> None:
    picture = make_picture(np.zeros((4000, 4000, 3), np.uint8))
    assert picture.level_for(1.0) == 0 and picture.level_for(0.51) == 0 and picture.level_for(0.5) == 1 and picture.level_for(0.12) == 3


def test_the_cache_forgets_the_longest_unused_and_keeps_the_newest() -> None:
    one = make_picture(np.zeros((100, 100, 3), np.uint8))
    cache = PictureCache(one.bytes * 2)
    for key in (1, 2):
        cache.put(key, one)
    assert cache.get(1) is one
    cache.put(3, one)
    assert cache.get(2) is None and cache.get(1) is one and cache.bytes == one.bytes * 2
    tiny = PictureCache(1)
    tiny.put(7, one)
    assert tiny.get(7) is one


def test_heat_reads_only_maps_that_fit() -> None:
    values = np.arange(6, dtype="<f2").reshape(2, 3)
    good = ClaimMap((2, 3), base64.b64encode(values.tobytes()).decode())
    read = heat.read_map(good)
    assert read is not None and read.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert heat.read_map(ClaimMap((3, 3), good.values)) is None
    assert heat.read_map(ClaimMap((2, 3), "no base64!")) is None
    pixels = heat.colour(read)
    assert pixels[0, 0, 3] == 0 and pixels[1, 2, 3] > 200
    assert (pixels[..., :3] <= pixels[..., 3:]).all()  # premultiplied
    assert heat.colour(np.ones((4, 4), np.float32))[..., 3].max() == 0


def test_segments_are_the_text_again() -> None:
    opinion = rehearsed_opinion("supports-ai", (0, 0, 10, 10), explanation("supports-ai"))
    parts = segments(opinion.text, opinion.claims)
    assert "".join(text for text, _ in parts) == opinion.text
    assert [claim.id for _, claim in parts if claim is not None] == ["o1c1", "o1c2", "o1c3"]
    bad = Claim("x", "…", (5, 999))
    assert segments("short", (bad,)) == [("short", None)]


def test_no_sentence_calls_anything_a_probability_of_ai() -> None:
    item = Item(1, b"", "a.jpg")
    for outcome in (*wording.SYMBOLS, ""):
        for text in (wording.headline(outcome), wording.uncertainty(outcome), wording.outcome_short(outcome)):
            assert text and "%" not in text and "probab" not in text.lower()
    assert "not a probability" in wording.score_note(None) and "not a probability" in wording.score_note(1.0)
    assert wording.state_line(item) == "Waiting"


def test_numbers_carry_their_sign() -> None:
    assert wording.signed(2.314) == "+2.31" and wording.signed(-0.5) == "−0.50"
    assert "“fake”" in wording.score_line(3) and "“real”" in wording.score_line(-3) and "neither" in wording.score_line(0.01)


def test_effect_sentences() -> None:
    region = (Region((0, 0, 1, 1), 0.5),)
    assert "No region" in wording.effect_line(Claim("a", "t", (0, 1)))
    assert "not measured" in wording.effect_line(Claim("a", "t", (0, 1), region))
    supported = wording.effect_line(Claim("a", "t", (0, 1), region, None, Effect(-1.4, (0.1, -0.1), "m", True)))
    assert "−1.40" in supported and "+0.00" in supported and "rests on them" in supported
    assert "does not rest" in wording.effect_line(Claim("a", "t", (0, 1), region, None, Effect(-0.1, (), "m", False)))


CODES = ["picture-truncated", "worker-crashed", "worker-timeout", "expert-damaged", "card-missing", "cancelled", "no-memory", "disk-full"]


@pytest.mark.parametrize("code", CODES)
def test_every_failure_says_what_to_do(code: str) -> None:
    failure = Failed(code, "message")
    assert len(failures.advice(failure)) > 20 and failures.title(failure)


def test_gathering_walks_folders_and_takes_named_files_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b/2.PNG", "b/1.jpg", "b/notes.txt", ".hidden/3.jpg", "odd.xyz"):
        (tmp_path / name).write_bytes(b"x")
    batches = list(gather([tmp_path / "odd.xyz", tmp_path, tmp_path / "gone.jpg"]))
    names = [path.name for batch in batches for path in batch.files]
    assert names == ["odd.xyz", "1.jpg", "2.PNG", "gone.jpg"]
    assert sum(batch.left_out for batch in batches) == 2
    stop = threading.Event()
    stop.set()
    assert not [batch for batch in gather([tmp_path], stop.is_set) if batch.files]


def test_searching_filtering_sorting() -> None:
    done = Item(1, b"", "Harbour.jpg", state=State.DONE, tags=("night",))
    assert accepts(done, "harb", "") and accepts(done, "night", "") and not accepts(done, "hill", "")
    assert accepts(done, "", "done") and not accepts(done, "", "failed")
    other = Item(2, b"", "a.jpg")
    assert rank(other, Order.NAME) < rank(done, Order.NAME)
    assert rank(done, Order.ADDED) < rank(other, Order.ADDED)


def test_settings_survive_damage_and_newer_versions(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "window.json"
    assert settings.load(path) == settings.Settings()
    chosen = settings.Settings(theme="dark", text_percent=120)
    assert settings.save(path, chosen) and settings.load(path) == chosen
    raw = msgspec.json.decode(path.read_bytes())
    raw["from-the-future"] = 1
    path.write_bytes(msgspec.json.encode(raw))
    assert settings.load(path) == chosen
    path.write_bytes(b'{"text_percent": 7000}')
    assert settings.load(path) == settings.Settings()
    assert not settings.save(tmp_path / "deep" / "window.json" / "below-a-file", chosen)


@pytest.mark.parametrize("chosen", [None, "", "  ", "relative/place", "/some where/else"])
def test_own_folders_are_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch, chosen: str | None) -> None:
    monkeypatch.delenv("TELLTALE_DATA_DIR")
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        if chosen is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, chosen)
    assert folders.settings() == platformdirs.user_config_path("telltale", appauthor=False)
    assert folders.logs() == platformdirs.user_log_path("telltale", appauthor=False)


def test_what_is_set_by_name_or_number_is_what_qt_means(qtbot: QtBot) -> None:
    """The first frame does without the namespace ``Qt``."""
    roles = Qt.ItemDataRole
    assert [roles.DisplayRole, roles.ToolTipRole] == [exhibits_model._DISPLAY, exhibits_model._TOOL_TIP]
    assert (roles.AccessibleTextRole, roles.AccessibleDescriptionRole) == exhibits_model._READ_ALOUD
    assert roles.UserRole + 1 == exhibits_model.KEY_ROLE
    label = text_label("<b>x</b>", selectable=True)
    qtbot.addWidget(label)
    put(label, alignment="AlignCenter")
    assert label.textFormat() is Qt.TextFormat.PlainText and label.focusPolicy() is Qt.FocusPolicy.ClickFocus
    by_mouse_and_keys = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    assert label.textInteractionFlags() == by_mouse_and_keys and label.alignment() == Qt.AlignmentFlag.AlignCenter
    for wrong in ({"textFormat": "PlainTxt"}, {"txtFormat": "PlainText"}):
        with pytest.raises(ValueError, match="QLabel has no"):
            put(QLabel(), **wrong)


@pytest.mark.parametrize("name", list(theme.THEMES))
def test_every_text_colour_has_contrast(name: str) -> None:
    colours = theme.THEMES[name]
    for text in theme.ON_SURFACES:
        for surface in theme.SURFACES:
            assert theme.contrast(getattr(colours, text), getattr(colours, surface)) >= 4.5, (text, surface)
    for text, surface in (("on_accent", "accent"), ("on_selection", "selection"), ("on_canvas", "canvas")):
        assert theme.contrast(getattr(colours, text), getattr(colours, surface)) >= 4.5, (text, surface)
    assert rehearsed_finding("inconclusive").outcome == "inconclusive"


def test_what_an_expert_is_not_for_never_reads_as_advice() -> None:
    assert wording.purpose("web pictures", "decisions about people") == ["Good for: web pictures", "Not for: decisions about people"]
    assert wording.purpose("", "") == []


def test_terms_flow_and_keep_their_paragraphs_and_lists() -> None:
    wrapped = "The licence of these weights is not settled. A change to the description\nstates CC-BY-NC-4.0.\n\nBy going on you state:\n"
    listed = "- that you have read the terms in the description of the repository,\n- and that you use them.\n  (c) Somebody"
    shown = flowing(wrapped + listed)
    assert shown.splitlines()[0].endswith("to the description states CC-BY-NC-4.0.")
    assert shown.splitlines()[1:] == ["", "By going on you state:", *listed.splitlines()]
    assert flowing("") == "" and "".join(shown.split()) == "".join((wrapped + listed).split())


def test_a_failure_is_a_whole_sentence() -> None:
    assert failures.sentence(Failed("worker-crashed", "the engine process crashed (SIGSEGV)")) == "The engine process crashed (SIGSEGV)."
    assert failures.clause(Failed("x", "Already one.")) == "Already one"


def test_an_answer_without_words_is_told_apart_from_one_that_is_still_to_come() -> None:
    assert answer_text(Turn("Why?")) == "…" and answer_text(Turn("Why?", "So.", "done")) == "So."
    assert answer_text(Turn("Why?", "", "done")) == "The expert wrote nothing."
