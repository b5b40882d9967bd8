"""``telltale report``: check a bundle, compare a repetition with its run record, carry in a time-stamp."""

import argparse
import dataclasses
from pathlib import Path

import msgspec

from desktop import document
from desktop.commands.console import EXIT_DONE, EXIT_NOT_VERIFIED, emit_value, say
from desktop.report import attach_timestamp, compare, verify_bundle
from models.errors import UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``report`` with its own commands."""
    parser = commands.add_parser("report", help="check report bundles")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    verify = verbs.add_parser("verify", help="check every byte, the custody chain and the signatures of a bundle")
    verify.add_argument("bundle", metavar="BUNDLE", type=Path)
    verify.add_argument("--trust", metavar="PEM", type=Path, help="certificates of laboratories or authorities that you trust")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=_verify)
    repeat = verbs.add_parser("repeat", help="compare a new analysis of the same picture with a bundle's run record, bit for bit")
    repeat.add_argument("bundle", metavar="BUNDLE", type=Path)
    repeat.add_argument("analysis", metavar="ANALYSIS.json", type=Path, help="what `telltale analyze --json` printed")
    repeat.set_defaults(run=_repeat)
    stamp = verbs.add_parser("stamp", help="add a time-stamping authority's answer to a bundle")
    stamp.add_argument("bundle", metavar="BUNDLE", type=Path)
    stamp.add_argument("answer", metavar="ANSWER.tsr", type=Path)
    stamp.set_defaults(run=_stamp)


def _verify(arguments: argparse.Namespace) -> int:
    if not arguments.bundle.is_dir():
        raise UsageError("bundle-missing", "There is no such folder.")
    result = verify_bundle(arguments.bundle, trust=arguments.trust)
    if arguments.json:
        emit_value({**dataclasses.asdict(result), "ok": result.ok})
    else:
        for line in result.lines:
            say(line)
        for problem in result.problems:
            say(f"FAILED {problem.path}: {problem.message}")
        say("the bundle holds" if result.ok else "the bundle does not hold")
    return EXIT_DONE if result.ok else EXIT_NOT_VERIFIED


def _repeat(arguments: argparse.Namespace) -> int:
    try:
        record = (arguments.bundle / "data" / "repro" / "run.json").read_bytes()
        again = document.decode(arguments.analysis.read_bytes())
    except (OSError, msgspec.MsgspecError):
        raise UsageError("repeat-unreadable", "The bundle's run record or the new analysis cannot be read.") from None
    result = compare(record, again)
    for line in (*result.results, *result.differences):
        say(line)
    return EXIT_DONE if result.identical else EXIT_NOT_VERIFIED


def _stamp(arguments: argparse.Namespace) -> int:
    try:
        answer = arguments.answer.read_bytes()
    except OSError:
        raise UsageError("answer-unreadable", "The authority's answer cannot be read.") from None
    say(f"time-stamp of {attach_timestamp(arguments.bundle, answer)} added")
    return EXIT_DONE
