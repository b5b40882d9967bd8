"""What people read of a view's facts: every one has a name in every language, and its value is readable."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from desktop.evidence import views
from desktop.evidence.views import catalogue
from desktop.evidence.views.compute import compute
from desktop.view_facts import _table, fact_lines, fact_rows, why_not
from samples.files import Picture, decoded, jpeg, scene
from tests.evidence.test_construction_marks import with_thumbnail
from tests.evidence.test_views import demosaiced

SHOWN_ELSEWHERE = {"title", "shows", "means", "does_not_mean", "timing"}


def exhibits() -> Iterator[tuple[str, Picture, bytes | None]]:
    """For every view a picture in which it finds something, so that no fact is left out."""
    clean = scene(640, 768, seed=1)
    data = jpeg(clean, 83, subsampling=0)
    for view_id in ("jpeg-structure", "ela"):
        yield view_id, decoded(data), data
    small = with_thumbnail((160, 120))
    yield "thumbnail", decoded(small), small
    host, patch = decoded(jpeg(clean, 90)).copy(), decoded(jpeg(clean, 60))
    host[200:424, 304:560] = patch[200:424, 304:560]
    data = jpeg(host, 92)
    yield "ghost", decoded(data), data
    host = decoded(jpeg(clean, 85)).copy()
    host[203:403, 305:569] = host[100:300, 8:272]
    yield "block-grid", host, None
    picture = scene(768, 1024, seed=3, noise=2.0)
    picture[200:456, 300:556] = scene(768, 1024, seed=3, noise=6.0)[200:456, 300:556]
    yield "noise", picture, None
    yield "cfa", demosaiced(scene(1024, 1024, seed=7)), None
    host = scene(768, 1024, seed=1)
    host[128:640, 384:896] = np.asarray(Image.fromarray(scene(600, 600, seed=5)).resize((822, 822), Image.Resampling.BICUBIC))[:512, :512]
    yield "resampling", host, None
    y, x = np.mgrid[:512, :512]
    pattern = clean[:512, :512] + (6 * np.cos(2 * np.pi * (0.21 * x + 0.33 * y)))[..., None]
    yield "spectrum", np.clip(pattern, 0, 255).astype(np.uint8), None
    yield "bit-planes", clean, None


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, Any]]:
    """The facts of every view, each with something to tell."""
    return {view_id: compute(view_id, rgb, data)[0].facts for view_id, rgb, data in exhibits()}


def paths(facts: dict[str, Any], before: str = "") -> Iterator[str]:
    """Where names are needed, as the table has them; groups of settings and of levels need none but for an empty or withheld one."""
    for key, value in facts.items():
        here = f"{before}.#" if before and key.isdigit() else f"{before}.{key}" if before else key
        if isinstance(value, dict):
            yield here
            yield from paths(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from (here, f"{here}.#")
            for part in value:
                yield from paths(part, here)
        else:
            yield here


def test_every_fact_of_every_view_has_a_name_and_every_name_a_fact(facts: dict[str, dict[str, Any]]) -> None:
    table = _table()["fact"]
    assert set(facts) == {spec.id for spec in catalogue()} == set(table) - {"common"}
    met: set[str] = set()
    for view_id, told in facts.items():
        needed = {path for path in paths(told) if path.partition(".")[0] not in SHOWN_ELSEWHERE}
        met |= needed
        assert needed <= set(table["common"]) | set(table[view_id]), view_id
        assert set(table[view_id]) <= needed, f"{view_id} has names of facts that it does not give"
    assert set(table["common"]) <= met


def test_names_are_words_in_both_languages() -> None:
    table = _table()
    assert set(table["word"]["en"]) == set(table["word"]["zh"])
    for view_id, names in table["fact"].items():
        for path, entry in names.items():
            assert set(entry) <= {"en", "zh", "as"} and entry.get("as", "box") in ("share", "box", "size"), path
            assert "_" not in entry["en"] and "_" not in entry["zh"] and entry["en"] != entry["zh"], (view_id, path)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in entry["zh"]), (view_id, path)
            assert ("{n}" in entry["en"]) == ("{n}" in entry["zh"]) == path.endswith(".#")


def test_no_key_of_the_document_is_printed(facts: dict[str, dict[str, Any]]) -> None:
    for view_id, told in facts.items():
        for language in ("en", "zh"):
            rows = fact_rows(view_id, told, language)
            assert len(rows) > 3 and all(value for _, value in rows)
            printed = " ".join((*(name for name, _ in rows), *(value for name, value in rows)))
            assert "_" not in printed and "None" not in printed and "True" not in printed and "{" not in printed


def test_values_have_units_and_regions_are_places(facts: dict[str, dict[str, Any]]) -> None:
    noise = dict(fact_rows("noise", facts["noise"]))
    x, y, width, height = facts["noise"]["regions"][0]["box"]
    place = f"{width} × {height} pixels, {x} from the left, {y} from the top"
    assert noise["Region 1"].startswith(f"place: {place}; noise: more; number of false alarms")
    assert noise["Regions are listed below this number of false alarms"] == "0.0000001"
    chinese = dict(fact_rows("noise", facts["noise"], "zh"))
    assert chinese["区域 1"].startswith(f"位置：{width} × {height} 像素，距左 {x}，距上 {y}；噪声：较多；误报数")
    structure = dict(fact_rows("jpeg-structure", facts["jpeg-structure"]))
    assert structure["JPEG quality, exact (1 to 100)"] == "83" and structure["Table 1 is the standard table of quality (1 to 100)"] == "83"
    told = {"clipped_share": 0.0123, "mean_difference": [0.5, 1.0, 2.25], "subsampling": ""}
    assert fact_rows("ela", told) == [
        ("Shown at full brightness", "1.23 %"), ("Mean difference in red, green, blue (grey levels, 0 to 255)", "0.5, 1, 2.25"),
        ("Colour subsampling (chroma)", "not known"),
    ]
    lines = fact_lines("ghost", {"regions": [], "own_quality": 90, "qualities": list(range(300))}, "zh")
    assert lines[0] == "区域：无" and lines[1].endswith("：90") and lines[2].endswith("…")


def test_facts_from_elsewhere_are_printed_by_their_keys() -> None:
    deep: dict[str, Any] = {}
    for number in range(50):
        deep = {"in_side": [deep]} if number % 2 else {"list": deep, "one": 1}
    rows = fact_rows("ela", {"scale_of": 18.0, "regions": "withheld", "deep": deep, "big": 1e300, "odd": [float("inf"), [1]]})
    assert ("scale of", "18") in rows and ("Regions", "withheld") in rows and ("big", "1e+300") in rows and ("odd", "inf, [1]") in rows
    assert fact_rows("unheard-of", {"level": True}, "fr") == [("level", "yes")]


def test_every_reason_why_a_view_does_not_apply_is_translated() -> None:
    reasons = {
        call.args[0].value
        for path in Path(views.__file__).parent.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "not_applicable" and isinstance(call.args[0], ast.Constant)
    }
    assert len(reasons) > 8 and all(why_not(reason, "zh") != reason and why_not(reason) == reason for reason in reasons)
    assert why_not("of another version", "zh") == "of another version"
