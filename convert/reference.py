"""The card's self-test: what this pair must answer to the built-in picture, computed by `forward` while the pair is written."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convert.forward import Source, embed, encode, last_state, log_odds, logits
from convert.ggml import Floats
from convert.job import Options, Plan
from convert.output import write_synced
from convert.picture import reference_picture
from convert.tolerance import tolerances
from models.cards import Reference, file_sha256
from models.errors import ConversionError

REFERENCE_FILE = "reference.npz"


@dataclass(frozen=True)
class Answer:
    """Of each set of tensors: embeddings (sets, patches, width) and logits at the answer token (sets, vocabulary)."""

    patches: Floats
    logits: Floats


def sets_of(options: Options) -> int:
    """How many sets of tensors the reference is computed for: the file's and the checkpoint's; one where they are the same; or none."""
    if not options.reference:
        return 0
    return 1 if options.language_type == "F32" and options.projector_type == "F32" else 2


def see(plan: Plan, projector: Source) -> Floats:
    """Embeddings of the built-in picture, (sets, patches, language width)."""
    return encode(projector, plan.tower, reference_picture(plan.checkpoint.vision.image))


def answer(plan: Plan, language: Source, patches: Floats) -> Answer:
    """The language model's answer. Token order: BOS, text before the picture, picture, question, forced answer start."""
    prompt = plan.prompt
    parts = [embed(language, plan.before_ids), patches]
    after = (*prompt.question_ids, *prompt.answer_start_ids)
    if after:
        parts.append(embed(language, after))
    state = last_state(language, plan.checkpoint.text, np.concatenate(parts, axis=-2))
    return Answer(patches, logits(language, state))


def write_reference(plan: Plan, folder: Path, options: Options, given: Answer) -> Reference:
    """Write `reference.npz` and return the card's entry. Raises ConversionError `reference-not-finite`."""
    if not np.isfinite(given.patches).all() or not np.isfinite(given.logits).all():
        raise ConversionError(
            "reference-not-finite", "the model's own answer to the built-in picture is not a number; its weights are damaged"
        )
    odds = [log_odds(values, plan.prompt.fake_ids, plan.prompt.real_ids) for values in given.logits]
    picture = reference_picture(plan.checkpoint.vision.image)
    buffer = io.BytesIO()
    np.savez(buffer, picture=picture, patches=given.patches[0].astype(np.float16))
    write_synced(folder / REFERENCE_FILE, buffer.getvalue())
    cosine, difference = tolerances(options.language_type, options.projector_type, float(given.logits[0].std()))
    return Reference(
        file=REFERENCE_FILE,
        sha256=file_sha256(folder / REFERENCE_FILE),
        log_odds=odds[0],
        min_cosine=cosine,
        max_log_odds_difference=difference,
        log_odds_unquantised=odds[-1],
    )
