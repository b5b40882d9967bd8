"""The Chinese words: complete, with the same places to fill, and made from the same facts."""

import string

import pytest

from desktop.evidence.marks import read_marks
from desktop.evidence.marks.rules import make_mark, rules
from desktop.evidence.views import catalogue
from desktop.evidence.words import LANGUAGES, _words, mark_sentence, mark_title, view_words
from desktop.report.words import Language, table
from samples.files import camera_jpeg, jpeg, png, signed, signer, xmp


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_mark_and_view_has_its_words(language: str) -> None:
    words = _words(language)
    assert set(words["mark"]) == {rule.id for rule in rules().marks} and set(words["view"]) == {spec.id for spec in catalogue()}
    for rule in rules().marks:
        own = words["mark"][rule.id]
        assert places(own["found"]) == places(rule.found) and own["strength"] and own["title"]
        assert rule.absent == rules().rule("sd-webui").absent or own.get("absent"), rule.id
    for spec in catalogue():
        assert all(getattr(view_words(spec.id, language), part) for part in ("title", "shows", "gate", "means", "not_means"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reports_say_of_views_what_the_window_says(language: Language) -> None:
    """Reports know only the analysis document, so they carry the words themselves: the same ones."""
    own = table(language)
    for section, part in (("view", "title"), ("view_shows", "shows"), ("view_means", "means"), ("view_means_not", "not_means")):
        wanted = {spec.id: getattr(view_words(spec.id, language), part) for spec in catalogue()}
        assert {key: text for key, text in own[section].items() if key != "other"} == wanted, section


def test_our_own_phrases_are_translated() -> None:
    phrases = _words("zh")["phrases"]
    assert {known["meaning"] for known in rules().source_types.values()} <= set(phrases)
    assert set(rules().aigc_labels.values()) <= set(phrases)


def test_english_is_the_sentence_of_the_document() -> None:
    for mark in read_marks(jpeg(), "", {}):
        assert mark_sentence(mark) == mark.sentence and mark_sentence(mark, "fr") == mark.sentence
    assert mark_title("c2pa") == "Content Credentials (C2PA)" and mark_title("unheard-of", "zh") == "unheard-of"


def test_sentences_in_chinese() -> None:
    who = signer()
    data, _ = signed(camera_jpeg(progressive=True), "image/jpeg", who)
    told = {mark.id: mark_sentence(mark, "zh") for mark in read_marks(data, "", {}, trust=who.trust) if mark.state == "found"}
    assert told["c2pa"].startswith(
        "文件带有一项经签名的声明：内嵌清单，签名者 Telltale tests / Test signer，声明 trainedAlgorithmicMedia；"
    )
    assert "像素绑定：是；签名有效：是；" in told["c2pa"]
    assert "签名者可信：是，依据 Test list of 2026-01-01" in told["c2pa"]
    assert "该 JPEG 为渐进式" in told["exif-consistency"] and "说明是 AI 生成的：内容凭证（C2PA）。" in told["conflict"]
    assert "（1/125 s, f/2.8, ISO 200）" in told["camera-exif"] and "自有的表" not in told["jpeg-encoder"]
    credit = next(
        mark for mark in read_marks(jpeg(xmp=xmp(attributes='photoshop:Credit="Made with Google AI"')), "", {}) if mark.state == "found"
    )
    assert mark_sentence(credit, "zh").startswith("文件写明其来源为某个 AI 服务：Made with Google AI（位于 xmp:photoshop:Credit）。中等")
    for mark in read_marks(png(), "png", {}):
        assert mark_sentence(mark, "zh").endswith("。")
    for rule in rules().marks:
        for state in ("found", "absent", "failed", "not-applicable"):
            assert mark_sentence(make_mark(rule, state), "zh").endswith("。")  # type: ignore[arg-type]
