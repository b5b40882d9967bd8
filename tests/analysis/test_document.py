"""The document keeps its promises: strict, canonical, and described by the schema in the repository."""

import msgspec
import pytest

from desktop import document


def test_an_unknown_field_is_refused() -> None:
    failure = document.encode(document.Failure(document.ERROR_SCHEMA, "a.jpg", "picture-empty", "…"))
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(failure[:-1] + b',"more":1}', type=document.Failure)


def test_a_probability_outside_zero_and_one_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="p_fake"):
        msgspec.convert({"p_fake": 1.5}, msgspec.defstruct("P", [("p_fake", document.Probability)]))


def test_the_same_document_gives_the_same_bytes() -> None:
    one = document.View("ela", True, "JPEG", {"b": 1, "a": 2})
    two = document.View("ela", True, "JPEG", {"a": 2, "b": 1})
    assert msgspec.json.encode(one, order="deterministic") == msgspec.json.encode(two, order="deterministic")
