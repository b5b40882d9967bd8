"""``telltale case``: the command line of cases. What decodes and analyses is handed in, because cases know only the analysis document."""

import argparse
import dataclasses
import hashlib
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop import document, reports
from desktop.case_report import context_of
from desktop.cases.case import Case
from desktop.cases.values import Entry, Exhibit, Pending
from desktop.commands import jobs, wishes
from desktop.commands.console import (
    EXIT_CANCELLED,
    EXIT_DONE,
    EXIT_NOT_VERIFIED,
    EXIT_SOME_FAILED,
    StatusLine,
    cancel_on_interrupt,
    complain,
    emit_json,
    emit_value,
    say,
)
from desktop.commands.pending import Analysing, Wish, run_pending
from models.errors import Cancelled, CaseError, TelltaleError


@dataclass(frozen=True)
class Tools:
    """What the command line lends to cases."""

    expand: Callable[[Sequence[Path]], tuple[list[Path], list[tuple[Path, TelltaleError]]]]
    """Pictures behind paths, and the paths that gave none."""
    analysing: Callable[[Wish, int, int | None], AbstractContextManager[Analysing]]
    """An expert for a wish, so many pictures, and so many texts together (None: as many as pay)."""
    decode: Callable[[bytes, str], NDArray[np.uint8]]
    """The pixels of a picture file, from the confined worker."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", tools: Tools) -> None:
    """Add ``case`` with its own commands."""
    parser = commands.add_parser("case", help="cases: exhibits, analyses and custody in one folder")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)

    def verb(name: str, text: str, handler: Callable[[argparse.Namespace, Tools], int]) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text)
        added.add_argument("case", metavar="CASE", type=Path, help="the folder of the case")
        added.add_argument("--who", help="the name for the custody log (default: the login name)")
        added.set_defaults(run=lambda arguments: handler(arguments, tools))
        return added

    new = verb("new", "make a new case", _new)
    new.add_argument("--title", default="")
    new.add_argument("--number", default="", help="the laboratory's own number")
    new.add_argument("--request", default="", help="what was asked")
    new.add_argument("--proposition", action="append", default=[], help="one of the propositions; give it twice")
    listing = verb("list", "list exhibits", _list)
    listing.add_argument("--search", default="", help="words in names, hashes, notes, tags and explanations")
    listing.add_argument("--state", choices=("stored", "pending", "done", "failed"))
    listing.add_argument("--outcome")
    listing.add_argument("--tag")
    listing.add_argument("--json", action="store_true")
    show = verb("show", "show one exhibit, or the case itself", _show)
    show.add_argument("exhibit", nargs="?", help="number, or the beginning of its SHA-256")
    show.add_argument("--json", action="store_true", help="print the analysis documents")
    add = verb("add", "add pictures and analyse them", _add)
    add.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    add.add_argument("--expert", metavar="ID|DIR")
    add.add_argument("--no-explain", dest="explain", action="store_false")
    add.add_argument("--no-analysis", dest="queue", action="store_false", help="only take them into the case")
    jobs.add_option(add)
    resume = verb("resume", "finish what was asked for and not recorded", _resume)
    jobs.add_option(resume)
    resume.add_argument("--retry-failed", action="store_true", help="ask again for exhibits whose latest analysis failed")
    export = verb("export", "write report bundles", _export)
    export.add_argument("exhibits", metavar="EXHIBIT", nargs="*", help="numbers or SHA-256 beginnings, right after CASE (default: all)")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    wishes.add_options(export)
    verb("check", "check file, custody chain, documents and exhibits", _check)
    backup = verb("backup", "copy the whole case, also while it is open elsewhere", _backup)
    backup.add_argument("folder", metavar="DIR", type=Path)


def _new(arguments: argparse.Namespace, _tools: Tools) -> int:
    propositions = tuple(arguments.proposition)
    with Case.create(
        arguments.case,
        title=arguments.title,
        number=arguments.number,
        request=arguments.request,
        propositions=propositions,
        who=arguments.who,
    ) as case:
        say(f"{arguments.case}: case {case.info.id}")
    return EXIT_DONE


def _list(arguments: argparse.Namespace, _tools: Tools) -> int:
    with Case.open(arguments.case, read_only=True) as case:
        found = case.exhibits(text=arguments.search, state=arguments.state, outcome=arguments.outcome, tag=arguments.tag)
    for exhibit in found:
        if arguments.json:
            emit_value(dataclasses.asdict(exhibit))
        else:
            say(_line(exhibit))
    return EXIT_DONE


def _line(exhibit: Exhibit) -> str:
    tags = f"  [{', '.join(exhibit.tags)}]" if exhibit.tags else ""
    return f"{exhibit.id:>6}  {exhibit.sha256[:8]}  {exhibit.state:<8} {exhibit.outcome or '-':<16} {' '.join(exhibit.name.split())}{tags}"


def _show(arguments: argparse.Namespace, _tools: Tools) -> int:
    with Case.open(arguments.case, read_only=True) as case:
        if arguments.exhibit is None:
            emit_value(dataclasses.asdict(case.info) | {"counts": case.counts()})
            return EXIT_DONE
        exhibit = _exhibit(case, arguments.exhibit)
        if arguments.json:
            for entry in case.analyses(exhibit.id):
                emit_json(case.document(entry.id))
            return EXIT_DONE
        say(_line(exhibit))
        say(f"        sha256 {exhibit.sha256}, {exhibit.bytes} bytes, received {exhibit.added_at}")
        for entry in case.analyses(exhibit.id):
            score = "" if entry.log_odds is None else f", log-odds {entry.log_odds:+.3f}"
            about = f"{entry.outcome or 'no finding'} ({entry.expert or 'no expert'}{score})"
            say(f"        {entry.at}  {entry.kind} {entry.id}: {about}, by {entry.who}")
            for claim, said in case.dispositions(entry.id).items():
                say(f"          claim {claim}: {said.value}, by {said.who}, {said.at}")
        for note in case.notes(exhibit.id):
            say(f"        note, {note.at}, {note.who}: {' '.join(note.text.split())}")
        if conclusion := case.conclusion(exhibit.id):
            say(f"        conclusion: {conclusion.value}. {' '.join(conclusion.text.split())} ({conclusion.who}, {conclusion.at})")
    return EXIT_DONE


def _add(arguments: argparse.Namespace, tools: Tools) -> int:
    pictures, failures = tools.expand(arguments.paths)
    for path, error in failures:
        complain(str(path), error)
    failed = bool(failures)
    settings = {"expert": arguments.expert or "", "explain": "yes" if arguments.explain else "no"}
    with Case.open(arguments.case, who=arguments.who) as case:
        for path in pictures:
            try:
                case.add(path, settings=settings, queue=arguments.queue)
            except CaseError as error:
                if error.code not in ("source-unreadable", "source-not-a-file", "exhibit-empty"):
                    raise
                complain(str(path), error)
                failed = True
        code = _work(case, tools, arguments.jobs)
    return EXIT_SOME_FAILED if code == EXIT_DONE and failed else code


def _resume(arguments: argparse.Namespace, tools: Tools) -> int:
    with Case.open(arguments.case, who=arguments.who) as case:
        if arguments.retry_failed:
            for exhibit in case.exhibits(state="failed"):
                case.request_again(exhibit.id)
        return _work(case, tools, arguments.jobs)


def _work(case: Case, tools: Tools, together: int | None) -> int:
    total, done, failures = len(case.pending()), 0, 0
    status = StatusLine(sys.stderr)

    def show(pending: Pending, stage: str) -> None:
        status.show(f"[{done}/{total}] {pending.name}: {stage}")

    def told(pending: Pending, entry: Entry) -> None:
        nonlocal done, failures
        done += 1
        failures += entry.kind == "failure"
        status.clear()
        say(f"{pending.exhibit:>6}  {pending.sha256[:8]}  {entry.outcome or 'no finding':<16} {' '.join(pending.name.split())}")

    try:
        with cancel_on_interrupt() as flag:
            run_pending(case, lambda wish, pictures: tools.analysing(wish, pictures, together), flag.is_set, told, show)
    except Cancelled:
        return EXIT_CANCELLED
    finally:
        status.clear()
    return EXIT_SOME_FAILED if failures else EXIT_DONE


def _export(arguments: argparse.Namespace, tools: Tools) -> int:
    wish, failed = wishes.wish_of(arguments), False
    with Case.open(arguments.case, who=arguments.who) as case:
        chosen = [_exhibit(case, text) for text in arguments.exhibits] or case.exhibits()
        for exhibit in chosen:
            entries = [entry for entry in case.analyses(exhibit.id) if entry.kind == "analysis"]
            if not entries:
                complain(exhibit.name, CaseError("not-analysed", "There is no analysis of this exhibit to report on."))
                failed = True
                continue
            try:
                say(str(export_entry(case, entries[-1], arguments.out, tools, wish)))
            except TelltaleError as error:
                complain(exhibit.name, error)
                failed = True
    return EXIT_SOME_FAILED if failed else EXIT_DONE


def export_entry(case: Case, entry: Entry, out: Path, tools: Tools, wish: reports.Wish) -> Path:
    """Write the bundle of one recorded analysis, and log that it left."""
    analysis = document.decode(case.document(entry.id))
    data = case.read(entry.exhibit)
    rgb: NDArray[np.uint8] | None = tools.decode(data, analysis.exhibit.name)
    if rgb is not None and hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest() != analysis.exhibit.rgb_sha256:
        complain(
            analysis.exhibit.name, CaseError("pixels-differ", "This version decodes other pixels; the report goes without the picture.")
        )
        rgb = None
    written = reports.write(reports.Material(analysis, rgb, data, context_of(case, entry)), out, wish)
    case.log_export(entry.exhibit, f"report, {wish.profile}", written.digest)
    return written.bundle


def _check(arguments: argparse.Namespace, _tools: Tools) -> int:
    with Case.open(arguments.case, read_only=True) as case:
        result = case.check()
    for problem in result.problems:
        say(f"FAILED {problem.code}: {problem.message}")
    say(f"{result.exhibits} exhibits, {result.analyses} analyses, {result.custody} custody entries, head {result.head}")
    say("the case holds" if result.ok else "the case does not hold")
    return EXIT_DONE if result.ok else EXIT_NOT_VERIFIED


def _backup(arguments: argparse.Namespace, _tools: Tools) -> int:
    with Case.open(arguments.case, read_only=True) as case:
        say(str(case.backup(arguments.folder)))
    return EXIT_DONE


def _exhibit(case: Case, text: str) -> Exhibit:
    """An exhibit by number, or by the beginning of its hash. Raises CaseError."""
    found = case.exhibit(int(text)) if text.isdecimal() and len(text) < 8 else None
    if found is None and len(text) >= 4:
        matching = [exhibit for exhibit in case.exhibits(text=text) if exhibit.sha256.startswith(text.lower())]
        found = matching[0] if len(matching) == 1 else None
    if found is None:
        raise CaseError("no-such-exhibit", "The case holds no (single) exhibit with this number or hash.")
    return found
