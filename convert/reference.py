"""The card's self-test: what this pair must answer to the built-in picture, computed by `forward`."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from convert.forward import FileSource, Source, WeightSource, embed, encode, last_state, log_odds, logit_spread
from convert.ggml import Bytes, Floats
from convert.job import Listener, Options, Plan, Progress
from convert.output import write_synced
from convert.picture import reference_picture
from convert.tolerance import tolerances
from models.cards import Reference, file_sha256
from models.errors import ConversionError

REFERENCE_FILE = "reference.npz"


def make_reference(plan: Plan, folder: Path, options: Options, written: tuple[FileSource, FileSource], tell: Listener) -> Reference:
    """Write `reference.npz` and return the card's entry. `written`: (language, projector) files of `folder`.

    Raises ConversionError `reference-not-finite`.
    """
    picture = reference_picture(plan.checkpoint.vision.image)
    exact = options.language_type == "F32" and options.projector_type == "F32"
    layers = plan.checkpoint.used_layers + plan.checkpoint.text.layers
    done, total = 0, layers if exact else 2 * layers

    def between() -> None:
        nonlocal done
        tell(Progress("reference", "", done, total))
        done += 1

    patches, odds, spread = answer(plan, picture, written, between)
    unquantised = odds
    if not exact:
        _, unquantised, _ = answer(plan, picture, (WeightSource(plan.language.weights), WeightSource(plan.projector.weights)), between)
    if not np.isfinite(patches).all() or not np.isfinite([odds, unquantised]).all():
        raise ConversionError(
            "reference-not-finite", "the model's own answer to the built-in picture is not a number; its weights are damaged"
        )
    buffer = io.BytesIO()
    np.savez(buffer, picture=picture, patches=patches.astype(np.float16))
    write_synced(folder / REFERENCE_FILE, buffer.getvalue())
    cosine, difference = tolerances(options.language_type, options.projector_type, spread)
    return Reference(
        file=REFERENCE_FILE,
        sha256=file_sha256(folder / REFERENCE_FILE),
        log_odds=odds,
        min_cosine=cosine,
        max_log_odds_difference=difference,
        log_odds_unquantised=unquantised,
    )


def answer(plan: Plan, picture: Bytes, sources: tuple[Source, Source], between: Callable[[], None]) -> tuple[Floats, float, float]:
    """(patch embeddings, log-odds, standard deviation of the answer's logits) for a prepared picture.

    `sources`: tensors of the language model and of the projector file. Token order: BOS, text before the picture, picture, question, forced
    answer start.
    """
    language, projector = sources
    text, prompt = plan.checkpoint.text, plan.prompt
    patches = encode(projector, plan.tower, picture, between)
    parts = [embed(language, (prompt.bos_id, *plan.before_ids)), patches]
    after = (*prompt.question_ids, *prompt.answer_start_ids)
    if after:
        parts.append(embed(language, after))
    state = last_state(language, text, np.concatenate(parts), between)
    return patches, log_odds(language, state, prompt.fake_ids, prompt.real_ids), logit_spread(language, state, text.vocabulary)
