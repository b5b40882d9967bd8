"""The analysis document ``telltale.analysis/1``: the one account of what was found, from which every view and report is made.

Cases and reports know only these types. Boxes are pixels of the oriented exhibit, ``(x, y, width, height)``. ``started_at``,
``finished_at`` and ``timing`` are the only fields that may differ between two runs.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

SCHEMA: Final = "telltale.analysis/1"
ERROR_SCHEMA: Final = "telltale.error/1"

Box = tuple[int, int, int, int]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]


class Value(msgspec.Struct, frozen=True, omit_defaults=False, forbid_unknown_fields=True):
    """Base of all values of the document: immutable, strict."""


class ExhibitInfo(Value, frozen=True):
    """The picture under examination; ``rgb_sha256`` is of the decoded, oriented, colour-converted pixels that everything after works on."""

    name: str
    bytes: int
    sha256: str
    sha512: str
    rgb_sha256: str
    container: str
    width: int
    height: int
    facts: dict[str, Any]


class ExpertInfo(Value, frozen=True):
    """Which expert spoke."""

    id: str
    name: str
    kind: Literal["detector", "general", "aesthetics"]
    card_sha256: str
    language_sha256: str
    projector_sha256: str
    type: str
    licence: str


class Frame(Value, frozen=True):
    """What part of the exhibit the expert saw; everything outside ``box`` was not analysed by it."""

    box: Box
    role: Literal["whole", "tile"]
    preparation: str
    size: int
    rgb_sha256: str
    """Of the prepared square."""


class Region(Value, frozen=True):
    """A place in the exhibit."""

    box: Box
    weight: float


class ClaimMap(Value, frozen=True):
    """Attention of a claim over the frame: ``grid`` rows x columns, ``values`` base64 of little-endian float16, row-major."""

    grid: tuple[int, int]
    values: str


class Effect(Value, frozen=True):
    """What hiding the claim's regions does to the log-odds, against control regions of the same area."""

    delta_log_odds: float
    controls: tuple[float, ...]
    method: str
    supported: bool


class Claim(Value, frozen=True):
    """One sentence of an explanation that names an artifact: the model's stated reason, never a fact."""

    id: str
    text: str
    span: tuple[int, int]
    regions: tuple[Region, ...] = ()
    map: ClaimMap | None = None
    effect: Effect | None = None


class Timing(Value, frozen=True):
    """Seconds."""

    encode_s: float = 0.0
    score_s: float = 0.0
    explain_s: float = 0.0


class Opinion(Value, frozen=True):
    """What one expert says of one frame. ``log_odds``: ln(p(fake)/p(real)) at the answer token; ``mass``: what both words hold together."""

    id: str
    expert: ExpertInfo
    frame: Frame
    log_odds: float
    p_fake: Probability
    mass: Probability
    answer: Literal["fake", "real", "other"]
    text: str
    text_state: Literal["complete", "not-asked", "cancelled", "cut-off", "failed"]
    claims: tuple[Claim, ...]
    timing: Timing
    grounding: str = ""
    """Why there are no regions, or which method made them."""


class Mark(Value, frozen=True):
    """Something the file declares about its origin. A declaration, never proof; absence says nothing."""

    id: str
    state: Literal["found", "absent", "failed", "not-applicable"]
    says: Literal["ai", "camera", "edited", "other"]
    facts: dict[str, Any]
    sentence: str = ""


class View(Value, frozen=True):
    """A signal-forensic map for the examiner's eye; it never votes."""

    id: str
    applicable: bool
    why: str
    facts: dict[str, Any]


class Reason(Value, frozen=True):
    """One reason of a finding: a stable code and its sentence."""

    code: str
    text: str


class TileSummary(Value, frozen=True):
    """The main frame and the tiles together; a pixel that several of them show counts once, shared among them."""

    frames: int
    seen: Probability
    """Share of the exhibit's pixels that at least one of them shows."""
    weights: dict[str, float]
    """Opinion id -> share of the seen pixels that it speaks for; they sum to 1."""
    mean_log_odds: float
    """Mean over the seen pixels."""
    share_leaning_fake: float
    """Of the seen pixels."""
    strongest: str
    """Id of the opinion with the highest log-odds: the place that carries what there is of a lean to fake."""
    corrected_p_real: float | None
    """Conformal p-value of the strongest frame, times the number of frames (Bonferroni); null without a calibration."""


class Finding(Value, frozen=True):
    """The weighed outcome, with its uncertainty. Never a posterior probability."""

    outcome: Literal["supports-ai", "supports-camera", "inconclusive", "out-of-domain"]
    opinion: str
    sentence: str
    reasons: tuple[Reason, ...]
    likelihood_ratio: float | None
    error_rates: dict[str, Any]
    stability: dict[str, Any]
    tiles: TileSummary | None = None
    """Null when no tiles were looked at."""

    @property
    def further_reasons(self) -> tuple[Reason, ...]:
        """The reasons that the sentence does not already give."""
        return tuple(reason for reason in self.reasons if reason.text not in self.sentence)


class Run(Value, frozen=True):
    """How the document came about; enough to repeat it bit for bit on the same machine."""

    telltale: str
    started_at: str
    finished_at: str
    engine: dict[str, Any]
    network_block: Literal["kernel", "best-effort", "none"]
    prompt: str
    answer_token_ids: dict[str, list[int]]
    deviations: tuple[str, ...]
    libraries: dict[str, str] = {}


class Analysis(Value, frozen=True):
    """One analysed exhibit."""

    schema: Literal["telltale.analysis/1"]
    id: str
    exhibit: ExhibitInfo
    opinions: tuple[Opinion, ...]
    marks: tuple[Mark, ...]
    views: tuple[View, ...]
    run: Run
    finding: Finding | msgspec.UnsetType = msgspec.UNSET
    """Absent when no detector was asked."""

    @property
    def cut_short(self) -> bool:
        """Whether somebody stopped it before its text was whole."""
        return any(opinion.text_state == "cancelled" for opinion in self.opinions)


class Failure(Value, frozen=True):
    """An input that could not be analysed."""

    schema: Literal["telltale.error/1"]
    name: str
    code: str
    message: str


def encode(document: Analysis | Failure) -> bytes:
    """Canonical JSON of a document: UTF-8, keys in declared order, no white space, one line without the newline."""
    return msgspec.json.encode(document, order="deterministic")


def decode(data: bytes) -> Analysis:
    """Read an analysis document. Raises msgspec.ValidationError or msgspec.DecodeError with the field's path."""
    return msgspec.json.decode(data, type=Analysis)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of an analysis document; ``docs/analysis.schema.json`` is this, written out."""
    return msgspec.json.schema(Analysis)
