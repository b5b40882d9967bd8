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


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once with pytest's own status when Qt was used.

    PySide6 6.12 can crash while a Python 3.11 interpreter tears itself down, after every test has been run and reported; only that
    teardown is left out.
    """
    status = getattr(config, "_telltale_status", None)
    if status is not None and "PySide6" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the status for ``pytest_unconfigure``."""
    session.config._telltale_status = int(exitstatus)  # type: ignore[attr-defined]
