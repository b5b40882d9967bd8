"""What the end-to-end tests share: a screen of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.screen import Screen, needs_screen, screen


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Screen]:
    """A screen of our own."""
    needs_screen()
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    with screen(folder) as opened:
        yield opened
