"""Hostile files: each gets its code within seconds, none hangs, none is decoded in the application, none hurts the next one."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.ImageFile
import pytest

from desktop.intake import Intake, Limits
from desktop.intake.problems import REFUSED, TEXTS
from models.errors import InputError
from tests.intake import hostile
from tests.intake.pictures import colours, saved

SECONDS = 15.0
"""Of the processor, for one file, with the start of its process; alone it is less than two."""


def processor_seconds() -> float:
    """What this process and those that it has ended have used so far."""
    return sum(os.times()[:4])


@pytest.fixture(autouse=True)
def nothing_is_decoded_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are made before the guard is up; from then on decoding in this process fails the test."""
    if "file" in request.fixturenames:
        request.getfixturevalue("made")
    decoded: list[str] = []

    def forbidden(*_arguments: Any, **_more: Any) -> Any:
        decoded.append("decoded")
        raise AssertionError("a picture was opened in the application")

    monkeypatch.setattr(PIL.Image, "open", forbidden)
    monkeypatch.setattr(PIL.ImageFile.ImageFile, "load", forbidden)
    yield
    assert decoded == []


@pytest.fixture
def made(file: hostile.Hostile, tmp_path: Path) -> Path:
    path = tmp_path / file.name
    path.write_bytes(file.make())
    return path


@pytest.mark.parametrize("file", hostile.FILES, ids=lambda file: file.name)
def test_each_file_gets_its_answer(intake: Intake, file: hostile.Hostile, made: Path) -> None:
    before = made.read_bytes()
    started = processor_seconds()
    try:
        exhibit = intake.read(made)
        answer = "reads"
        assert exhibit.rgb.shape[0] * exhibit.rgb.shape[1] <= intake.limits.pixels
    except InputError as error:
        answer = error.code
        assert error.message == TEXTS[answer] or (answer == "picture-format-refused" and error.message.startswith(tuple(REFUSED.values())))
    assert answer in file.answers
    assert processor_seconds() - started < SECONDS
    assert made.read_bytes() == before


def test_there_are_more_than_forty() -> None:
    assert len(hostile.FILES) > 40
    assert len({file.name for file in hostile.FILES}) == len(hostile.FILES)


def test_a_file_that_would_decode_for_minutes_is_stopped(tmp_path: Path) -> None:
    data = hostile.SCAN_BOMB.make()
    with Intake(Limits(cpu_seconds=3)) as intake:
        started = processor_seconds()
        with pytest.raises(InputError) as caught:
            intake.read(data)
        assert caught.value.code == "intake-timeout"
        assert processor_seconds() - started < SECONDS


def test_a_wall_clock_limit_holds_without_processor_time() -> None:
    data = hostile.SCAN_BOMB.make()
    with Intake(Limits(wall_seconds=0.5)) as intake:
        with pytest.raises(InputError) as caught:
            intake.read(data)
        assert caught.value.code == "intake-timeout"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on address space is Linux's")
def test_a_picture_over_the_memory_limit_is_told_so(made_png: bytes) -> None:
    with Intake(Limits(memory_bytes=700 << 20)) as intake:
        assert intake.read(saved_small()).info.width == 53
        with pytest.raises(InputError) as caught:
            intake.read(made_png)
        assert caught.value.code == "intake-memory"
        assert intake.read(saved_small()).info.width == 53


@pytest.fixture
def made_png() -> bytes:
    return hostile.flat_png(12_000, 8_000)


def saved_small() -> bytes:
    return saved(colours(), "PNG")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
def test_things_that_are_no_files(intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty folder").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jpg")
        expected = {"empty folder": "picture-not-a-file", "pipe.jpg": "picture-not-a-file", "socket.jpg": "picture-not-a-file",
                    "loop.jpg": "picture-link-loop", "/dev/zero": "picture-not-a-file", "gone.jpg": "picture-not-found"}
        for name, code in expected.items():
            started = time.monotonic()
            with pytest.raises(InputError) as caught:
                intake.read(tmp_path / name)
            assert (name, caught.value.code) == (name, code)
            assert time.monotonic() - started < 30  # what waits for a pipe waits for ever


def test_a_good_picture_after_all_that(intake: Intake) -> None:
    exhibit = intake.read(saved_small())
    assert exhibit.rgb.shape == (37, 53, 3)


def test_the_application_never_loads_a_decoder(tmp_path: Path) -> None:
    """A process of its own, because this one has made pictures: after a read, no reader of any format is loaded there."""
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(colours(), "JPEG"))
    script = (
        "import sys\nfrom pathlib import Path\nfrom desktop.intake import Intake\n"
        f"with Intake() as intake:\n  assert intake.read(Path({str(path)!r})).rgb.shape == (37, 53, 3)\n"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in {'PIL', 'c2pa', 'cv2', 'imageio', 'skimage', 'PySide6', 'defusedxml'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
