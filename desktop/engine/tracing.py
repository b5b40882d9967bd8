"""An explanation with the raw attention behind it, every layer and head for itself: for finding out where regions should be read."""

import numpy as np

from desktop.engine.contrast import patch_contrast
from desktop.engine.examiner import Examiner
from desktop.engine.text import sentences
from desktop.engine.values import Floats, Picture, Trace
from desktop.engine.writing import Writing
from models.errors import ExpertError


def trace(examiner: Examiner, picture: Picture) -> Trace:
    """Explain ``picture`` and keep all attention. Needs memory for every token of the text: 2.4 MB each for a 7B expert.

    Raises ExpertError ``attention-unreadable``, Cancelled, WorkerError.
    """
    passes, pair, prompt = examiner.passes, examiner.pair, examiner.card.prompt
    score = examiner.score(picture)
    end, _ = examiner.hold(picture)

    def taken() -> Floats:
        rows = pair.capture.take_heads(len(passes.before), passes.patches)
        if rows is None:
            raise ExpertError("attention-unreadable", "attention cannot be read for this expert in this configuration")
        return rows.reshape(*rows.shape[:2], passes.side, passes.side).copy()

    def watch(ids: list[int], position: int) -> Floats:
        if not passes.watched(ids, position):
            raise ExpertError("attention-unreadable", "attention cannot be read for this expert in this configuration")
        return taken()

    baseline = watch(passes.asked(examiner.card.grounding.baseline_question), end)
    watch(passes.tail, end)
    writing = Writing(pair, prompt.answer_start.lstrip(), pair.logits().copy(), end + len(passes.tail),
                      examiner.card.generation.max_tokens, lambda _text: None)
    rows: list[Floats] = []
    while (token := writing.choose()) is not None:
        rows.append(watch([token], writing.position))
        writing.follow(pair.logits().copy(), None)
    spans, claims = [], []
    for span in sentences(writing.reader.text):
        of = [rows[n] for n in writing.reader.tokens_in(span) if n < len(rows)]
        if span[0] > 0 and of:
            spans.append(span)
            claims.append(np.mean(of, axis=0, dtype=np.float32))
    shape = (0, *baseline.shape)
    return Trace(score, writing.reader.text, tuple(spans), np.stack(claims) if claims else np.zeros(shape, np.float32), baseline,
                 patch_contrast(examiner.embeddings(picture), passes.side))
