"""One intake for a whole module, and a guard: whatever a test does, the application itself must not decode a picture."""

from collections.abc import Iterator

import pytest

from desktop.intake import Intake


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with Intake() as shared:
        yield shared
