"""A whole day without a mouse: a real window on a screen of its own, real key presses, the bundled expert, a real case and report."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop import document
from desktop.cases import Case
from models.errors import TelltaleError
from tests.conftest import PICTURES
from tests.e2e.screen import Hands, Screen
from tests.e2e.test_window import open_window

pytestmark = pytest.mark.xvfb


def until(case: Path, holds: Callable[[Case], bool], timeout: float = 120.0) -> None:
    """Wait until what lies in the case satisfies ``holds``."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            with Case.open(case, read_only=True) as opened:
                if holds(opened):
                    return
        except TelltaleError:
            pass  # it is being made
        assert time.monotonic() < deadline, "the case never held what was typed"
        time.sleep(0.3)


def test_from_a_new_case_to_a_checked_report_with_the_keyboard_alone(desk: Screen, tmp_path: Path) -> None:
    picture, folder, reports = tmp_path / "press photo.png", tmp_path / "case", tmp_path / "reports"
    shutil.copy(PICTURES / "generated-progan-1.png", picture)
    reports.mkdir()
    program = open_window(desk)
    hands = Hands(desk)

    hands.on("Telltale")
    hands.press("ctrl+n")
    hands.on("New case")
    hands.type("Press photo")
    hands.press(*["Tab"] * 5, "ctrl+a")
    hands.type(str(folder))
    hands.press("Return")
    until(folder, lambda case: case.info.title == "Press photo")

    hands.on("Press photo")
    hands.press("ctrl+o")
    hands.on("Open pictures")
    hands.type(str(picture))
    hands.press("Return")
    shown = program.wait("SHOWN", 120)
    assert shown["name"] == picture.name and shown["state"] == "done" and shown["headline"]
    assert "not a probability" in shown["texts"] and "The model's stated reasons" in shown["texts"]
    with Case.open(folder, read_only=True) as case:
        (entry,) = case.analyses(1)
        claims = document.decode(case.document(entry.id)).opinions[0].claims
    assert claims and all(claim.text in shown["texts"] for claim in claims[:1])

    hands.on("press photo.png")
    hands.press("ctrl+j", "1")  # the first stated reason: confirmed
    until(folder, lambda case: {key: said.value for key, said in case.dispositions(entry.id).items()} == {claims[0].id: "confirmed"})

    hands.press("ctrl+shift+a")
    hands.type("What lies in front?")
    hands.press("Return")
    until(folder, lambda case: [(answer.question, bool(answer.text)) for answer in case.answers(1)] == [("What lies in front?", True)])

    hands.press("ctrl+shift+n")
    hands.type("Received by e-mail on Tuesday.")
    hands.press("ctrl+Return")
    until(folder, lambda case: [note.text for note in case.notes(1)] == ["Received by e-mail on Tuesday."])

    hands.press("ctrl+e")
    hands.on("Report of press photo")
    hands.press("Return")
    hands.on("Write the report into this folder")
    hands.press("ctrl+a")
    hands.type(str(reports))
    hands.press("Return")
    until(folder, lambda case: any('"exported"' in line for line in case.custody_lines()), 120)
    (bundle,) = (path.parent for path in reports.rglob("report.html"))
    while not (bundle / "bagit.txt").is_file():
        bundle = bundle.parent
    command = [sys.executable, "-m", "desktop", "report", "verify", str(bundle)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    words = "\n".join(path.read_text("utf-8") for path in bundle.rglob("*.html"))
    assert "Received by e-mail on Tuesday." in words and picture.name in words

    hands.on("press photo.png")
    hands.press("ctrl+q")
    assert program.process.wait(120) == 0
    with Case.open(folder) as case:
        assert case.check().ok
