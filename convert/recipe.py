"""Recipes: what a checkpoint does not say about itself (its question, its answer words, its kind, its licence).

A recipe is a small TOML file; the ones that ship are in `recipes/`, and a path to one's own works wherever a name does. It turns into the
card's prompt with the checkpoint's tokenizer.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from convert.vocabulary import Tokeniser, Vocabulary
from models.cards import Grounding, Licence, PreparationKind, Prompt
from models.errors import ConversionError


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The canonical question and where its answer is decided."""

    question: str
    fake_word: Annotated[str, Meta(min_length=1)]
    real_word: Annotated[str, Meta(min_length=1)]
    answer_start: str = ""
    """Forced beginning of the answer, up to the word that decides (without the space before it)."""
    before_picture: str = ""
    """What a conversation's template puts before the picture."""
    question_form: str = "{question}"
    """What it puts between the picture and the answer, with `{question}` in its place."""
    questions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.question_form.count("{question}") != 1:
            raise ValueError("question_form has to contain {question} once")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    max_tokens: Annotated[int, Meta(gt=0, le=4096)] = 256
    spare_tokens: Annotated[int, Meta(ge=0, le=4096)] = 128
    """Room for questions that are longer than the canonical one."""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One TOML file."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: str
    kind: Literal["detector", "general", "aesthetics"]
    prompt: Wording
    licence: Licence
    preparation: PreparationKind | None = None
    """Overrides what the checkpoint says."""
    limits: Limits = Limits()
    grounding: Grounding = Grounding()
    good_for: str = ""
    not_for: str = ""


def recipe_names() -> list[str]:
    """Names of the recipes that ship."""
    return sorted(
        item.name.removesuffix(".toml") for item in (resources.files("convert") / "recipes").iterdir() if item.name.endswith(".toml")
    )


def load_recipe(recipe: str | Path) -> Recipe:
    """A recipe by name or by path to a `.toml` file. Raises ConversionError `recipe-unknown` or `recipe-invalid`."""
    if isinstance(recipe, str) and recipe in recipe_names():
        data = (resources.files("convert") / "recipes" / f"{recipe}.toml").read_bytes()
    else:
        path = Path(recipe)
        if path.suffix != ".toml" or not path.is_file():
            raise ConversionError(
                "recipe-unknown", f"there is no recipe of this name; choose one of {', '.join(recipe_names())} or give a .toml file"
            )
        data = path.read_bytes()
    try:
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), Recipe)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConversionError("recipe-invalid", f"the recipe is not valid: {error}") from None


def make_prompt(wording: Wording, vocabulary: Vocabulary) -> Prompt:
    """Token ids of a wording in a vocabulary.

    Both answers are tokenised whole and compared: the decision lies where they part. Raises ConversionError `answer-words`.
    """
    words = Tokeniser(vocabulary)
    fake, real = (
        words.encode(f"{wording.answer_start} {word}" if wording.answer_start else word, space_prefix=not wording.answer_start)
        for word in (wording.fake_word, wording.real_word)
    )
    shared = next((i for i, pair in enumerate(zip(fake, real, strict=False)) if pair[0] != pair[1]), None)
    if shared is None:
        raise ConversionError(
            "answer-words", "the two answer words of the recipe begin with the same tokens in this vocabulary; choose others"
        )
    return Prompt(
        question=wording.question,
        question_ids=words.encode(wording.question_form.replace("{question}", wording.question)),
        answer_start=words.decode(fake[:shared]),
        answer_start_ids=fake[:shared],
        fake_word=wording.fake_word,
        real_word=wording.real_word,
        fake_ids=(fake[shared],),
        real_ids=(real[shared],),
        bos_id=vocabulary.bos_id,
        eos_id=vocabulary.eos_id,
        before_picture=wording.before_picture,
        question_form=wording.question_form,
        questions=wording.questions,
    )
