"""``telltale analyze``: pictures in, findings out."""

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from desktop import document
from desktop.analysis import Analyst, Event, ExhibitReady, Options, Progress, Scored, Started, TextPiece, TileScored, facts_of
from desktop.cases import Case
from desktop.commands import experts
from desktop.commands.console import (
    EXIT_CANCELLED,
    EXIT_DONE,
    EXIT_NO_EXPERT,
    EXIT_SOME_FAILED,
    StatusLine,
    cancel_on_interrupt,
    complain,
    emit_json,
    say,
)
from desktop.commands.inputs import expand
from desktop.intake import Exhibit
from desktop.report import report_file, write_bundle
from desktop.tiles import MOST
from models.errors import Cancelled, ExpertError, TelltaleError, UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``analyze`` to the command line."""
    parser = commands.add_parser("analyze", help="analyse pictures and folders of pictures")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a picture, or a folder that is walked")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert looks; the default is the bundled starter")
    parser.add_argument("--json", action="store_true", help="one analysis document per input, as JSON Lines on standard output")
    parser.add_argument("--report", metavar="DIR", type=Path, help="write one report folder per picture beneath DIR")
    parser.add_argument("--profile", choices=("court", "newsroom"), default="court", help="what a report may contain (default: court)")
    parser.add_argument("--case", metavar="CASE", type=Path, help="keep pictures and findings in this case (see `telltale case new`)")
    parser.add_argument("--no-explain", dest="explain", action="store_false", help="finding only, no written explanation")
    parser.add_argument("--tiles", action="store_const", const=MOST, default=0,
                        help=f"also score what lies outside a detector's frame, in at most {MOST} squares; takes a scoring pass each")
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class _Job:
    arguments: argparse.Namespace
    status: StatusLine
    case: Case | None
    cancelled: Callable[[], bool]


def run(arguments: argparse.Namespace) -> int:
    """Analyse everything that was asked for. Returns 0, 3 (some inputs failed), 4 (no usable expert) or 130."""
    if arguments.report is not None and arguments.report.exists() and not arguments.report.is_dir():
        raise UsageError("report-not-a-folder", "--report names a file; it has to be a folder")
    pictures, failures = expand(arguments.paths)
    for path, error in failures:
        _failed(arguments, path, error)
    if not pictures:
        return EXIT_SOME_FAILED
    failed = bool(failures)
    with ExitStack() as stack:
        flag = stack.enter_context(cancel_on_interrupt())
        analyst = stack.enter_context(experts.open_analyst(arguments.expert))
        case = None if arguments.case is None else stack.enter_context(Case.open(arguments.case))
        job = _Job(arguments, StatusLine(), case, flag.is_set)
        for number, path in enumerate(pictures, start=1):
            try:
                _one(analyst, path, job, f"[{number}/{len(pictures)}] " if len(pictures) > 1 else "")
            except Cancelled:
                return EXIT_CANCELLED
            except ExpertError as error:
                complain("expert", error)
                return EXIT_NO_EXPERT
            except TelltaleError as error:
                failed = True
                job.status.clear()
                _failed(arguments, path, error)
            if flag.is_set():
                return EXIT_CANCELLED
    return EXIT_SOME_FAILED if failed else EXIT_DONE


def _one(analyst: Analyst, path: Path, job: _Job, counter: str) -> None:
    exhibits: list[Exhibit] = []

    def on_event(event: Event) -> None:
        match event:
            case Started(name):
                job.status.show(f"{counter}{name}: reading")
            case ExhibitReady(exhibit):
                exhibits.append(exhibit)
            case Progress(stage):
                job.status.show(f"{counter}{path.name}: {stage.replace('-', ' ')}")
            case TileScored(_, number, of):
                job.status.show(f"{counter}{path.name}: tile {number} of {of}")
            case Scored(opinion):
                job.status.show(f"{counter}{path.name}: leaning {opinion.answer}, writing")
            case TextPiece(text):
                job.status.show(f"{counter}{path.name}: … {text}")

    options = Options(explain=job.arguments.explain, tiles=job.arguments.tiles)
    if job.case is None:
        analysis = analyst.analyse(path, options=options, on_event=on_event, cancelled=job.cancelled)
    else:
        analysis = _in_case(job.case, path, lambda data: analyst.analyse(
            data, name=path.name, options=options, on_event=on_event, cancelled=job.cancelled), job.arguments)
    report = None
    if job.arguments.report is not None:
        report = write_bundle(analysis, exhibits[0].rgb, job.arguments.report, profile=job.arguments.profile)
    job.status.clear()
    if job.arguments.json:
        emit_json(document.encode(analysis))
    else:
        say(as_text(analysis))
        if report is not None:
            say(f"  Report     {report_file(report)}")


def _in_case(case: Case, path: Path, analyse: Callable[[bytes], document.Analysis], arguments: argparse.Namespace) -> document.Analysis:
    """Analyse the case's own copy of the picture; the result is on the disk before anybody sees it. Raises TelltaleError."""
    settings = {"expert": arguments.expert or "", "explain": "yes" if arguments.explain else "no"}
    pending = case.request(case.add(path, settings=settings, queue=False).id, settings)
    try:
        analysis = analyse(case.read(pending.exhibit))
    except (Cancelled, ExpertError):
        raise
    except TelltaleError as error:
        case.record(pending, document.encode(facts_of(error, path.name)))
        raise
    case.record(pending, document.encode(analysis))
    return analysis


def _failed(arguments: argparse.Namespace, path: Path, error: TelltaleError) -> None:
    complain(str(path), error)
    if arguments.json:
        emit_json(document.encode(facts_of(error, path.name)))


def as_text(analysis: document.Analysis) -> str:
    """An analysis for a terminal: the finding first, then what it rests on."""
    exhibit = analysis.exhibit
    lines = [f"{exhibit.name}  ({exhibit.container}, {exhibit.width} x {exhibit.height}, sha256 {exhibit.sha256[:16]}…)"]
    if not isinstance(analysis.finding, msgspec.UnsetType):
        finding = analysis.finding
        lines.append(f"  Finding    {finding.sentence}")
        lines.extend(f"             - {reason.text}" for reason in finding.reasons)
        if finding.likelihood_ratio is not None:
            lines.append(f"  Strength   likelihood ratio {finding.likelihood_ratio:.3g} (AI-made : camera), capped by the calibration")
    unexplained = [opinion for opinion in analysis.opinions if opinion.frame.role == "tile" and not opinion.text]
    for opinion in (opinion for opinion in analysis.opinions if opinion not in unexplained):
        if opinion.frame.role == "tile":
            lines.append("  Tile       {2} x {3} at ({0}, {1}): of the tiles, the one that leans most to fake".format(*opinion.frame.box))
        lines.append(f"  Opinion    {opinion.expert.name} leans to {opinion.answer!r}: log-odds {opinion.log_odds:+.2f}; "
                     f"both answer words together hold {100 * opinion.mass:.1f} % of its next-word weight")
        if opinion.text:
            lines.append("             The model's stated reasons (machine-generated hypotheses, not findings):")
            lines.extend(f"               {line}" for line in opinion.text.splitlines() if line.strip())
        x, y, width, height = opinion.frame.box
        if opinion.frame.role == "whole" and (x, y, width, height) != (0, 0, exhibit.width, exhibit.height):
            rest = "the rest in tiles" if len(analysis.opinions) > 1 else "the rest was not analysed"
            lines.append(f"  Seen       {width} x {height} pixels at ({x}, {y}); {rest}")
    if unexplained:
        scores = [opinion.log_odds for opinion in unexplained]
        lines.append(f"  Tiles      {len(scores)} further ones have log-odds {min(scores):+.2f} to {max(scores):+.2f} (--json lists them)")
    found = [mark for mark in analysis.marks if mark.state == "found"]
    lines.extend(f"  Mark       {mark.sentence or mark.id}" for mark in found)
    if not found:
        lines.append("  Marks      No declaration found. This says nothing about origin.")
    return "\n".join(lines)
