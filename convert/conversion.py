"""From a checkpoint folder to an expert folder: the one way through."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from convert.gguf import file_bytes
from convert.job import Listener, Options, Plan, Progress, make_plan
from convert.output import check_space, refuse_existing, work_folder, write_synced
from convert.plan import GgufPlan
from convert.reference import answer, see, sets_of, write_reference
from convert.sources import Hashing
from convert.stream import Stream, usable_cores
from models.cards import CARD_NAME, Card, Generation, Grounding, Part, Vision, dump_card
from models.cards import Source as CardSource
from models.errors import Cancelled

CONVERTER = "2"
"""Counts changes of what a conversion writes for the same input."""

_REFERENCE_ROOM = 16 << 20
"""Disk space for the reference and the card, bytes."""


def convert(
    checkpoint: Path,
    out: Path,
    options: Options | None = None,
    *,
    progress: Listener | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Card:
    """Convert the checkpoint folder to a new expert folder `out` and return its card.

    `cancelled` is asked often; when it says True nothing is left behind. Raises ConversionError (codes name the reason; nothing was
    written) and Cancelled.
    """
    options = options or Options()
    listener = progress or (lambda _: None)

    def tell(step: Progress) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        listener(step)

    refuse_existing(out)
    tell(Progress("open", "", 0, 1))
    plan = make_plan(checkpoint, options)
    tell(Progress("open", "", 1, 1))
    with work_folder(out) as folder:
        return _write(plan, folder, options, tell)


def _write(plan: Plan, folder: Path, options: Options, tell: Listener) -> Card:
    halves = (plan.projector, plan.language)
    check_space(folder, sum(file_bytes(half.keys, half.entries) for half in halves) + _REFERENCE_ROOM)
    with Hashing(plan.checkpoint.folder, plan.checkpoint.files) as hashing:
        with _stream(plan.projector, folder, options, tell) as projector:
            patches = see(plan, projector) if options.reference else None
            projector_part = _finish(plan.projector, projector)
        with _stream(plan.language, folder, options, tell) as language:
            given = answer(plan, language, patches) if patches is not None else None
            language_part = _finish(plan.language, language)
        tell(Progress("reference", "", 0, 1))
        reference = write_reference(plan, folder, options, given) if given is not None else None
        tell(Progress("reference", "", 1, 1))
        files = hashing.wait(lambda name, done, total: tell(Progress("sources", name, done, total)))
    usable, rows = plan.checkpoint.vocabulary.usable, plan.checkpoint.text.vocabulary
    card = Card(
        schema="telltale.expert/1",
        id=plan.identifier,
        name=plan.name,
        kind=plan.recipe.kind,
        language=language_part,
        projector=projector_part,
        prompt=plan.prompt,
        preparation=plan.preparation,
        vision=Vision(plan.checkpoint.vision.patch, plan.checkpoint.vision.width, plan.checkpoint.text.width),
        generation=Generation(
            max_tokens=min(plan.recipe.limits.max_tokens, plan.context),
            context=plan.context,
            usable_vocabulary=usable if usable < rows else None,
        ),
        licence=plan.recipe.licence,
        source=_source(plan, options, files),
        reference=reference,
        grounding=_grounding(plan),
        good_for=plan.recipe.good_for,
        not_for=plan.recipe.not_for,
    )
    tell(Progress("finish", CARD_NAME, 0, 1))
    write_synced(folder / CARD_NAME, dump_card(card))
    tell(Progress("finish", CARD_NAME, 1, 1))
    return card


def _stream(half: GgufPlan, folder: Path, options: Options, tell: Listener) -> Stream:
    stage: Literal["projector", "language"] = "language" if half.file == "language.gguf" else "projector"
    total, done = sum(entry.nbytes for entry in half.entries), 0

    def advance(item: str, count: int) -> None:
        nonlocal done
        done += count
        tell(Progress(stage, item, done, total))

    return Stream(folder / half.file, half, threads=options.threads or usable_cores(), advance=advance, sets=sets_of(options))


def _finish(half: GgufPlan, stream: Stream) -> Part:
    digest, size = stream.finish()
    return Part(half.file, digest, size, half.kind)


def _grounding(plan: Plan) -> Grounding:
    """The recipe's way of pointing; none where it names layers that this language model lacks, because it was found for a deeper one."""
    wanted = plan.recipe.grounding
    return wanted if all(layer < plan.checkpoint.text.layers for layer in wanted.layers) else Grounding()


def _library_version() -> str:
    try:
        return importlib.metadata.version("llama_cpp_python")
    except importlib.metadata.PackageNotFoundError:
        # A frozen bundle may leave package metadata out.
        return "unknown"


def _source(plan: Plan, options: Options, files: dict[str, str]) -> CardSource:
    entries = plan.language.entries + plan.projector.entries
    return CardSource(
        name=options.source_name,
        revision=options.source_revision,
        files=files,
        converter=f"telltale-convert {CONVERTER}, ggml of llama-cpp-python {_library_version()}",
        quantisation={entry.name: entry.kind.name for entry in entries},
    )
