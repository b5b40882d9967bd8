"""Which files a path on the command line stands for."""

import os
from pathlib import Path

from desktop.commands.inputs import expand

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40


def test_a_folder_is_walked_in_order_and_only_pictures_are_taken(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b/2.jpg", "a.png", "notes.txt", ".hidden/3.jpg", ".4.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "nameless").write_bytes(JPEG)
    pictures, failures = expand([tmp_path])
    assert [str(path.relative_to(tmp_path)) for path in pictures] == ["a.png", "b/2.jpg", "nameless"]
    assert failures == []


def test_a_path_given_outright_is_taken_whatever_it_is_and_twice_if_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    assert expand([path, path]) == ([path, path], [])


def test_an_empty_folder_fails_with_its_code(tmp_path: Path) -> None:
    pictures, [(path, error)] = expand([tmp_path])
    assert (pictures, path, error.code) == ([], tmp_path, "folder-without-pictures")


def test_walking_does_not_open_a_fifo_or_follow_a_loop(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "real.jpg").write_bytes(JPEG)
    pictures, _ = expand([tmp_path])
    assert [path.name for path in pictures] == ["real.jpg"]
