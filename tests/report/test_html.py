"""The HTML report: nothing active, nothing remote, nothing of the file's own alive, sentences and regions linked both ways."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest

from desktop import document as d
from desktop.report import CaseContext, render_html, write_bundle
from desktop.report.words import LANGUAGES, clean, table
from models.errors import InputError
from samples import documents

ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "link",
    "base",
    "input",
    "button",
    "video",
    "audio",
    "foreignobject",
    "animate",
    "set",
}
HOSTILE = (
    "x</title><script>alert(1)</script><img src=http://evil.example/x onerror=a>{{7*7}}"
    "\u202egnp.exe\u200b\x00\x1b[31m https://evil.example \u2028end"
)


class Page(HTMLParser):
    """Collects what could be active or remote."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def assert_calm(html: str) -> Page:
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag not in ACTIVE
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style", (tag, name)
            if name in {"href", "src"}:
                assert value is not None and value.startswith(("#", "data:image/png;base64,"))
    assert not set(re.findall(r"url\(|@import|http[s]?://", html))
    return page


def hostile() -> d.Analysis:
    """Every string of a rich analysis replaced by an attack."""
    value = documents.analysis()
    r = msgspec.structs.replace
    opinion = value.opinions[0]
    return r(
        value,
        id=HOSTILE,
        exhibit=r(value.exhibit, name=HOSTILE, container=HOSTILE, facts={HOSTILE: {HOSTILE: [HOSTILE, {"a": HOSTILE}]}}),
        opinions=(
            r(
                opinion,
                text=HOSTILE,
                grounding=HOSTILE,
                expert=r(opinion.expert, name=HOSTILE, id=HOSTILE, licence=HOSTILE),
                claims=tuple(r(claim, id=HOSTILE + str(n), text=HOSTILE) for n, claim in enumerate(opinion.claims)),
            ),
        ),
        marks=tuple(r(mark, id=HOSTILE, sentence=HOSTILE, facts={HOSTILE: HOSTILE}) for mark in value.marks),
        views=tuple(r(view, id=HOSTILE, why=HOSTILE, facts={HOSTILE: HOSTILE}) for view in value.views),
        run=r(
            value.run,
            prompt=HOSTILE,
            deviations=(HOSTILE,),
            engine={HOSTILE: HOSTILE},
            libraries={HOSTILE: HOSTILE},
            answer_token_ids={HOSTILE: [1]},
        ),
        finding=r(
            value.finding, sentence=HOSTILE, reasons=(d.Reason(HOSTILE, HOSTILE),), error_rates={HOSTILE: HOSTILE}, stability={HOSTILE: 1}
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_hostile_document_is_alive(language: str) -> None:
    page = assert_calm(render_html(hostile(), documents.picture(), language=language))
    assert not re.search("[\u200b\u202e\u2028\u0000\u001b]", page.text)
    assert "<script>alert(1)</script>" in page.text
    assert "49" not in re.findall(r"\{\{7\*7\}\}|49\W", page.text)
    assert "evil.example" in page.text and "http://" not in page.text and "https://" not in page.text


def test_policy_allows_only_this_style_and_inline_pictures() -> None:
    html = render_html(documents.analysis(), documents.picture(), case=documents.case())
    style = html.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in Page(html).tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_sentences_and_regions_point_at_each_other() -> None:
    page = Page(render_html(documents.analysis(), documents.picture()))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    targets = {a["href"][1:] for tag, a in page.tags if tag == "a" and a.get("href")}
    assert len(ids) == len(set(ids)) and targets <= set(ids)
    assert {"c-o1c1", "g-o1c1", "c-o1c2", "g-o1c2"} <= targets
    assert "g-o1c3" not in ids
    assert "not analysed" in page.text


def test_outcome_comes_first_and_never_without_its_error_rate() -> None:
    text = Page(render_html(documents.analysis(), documents.picture(), case=documents.case())).text
    order = [
        "The picture looks AI-generated",
        "moderate support",
        "How often it is wrong",
        "The model's stated reasons",
        "Marks the file declares",
        "Signal views",
        "Limitations",
        "Prompt, verbatim",
        "Case and custody",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    bare = documents.analysis(finding=msgspec.structs.replace(documents.analysis().finding, error_rates={}))
    assert "No error rate is known" in Page(render_html(bare)).text


def test_dispositions_are_kept_apart_from_the_machine() -> None:
    text = Page(render_html(documents.analysis(), case=documents.case())).text
    assert "Examiner: confirmed" in text and "Examiner: not seen" in text and "not reviewed by an examiner" in text
    assert "Inconclusive. The original should be asked for." in text


def test_no_detector_means_no_finding() -> None:
    text = Page(render_html(documents.analysis(finding=msgspec.UNSET))).text
    assert "No finding" in text and "is not a detector" in text


def test_pixels_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="picture-mismatch"):
        render_html(documents.analysis(), np.zeros((3, 3, 3), np.uint8))


def test_unreadable_attention_map_is_left_out() -> None:
    opinion = documents.analysis().opinions[0]
    broken = tuple(msgspec.structs.replace(claim, map=d.ClaimMap((24, 24), "AAA")) for claim in opinion.claims)
    html = render_html(documents.analysis(opinions=(msgspec.structs.replace(opinion, claims=broken),)), documents.picture())
    assert 'class="heat"' not in html


def test_bundle_is_whole_and_never_overwritten(tmp_path: Path) -> None:
    first = write_bundle(documents.analysis(), documents.picture(), tmp_path)
    second = write_bundle(documents.analysis(), documents.picture(), tmp_path)
    assert (first.name, second.name) == ("harbour_evening-9f86d081", "harbour_evening-9f86d081-2")
    one = {p.relative_to(first): p.read_bytes() for p in first.rglob("*") if p.is_file()}
    two = {p.relative_to(second): p.read_bytes() for p in second.rglob("*") if p.is_file()}
    assert one == two
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\x.png", "...", "a" * 500, "CON\u202e.jpg", "/"])
def test_folder_name_of_a_hostile_file_name_stays_inside(tmp_path: Path, name: str) -> None:
    exhibit = msgspec.structs.replace(documents.analysis().exhibit, name=name)
    path = write_bundle(documents.analysis(exhibit=exhibit), None, tmp_path)
    assert path.parent == tmp_path and len(path.name) < 80


def test_languages_have_the_same_words() -> None:
    english, chinese = table("en"), table("zh")
    places = re.compile(r"\{\w+\}")
    assert {(s, k) for s in english for k in english[s]} == {(s, k) for s in chinese for k in chinese[s]}
    for section in english:
        for key, text in english[section].items():
            assert set(places.findall(text)) == set(places.findall(chinese[section][key])), f"{section}.{key}"


def test_clean_keeps_words_and_drops_the_invisible() -> None:
    assert clean("a\u202eb\u2066c\ud800d\ue000e\tf\n g") == "abcde f g"
    assert clean("https://a.example/x") == "https[:]//a.example/x"
    assert clean("x" * 3000).endswith("…")


def test_runs_of_other_exhibits_entries_are_one_row() -> None:
    lines = [
        '{"at":"t","details":{"digest":"d","name":"a.jpg","row":1,"table":"exhibit"},"event":"received","hash":"h","prev":"p","seq":1,"who":"Ines"}'
    ]
    lines += [f'{{"hash":"h","prev":"p","seq":{n}}}' for n in range(2, 500)]
    text = Page(render_html(documents.analysis(), case=CaseContext(custody=tuple(lines)))).text
    assert "2–499" in text and text.count("about other exhibits") == 1
    assert "name: a.jpg" in text and "digest" not in text
