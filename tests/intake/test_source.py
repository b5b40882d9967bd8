"""Opening a picture with care: only regular files, never waiting, never touching, with a reason for every refusal."""

import hashlib
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from desktop.intake import source as source_module
from desktop.intake.problems import DEVIATIONS, REFUSED, TEXTS, problem
from desktop.intake.source import acquire, safe_name
from models.errors import Cancelled, InputError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
CAP = 1 << 20


def code(source: Path | bytes, cap: int = CAP) -> str:
    started = time.monotonic()
    with pytest.raises(InputError) as caught:
        acquire(source, None, cap)
    assert time.monotonic() - started < 30  # what waits for a pipe waits for ever
    assert caught.value.message == TEXTS[caught.value.code]
    return caught.value.code


def test_bytes_hashes_and_name(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000
    path = tmp_path / "Photo One.JPG"
    path.write_bytes(data)
    source = acquire(path, None, 4 << 20)
    assert (bytes(source.data), source.name, source.extension) == (data, "Photo One.JPG", ".jpg")
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert source.sha512 == hashlib.sha512(data).hexdigest()
    pasted = acquire(data, None, 4 << 20)
    assert (pasted.name, pasted.extension, pasted.sha512) == ("pasted picture", "", source.sha512)
    assert acquire(data, "shot.png", 4 << 20).extension == ".png"


def test_the_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x" * 1000)
    os.utime(path, ns=(1, 2))
    path.chmod(0o444)
    before = path.stat()
    acquire(path, None, CAP)
    after = path.stat()
    assert (after.st_atime_ns, after.st_mtime_ns, after.st_ctime_ns) == (before.st_atime_ns, before.st_mtime_ns, before.st_ctime_ns)


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert code(tmp_path / "missing.jpg") == "picture-not-found"
    assert code(tmp_path / "missing" / "a.jpg") == "picture-not-found"
    assert code(tmp_path / "file" / "a.jpg") == "picture-not-found"
    assert code(tmp_path / ("n" * 5000)) == "picture-not-found"
    assert code(tmp_path / "nul\0byte.jpg") == "picture-not-found"


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert code(tmp_path / "empty.jpg") == "picture-empty"
    assert code(b"") == "picture-empty"


def test_a_folder(tmp_path: Path) -> None:
    assert code(tmp_path) == "picture-not-a-file"


@posix
def test_links(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "real.png").write_bytes(b"data")
    (tmp_path / "good").symlink_to(tmp_path / "real.png")
    assert code(tmp_path / "broken") == "picture-not-found"
    assert code(tmp_path / "one") == "picture-link-loop"
    assert bytes(acquire(tmp_path / "good", None, CAP).data) == b"data"


@posix
def test_a_pipe_without_and_with_a_writer(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.jpg"
    os.mkfifo(fifo)
    assert code(fifo) == "picture-not-a-file"
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(fifo, os.O_WRONLY)
    try:
        os.write(writer, b"\xff\xd8\xff")
        assert code(fifo) == "picture-not-a-file"
    finally:
        os.close(writer)
        os.close(reader)


@posix
def test_sockets_and_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may be short only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jpg")
        assert code(tmp_path / "s.jpg") == "picture-not-a-file"
    for device in ("/dev/null", "/dev/zero", "/dev/tty", "/dev/stdin"):
        if Path(device).exists() and not Path(device).is_file():
            assert code(Path(device)) == "picture-not-a-file"


@pytest.mark.skipif(sys.platform != "linux", reason="files of the kernel")
def test_files_of_the_kernel() -> None:
    assert code(Path("/proc/self/mem")) in {"picture-not-readable", "picture-no-permission"}


@posix
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    if os.geteuid() != 0:
        assert code(path) == "picture-no-permission"
        return
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(0o755)
    os.seteuid(65534)  # nobody; root may read everything
    try:
        assert code(path) == "picture-no-permission"
    finally:
        os.seteuid(0)
    path.chmod(0o644)
    os.seteuid(65534)
    try:
        assert bytes(acquire(path, None, CAP).data) == b"x"  # not the owner: the access time cannot be spared, the file can be read
    finally:
        os.seteuid(0)


def test_too_large_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    assert code(path, 256 << 20) == "picture-too-large-file"
    assert code(bytes(100), 99) == "picture-too-large-file"
    path.write_bytes(bytes(100))
    assert acquire(path, None, 100).data == bytes(100)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "growing.jpg"
    path.write_bytes(bytes(3 << 20))

    def touched() -> bool:
        with path.open("ab") as stream:
            stream.write(b"more")
        return False

    with pytest.raises(InputError) as caught:
        acquire(path, None, 64 << 20, touched)
    assert caught.value.code == "picture-changed"


def test_a_file_that_vanishes_between_looking_and_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    true_stat = os.stat

    def stat_and_delete(target: Path) -> os.stat_result:
        result = true_stat(target)
        path.unlink()
        return result

    monkeypatch.setattr(source_module.os, "stat", stat_and_delete)
    assert code(path) == "picture-not-found"


@posix
def test_a_file_exchanged_for_a_pipe_between_looking_and_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    true_stat = os.stat

    def stat_and_exchange(target: Path) -> os.stat_result:
        result = true_stat(target)
        path.unlink()
        os.mkfifo(path)
        return result

    monkeypatch.setattr(source_module.os, "stat", stat_and_exchange)
    assert code(path) == "picture-not-a-file"


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(bytes(5 << 20))
    with pytest.raises(Cancelled):
        acquire(path, None, 64 << 20, lambda: True)


def test_a_drive_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")

    def failing(_descriptor: int) -> os.stat_result:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(source_module.os, "fstat", failing)
        assert code(path) == "picture-not-readable"


def test_names_are_made_safe_to_show() -> None:
    assert safe_name("Foto été 图.jpg") == "Foto été 图.jpg"
    assert safe_name("photo\u202egpj.exe") == "photo\ufffdgpj.exe"
    assert safe_name("a\nb\x1b[31m\x00.png") == "a\ufffdb\ufffd[31m\ufffd.png"
    assert safe_name(os.fsdecode(b"caf\xe9.jpg")).endswith(".jpg")
    assert safe_name(os.fsdecode(b"caf\xe9.jpg")).encode()
    assert len(safe_name("x" * 10_000)) == 255


def test_every_code_has_a_text_for_people() -> None:
    for name, text in {**TEXTS, **REFUSED, **DEVIATIONS}.items():
        assert text.endswith((".", "?")), name
        assert len(text) < 200, name
    assert problem("no-such-code").code == "intake-broken-answer"
    assert problem("picture-format-refused", "no-such-format").code == "intake-broken-answer"
    assert problem("picture-empty", "text of the worker").code == "intake-broken-answer"
    assert "SVG" in problem("picture-format-refused", "svg").message
