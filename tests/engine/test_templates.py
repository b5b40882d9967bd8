"""Experts that were trained on a conversation are asked in its form, verdict and free questions: token by token as transformers does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece

import convert
from convert.job import make_plan
from convert.recipe import recipe_names
from desktop.engine import Engine
from desktop.engine.passes import question_ids
from desktop.engine.text import clean
from models.cards import Prompt
from models.gguf_keys import read_keys
from models.tokens import tokeniser, with_control_tokens
from tests.engine.conftest import ONE_THREAD
from tests.models import ggufs
from tests.references import HERE, tiny_checkpoint
from tests.references.tiny import IMAGE_ID, PATCHES, TOKENIZER

FREE = "What do you see in this picture?"
VICUNA = """
id = "vicuna"
name = "Vicuna with a system message"
kind = "general"
[prompt]
before_picture = "Every word here gives the vocabulary another piece to join. USER: "
question_form = "\\n{question} ASSISTANT:"
question = "What do you see in this picture?"
fake_word = "fake"
real_word = "real"
[licence]
id = "CC0-1.0"
"""


@pytest.fixture(scope="module")
def chat() -> dict[str, Any]:
    """What transformers gives (``tests.references.make_chat``)."""
    with np.load(HERE / "chat.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The tiny LLaVA, converted with the recipe of plain LLaVA-1.5."""
    root = tmp_path_factory.mktemp("talking")
    options = convert.Options(language_type="F32", projector_type="F32", recipe="llava")
    convert.convert(tiny_checkpoint(root / "checkpoint"), root / "expert", options)
    with Engine.open(root / "expert", settings=ONE_THREAD) as engine:
        yield engine


def whole(prompt: Prompt, before: tuple[int, ...]) -> list[int]:
    """Everything up to the forced start, as a score is asked."""
    return [*before, *[IMAGE_ID] * PATCHES, *prompt.question_ids]


@pytest.mark.parametrize(("recipe", "wanted"), [("llava", "verdict_ids"), (VICUNA, "system_ids")])
def test_ids_are_those_of_transformers_chat_template(tmp_path: Path, chat: dict[str, Any], recipe: str, wanted: str) -> None:
    if recipe not in recipe_names():
        (tmp_path / "own.toml").write_text(recipe)
        recipe = str(tmp_path / "own.toml")
    plan = make_plan(tiny_checkpoint(tmp_path / "checkpoint"), convert.Options(recipe=Path(recipe) if recipe.endswith(".toml") else recipe))
    assert whole(plan.prompt, plan.before_ids) == chat[wanted].tolist()
    if recipe == "llava":
        assert list(plan.prompt.answer_start_ids) == chat["start_ids"].tolist()


def test_verdict_in_the_conversations_form(talking: Engine, chat: dict[str, Any], reference: dict[str, Any]) -> None:
    assert talking.facts["self_test"]["min_cosine"] >= 0.9999
    for number, picture in enumerate(reference["pictures"]):
        assert talking.score(picture).log_odds == pytest.approx(chat["log_odds"][number], abs=0.02)
        assert abs(chat["log_odds"][number] - reference["log_odds"][number]) > 0.1, "the raw prompt would give another number"


def test_a_free_question_in_the_conversations_form(talking: Engine, chat: dict[str, Any], reference: dict[str, Any]) -> None:
    words = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER))
    for number, picture in enumerate(reference["pictures"]):
        answer = talking.ask(picture, FREE)
        wanted = clean(words.decode(chat["greedy"][number].tolist())).strip().rstrip("\ufffd")
        assert len(wanted) > 10
        assert answer.text.startswith(wanted)
        assert answer.experimental
    assert not talking.ask(reference["pictures"][0], "Describe the image.").experimental


class Vocabulary:
    """The tokens of a GGUF file, told apart as the engine does."""

    def __init__(self, path: Path) -> None:
        keys = read_keys(path)
        self._plain = tokeniser(keys)
        self._control = with_control_tokens(keys, self._plain)

    def tokenize(self, text: str, *, control: bool = False) -> list[int]:
        return list((self._control if control else self._plain)(text, False))


@pytest.fixture
def form(tmp_path: Path) -> Callable[[str], list[int]]:
    """Questions in the form of Qwen's conversations, with a vocabulary of that kind."""
    ggufs.language(tmp_path / "l.gguf", "qwen2", ggufs.rank_vocabulary())
    words = Vocabulary(tmp_path / "l.gguf")
    prompt = Prompt("?", (1,), "", (), "fake", "real", (1,), (2,), 3, question_form="{question}<|end|>\n<|end|>")
    return lambda question: question_ids(words, prompt, question)


def test_control_tokens_count_in_the_form_alone(form: Callable[[str], list[int]]) -> None:
    end = len(ggufs.rank_vocabulary()["tokenizer.ggml.tokens"]) - 1
    assert form("is a fake?").count(end) == 2
    assert form("is a <|end|> fake?").count(end) == 2, "a question cannot end its turn"
    assert len(form("is a <|end|> fake?")) > len(form("is a fake?")) + 5
    assert form("is a fake?")[-3:] == [end, form("\n")[0], end]
