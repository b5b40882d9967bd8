"""The engine's values: how it is set up and what it answers. Plain frozen dataclasses, so that tests and the window need no worker."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Prepared square, (size, size, 3), RGB."""
Floats = NDArray[np.float32]
Verdict = Literal["fake", "real", "other"]
TextState = Literal["complete", "not-asked", "cancelled", "cut-off", "failed"]

MOST_SLOTS = 64
"""Most texts that can be written together."""
MIN_MASS = 0.95
"""Below this probability mass of both answer words the answer format broke: the answer is "other", never "real" (forensic-practice
§scoring)."""


@dataclass(frozen=True)
class Configuration:
    """How llama.cpp runs here. Scores may differ in their last bits between configurations, so every report names it."""

    id: str
    threads: int
    """For the vision tower and for batches."""
    token_threads: int
    """For single tokens: a small model loses more at the threads' meeting points than it gains."""
    extra_buffers: bool = False
    """Weight repacking and special CPU instructions; crashes natively on some CPUs, so only after a probe."""
    flash_attention: bool = False
    """Hides the attention from capture, so never together with regions."""
    gpu_layers: int = 0
    """Layers of the language model on the GPU; -1: all of them and the vision tower."""
    int8: bool = False
    """Our own products of quantised weights with many columns (``int8/``), for processors that have the instructions."""

    def as_facts(self) -> dict[str, Any]:
        """For the document's ``run.engine``."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Configuration":
        """The inverse of ``as_facts``. Raises ValueError when a field is missing or of another type."""
        try:
            made = cls(str(facts["id"]), int(facts["threads"]), int(facts["token_threads"]), bool(facts["extra_buffers"]),
                       bool(facts["flash_attention"]), int(facts["gpu_layers"]), bool(facts.get("int8", False)))
        except (KeyError, TypeError) as error:
            raise ValueError("not a configuration") from error
        if not (1 <= made.threads <= 1024 and 1 <= made.token_threads <= 1024):
            raise ValueError("not a configuration")
        return made


@dataclass(frozen=True)
class EngineSettings:
    """What a user may choose about the engine."""

    gpu: Literal["auto", "off"] = "auto"
    """``auto``: use a GPU when this build of llama.cpp has one and the self-test passes there."""
    threads: int | None = None
    """Processor threads; None: the physical cores. A small expert has one in each process, and at most so many processes (``lanes``)."""
    capture: bool = True
    """Read attention for regions when the card names layers."""
    every_layer: bool = False
    """Read every layer and head, whatever the card names; for ``Engine.trace``, which finds out where to look."""
    slots: int = 1
    """Pictures whose texts are written together when several threads ask; each costs memory for a whole context (see ``plan_slots``)."""
    drafts: bool | None = None
    """Guess at words from earlier texts where that pays; the text stays the same. None: for experts too large for the processor's cache."""
    configuration: Configuration | None = None
    """Use exactly this configuration; None: what was measured on this machine, else the safe one."""
    patience: float = 1.0
    """Multiplies every time limit; the limits already allow for a machine ten times slower than a laptop."""
    grace: float = 5.0
    """Seconds between asking the worker to stop and killing it."""
    drill: bool = False
    """The process ends itself by SIGSEGV while loading, to rehearse what a native crash does."""
    memory_limit: int | None = None
    """Bytes of address space for the worker (Linux); None: no limit."""


@dataclass(frozen=True)
class Score:
    """What the expert says at the answer token. ``log_odds`` = ln(p(fake) / p(real)); bit-repeatable for one configuration."""

    log_odds: float
    p_fake: float
    mass: float
    """Probability of both answer words together over the full vocabulary."""
    answer: Verdict
    encode_s: float = field(default=0.0, compare=False)
    score_s: float = field(default=0.0, compare=False)


@dataclass(frozen=True, eq=False)
class ClaimDraft:
    """One sentence of an explanation: where it stands in the text, and where the expert looked while writing it."""

    text: str
    span: tuple[int, int]
    """Character offsets into the text of the examination."""
    map: Floats | None = None
    """Float grid (rows, columns) over the frame, row-major, mean 1 when relative; None when attention was not read."""


@dataclass(frozen=True, eq=False)
class Examination:
    """A score with its explanation."""

    score: Score
    text: str
    text_state: TextState
    claims: tuple[ClaimDraft, ...]
    explain_s: float
    grounding: str
    """Which method made the maps, or why there are none."""
    tokens: int = 0
    """Generated tokens."""


@dataclass(frozen=True, eq=False)
class Trace:
    """The raw attention behind an explanation, every layer and head for itself: what maps are made of, and chosen from."""

    score: Score
    text: str
    spans: tuple[tuple[int, int], ...]
    """Character offsets of the claims."""
    claims: Floats
    """Mean over each claim's tokens: (claims, layers, heads, rows, columns)."""
    baseline: Floats
    """While the card's comparison question was read: (layers, heads, rows, columns)."""
    contrast: Floats
    """Which patches are unlike the rest (``engine.contrast``): (rows, columns)."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The answer to a free question; it never changes a recorded score."""

    text: str
    text_state: TextState
    experimental: bool
    """True unless the card lists the question: the expert was not trained on it."""
    yes_log_odds: float | None
    """For closed questions: ln(p(yes) / p(no)) at the first answer token; None when the vocabulary has no such words or they hold too
    little mass."""
    first_token_s: float
    seconds: float
    reused: bool
    """Whether the picture's state from an earlier call was used."""
