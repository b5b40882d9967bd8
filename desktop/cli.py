"""``telltale``: the command line. It parses, calls one command and turns errors into the exit codes of the design."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop import __version__
from desktop.commands.console import EXIT_CANCELLED, EXIT_NO_EXPERT, EXIT_NOT_VERIFIED, EXIT_SOME_FAILED, EXIT_USAGE, complain
from models.errors import Cancelled, ExpertError, TelltaleError, UsageError, VerificationError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns 0 done, 2 usage, 3 some inputs failed, 4 no usable expert, 5 not verified, 130 cancelled."""
    parser = build_parser()
    arguments = parser.parse_args(sys.argv[1:] if argv is None else argv)
    if arguments.data_dir is not None:
        os.environ["TELLTALE_DATA_DIR"] = str(arguments.data_dir.absolute())
    try:
        if arguments.command is None:
            from desktop.gui.app import run

            return run(list(arguments.paths_to_open))
        return int(arguments.run(arguments))
    except (Cancelled, KeyboardInterrupt):
        return EXIT_CANCELLED
    except TelltaleError as error:
        complain("telltale", error)
        return exit_code(error)
    except BrokenPipeError:
        # Whoever read our output went away; Python must not complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_SOME_FAILED


def exit_code(error: TelltaleError) -> int:
    """The exit code for an error that ended a command."""
    if isinstance(error, UsageError):
        return EXIT_USAGE
    if isinstance(error, ExpertError):
        return EXIT_NO_EXPERT
    if isinstance(error, VerificationError):
        return EXIT_NOT_VERIFIED
    return EXIT_SOME_FAILED


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; modules behind a command are imported when it runs."""
    parser = argparse.ArgumentParser(
        prog="telltale", description="Offline, explainable examination of pictures for traces of AI generation. "
        "Without a command it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"telltale {__version__}")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where experts and settings are kept (also TELLTALE_DATA_DIR)")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more about what the processes do")
    parser.set_defaults(paths_to_open=())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    from desktop.commands import analyze, ask, case, convert, doctor, evaluate, lending, models, report

    for module in (analyze, ask, report, convert, evaluate, doctor):
        module.add_parser(commands)
    case.add_parser(commands, lending.tools())
    models.add_parser(commands, convert.convert_pulled)
    return parser


if __name__ == "__main__":
    sys.exit(main())
