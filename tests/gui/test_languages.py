"""Translations: complete, built, and with the same places for values as the English texts."""

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.gui import languages, translating, wording
from desktop.gui.findings_panel import label_texts
from desktop.gui.settings import Settings
from tests.gui.conftest import Make, add


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_every_text_is_translated_with_its_places(language: str) -> None:
    known = translating.known(language)
    for context, text in translating.texts():
        translation = known.get((context, text), "")
        assert translation, f"{context}: {text!r} has no translation; run python -m desktop.gui.translating"
        assert sorted(re.findall(r"\{\w+\}", translation)) == sorted(re.findall(r"\{\w+\}", text)), text
    assert len(known) == len(set(translating.texts()))


@pytest.mark.parametrize("language", translating.LANGUAGES)
def test_the_built_file_is_the_one_of_the_source(language: str, tmp_path: Path) -> None:
    source = languages.FOLDER / f"telltale_{language}.ts"
    translating.release(source, tmp_path / "built.qm")
    assert (tmp_path / "built.qm").read_bytes() == source.with_suffix(".qm").read_bytes()


def test_the_window_speaks_chinese_and_back(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="zh_CN"))
    add(qtbot, window, "harbour.jpg", "broken.jpg")
    assert "证据支持 AI 生成" in window.findings.headline.text()
    assert window.tabs.tabText(0) == "结论" and "模型陈述的理由" in label_texts(window.findings)
    assert "100 %" in window.actions_by_name["actual_size"].text()
    window.use_settings(Settings(language="en"))
    assert window.tabs.tabText(0) == "Findings" and wording.headline("inconclusive") == "Inconclusive"
    assert "supports AI generation" in window.findings.headline.text() and window.canvas.picture is not None
    window.next_claim()
    assert window.canvas.layers.lit == "o1c1"


def test_a_language_is_chosen() -> None:
    assert languages.choose("zh_CN") == "zh_CN" and languages.choose("system") in languages.KNOWN
