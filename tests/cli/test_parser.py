"""The command line knows its commands, and imports only what the one that is meant needs."""

import subprocess
import sys

import pytest

from desktop.cli import COMMANDS, build_parser, mentioned


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert f"telltale {command}" in capsys.readouterr().out


def test_a_folder_named_like_a_command_does_not_hide_the_command() -> None:
    arguments = ["--data-dir", "case", "analyze", "picture.jpg"]
    assert build_parser(mentioned(arguments)).parse_args(arguments).command == "analyze"


def test_the_version_is_told_without_loading_the_rooms() -> None:
    program = "import sys\nfrom desktop.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass\n" \
              "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'PySide6', 'desktop.analysis')))"
    assert subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL).returncode == 0
