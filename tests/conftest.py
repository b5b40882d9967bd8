"""What every test shares: no real screen, and folders of the user's that belong to the test run alone."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "tests" / "pictures"


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Experts, settings and caches of this test, never those of whoever runs it."""
    folder = tmp_path_factory.mktemp("telltale-data")
    monkeypatch.setenv("TELLTALE_DATA_DIR", str(folder))
    yield folder


def pytest_unconfigure() -> None:
    """Close what llama-cpp-python opens on import and leaves open: pytest's summary is the last thing that a run says."""
    opened = sys.modules.get("llama_cpp._utils")
    if opened is not None:
        opened.outnull_file.close()
        opened.errnull_file.close()
