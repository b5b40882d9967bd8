"""Whatever is wrong with what a person typed ends in one line with a code, the right exit code, and never in a traceback or a wait."""

import os
import sys
from pathlib import Path

import pytest

from desktop import cli
from desktop.commands import models
from desktop.commands.inputs import expand
from models.places import DATA_DIR_VARIABLE
from tests.references import tiny_checkpoint

PICTURE = Path(__file__).parents[1] / "pictures" / "real-astronaut.jpg"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty folder, a text file, an empty file, a bad recipe and a picture; the data folder is in it."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("words")
    (tmp_path / "zero").touch()
    (tmp_path / "bad.toml").write_text("id = 'x'\n")
    (tmp_path / "a.jpg").write_bytes(PICTURE.read_bytes())
    return tmp_path


CASES = {
    "analyze missing.jpg": (3, "picture-not-found"),
    "analyze empty": (3, "folder-without-pictures"),
    "analyze zero": (3, "picture-empty"),
    "analyze a.jpg --expert nosuch": (4, "expert-unknown"),
    "analyze a.jpg --expert empty": (4, "expert-unknown"),
    "analyze a.jpg --views nosuch --report out": (2, "unknown-view"),
    "analyze a.jpg --report text.txt": (2, "report-not-a-folder"),
    "analyze a.jpg --sign-key missing.pem --report out": (2, "key-unreadable"),
    "ask a.jpg Q --expert nosuch": (4, "expert-unknown"),
    "case list missing": (3, "case-unreadable"),
    "case add missing a.jpg": (3, "case-unreadable"),
    "case check text.txt": (3, "case-unreadable"),
    "case new text.txt": (3, "case-exists"),
    "report verify missing": (2, "bundle-missing"),
    "report repeat empty missing": (2, "repeat-unreadable"),
    "report stamp empty text.txt": (5, "bundle-incomplete"),
    "report stamp empty missing": (2, "answer-unreadable"),
    "convert missing --out new": (3, "checkpoint-missing"),
    "convert empty --out new": (3, "checkpoint-missing"),
    "convert empty --out empty": (3, "output-exists"),
    "convert empty --out new --recipe nosuch": (3, "recipe-unknown"),
    "convert empty --out new --recipe bad.toml": (3, "recipe-invalid"),
    "convert tiny --out text.txt/new": (3, "output-unwritable"),
    "convert tiny --out new --lora empty": (3, "adapter-missing"),
    "convert tiny --out new --id Bad!": (3, "identifier-invalid"),
    "models pull nosuch": (4, "catalogue-unknown"),
    "models pull starter": (4, "pull-bundled"),
    "models import missing": (4, "archive-missing"),
    "models import empty": (4, "import-incomplete"),
    "models import text.txt": (4, "archive-invalid"),
    "models export nosuch": (4, "expert-unknown"),
    "models export starter --out text.txt": (2, "output-exists"),
    "models verify nosuch": (4, "expert-unknown"),
    "models remove starter": (4, "expert-bundled"),
    "evaluate missing": (2, "dataset-missing"),
    "evaluate empty": (2, "dataset-empty"),
    "calibrate empty --expert nosuch": (4, "expert-unknown"),
}


@pytest.mark.parametrize("line", CASES)
def test_refused_with_a_code(place: Path, capfd: pytest.CaptureFixture[str], line: str) -> None:
    if "tiny" in line:
        tiny_checkpoint(place / "tiny")
    before = sorted(path.name for path in place.iterdir())
    status, code = CASES[line]
    assert cli.main(line.split()) == status
    out, error = capfd.readouterr()
    assert f": {code}: " in error
    assert len(error.strip().splitlines()) == 1 and not out
    assert [name for name in sorted(path.name for path in place.iterdir()) if name != "data"] == before, "nothing is left behind"


USAGE = ["analyze", "analyze a.jpg --jobs 0", "analyze a.jpg --jobs many", "case", "report", "convert empty", "nosuch"]


@pytest.mark.parametrize("line", USAGE)
def test_usage(place: Path, capfd: pytest.CaptureFixture[str], line: str) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(line.split())
    assert ended.value.code == 2
    error = capfd.readouterr().err
    assert "usage: telltale" in error
    assert "_jobs" not in error


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are no paths there")
@pytest.mark.parametrize(
    ("line", "code"),
    [("analyze pipe", "picture-not-a-file"), ("models import pipe", "archive-unreadable"), ("case add case pipe", "source-not-a-file")],
)
def test_a_pipe_is_never_waited_for(place: Path, capfd: pytest.CaptureFixture[str], line: str, code: str) -> None:
    os.mkfifo(place / "pipe")
    if line.startswith("case"):
        assert cli.main(["case", "new", "case"]) == 0
    assert cli.main(line.split()) in (3, 4)
    assert code in capfd.readouterr().err


def test_what_no_command_foresaw_of_the_system_ends_in_words(
    place: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_arguments: object) -> int:
        raise PermissionError(13, "Permission denied", "some/place")

    monkeypatch.setattr(models, "run_list", broken)
    assert cli.main(["models", "list"]) == 3
    assert capfd.readouterr().err == "telltale: system-refused: the system refused: Permission denied (some/place)\n"


def test_a_folder_that_cannot_be_opened_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not hold a root user back, so the refusal is the system call's."""
    (place / "in" / "closed").mkdir(parents=True)
    (place / "in" / "a.jpg").write_bytes(b"x")
    real = os.scandir

    def scandir(path: str | int) -> object:  # whoever clears up afterwards names folders by number
        if isinstance(path, str) and Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    pictures, failures = expand([place / "in"])
    assert pictures == [place / "in" / "a.jpg"]
    assert [(path.name, error.code) for path, error in failures] == [("closed", "folder-unreadable")]
    pictures, failures = expand([place / "in" / "closed"])
    assert pictures == [] and [error.code for _, error in failures] == ["folder-unreadable"]
