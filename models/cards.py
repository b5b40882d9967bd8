"""What a card is: ``expert.toml``, the file that makes two GGUF files an expert.

A card says how to ask the expert (prompt, forced answer start, answer token ids), how to make its picture from an exhibit's RGB
(preparation), how far it may be trusted (calibration, reference self-test) and where it came from (licence, source, hashes). Everything
that reads or writes a card goes through this module. It is a leaf: it imports nothing else of Telltale but the errors.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import tomli_w
from msgspec import Meta

from models.errors import ExpertError

CARD_NAME = "expert.toml"
SCHEMA: Final = "telltale.expert/1"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Positive = Annotated[int, Meta(gt=0)]
PreparationKind = Literal["crop", "pad", "residual", "residual-mean"]
"""What ``models.preparation`` can do."""
TokenId = Annotated[int, Meta(ge=0, lt=1 << 24)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One GGUF file of an expert, beside its card."""

    file: FileName
    sha256: Sha256
    bytes: Positive
    type: str
    """Quantisation as a word: ``F32``, ``F16``, ``Q8_0``, ``Q4_K_M`` …"""


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the canonical question is put, and where the verdict is read.

    The token sequence of a score is: BOS, ``before_picture``, picture, ``question`` in its form (tokenised by llama.cpp and checked against
    ``question_ids``), ``answer_start_ids``; the logits after the last of these decide between ``fake_ids`` and ``real_ids``. Free questions
    are put in the same form. Names of control tokens count as such in the card's own texts, never in a question.
    """

    question: str
    question_ids: tuple[TokenId, ...]
    """Of everything between the picture and the forced start: the question in its form."""
    answer_start: str
    """Text of ``answer_start_ids``, shown as the beginning of the explanation."""
    answer_start_ids: tuple[TokenId, ...]
    fake_word: str
    real_word: str
    fake_ids: Annotated[tuple[TokenId, ...], Meta(min_length=1)]
    real_ids: Annotated[tuple[TokenId, ...], Meta(min_length=1)]
    eos_id: TokenId
    bos_id: TokenId | None = None
    """None: the model knows no token for the beginning of a text."""
    before_picture: str = ""
    """Text before the picture (experts that were trained on a conversation); empty for FakeVLM."""
    question_form: str = "{question}"
    """What stands between the picture and the answer, with ``{question}`` in its place: the rest of the conversation's template."""
    questions: tuple[str, ...] = ()
    """Further questions that this expert was trained on; any other is labelled experimental."""

    def __post_init__(self) -> None:
        if self.question_form.count("{question}") != 1:
            raise ValueError("question_form has to contain {question} once")

    def asked(self, question: str) -> str:
        """The text after the picture that puts ``question``."""
        return self.question_form.replace("{question}", question)


class Generation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the greedy text."""

    max_tokens: Positive = 256
    context: Positive = 1024
    """``n_ctx`` in tokens; must hold BOS + picture + question + ``max_tokens``."""
    usable_vocabulary: Positive | None = None
    """Ids from here on were never trained and are never sampled (padding rows, ``<image>``, ``<pad>``)."""


class Preparation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the expert's square picture is made from the exhibit's RGB (see ``models.preparation``)."""

    kind: PreparationKind
    size: Positive
    """Side of the square in pixels."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class Vision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shape of the vision tower, as far as the engine has to know it."""

    patch: Positive
    width: Positive
    """Width of the tower (``pre_ln`` has this many columns)."""
    output_width: Positive
    """Columns of a projected patch embedding: the language model's width."""
    family: Literal["llava", "other"] = "llava"
    """``llava``: CLIP tower with class token, needing the class-order correction. ``other``: llama.cpp's own preprocessing is trusted."""

    def patches(self, size: int) -> int:
        """Number of picture tokens for a square of ``size`` pixels."""
        return (size // self.patch) ** 2


class Grounding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What regions are made from (see the engine's ``claims``, ``capture`` and ``contrast``)."""

    layers: tuple[int, ...] = ()
    """Zero-based layers of the language model; empty: no attention is read."""
    heads: tuple[tuple[int, int], ...] = ()
    """(layer, head) pairs that are read, each layer one of ``layers``; empty: the mean over all heads of every layer."""
    method: Literal["relative-attention", "attention", "patch-contrast"] = "relative-attention"
    """``patch-contrast`` reads no attention and needs no layers: what the tower encodes unlike the rest, the same for every sentence."""
    baseline_question: str = "Write a general description of the image."
    source: str = ""
    """How these layers were chosen."""


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The self-test: a stored picture with the embeddings and log-odds that this pair must give.

    ``file`` is a NumPy ``.npz`` with arrays ``picture`` (uint8, size x size x 3, already prepared) and ``patches`` (float16,
    n_patches x output_width: the pair as written, dequantised).
    """

    file: FileName
    sha256: Sha256
    log_odds: float
    min_cosine: float
    """Every row of the engine's embeddings must reach this cosine to the stored row."""
    max_log_odds_difference: float
    log_odds_unquantised: float | None = None
    """The same number for the checkpoint's own tensors: what quantisation did."""


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two-parameter calibration of the log-odds and what it was measured on (counts by class; rates at the threshold)."""

    scale: float
    offset: float
    threshold: float
    """On the raw log-odds: at or above it the expert is said to lean to "fake"."""
    set_id: str
    date: str
    domain: str
    reals: int
    fakes: int
    false_positives: int
    """Reals at or above the threshold."""
    true_positives: int
    """Fakes at or above the threshold."""
    real_scores: tuple[float, ...] = ()
    """Raw log-odds of the calibration reals, ascending (conformal p-values)."""
    fake_scores: tuple[float, ...] = ()
    """Raw log-odds of the calibration fakes, ascending."""


class Licence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Licence of the weights, as stated by their source."""

    id: str
    text: str = ""
    training_data: str = ""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the checkpoint came from and what converted it."""

    name: str = ""
    revision: str = ""
    files: dict[str, str] = {}
    """Checkpoint file name -> sha256."""
    converter: str = ""
    quantisation: dict[str, str] = {}
    """GGUF tensor name -> type as written."""


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expert. ``kind``: only a ``detector`` gives findings."""

    schema: Literal["telltale.expert/1"]
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: str
    kind: Literal["detector", "general", "aesthetics"]
    language: Part
    projector: Part
    prompt: Prompt
    preparation: Preparation
    vision: Vision
    generation: Generation
    licence: Licence
    source: Source
    reference: Reference | None = None
    calibration: Calibration | None = None
    grounding: Grounding = Grounding()
    good_for: str = ""
    not_for: str = ""
    checks: dict[str, str] = {}
    """For a pair that was imported without a card: name of a proof -> whether it applies and why."""


def load_card(folder: Path) -> Card:
    """Read and check ``folder/expert.toml``.

    Raises ExpertError ``card-missing``, ``card-unreadable`` or ``card-invalid`` (the text names the field).
    """
    path = folder / CARD_NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ExpertError("card-missing", f"there is no {CARD_NAME} in this folder; it is not an expert") from None
    except OSError as error:
        raise ExpertError("card-unreadable", f"{CARD_NAME} cannot be read: {error.strerror}") from None
    return parse_card(data)


def parse_card(data: bytes) -> Card:
    """Parse the bytes of an ``expert.toml``. Raises ExpertError ``card-invalid``."""
    try:
        raw: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
        return msgspec.convert(raw, Card)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ExpertError("card-invalid", f"{CARD_NAME} is not a valid card: {error}") from None


def dump_card(card: Card) -> bytes:
    """The bytes of ``expert.toml`` for ``card``; the same card gives the same bytes."""

    def without_none(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_none(item) for key, item in value.items() if item is not None}
        return [without_none(item) for item in value] if isinstance(value, list | tuple) else value

    return tomli_w.dumps(without_none(msgspec.to_builtins(card)), multiline_strings=False).encode("utf-8")


def card_digest(data: bytes) -> str:
    """The name of an expert in the store: SHA-256 of the card's bytes."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in 1 MiB pieces. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check_files(folder: Path, card: Card) -> None:
    """Hash the expert's files against its card before anything native reads them.

    Raises ExpertError ``expert-incomplete`` (a file is missing or has another size) or ``expert-damaged`` (a hash differs).
    """
    wanted: list[tuple[str, str, int | None]] = [
        (card.language.file, card.language.sha256, card.language.bytes),
        (card.projector.file, card.projector.sha256, card.projector.bytes),
    ]
    if card.reference is not None:
        wanted.append((card.reference.file, card.reference.sha256, None))
    for name, sha256, size in wanted:
        path = folder / name
        if not path.is_file():
            raise ExpertError("expert-incomplete", f"{name} is missing beside the card")
        if size is not None and path.stat().st_size != size:
            raise ExpertError("expert-incomplete", f"{name} has another size than the card says; copy the expert again")
        if file_sha256(path) != sha256:
            raise ExpertError("expert-damaged", f"{name} is not the file that the card describes; copy or import the expert again")
