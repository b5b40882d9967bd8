"""``telltale analyze``: pictures in, findings out."""

import argparse
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop import document, reports
from desktop.analysis import Analyst, Event, ExhibitReady, Options, facts_of
from desktop.cases import Case, Pending
from desktop.commands import experts, jobs, wishes
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
from desktop.commands.stages import stage
from desktop.intake import Exhibit
from desktop.report import report_file
from desktop.tiles import MOST
from desktop.together import in_order
from models.errors import Cancelled, ExpertError, InputError, TelltaleError, UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``analyze`` to the command line."""
    parser = commands.add_parser("analyze", help="analyse pictures and folders of pictures")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a picture, or a folder that is walked")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert looks; the default is the bundled starter")
    parser.add_argument("--json", action="store_true", help="one analysis document per input, as JSON Lines on standard output")
    parser.add_argument("--report", metavar="DIR", type=Path, help="write one report folder per picture beneath DIR")
    parser.add_argument("--case", metavar="CASE", type=Path, help="keep pictures and findings in this case (see `telltale case new`)")
    parser.add_argument("--no-explain", dest="explain", action="store_false", help="finding only, no written explanation")
    parser.add_argument("--effects", action="store_true", default=None,
                        help="hide each claim's regions and measure the change, with a large expert too; five scoring passes a claim")
    parser.add_argument("--tiles", action="store_const", const=MOST, default=0,
                        help=f"also score what lies outside a detector's frame, in at most {MOST} squares; takes a scoring pass each")
    jobs.add_option(parser)
    wishes.add_options(parser)
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class _Run:
    """What all pictures of one command share."""

    arguments: argparse.Namespace
    analyst: Analyst
    case: Case | None
    status: StatusLine
    cancelled: Callable[[], bool]
    wish: reports.Wish

    @property
    def settings(self) -> dict[str, str]:
        """What a case keeps about how its pictures were looked at."""
        return {"expert": self.arguments.expert or "", "explain": "yes" if self.arguments.explain else "no",
                "tiles": "yes" if self.arguments.tiles else "no", "effects": "yes" if self.arguments.effects else "auto"}


@dataclass(frozen=True)
class _Picture:
    path: Path
    counter: str
    pending: Pending | None = None
    """What was asked of the case, where there is one."""
    problem: TelltaleError | None = None
    """Why the case did not take it."""


@dataclass(frozen=True)
class _Done:
    analysis: document.Analysis
    rgb: NDArray[np.uint8] | None
    """Its pixels, where a report is to be written."""


def run(arguments: argparse.Namespace) -> int:
    """Analyse everything that was asked for. Returns 0, 3 (some inputs failed), 4 (no usable expert) or 130."""
    if arguments.report is not None and arguments.report.exists() and not arguments.report.is_dir():
        raise UsageError("report-not-a-folder", "--report names a file; it has to be a folder")
    wish = wishes.wish_of(arguments)
    pictures, failures = expand(arguments.paths)
    for path, error in failures:
        _failed(arguments, path, error)
    if not pictures:
        return EXIT_SOME_FAILED
    with ExitStack() as stack:
        flag = stack.enter_context(cancel_on_interrupt())
        analyst = stack.enter_context(experts.open_analyst(arguments.expert, pictures=len(pictures), jobs=arguments.jobs,
                                                          explain=arguments.explain))
        case = None if arguments.case is None else stack.enter_context(Case.open(arguments.case))
        code = _all(pictures, _Run(arguments, analyst, case, StatusLine(), flag.is_set, wish))
    return EXIT_SOME_FAILED if code == EXIT_DONE and failures else code


def _all(pictures: list[Path], run: _Run) -> int:
    """Analyse side by side, tell in order."""
    failed, at_once = False, run.analyst.at_once if len(pictures) > 1 else 1
    for picture, future in in_order(_taken(pictures, run), lambda picture: _analyse(picture, run), at_once, ahead=at_once):
        try:
            _tell(picture, future.result(), run)
        except Cancelled:
            return EXIT_CANCELLED
        except ExpertError as error:
            complain("expert", error)
            return EXIT_NO_EXPERT
        except TelltaleError as error:
            failed = True
            run.status.clear()
            if run.case is not None and picture.pending is not None:
                run.case.record(picture.pending, document.encode(facts_of(error, picture.path.name)))
            _failed(run.arguments, picture.path, error)
        if run.cancelled():
            return EXIT_CANCELLED
    return EXIT_SOME_FAILED if failed else EXIT_DONE


def _taken(pictures: list[Path], run: _Run) -> Iterator[_Picture]:
    """The pictures one by one; with a case, each is taken in and asked for only when its turn comes near."""
    for number, path in enumerate(pictures, start=1):
        counter = f"[{number}/{len(pictures)}] " if len(pictures) > 1 else ""
        if run.case is None:
            yield _Picture(path, counter)
            continue
        try:
            pending = run.case.request(run.case.add(path, settings=run.settings, queue=False).id, run.settings)
            yield _Picture(path, counter, pending)
        except TelltaleError as error:
            yield _Picture(path, counter, problem=error)


def _analyse(picture: _Picture, run: _Run) -> _Done:
    """One picture, in a thread of its own. Raises TelltaleError."""
    exhibits: list[Exhibit] = []

    def on_event(event: Event) -> None:
        if isinstance(event, ExhibitReady):
            exhibits[:] = [event.exhibit]
        run.status.show(f"{picture.counter}{picture.path.name}: {stage(event)}")

    if picture.problem is not None:
        raise picture.problem
    options = Options(explain=run.arguments.explain, effects=run.arguments.effects, tiles=run.arguments.tiles)
    source = picture.path if run.case is None or picture.pending is None else run.case.read(picture.pending.exhibit)
    analysis = run.analyst.analyse(source, name=picture.path.name, options=options, on_event=on_event, cancelled=run.cancelled)
    return _Done(analysis, exhibits[0].rgb if run.arguments.report is not None else None)


def _tell(picture: _Picture, done: _Done, run: _Run) -> None:
    """Keep a finished analysis and print it; in a case it is on the disk before anybody sees it. Raises TelltaleError."""
    if run.case is not None and picture.pending is not None:
        if done.analysis.cut_short:
            raise Cancelled  # not what was asked for: it stays pending in the case
        run.case.record(picture.pending, document.encode(done.analysis))
    report = None
    if done.rgb is not None:
        material = reports.Material(done.analysis, done.rgb, _received(picture, done.analysis, run))
        report = reports.write(material, run.arguments.report, run.wish, run.cancelled).bundle
    run.status.clear()
    if run.arguments.json:
        emit_json(document.encode(done.analysis))
    else:
        say(as_text(done.analysis))
        if report is not None:
            say(f"  Report     {report_file(report)}")


def _received(picture: _Picture, analysis: document.Analysis, run: _Run) -> bytes | None:
    """The file's bytes for a report that needs them. Raises InputError when it is not the file any more that was analysed."""
    if run.case is not None and picture.pending is not None:
        return run.case.read(picture.pending.exhibit)
    if not (run.wish.original or run.wish.views):
        return None
    try:
        data = picture.path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != analysis.exhibit.sha256:
        raise InputError("picture-changed", "the file changed while it was analysed; the report was not written")
    return data


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
        lines.extend(f"             - {reason.text}" for reason in finding.further_reasons)
        if finding.likelihood_ratio is not None:
            lines.append(f"  Strength   likelihood ratio {finding.likelihood_ratio:.3g} (AI-made : camera), capped by the calibration")
    unexplained = [opinion for opinion in analysis.opinions if opinion.frame.role == "tile" and not opinion.text]
    for opinion in (opinion for opinion in analysis.opinions if opinion not in unexplained):
        if opinion.frame.role == "tile":
            lines.append("  Tile       {2} x {3} at ({0}, {1}): of the tiles, the one that leans most to fake".format(*opinion.frame.box))
        leaning = "gives neither answer" if opinion.answer == "other" else f"leans to {opinion.answer!r}"
        lines.append(f"  Opinion    {opinion.expert.name} {leaning}: log-odds {opinion.log_odds:+.2f}; "
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
