"""Tiles in a report: every frame in one table, only what was explained in full, and no claim that the rest was not looked at."""

from pathlib import Path

import msgspec
import pytest

from desktop import document as d
from desktop.report import render_html, render_pdf
from desktop.report.words import LANGUAGES
from samples import documents
from tests.report.test_html import Page


def tiled() -> d.Analysis:
    value = documents.analysis()
    whole, finding = value.opinions[0], value.finding
    assert isinstance(finding, d.Finding)
    frames = [msgspec.structs.replace(whole.frame, box=(x, 0, 640, 640), role="tile") for x in (0, 320)]
    told = msgspec.structs.replace(
        whole, id="o3", frame=frames[1], grounding="patch-contrast: …",
        claims=tuple(msgspec.structs.replace(claim, id=claim.id.replace("o1", "o3")) for claim in whole.claims),
    )  # fmt: skip
    bare = msgspec.structs.replace(whole, id="o2", frame=frames[0], log_odds=-1.25, answer="real", text="", claims=(),
                                 text_state="not-asked")
    tiles = d.TileSummary(3, 1.0, {"o1": 0.25, "o2": 0.375, "o3": 0.375}, 0.8594, 0.625, "o3", 0.0131)
    finding = msgspec.structs.replace(finding, tiles=tiles, reasons=(*finding.reasons, d.Reason("tiles", "Of 3 frames, the tile …")))
    return msgspec.structs.replace(value, opinions=(whole, bare, told), finding=finding)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_frame_stands_in_one_table(language: str, tmp_path: Path) -> None:
    text = render_html(tiled(), None, language=language)
    page = Page(text)
    for frame, said in (("o1: 160, 0, 640, 640", "25.0 %"), ("o2: 0, 0, 640, 640", "37.5 %"), ("o3: 320, 0, 640, 640", "37.5 %")):
        assert frame in page.text and said in page.text
    assert "-1.250" in page.text and "+0.859" in page.text and "62.5 %" in page.text and "0.0131" in page.text
    assert text.count("<figure") == 2, "a tile that says nothing has no section of its own"
    assert render_pdf(tiled(), None, language=language).startswith(b"%PDF")


def test_what_is_said_of_the_rest_and_of_the_boxes() -> None:
    page = Page(render_html(tiled(), None, language="en"))
    assert "looked at in 2 tiles" in page.text and "cover 100.0 %" in page.text
    assert "was not analysed by this expert" not in page.text and "not analysed" not in page.text
    assert "encodes most unlike the rest" in page.text and "where the model looked while" in page.text  # two methods, each told as it is
    alone = Page(render_html(documents.analysis(), None, language="en"))
    assert "was not analysed by this expert" in alone.text and "encodes most unlike" not in alone.text
