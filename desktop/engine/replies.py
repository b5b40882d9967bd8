"""Reading the worker's answers: every field checked before it becomes a value of the application."""

from typing import Any, cast

import numpy as np

from desktop.engine.protocol import broken, number_field, text_field
from desktop.engine.text import clean
from desktop.engine.values import Answer, ClaimDraft, Examination, Floats, Score, TextState, Trace, Verdict
from desktop.workers.frames import Frame, Header
from models.cards import Card

_MAX_TEXT = 1 << 20
_MAX_CLAIMS = 10_000


def score(header: Header) -> Score:
    """The verdict in ``header["score"]``. Raises WorkerError ``worker-protocol``."""
    fields = header.get("score")
    if not isinstance(fields, dict) or fields.get("answer") not in ("fake", "real", "other"):
        raise broken()
    p_fake, mass = number_field(fields, "p_fake"), number_field(fields, "mass")
    if not (0.0 <= p_fake <= 1.0 and 0.0 <= mass <= 1.0):
        raise broken()
    return Score(number_field(fields, "log_odds"), p_fake, mass, cast(Verdict, fields["answer"]), number_field(fields, "encode_s"),
                 number_field(fields, "score_s"))


def rows(frame: Frame, width: int) -> Floats:
    """A float32 matrix of ``width`` columns. Raises WorkerError ``worker-protocol``."""
    if not frame.payload or len(frame.payload) % (4 * width):
        raise broken()
    return np.frombuffer(frame.payload, np.float32).reshape(-1, width)


def numbers(header: Header, name: str, keys: tuple[str, ...]) -> dict[str, float]:
    """A dictionary of numbers. Raises WorkerError ``worker-protocol``."""
    fields = header.get(name)
    if not isinstance(fields, dict):
        raise broken()
    return {key: number_field(fields, key) for key in keys}


def examination(frame: Frame, card: Card) -> Examination:
    """A finished examination. Raises WorkerError ``worker-protocol``."""
    header = frame.header
    text = text_field(header, "text", _MAX_TEXT)
    if text != clean(text):
        raise broken()
    return Examination(score(header), text, _state(header), _claims(frame, text, card), number_field(header, "explain_s"),
                       clean(text_field(header, "grounding", 200)), int(number_field(header, "tokens")))


def trace(frame: Frame, side: int) -> Trace:
    """A trace. Raises WorkerError ``worker-protocol``."""
    header = frame.header
    text = text_field(header, "text", _MAX_TEXT)
    spans, shape = header.get("spans"), header.get("shape")
    if not (isinstance(spans, list) and isinstance(shape, list) and len(shape) == 4 and shape[2:] == [side, side]):
        raise broken()
    if not all(isinstance(n, int) and 0 < n <= 4096 for n in shape) or not all(_is_span(span, len(text)) for span in spans):
        raise broken()
    values = np.frombuffer(frame.payload, np.float32)
    if values.size != side * side + (1 + len(spans)) * int(np.prod(shape)):
        raise broken()
    parts = values[side * side:].reshape(1 + len(spans), *shape)
    return Trace(score(header), clean(text), tuple((span[0], span[1]) for span in spans), parts[1:], parts[0],
                 values[:side * side].reshape(side, side))


def answer(header: Header) -> Answer:
    """The answer to a question. Raises WorkerError ``worker-protocol``."""
    yes = None if header.get("yes_log_odds") is None else number_field(header, "yes_log_odds")
    return Answer(clean(text_field(header, "text", _MAX_TEXT)), _state(header), bool(header.get("experimental", True)), yes,
                  number_field(header, "first_token_s"), number_field(header, "seconds"), bool(header.get("reused")))


def _state(header: Header) -> TextState:
    if header.get("text_state") not in ("complete", "not-asked", "cancelled", "cut-off"):
        raise broken()
    return cast(TextState, header["text_state"])


def _claims(frame: Frame, text: str, card: Card) -> tuple[ClaimDraft, ...]:
    listed: Any = frame.header.get("claims")
    if not isinstance(listed, list) or len(listed) > _MAX_CLAIMS:
        raise broken()
    side = card.preparation.size // card.vision.patch
    size = 4 * side * side
    if len(frame.payload) != size * sum(1 for item in listed if isinstance(item, dict) and item.get("map")):
        raise broken()
    claims, offset = [], 0
    for item in listed:
        span: Any = item.get("span") if isinstance(item, dict) else None
        if not _is_span(span, len(text)):
            raise broken()
        grid: Floats | None = None
        if item.get("map"):
            grid = np.frombuffer(frame.payload, np.float32, side * side, offset).reshape(side, side)
            offset += size
            if not np.isfinite(grid).all():
                raise broken()
        claims.append(ClaimDraft(text[span[0]:span[1]], (span[0], span[1]), grid))
    return tuple(claims)


def _is_span(span: Any, length: int) -> bool:
    return isinstance(span, list) and len(span) == 2 and all(type(n) is int for n in span) and 0 <= span[0] < span[1] <= length
