"""Kinds of questions that may be put to an expert, and which ones to suggest. Pure functions of the card.

What an expert was trained to answer stands in its card. Anything else may be asked too and is experimental: the words that come back are
those of a model outside what it learnt. No answer ever changes a recorded score. Kinds after FakeScope and FakeBench (detectors.md §11).
"""

from dataclasses import dataclass
from typing import Literal

from models.cards import Card

Kind = Literal["closed", "attribute", "open", "enhancement"]
"""Answered by yes or no, with log-odds; about one property; free; about what would make the picture look more natural."""

ATTRIBUTES = (
    "texture", "edges", "clarity", "light and shadow", "layout", "symmetry", "reflections", "perspective", "shapes", "content",
    "distortion", "colours", "tone",
)  # fmt: skip
_CLOSED = frozenset((
    "is", "are", "was", "were", "does", "do", "did", "can", "could", "has", "have", "had", "will", "would", "should", "may", "might",
))
_ENHANCEMENT = ("more natural", "more realistic", "more authentic", "less artificial", "improve", "enhance")


@dataclass(frozen=True)
class Suggestion:
    """A question that can be put with a click. ``trained``: the card says that the expert was trained on it; else it is experimental."""

    text: str
    kind: Kind
    trained: bool


def is_trained(question: str, card: Card) -> bool:
    """Whether the card lists ``question``."""
    return question in (card.prompt.question, *card.prompt.questions)


def kind_of(question: str) -> Kind:
    """The kind of any question, by its words; English, because that is what the experts are asked in."""
    words = [word.strip(".,;:?!\"'") for word in question.lower().split()]
    text = f" {' '.join(words)} "
    if any(f" {phrase} " in text for phrase in _ENHANCEMENT):
        return "enhancement"
    if words and words[0] in _CLOSED:
        return "closed"
    forms = (form for attribute in ATTRIBUTES for form in (attribute, attribute.removesuffix("s")))
    return "attribute" if any(f" {form} " in text for form in forms) else "open"


def attribute_question(attribute: str) -> str:
    """The question about one of ``ATTRIBUTES``."""
    return f"How does the {attribute} speak for or against this picture being authentic?"


def suggestions(card: Card) -> tuple[Suggestion, ...]:
    """What to offer for an expert: first what it was trained on, then at least one question of every other kind, labelled experimental."""
    trained = tuple(dict.fromkeys((card.prompt.question, *card.prompt.questions) if card.prompt.question else card.prompt.questions))
    found = [Suggestion(text, kind_of(text), trained=True) for text in trained]
    others: list[tuple[str, Kind]] = [("What in this picture looks unusual?", "open")]
    if card.kind == "detector":
        others.append(("Is this picture made by a generator? Answer yes or no.", "closed"))
        others += [(attribute_question(attribute), "attribute") for attribute in ATTRIBUTES]
    others.append(("What would make this picture look more natural?", "enhancement"))
    return (*found, *(Suggestion(text, kind, trained=False) for text, kind in others if text not in trained))
