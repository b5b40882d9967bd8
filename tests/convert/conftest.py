"""Checkpoints and experts that several tests look at; each is made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

import convert
from tests.references import tiny_checkpoint

Expert = Callable[..., Path]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`checkpoint(**kwargs of tiny_checkpoint)`: a folder that must not be changed."""
    made: dict[tuple[tuple[str, object], ...], Path] = {}

    def make(**kwargs: object) -> Path:
        key = tuple(sorted(kwargs.items()))
        if key not in made:
            made[key] = tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny", **kwargs)  # type: ignore[arg-type]
        return made[key]

    return make


@pytest.fixture(scope="session")
def expert(tmp_path_factory: pytest.TempPathFactory, checkpoint: Callable[..., Path]) -> Expert:
    """`expert(language, projector, **kwargs of tiny_checkpoint)`: a converted folder that must not be changed."""
    made: dict[tuple[object, ...], Path] = {}

    def make(language: str = "F32", projector: str = "F32", **kwargs: object) -> Path:
        key = (language, projector, *sorted(kwargs.items()))
        if key not in made:
            out = tmp_path_factory.mktemp("expert") / "tiny"
            convert.convert(checkpoint(**kwargs), out, convert.Options(language_type=language, projector_type=projector))  # type: ignore[arg-type]
            made[key] = out
        return made[key]

    return make
