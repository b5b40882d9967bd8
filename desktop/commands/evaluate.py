"""``telltale evaluate`` and ``telltale calibrate``: how often an expert is right, on a published set or on a laboratory's own pictures."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop import __version__
from desktop.analysis import Analyst
from desktop.commands import experts, jobs
from desktop.commands.console import EXIT_DONE, EXIT_SOME_FAILED, StatusLine, cancel_on_interrupt, emit_value, say
from desktop.engine import Engine, EngineSettings
from desktop.intake import Intake
from models.cards import CARD_NAME, card_digest
from models.errors import UsageError
from models.evaluation import grounding_run, grounding_table, sentences
from models.evaluation.calibration import TARGET_FPR, cautions, make_calibration
from models.evaluation.items import Dataset
from models.evaluation.kept import forget_calibration, load_calibration, save_calibration
from models.evaluation.readers import READERS, read_dataset
from models.evaluation.records import read_records
from models.evaluation.run import Wishes, run
from models.evaluation.submission import submission
from models.evaluation.summary import summarise
from models.evaluation.table import as_text
from models.evaluation.texts import load_encoder


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``evaluate`` to the command line."""
    parser = commands.add_parser("evaluate", help="measure an expert on pictures whose truth is known")
    parser.add_argument("dataset", metavar="DATASET", type=Path, help="folder of the set")
    parser.add_argument("--format", choices=tuple(READERS), default="folder", help="layout of the set (default: real/ and fake/)")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert looks; the default is the bundled starter")
    parser.add_argument("--explain", action="store_true", help="write explanations too and compare them with the set's")
    parser.add_argument("--threshold", type=float, metavar="LOG_ODDS", help="least score that means fake (default: the calibration's)")
    jobs.add_option(parser)
    parser.add_argument("--results", metavar="FILE.jsonl", type=Path, help="keep single results; an interrupted run goes on with them")
    parser.add_argument("--against", metavar="FILE.jsonl", type=Path, help="results of another expert on the same set: paired flips")
    parser.add_argument("--submission", metavar="DIR", type=Path, help="write answers as a benchmark that withholds labels wants them")
    parser.add_argument("--encoder", metavar="DIR", type=Path, help="sentence encoder for CSS, a local folder (needs telltale[verify])")
    parser.add_argument("--grounding", action="store_true",
                        help="measure where the expert points instead, on edited/ with masks/; a table in Markdown")
    parser.add_argument("--choose", action="store_true",
                        help="with --grounding: search layers and heads on half of the pictures, report on the other half")
    parser.add_argument("--curves", type=int, default=None, metavar="N",
                        help="with --grounding: deletion and insertion of at most N pictures (minutes each for a large expert)")
    parser.add_argument("--painted-sentences", action="store_true",
                        help="measure instead whether sentences that are drawn into the pictures change the verdict")
    parser.add_argument("--json", action="store_true",
                        help="one telltale.evaluation/1 document (or telltale.grounding/1, telltale.painted-sentences/1) on one line")
    parser.set_defaults(run=run_evaluate)


def add_calibrate_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``calibrate`` to the command line."""
    parser = commands.add_parser("calibrate", help="measure an expert on your own pictures; later findings state these error rates")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="folder with real/ and fake/")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert is calibrated; the default is the bundled starter")
    parser.add_argument("--domain", default="", help="what kind of pictures these are, in a few words")
    parser.add_argument("--target-fpr", type=float, default=TARGET_FPR, metavar="RATE",
                        help="false positives that the threshold may give at most, with 95 %% confidence (default: %(default)s)")
    parser.add_argument("--forget", action="store_true", help="delete your calibration of this expert instead")
    parser.add_argument("--json", action="store_true", help="print the calibration as JSON")
    parser.set_defaults(run=run_calibrate)


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Evaluate and print. Returns 0, or 3 when pictures failed."""
    dataset = read_dataset(arguments.dataset, arguments.format)
    if arguments.grounding:
        return _grounding(dataset, arguments)
    if arguments.painted_sentences:
        return _sentences(dataset, arguments)
    encoder = load_encoder(arguments.encoder) if arguments.encoder else None
    against = None
    if arguments.against is not None:
        header, against = read_records(arguments.against)
        if header.dataset_sha256 != dataset.sha256():
            raise UsageError("records-differ", "the results to compare with are of another data set")
    folder = experts.find(arguments.expert)
    own = load_calibration(card_digest((folder / CARD_NAME).read_bytes()))
    with experts.open_analyst(arguments.expert, pictures=len(dataset.items), jobs=arguments.jobs, explain=arguments.explain) as analyst:
        wishes = Wishes(arguments.explain, arguments.results, own.calibration.set_id if own else "", lambda path: analyst.read(path).rgb)
        records = _run(dataset, analyst, wishes)
        card = analyst.card
        digest = card_digest((analyst.folder / CARD_NAME).read_bytes())
    document = summarise(dataset, records, card, card_sha256=digest, telltale=__version__, explained=arguments.explain,
                         threshold=arguments.threshold, calibration=own.calibration if own else None, encoder=encoder, against=against)
    if arguments.submission is not None:
        document["submission"] = submission(dataset, records, card, arguments.submission)
    _tell(document, arguments, as_text)
    return EXIT_SOME_FAILED if document["counts"]["failed"] else EXIT_DONE


@contextmanager
def _measuring(folder: Path, settings: EngineSettings) -> Iterator[tuple[
        Engine, Callable[[Path], NDArray[np.uint8]], Callable[[int, int, str], None], Callable[[], bool]]]:
    """What a measurement needs: the expert's engine, how to read a picture, whom to tell how far it is, and whether to stop."""
    status = StatusLine()
    with cancel_on_interrupt() as flag, Intake() as intake:
        try:
            with Engine.open(folder, settings=settings, cancelled=flag.is_set) as engine:
                yield (engine, lambda path: intake.read(path).rgb,
                       lambda done, of, name: status.show(f"{done}/{of} {name}"), flag.is_set)
        finally:
            status.clear()


def _tell(document: dict[str, Any], arguments: argparse.Namespace, table: Callable[[dict[str, Any]], str]) -> None:
    if arguments.json:
        emit_value(document)
    else:
        say(table(document))


def _grounding(dataset: Dataset, arguments: argparse.Namespace) -> int:
    """Measure where the expert points. Returns 0, or 3 when pictures failed."""
    limits = {} if arguments.curves is None else {"curves": arguments.curves, "effects": arguments.curves}
    wishes = grounding_run.Wishes(choose=arguments.choose, results=arguments.results, **limits)
    with _measuring(experts.find(arguments.expert), EngineSettings(every_layer=True)) as (engine, pixels, told, cancelled):
        document = grounding_run.measure(dataset, engine, pixels, wishes, telltale=__version__, on_progress=told, cancelled=cancelled)
    _tell(document, arguments, grounding_table.as_text)
    return EXIT_SOME_FAILED if set(document["left_out"]) - {grounding_run.NOTHING_SAID} else EXIT_DONE


def _sentences(dataset: Dataset, arguments: argparse.Namespace) -> int:
    """Measure whether words in the pictures change the verdict. Returns 0, or 3 when pictures failed."""
    folder = experts.find(arguments.expert)
    own = load_calibration(card_digest((folder / CARD_NAME).read_bytes()))
    with _measuring(folder, EngineSettings()) as (engine, pixels, told, cancelled):
        calibration = own.calibration if own else None
        document = sentences.measure(dataset, engine, pixels, calibration, on_progress=told, cancelled=cancelled)
    _tell(document, arguments, sentences.as_text)
    return EXIT_SOME_FAILED if document["left_out"] else EXIT_DONE


def run_calibrate(arguments: argparse.Namespace) -> int:
    """Calibrate and keep the result. Returns 0, or 3 when pictures failed."""
    folder = experts.find(arguments.expert)
    digest = card_digest((folder / CARD_NAME).read_bytes())
    if arguments.forget:
        say("your calibration was deleted" if forget_calibration(digest) else "you have no calibration of this expert")
        return EXIT_DONE
    if not 0.0 < arguments.target_fpr < 1.0:
        raise UsageError("target-fpr", "--target-fpr is a rate between 0 and 1")
    dataset = read_dataset(arguments.folder)
    with Analyst(folder) as analyst:
        if analyst.card.kind != "detector":
            raise UsageError("not-a-detector", "only a detector gives findings, so only a detector can be calibrated")
        records = _run(dataset, analyst, Wishes())
    stored = make_calibration(dataset, records, digest, date=datetime.now(UTC).date().isoformat(), target_fpr=arguments.target_fpr,
                              domain=arguments.domain or arguments.folder.resolve().name)
    path = save_calibration(stored)
    made = stored.calibration
    if arguments.json:
        import msgspec

        emit_value({**json.loads(msgspec.json.encode(stored)), "file": str(path)})
    else:
        say(f"Calibrated on {made.reals} real and {made.fakes} fake pictures ({made.set_id}); {stored.failed} got no clear answer, "
            f"{stored.duplicates} were there more than once.")
        say(f"At the threshold {made.threshold:.3f}: {made.false_positives} of {made.reals} real ones are called fake, "
            f"{made.true_positives} of {made.fakes} fake ones are found.")
        for caution in cautions(made, arguments.target_fpr):
            say(caution)
        say(f"Kept in {path}; every later finding of this expert states these numbers.")
    return EXIT_SOME_FAILED if stored.failed else EXIT_DONE


def _run(dataset: Dataset, analyst: Analyst, wishes: Wishes) -> Any:
    status = StatusLine()

    def show(done: int, of: int, name: str) -> None:
        status.show(f"{done}/{of} {name}")

    with cancel_on_interrupt() as flag:
        try:
            return run(dataset, analyst, wishes, telltale=__version__, on_progress=show, cancelled=flag.is_set)
        finally:
            status.clear()
