"""``telltale``: the command line. It parses, calls one command and turns errors into the exit codes of the design."""

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from desktop import __version__
from desktop.commands.console import (
    EXIT_CANCELLED,
    EXIT_NO_EXPERT,
    EXIT_NOT_VERIFIED,
    EXIT_SOME_FAILED,
    EXIT_USAGE,
    complain,
    use_log,
    use_streams,
)
from models.errors import Cancelled, ExpertError, TelltaleError, UsageError, VerificationError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns 0 done, 2 usage, 3 some inputs failed, 4 no usable expert, 5 not verified, 130 cancelled."""
    use_streams()
    given = sys.argv[1:] if argv is None else argv
    arguments = build_parser(mentioned(given)).parse_args(given)
    if arguments.data_dir is not None:
        os.environ["TELLTALE_DATA_DIR"] = str(arguments.data_dir.absolute())
    try:
        if arguments.command is None:
            from desktop.gui.app import run

            return run(list(arguments.paths_to_open))
        use_log(arguments.verbose)
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
    except OSError as error:
        # Whatever a command did not foresee of disks, drives and permissions still ends in words.
        why = error.strerror or type(error).__name__
        complain("telltale", TelltaleError("system-refused", f"the system refused: {why}{_where(error)}"))
        return EXIT_SOME_FAILED


def _where(error: OSError) -> str:
    return f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""


def exit_code(error: TelltaleError) -> int:
    """The exit code for an error that ended a command."""
    if isinstance(error, UsageError):
        return EXIT_USAGE
    if isinstance(error, ExpertError):
        return EXIT_NO_EXPERT
    if isinstance(error, VerificationError):
        return EXIT_NOT_VERIFIED
    return EXIT_SOME_FAILED


def build_parser(wanted: Collection[str] | None = None) -> argparse.ArgumentParser:
    """The command line, with the options of the ``wanted`` commands alone; None: of all commands.

    Only their modules are imported, so that ``--help`` and ``--version`` answer at once.
    """
    parser = argparse.ArgumentParser(
        prog="telltale", description="Offline, explainable examination of pictures for traces of AI generation. "
        "Without a command it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"telltale {__version__}")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where experts and settings are kept (also TELLTALE_DATA_DIR)")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="also say on standard error what goes to the log")
    parser.set_defaults(paths_to_open=())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (text, add) in COMMANDS.items():
        if wanted is None or name in wanted:
            add(commands)
        else:
            commands.add_parser(name, help=text)
    return parser


def mentioned(arguments: Sequence[str]) -> frozenset[str]:
    """The commands whose name is among the words of a command line; the one that is meant is always one of them."""
    return frozenset(COMMANDS.keys() & set(arguments))


def _analyze(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import analyze

    analyze.add_parser(commands)


def _ask(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import ask

    ask.add_parser(commands)


def _case(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import case, lending

    case.add_parser(commands, lending.tools())


def _report(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import report

    report.add_parser(commands)


def _convert(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import convert

    convert.add_parser(commands)


def _models(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import convert, models

    models.add_parser(commands, convert.convert_pulled)


def _evaluate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import evaluate

    evaluate.add_parser(commands)


def _calibrate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import evaluate

    evaluate.add_calibrate_parser(commands)


def _doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from desktop.commands import doctor

    doctor.add_parser(commands)


COMMANDS: dict[str, tuple[str, Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]]] = {
    "analyze": ("analyse pictures and folders of pictures", _analyze),
    "ask": ("put a question about a picture", _ask),
    "case": ("cases: exhibits, analyses and custody in one folder", _case),
    "report": ("check report bundles", _report),
    "convert": ("convert a LLaVA-style safetensors checkpoint into an expert", _convert),
    "models": ("experts: list, pull, import, export, verify, remove", _models),
    "evaluate": ("measure an expert on pictures whose truth is known", _evaluate),
    "calibrate": ("measure an expert on your own pictures; later findings state these error rates", _calibrate),
    "doctor": ("check this machine and the expert, and find the fastest safe configuration", _doctor),
}


if __name__ == "__main__":
    sys.exit(main())
