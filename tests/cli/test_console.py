"""Nothing that a file or a model says can steer the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.commands.console import plain


@given(st.text())
def test_only_printable_characters_and_newlines_come_out(text: str) -> None:
    assert all(c == "\n" or c.isprintable() or c.isspace() for c in plain(text))
    assert "\x1b" not in plain(text)


def test_direction_overrides_are_removed() -> None:
    assert plain("photo\u202egpj.exe\x1b[2J\u2028") == "photogpj.exe[2J"
