"""Sentences of an explanation with the places that the expert looked at while writing them.

Attention alone mostly shows where this kind of model always looks. Divided by the attention of a generic question about the same picture
it shows what is particular to the sentence. Source: MLLMs Know (relative attention), see grounding.md §3 and §5. It is where information
was read, no more.
"""

import numpy as np

from desktop.engine.passes import Passes
from desktop.engine.text import sentences
from desktop.engine.values import ClaimDraft, Floats
from desktop.engine.writing import Writing
from models.errors import Cancelled

_EPSILON = 1e-6
CONTRAST = "patch-contrast: what the expert encodes most unlike the rest of the picture; the same for every sentence"


def draft_claims(passes: Passes, writing: Writing, end: int, slot: int = 0,
                 contrast: Floats | None = None) -> tuple[tuple[ClaimDraft, ...], str]:
    """Every sentence but the verdict itself, with its map; and which method made the maps or why there are none.

    ``end``: position after the picture in ``slot``; what stands after it there is lost when a comparison question has to be asked.
    ``contrast``: the map of every sentence, where the card's method is that one.
    """
    text = writing.reader.text
    spans = [span for span in sentences(text) if span[0] > 0]
    if passes.card.grounding.method == "patch-contrast":
        drafts = tuple(ClaimDraft(text[span[0]:span[1]], span, contrast) for span in spans)
        return drafts, "there is no claim" if not drafts else CONTRAST if contrast is not None else "the picture's patches cannot be read"
    baseline, grounding = _baseline(passes, writing, end, slot, wanted=bool(spans))
    claims = []
    for span in spans:
        grid = None
        if baseline is not None:
            taken = [m for n in writing.reader.tokens_in(span) if n < len(writing.maps) and (m := writing.maps[n]) is not None]
            grid = relative(np.mean(taken, axis=0), baseline).reshape(passes.side, passes.side) if taken else None
        claims.append(ClaimDraft(text[span[0]:span[1]], span, grid))
    return tuple(claims), grounding


def relative(attention: Floats, baseline: Floats) -> Floats:
    """Attention against baseline, both (layers, patches): each layer scaled to mean 1 first, so that no loud layer decides alone;
    (patches,)."""
    ratio = attention / (baseline + np.float32(_EPSILON))
    ratio = ratio / np.maximum(ratio.mean(axis=1, keepdims=True), np.float32(1e-12))
    return np.ascontiguousarray(ratio.mean(axis=0), np.float32)


def _baseline(passes: Passes, writing: Writing, end: int, slot: int, *, wanted: bool) -> tuple[Floats | None, str]:
    """Attention of the last token of the comparison question, (layers, patches), with the method's name; None with the reason."""
    grounding = passes.card.grounding
    if writing.state == "cancelled":
        return None, "cancelled before the regions were made"
    if not grounding.layers:
        return None, "the card names no layers for regions"
    if not passes.pair.capture.layers:
        return None, "attention was not read in this configuration"
    if not wanted:
        return None, "there is no claim"
    if not any(m is not None for m in writing.maps):
        return None, "attention cannot be read for this expert"
    if grounding.method == "attention":
        return np.ones((len(passes.pair.capture.layers), passes.patches), np.float32), grounding.method
    try:
        taken = passes.attention_of(grounding.baseline_question, end, slot)
    except Cancelled:
        return None, "cancelled before the regions were made"
    return (taken, grounding.method) if taken is not None else (None, "attention cannot be read for this expert")
