"""``telltale models list|pull|import|export|verify|remove|default``: thin handlers over the catalogue, the store, pull and the archive.

Conversion after a pull is the caller's: ``add_parser`` is given the callable that does it.
"""

import argparse
import dataclasses
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from desktop.commands.console import EXIT_DONE, EXIT_NOT_VERIFIED, StatusLine, cancel_on_interrupt, emit_value, plain, say
from desktop.commands.convert import LANGUAGE_TYPES, PROJECTOR_TYPES
from desktop.commands.dialogue import Dialogue
from models import archive, importing, pull
from models.cards import PreparationKind, load_card
from models.catalogue import load_catalogue
from models.errors import ExpertError, TelltaleError, UsageError
from models.overview import as_text, overview
from models.places import readable_size
from models.store import IsCancelled, Progress, Store


@dataclasses.dataclass(frozen=True)
class Conversion:
    """What ``pull`` wants of the conversion: from ``checkpoint`` to the new folder ``out``."""

    checkpoint: pull.Checkpoint
    out: Path
    language_type: str
    projector_type: str
    progress: Progress
    cancelled: IsCancelled


Convert = Callable[[Conversion], None]


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", convert: Convert) -> None:
    """Add ``models`` to the command line; ``convert`` is called between download and store by ``pull``."""
    parser = commands.add_parser("models", help="experts: list, pull, import, export, verify, remove")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    listing = actions.add_parser("list", help="experts on this machine and in the catalogue")
    listing.add_argument("--json", action="store_true", help="one JSON value a line")
    listing.set_defaults(run=run_list)

    pulling = actions.add_parser("pull", help="download a model of the catalogue and convert it (the only command that goes online)")
    pulling.add_argument("id", metavar="ID")
    pulling.add_argument("--type", choices=LANGUAGE_TYPES, help="quantisation of the language model (default: the catalogue's)")
    pulling.add_argument("--mmproj-type", choices=PROJECTOR_TYPES, default="F16", help="type of the vision part (default: F16)")
    pulling.add_argument("--revision", metavar="COMMIT", help="another commit (or branch) than the catalogue's; main takes the newest")
    pulling.add_argument("--keep-download", action="store_true", help="keep the checkpoint after conversion")
    pulling.add_argument("--json-progress", action="store_true", help="talk JSON lines with the program that started this one")
    _add_acceptance(pulling)
    pulling.set_defaults(run=lambda arguments: run_pull(arguments, convert))

    taking = actions.add_parser("import", help="take in a folder with an expert or a GGUF pair, or an archive (.tar)")
    taking.add_argument("path", metavar="DIR|FILE.tar", type=Path)
    taking.add_argument("--trusted-key", metavar="HEX", action="append", default=[], help="take only archives signed by this public key")
    taking.add_argument("--answers", metavar="FILE.toml", type=Path, help="what a pair without a card does not say itself")
    for name, text in _ANSWERS.items():
        taking.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=f"pair without a card: {text}")
    taking.add_argument("--kind", choices=("detector", "general", "aesthetics"), help="pair without a card: only a detector gives findings")
    taking.add_argument("--preparation", choices=get_args(PreparationKind), help="pair without a card: how the square picture is made")
    _add_acceptance(taking)
    taking.set_defaults(run=run_import)

    giving = actions.add_parser("export", help="write an expert to one archive file, for a stick")
    giving.add_argument("id", metavar="ID|DIR")
    giving.add_argument("--out", metavar="FILE.tar", type=Path, help="file to create (default: ID.tar here)")
    giving.add_argument("--sign", metavar="KEY.pem", type=Path, help="sign with this Ed25519 key")
    giving.set_defaults(run=run_export)

    for name, text, handler in (("verify", "hash an expert's files again", run_verify), ("remove", "delete a stored expert", run_remove),
                                ("default", "choose the expert that is used when none is named", run_default)):
        action = actions.add_parser(name, help=text)
        action.add_argument("id", metavar="ID|DIR")
        if name == "verify":
            action.add_argument("--json", action="store_true", help="one JSON value on standard output")
        action.set_defaults(run=handler)


_ANSWERS = {
    "id": "id of the new expert", "name": "its name", "question": "the question", "fake_word": "the word for fake",
    "answer_start": "how every answer begins, up to the word that decides", "real_word": "the word for real",
    "before_picture": "text before the picture, of a conversation's template",
    "question_form": "the rest of the template, with {question} in its place", "licence": "its licence",
}


def run_list(arguments: argparse.Namespace) -> int:
    """Print what there is."""
    catalogue = load_catalogue()
    rows = overview(Store(), catalogue)
    if arguments.json:
        for row in rows:
            emit_value({"schema": "telltale.model/1", **dataclasses.asdict(row)})
        return EXIT_DONE
    say(as_text(rows))
    for row in rows:
        if row.problem:
            _note(f"{row.digest[:12]}: {row.problem}")
    for problem in catalogue.problems:
        _note(f"catalogue file {problem.file} was left out: {problem.message}")
    return EXIT_DONE


def run_pull(arguments: argparse.Namespace, convert: Convert) -> int:
    """Download, convert, store."""
    with cancel_on_interrupt() as flag:
        talk = Dialogue(flag) if arguments.json_progress else _Terminal(arguments)
        try:
            entry = load_catalogue().get(arguments.id)

            def run_conversion(checkpoint: pull.Checkpoint, out: Path) -> None:
                convert(Conversion(checkpoint, out, arguments.type or entry.type, arguments.mmproj_type, talk.reporter("converting"),
                                   flag.is_set))

            place = pull.pull(entry, run_conversion, accept=talk.accept, revision=arguments.revision, keep=arguments.keep_download,
                              progress=talk.reporter("downloading"), cancelled=flag.is_set)
        except TelltaleError as error:
            talk.failed(error)
            raise
    talk.stored(arguments.id, place)
    return EXIT_DONE


class _Terminal:
    """A pull that a person leads at a terminal."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments, self._status = arguments, StatusLine()

    def accept(self, terms: pull.Terms) -> bool:
        self._status.clear()
        declared = f"The repository declares: {terms.declared}\n" if terms.declared else ""
        size = f"{readable_size(terms.bytes)} will be downloaded."
        return _accepted(self._arguments, f"{terms.name}: {terms.licence}\n{declared}\n{terms.text}\n\n{size}")

    def reporter(self, doing: str) -> Progress:
        return _reporter(self._status, doing)

    def stored(self, name: str, place: Path) -> None:
        self._status.clear()
        say(f"{name} is stored as {place.name[:12]}")

    def failed(self, _error: TelltaleError) -> None:
        self._status.clear()


def run_import(arguments: argparse.Namespace) -> int:
    """Take in a folder or an archive."""
    status = StatusLine()

    def accept(terms: archive.ArchiveTerms) -> bool:
        status.clear()
        key = terms.origin.public_key
        origin = {
            "unsigned": "The archive is not signed.", "trusted": f"The archive is signed by {key}, which you trust.",
            "signed": f"The archive is signed by {key}; compare this with the key that its maker gave you.",
        }[terms.origin.state]
        return _accepted(arguments, f"{terms.name}\n{origin}\n\n{terms.text}")

    with cancel_on_interrupt() as flag:
        if arguments.path.is_dir():
            place = importing.import_folder(arguments.path, ask=lambda request: _answers(arguments, request),
                                            progress=_reporter(status, "copying"), cancelled=flag.is_set)
        else:
            place = archive.import_archive(arguments.path, accept=accept, trusted=[key.lower() for key in arguments.trusted_key],
                                           progress=_reporter(status, "copying"), cancelled=flag.is_set)
    status.clear()
    card = load_card(place)
    say(f"{card.name} ({card.id}) is stored as {place.name[:12]}")
    for name, text in card.checks.items():
        say(f"  {name}: {text}")
    return EXIT_DONE


def run_export(arguments: argparse.Namespace) -> int:
    """Write an archive."""
    folder = Store().resolve(arguments.id)
    target = arguments.out or Path(f"{load_card(folder).id}.tar")
    status = StatusLine()
    with cancel_on_interrupt() as flag:
        origin = archive.export_expert(folder, target, key=arguments.sign, progress=_reporter(status, "writing"), cancelled=flag.is_set)
    status.clear()
    say(f"{target}: " + (f"signed; public key {origin.public_key}" if origin.public_key else "not signed"))
    return EXIT_DONE


def run_verify(arguments: argparse.Namespace) -> int:
    """Hash again; exit code 5 when something differs."""
    status = StatusLine()
    result = Store().verify(arguments.id, progress=_reporter(status, "hashing"))
    status.clear()
    if arguments.json:
        problems = list(result.problems)
        emit_value({"schema": "telltale.model-verification/1", "digest": result.digest, "files": result.files, "problems": problems})
    else:
        for problem in result.problems:
            say(problem)
        say(f"{result.digest[:12]}: " + ("NOT in order" if result.problems else f"{len(result.files)} files in order"))
    return EXIT_NOT_VERIFIED if result.problems else EXIT_DONE


def run_remove(arguments: argparse.Namespace) -> int:
    """Delete a stored expert."""
    Store().remove(arguments.id)
    say(f"{arguments.id} was removed")
    return EXIT_DONE


def run_default(arguments: argparse.Namespace) -> int:
    """Choose the default."""
    Store().set_default(arguments.id)
    say(f"{arguments.id} is now used when no expert is named")
    return EXIT_DONE


def _answers(arguments: argparse.Namespace, request: importing.CardRequest) -> importing.CardAnswers:
    """Answers for a pair without a card: the file's, overridden by options. Raises UsageError ``answers-missing``, ``answers-invalid``."""
    given: dict[str, Any] = {"name": request.name, "kind": "detector"}
    try:
        if arguments.answers is not None:
            given |= tomllib.loads(arguments.answers.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("answers-invalid", f"the answers cannot be read: {error}") from None
    given |= {name: value for name in (*_ANSWERS, "kind", "preparation") if (value := getattr(arguments, name)) is not None}
    if isinstance(given.get("licence"), str):
        given["licence"] = {"id": given["licence"]}
    missing = [name for name in ("id", "question", "fake_word", "real_word", "licence") if name not in given]
    if missing:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise UsageError("answers-missing", f"no card is in this folder; state {options}, or give them with --answers FILE.toml")
    try:
        return msgspec.convert(given, importing.CardAnswers)
    except msgspec.ValidationError as error:
        raise UsageError("answers-invalid", f"the answers are not valid: {error}") from None


def _add_acceptance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--accept-licence", action="store_true", help="accept the licence without being asked")


def _accepted(arguments: argparse.Namespace, text: str) -> bool:
    """Show the terms, and ask unless ``--accept-licence`` was given. Raises ExpertError when there is nobody to ask."""
    _note(text)
    if arguments.accept_licence:
        return True
    if not sys.stdin.isatty():
        raise ExpertError("licence-not-accepted", "the licence has to be accepted; read it above and add --accept-licence")
    sys.stderr.write("\nType yes to accept: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "yes"


def _reporter(status: StatusLine, doing: str) -> Progress:
    return lambda name, fraction: status.show(f"{doing} {name}: {100 * fraction:.0f} %")


def _note(text: str) -> None:
    sys.stderr.write(plain(text) + "\n")
