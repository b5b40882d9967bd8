"""Which questions an expert is offered, of which kind they are, and what the command says of them."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from desktop import questions
from desktop.analysis import Analyst
from desktop.cli import main
from desktop.engine import Engine
from desktop.engine.values import Answer
from models import store
from models.cards import load_card
from tests.conftest import PICTURES


@pytest.mark.parametrize(("text", "kind"), [
    ("Does the image looks real/fake?", "closed"),
    ("Is there a hand with six fingers?", "closed"),
    ("How is the texture regarding the authenticity of this image?", "attribute"),
    ("Describe the light and shadow.", "attribute"),
    ("What about this reflection?", "attribute"),
    ("What would make this picture look more natural?", "enhancement"),
    ("Can you improve the picture?", "enhancement"),
    ("Why does it look odd?", "open"),
    ("Describe the contents of the box.", "open"),
    ("", "open"),
])
def test_kinds(text: str, kind: str) -> None:
    assert questions.kind_of(text) == kind


def test_every_kind_is_offered_and_says_whether_it_was_trained() -> None:
    card = load_card(store.default_expert())
    offered = questions.suggestions(card)
    assert offered[0] == questions.Suggestion(card.prompt.question, "closed", trained=True)
    assert {suggestion.kind for suggestion in offered} == {"closed", "attribute", "open", "enhancement"}
    assert all(questions.kind_of(suggestion.text) == suggestion.kind for suggestion in offered)
    assert [s.text for s in offered if s.trained] == [card.prompt.question]
    taught = "What in this picture looks unusual?"
    card = msgspec.structs.replace(card, prompt=msgspec.structs.replace(card.prompt, questions=(taught,)))
    offered = questions.suggestions(card)
    assert questions.is_trained(taught, card) and [s.trained for s in offered if s.text == taught] == [True]
    general = questions.suggestions(msgspec.structs.replace(card, kind="aesthetics"))
    assert all("generator" not in s.text and "authentic" not in s.text for s in general), "only a detector is asked about making"


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--suggest", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["trained"] and not rows[-1]["trained"] and rows[-1]["kind"] == "enhancement"
    assert main(["ask", str(PICTURES / "real-coffee.jpg")]) == 2
    assert "suggest" in capsys.readouterr().err


def test_a_second_question_reuses_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    card = load_card(store.default_expert())
    asked = [card.prompt.question, "Is it made by a generator?", "What is odd?"]
    assert main(["ask", str(PICTURES / "real-coffee.jpg"), *asked, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["question"] for row in rows] == asked
    assert [row["reused"] for row in rows] == [False, True, True]
    assert [row["experimental"] for row in rows] == [False, True, True]
    assert [row["kind"] for row in rows] == ["closed", "closed", "open"] and rows[2]["yes_log_odds"] is None
    assert rows[0]["text"], "to questions that it was not trained on, the starter may have nothing to say"
    assert all(row["text_state"] == "complete" for row in rows)


def test_an_expert_that_writes_nothing_is_told_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_analyst: Analyst, _picture: Path, _question: str, **_more: object) -> Answer:
        return Answer("", "complete", True, None, 0.1, 0.2, False)

    monkeypatch.setattr(Analyst, "ask", silent)
    assert main(["ask", str(PICTURES / "real-coffee.jpg"), "Why?"]) == 0
    experimental, answer = capsys.readouterr().out.splitlines()
    assert "not trained on this question" in experimental and answer == "(the expert wrote nothing)"


def test_a_second_question_is_quick() -> None:
    """At most a quarter of the first one's time to its first word; the best of three of each, because other programs run too."""
    size = load_card(store.default_expert()).preparation.size
    firsts, seconds = [], []
    with Engine.open(store.default_expert()) as engine:
        for number in range(3):
            picture = np.random.default_rng(number).integers(0, 256, (size, size, 3), np.uint8)
            one, two = engine.ask(picture, "What is odd?"), engine.ask(picture, "Why is it odd?")
            assert not one.reused and two.reused
            firsts.append(one.first_token_s)
            seconds.append(two.first_token_s)
    assert min(seconds) <= min(firsts) / 4
