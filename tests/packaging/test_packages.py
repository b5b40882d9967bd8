"""The built packages against what the documents say about them, and the workflows as data."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def promised() -> dict[str, int]:
    """Megabytes that docs/install.md states, by the ending of the file's name."""
    text = (ROOT / "docs/install.md").read_text("utf-8")
    found = re.findall(r"^\| `telltale[^`]*(\.deb|\.rpm|\.tar\.xz)` \| (\d+) MB \|$", text, re.MULTILINE)
    return {suffix: int(size) for suffix, size in found}


def test_the_documents_state_a_size_for_every_package() -> None:
    assert set(promised()) == {".deb", ".rpm", ".tar.xz"}
    assert all(size < 2000 for size in promised().values())


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".deb", ".rpm", ".tar.xz"])
def test_no_package_has_grown_by_more_than_a_tenth(suffix: str) -> None:
    packages = sorted((ROOT / "dist").glob(f"telltale*{suffix}"))
    if not packages:
        pytest.skip("make packages first")
    for package in packages:
        assert package.stat().st_size <= 1.1e6 * promised()[suffix], "say the new size in docs/install.md, and why it is worth it"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_are_well_formed_and_may_only_read(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        if "container" in job:
            assert re.fullmatch(r"[\w.:-]+@sha256:[0-9a-f]{64}", job["container"]["image"])
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
