"""Whole characters, harmless ones, and sentences in their places."""

import itertools

import pytest

from desktop.engine.text import PieceReader, clean, sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@pytest.mark.parametrize(("text", "wanted"), [
    ("This is a fake image. The shadows differ. Skin is waxy.", ["This is a fake image.", "The shadows differ.", "Skin is waxy."]),
    ("Edges e.g. hair are soft. Fine.", ["Edges e.g. hair are soft.", "Fine."]),
    ("A ratio of 3.5 to 1. Next!", ["A ratio of 3.5 to 1.", "Next!"]),
    ("See Fig. 3 for it. Dr. Smith agrees.", ["See Fig. 3 for it.", "Dr. Smith agrees."]),
    ("Signed by J. Smith. It is odd.", ["Signed by J. Smith.", "It is odd."]),
    ("Hair, skin, etc. The rest is fine.", ["Hair, skin, etc.", "The rest is fine."]),
    ("Why?! Because... it is so.", ["Why?!", "Because... it is so."]),
    ('He said "no." Then left.', ['He said "no."', "Then left."]),
    ("No stop at all", ["No stop at all"]),
    ("这是假的图片。阴影不对。", ["这是假的图片。", "阴影不对。"]),
    ("Das Bild ist z. B. unscharf. Ende.", ["Das Bild ist z. B. unscharf.", "Ende."]),
    ("¿Es real? No lo es. Sí.", ["¿Es real?", "No lo es.", "Sí."]),
    ("- one\n- two\n\n3. three", ["- one", "- two", "3. three"]),
    ("यह नकली है। छाया गलत है।", ["यह नकली है।", "छाया गलत है।"]),
    ("", []),
    (" \n ", []),
])
def test_sentences(text: str, wanted: list[str]) -> None:
    assert split(text) == wanted


def test_spans_are_ordered_and_cover_everything_but_space() -> None:
    text = "  One. Two?  Three… 四。五\n six e.g. 7.5 etc.  "
    spans = sentences(text)
    assert all(a < b for a, b in spans) and all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == "".join(text.split())


def test_a_character_in_pieces_comes_whole() -> None:
    reader = PieceReader("This is a")
    assert [reader.feed(p) for p in (b" f", b"\xe5", b"\x81", b"\x87", b"!")] == [" f", "", "", "假", "!"]
    assert reader.finish() == "" and reader.text == "This is a f假!"
    assert reader.tokens_in((11, 12)) == [1, 2, 3]


def test_a_character_cut_off_at_the_end_is_marked() -> None:
    reader = PieceReader("")
    assert reader.feed(b"  a\xe5") == "a" and reader.finish() == "�"


@pytest.mark.parametrize("evil", [
    "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u2029", "\x00", "\x85", "\ue000", "\r", "\U000e0041",
])
def test_characters_that_deceive_readers_are_removed(evil: str) -> None:
    assert clean(f"a{evil}b").replace("[31m", "") == "ab"


def test_ordinary_text_is_kept() -> None:
    assert clean("Ä é 假 – “x” \n\ty") == "Ä é 假 – “x” \n y"
