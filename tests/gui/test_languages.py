"""Translations: complete, built, and with the same places for values as the English texts."""

import re
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop.document import View
from desktop.gui import failures, languages, tasks, translating, wording
from desktop.gui.experts_dialog import expert_facts_text
from desktop.gui.findings_panel import label_texts
from desktop.gui.rehearsal import explanation, rehearsed_marks
from desktop.gui.seam import ExpertFacts, Failed
from desktop.gui.settings import Settings
from desktop.gui.window import MainWindow
from desktop.intake.problems import READS, REFUSED, TEXTS
from models.cards import load_card
from models.store import Stored, bundled_folder
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


def test_the_expert_that_ships_speaks_chinese_and_another_card_keeps_its_words() -> None:
    card = load_card(bundled_folder())
    assert card.calibration is not None
    stored = Stored(bundled_folder(), "0" * 64, card)
    own = Stored(bundled_folder(), "0" * 64, msgspec.structs.replace(card, good_for="Maps of my town"))
    try:
        languages.use("zh_CN")
        said, other = expert_facts_text(stored), expert_facts_text(own)
        assert not any(text in said for text in (card.good_for, card.not_for, card.calibration.domain))
        assert "适用于：在离线状态下" in said and "从未用于训练" in said
        assert "适用于：Maps of my town" in other
    finally:
        languages.use("en")
    assert card.good_for in expert_facts_text(stored) and card.calibration.domain in expert_facts_text(stored)


HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})+")
"""Two English words in a row."""


def said(window: MainWindow) -> set[str]:
    """Everything that can be read in a window or in its menus and tool tips."""
    found: set[str] = set()
    for widget in (window, *window.findChildren(QWidget)):
        found |= {widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()}
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            found.add(widget.text())
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            found.add(widget.placeholderText())
        if isinstance(widget, QPlainTextEdit):
            found |= set(widget.toPlainText().splitlines())
        if isinstance(widget, QComboBox):
            found |= {widget.itemText(row) for row in range(widget.count())}
        if isinstance(widget, QTabWidget):
            found |= {widget.tabText(row) for row in range(widget.count())}
        found |= {text for action in widget.actions() for text in (action.text(), action.toolTip())}
    return found


def test_no_english_of_our_own_is_left_in_the_chinese_window(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(settings=Settings(language="zh_CN", native_dialogs=False))
    keys = add(qtbot, window, "harbour.jpg", "crash.jpg")
    window.session.select(keys[0])
    assert window.session.item is not None
    texts = said(window)
    window.tabs.setCurrentWidget(window.views)
    window.views._compute = lambda view_id, rgb, _jpeg, _cancelled: (View(view_id, view_id == "ela", "in English", {}), rgb)
    for view_id in ("ela", "noise"):
        window.views.choice.setCurrentIndex(window.views.choice.findData(view_id))
        window.views.compute_button.click()
        qtbot.waitUntil(lambda: not tasks.busy())
        texts |= said(window)
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        qtbot.wait(300)
        texts |= said(window)
    window.session.select(keys[1])
    texts |= said(window)
    window.session.picture_failed.emit(keys[1], Failed("picture-truncated", TEXTS["picture-truncated"]))
    texts |= said(window)
    # What the expert wrote, what it can be asked in its own language, and names.
    theirs = (explanation("supports-ai"), *(mark.id for mark in rehearsed_marks("x")), "Stable Diffusion", "sRGB", "rehearsal", "AUTOMATIC")
    expert = window.session.expert
    questions = [one.text for one in expert.questions] if isinstance(expert, ExpertFacts) else []
    left = [
        text
        for text in texts
        if ENGLISH.search(text)
        and not HAN.search(text)
        and not any(text.strip() in theirs[0] or known in text for known in (*theirs[1:], *questions))
    ]
    assert len(texts) > 100 and left == []


@pytest.mark.parametrize("code", ["worker-crashed", "expert-none", "self-test-failed", "disk-full", "pull-offline", "report-unwritable"])
def test_a_failure_is_told_in_the_language_of_the_window(qtbot: QtBot, code: str) -> None:
    languages.use("zh_CN")
    try:
        assert HAN.search(failures.sentence(Failed(code, "the text of the error itself")))
        assert failures.sentence(Failed("never heard of", "as it is")) == "As it is."
        for text in (*TEXTS.values(), f"{REFUSED['pdf']} {READS}"):
            assert HAN.search(failures.sentence(Failed("picture-x", text))), text
    finally:
        languages.use("en")
