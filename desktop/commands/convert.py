"""``telltale convert``: a fine-tuned LLaVA-style checkpoint becomes an expert."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from desktop.commands.console import EXIT_DONE, EXIT_NOT_VERIFIED, StatusLine, cancel_on_interrupt, emit_json, say
from models.errors import ConversionError

if TYPE_CHECKING:
    import convert
    from convert.mixtures import LanguageType, ProjectorType
    from desktop.commands.models import Conversion

LANGUAGE_TYPES = ("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16", "F32")
PROJECTOR_TYPES = ("F16", "Q8_0", "F32")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``convert`` to the command line."""
    parser = commands.add_parser("convert", help="convert a LLaVA-style safetensors checkpoint into an expert")
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="folder of the checkpoint")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to create; it must not exist")
    parser.add_argument("--type", choices=LANGUAGE_TYPES, default="Q4_K_M", help="quantisation of the language model (default: Q4_K_M)")
    parser.add_argument("--mmproj-type", choices=PROJECTOR_TYPES, default="F16", help="type of the vision part (default: F16)")
    parser.add_argument("--recipe", default="fakevlm", metavar="NAME|FILE.toml", help="prompt, answer words, kind (default: fakevlm)")
    parser.add_argument("--vision-tower", metavar="DIR", type=Path, help="CLIP tower of an original-layout checkpoint that has none")
    parser.add_argument("--lora", metavar="DIR", type=Path, help="PEFT LoRA adapter to merge while converting")
    parser.add_argument("--id", help="id of the new expert; the recipe's otherwise")
    parser.add_argument("--name", help="name of the new expert; the recipe's otherwise")
    parser.add_argument("--verify", action="store_true", help="compare with transformers afterwards (needs telltale[verify])")
    parser.add_argument("--json", action="store_true", help="print the card as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Convert and say what was written."""
    quieten_number_library()
    import msgspec

    import convert

    if arguments.verify:
        from convert.verify import require

        require()  # before an hour's work, not after it
    status = StatusLine()

    def show(step: convert.Progress) -> None:
        share = f" {100 * step.done // step.total} %" if step.total else ""
        status.show(f"converting: {step.stage} {step.item}{share}")

    options = convert.Options(
        language_type=arguments.type, projector_type=arguments.mmproj_type,
        recipe=Path(arguments.recipe) if arguments.recipe.endswith(".toml") else arguments.recipe,
        vision_tower=arguments.vision_tower, lora=arguments.lora, identifier=arguments.id, name=arguments.name,
    )
    with cancel_on_interrupt() as flag:
        card = convert.convert(arguments.checkpoint, arguments.out, options, progress=show, cancelled=flag.is_set)
    status.clear()
    if arguments.json:
        emit_json(msgspec.json.encode(card, order="deterministic"))
    else:
        say(f"{card.name} ({card.id}): language {card.language.type} {_megabytes(card.language.bytes)}, "
            f"vision {card.projector.type} {_megabytes(card.projector.bytes)}, written to {arguments.out}")
    if arguments.verify:
        return _verify(arguments, options)
    return EXIT_DONE


def quieten_number_library() -> None:
    """One thread for NumPy's matrix products, if NumPy is not loaded yet: a conversion runs them side by side itself."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _verify(arguments: argparse.Namespace, options: "convert.Options") -> int:
    """Compare the new expert with transformers on the checkpoint. Returns 5 when they differ more than the card's type allows."""
    from convert.verify import table, verify
    from desktop.engine import Engine

    status = StatusLine()
    with Engine.open(arguments.out) as engine:
        rows = verify(arguments.checkpoint, engine, options, progress=lambda text: status.show(f"verifying: {text}"))
        status.clear()
        say(table(rows, engine.card))
        return EXIT_DONE if all(row.passed(engine.card) for row in rows) else EXIT_NOT_VERIFIED


def convert_pulled(conversion: "Conversion") -> None:
    """Convert what ``models pull`` fetched. Raises ConversionError or Cancelled."""
    quieten_number_library()
    import convert

    entry, source = conversion.checkpoint.entry, conversion.checkpoint.entry.source
    if source is None:
        raise ConversionError("catalogue-without-source", "the catalogue does not say where this model comes from")

    def show(step: convert.Progress) -> None:
        conversion.progress(f"{step.stage} {step.item}", step.done / step.total if step.total else 0.0)

    options = convert.Options(
        language_type=cast("LanguageType", conversion.language_type), projector_type=cast("ProjectorType", conversion.projector_type),
        recipe=source.recipe, identifier=entry.id, name=entry.name, source_name=source.repository,
        source_revision=conversion.checkpoint.commit,
    )
    convert.convert(conversion.checkpoint.folder, conversion.out, options, progress=show, cancelled=conversion.cancelled)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
