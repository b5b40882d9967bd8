"""The PDF: tagged, the same bytes every time, its text there to be copied in English and Chinese, nothing active in it."""

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import msgspec
import pytest

from desktop.report import render_pdf
from desktop.report.pdf import printable
from desktop.report.words import LANGUAGES, table
from samples import documents
from tests.report.test_html import HOSTILE, hostile

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def words_of(data: bytes, folder: Path) -> str:
    """The text of a PDF as poppler copies it, in one line."""
    (folder / "report.pdf").write_bytes(data)
    done = subprocess.run(["pdftotext", "-raw", str(folder / "report.pdf"), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode("utf-8").split())


def inside(data: bytes) -> bytes:
    """A PDF with its streams unpacked, for searching."""
    found = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
@needs_poppler
def test_text_can_be_copied(language: str, tmp_path: Path) -> None:
    data = render_pdf(documents.analysis(), documents.picture(), language=language, case=documents.case())
    text, t = words_of(data, tmp_path), table(language)
    for part in (
        t["outcome"]["supports-ai"],
        t["claims"]["title"],
        t["claims"]["note"],
        t["limits"]["l4"],
        t["marks"]["note"],
        t["case"]["title"],
    ):
        assert part.replace(" ", "") in text.replace(" ", "")
    assert documents.HASH in text and (documents.HASH + documents.HASH[::-1]) in text.replace(" ", "")
    assert "The texture of the hill repeats in a regular wave pattern." in text
    assert "Ines Okafor" in text


@needs_poppler
def test_it_is_tagged_and_every_font_is_embedded(tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(render_pdf(documents.analysis(), documents.picture(), language="zh"))
    about = subprocess.run(["pdfinfo", tmp_path / "r.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged:\s+yes", about) and re.search(r"JavaScript:\s+no", about) and "harbour evening.jpg" in about
    fonts = subprocess.run(["pdffonts", tmp_path / "r.pdf"], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts and all(re.search(r"\byes yes yes\b", line) for line in fonts)
    assert any("TelltaleHan" in line for line in fonts)


def test_the_same_analysis_gives_the_same_bytes() -> None:
    first = render_pdf(documents.analysis(), documents.picture(), case=documents.case(), views={"ela": documents.picture()})
    assert first == render_pdf(documents.analysis(), documents.picture(), case=documents.case(), views={"ela": documents.picture()})


@needs_poppler
def test_nothing_of_a_hostile_document_is_alive(tmp_path: Path) -> None:
    data = render_pdf(hostile(), documents.picture(), case=documents.case())
    plain = inside(data)
    for active in b"/URI /JavaScript /JS /Launch /OpenAction /AA /EmbeddedFile /SubmitForm /GoToR /RichMedia".split():
        assert not re.search(active + rb"\b", plain), active
    text = words_of(data, tmp_path)
    assert "<script>alert(1)</script>" in text and "{{7*7}}" in text and "://" not in text.replace("“://”", "")
    assert HOSTILE not in text


@needs_poppler
def test_markup_of_the_typesetter_is_only_text(tmp_path: Path) -> None:
    attack = '#read("/etc/passwd") #eval("1+1") $x^2$ *bold* _it_ @ref <label> `raw` \\ // /* -- ~ [x](y) = Head'
    opinion = msgspec.structs.replace(documents.analysis().opinions[0], text=attack)
    text = words_of(render_pdf(documents.analysis(opinions=(opinion,)), None), tmp_path)
    assert "".join(attack.split()) in "".join(text.split())


@needs_poppler
def test_what_the_fonts_lack_is_printed_as_its_code(tmp_path: Path) -> None:
    assert printable("a 中文 한 😀 ش") == "a 中文 [U+D55C] [U+1F600] [U+0634]"
    exhibit = msgspec.structs.replace(documents.analysis().exhibit, name="朱镕基 한국 😀.jpg")
    text = words_of(render_pdf(documents.analysis(exhibit=exhibit)), tmp_path)
    assert "朱" in text and "[U+D55C]" in text and "[U+1F600]" in text


def test_every_word_of_both_languages_can_be_printed() -> None:
    for language in LANGUAGES:
        for section in table(language).values():
            for text in section.values():
                assert printable(text) == text


def test_odd_shapes_can_be_laid_out() -> None:
    value = documents.analysis()
    tall = msgspec.structs.replace(value.exhibit, width=4, height=900, name="x" * 300 + ".jpg", facts={"k" * 300: "v" * 5000})
    opinion = msgspec.structs.replace(value.opinions[0], frame=msgspec.structs.replace(value.opinions[0].frame, box=(0, 448, 4, 4)))
    assert render_pdf(msgspec.structs.replace(value, exhibit=tall, opinions=(opinion,))).startswith(b"%PDF")
    assert render_pdf(msgspec.structs.replace(value, opinions=(), marks=(), finding=msgspec.UNSET)).startswith(b"%PDF")
