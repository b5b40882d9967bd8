"""Nothing that a file or a model says can steer the terminal."""

import logging
import sys
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.cli import main
from desktop.commands.console import plain, say, use_log


@given(st.text())
def test_only_printable_characters_and_newlines_come_out(text: str) -> None:
    assert all(c == "\n" or c.isprintable() or c.isspace() for c in plain(text))
    assert "\x1b" not in plain(text)


def test_direction_overrides_are_removed() -> None:
    assert plain("photo\u202egpj.exe\x1b[2J\u2028") == "photogpj.exe[2J"


@pytest.mark.parametrize(("system", "written"), [("linux", b"\\u56fe\\u7247.jpg \x85"), ("win32", "图片.jpg …".encode())])
def test_a_name_that_the_output_has_no_letters_for_does_not_end_the_command(
    monkeypatch: pytest.MonkeyPatch, system: str, written: bytes,
) -> None:
    out = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(out, encoding="cp1252", newline="\n"))
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(SystemExit):
        main(["--version"])
    say("图片.jpg …")
    assert out.getvalue().splitlines()[-1] == written


def test_the_log_is_silent_until_somebody_asks_for_more(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("desktop")
    before = list(log.handlers)
    log.handlers.clear()  # of commands that other tests ran
    try:
        use_log(0)
        logging.getLogger("desktop.intake.client").warning("a defect")
        assert capsys.readouterr() == ("", "")
        use_log(1)
        logging.getLogger("desktop.intake.client").warning("a defect")
        assert capsys.readouterr() == ("", "a defect\n")
        use_log(0)
        assert len(log.handlers) == 1, "one takes the place of the other"
    finally:
        log.handlers[:] = before
