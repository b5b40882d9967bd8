"""Taking in a pair that was made elsewhere: a folder with two GGUF files, with or without a card.

With a card, the folder is checked against it and copied. Without one, the headers say which file is the projector and what it was made for;
what no header says (the question, the answer words, the licence) is asked for, and the card that comes out says which proofs apply to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.cards import (
    CARD_NAME,
    Card,
    Generation,
    Licence,
    Part,
    Preparation,
    PreparationKind,
    Prompt,
    Source,
    Vision,
    dump_card,
    file_sha256,
)
from models.errors import ExpertError
from models.gguf_keys import Value, read_keys
from models.gguf_scan import scan_gguf
from models.store import IsCancelled, Progress, Store
from models.tokens import tokeniser, with_control_tokens

_CLIP_MEAN, _CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L",
    14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}
"""``general.file_type`` -> word: enum llama_ftype of llama.h."""


@dataclass(frozen=True)
class CardRequest:
    """What is known of a pair without a card, for whoever answers for the rest."""

    language: Path
    projector: Path
    name: str
    architecture: str
    """Of the language model: ``llama``, ``qwen2vl`` …"""
    projector_type: str
    family: Literal["llava", "other"]
    image_size: int
    checks: dict[str, str]
    """Name of a proof -> whether it applies to this pair and why."""


@dataclass(frozen=True)
class CardAnswers:
    """What has to be stated by a person (or a recipe) for a pair without a card."""

    id: str
    name: str
    kind: Literal["detector", "general", "aesthetics"]
    question: str
    fake_word: str
    real_word: str
    licence: Licence
    answer_start: str = ""
    before_picture: str = ""
    question_form: str = "{question}"
    """The rest of the conversation's template after the picture; names of control tokens count as such here and in ``before_picture``."""
    preparation: PreparationKind = "crop"
    size: int | None = None
    """Side of the square picture; None takes what the projector's header says."""
    max_tokens: int = 256
    good_for: str = ""
    not_for: str = ""
    questions: tuple[str, ...] = ()


AskCard = Callable[[CardRequest], CardAnswers]


def import_folder(folder: Path, *, store: Store | None = None, ask: AskCard | None = None, progress: Progress | None = None,
                  cancelled: IsCancelled | None = None) -> Path:
    """Copy the expert in ``folder`` into the store; returns its folder there.

    Without a card in the folder, ``ask`` is called with what the headers say. Raises ExpertError: ``import-not-a-pair``,
    ``import-incomplete``, ``card-missing`` (no card and nobody to ask), the card's and the store's; or Cancelled. The folder is only read.
    """
    store = Store() if store is None else store
    if not folder.is_dir():
        raise ExpertError("import-not-a-pair", "this is not a folder")
    if (folder / CARD_NAME).is_file():
        return store.add(folder, progress=progress, cancelled=cancelled)
    language, projector = find_pair(folder)
    if ask is None:
        raise ExpertError("card-missing", f"there is no {CARD_NAME} in this folder; state at least --id, --licence, --question, "
                                          "--fake-word and --real-word")
    card = make_card(language, projector, ask)
    return store.add(folder, card=dump_card(card), progress=progress, cancelled=cancelled)


def find_pair(folder: Path) -> tuple[Path, Path]:
    """(language model, projector) among the GGUF files of a folder, told apart by their headers, never by their names.

    Raises ExpertError ``import-not-a-pair`` (more than one of a kind) or ``import-incomplete`` (a half is missing).
    """
    language: list[Path] = []
    projector: list[Path] = []
    for path in sorted(folder.glob("*.gguf")):
        (projector if read_keys(path).get("general.architecture") == "clip" else language).append(path)
    if len(language) > 1 or len(projector) > 1:
        raise ExpertError("import-not-a-pair", f"this folder has {len(language)} language models and {len(projector)} projectors; "
                                               "put one of each into a folder of their own (split files have to be merged first)")
    if not language:
        raise ExpertError("import-incomplete", "the language model is missing: a second GGUF file beside the projector")
    if not projector:
        raise ExpertError("import-incomplete", "the projector is missing: the GGUF file often called mmproj, made with this model")
    return language[0], projector[0]


def make_card(language: Path, projector: Path, ask: AskCard) -> Card:
    """A card for a pair, from its headers and the answers of ``ask``. Raises ExpertError."""
    scan_gguf(language)
    scan_gguf(projector)
    words, eyes = read_keys(language), read_keys(projector)
    architecture = _text(words, "general.architecture")
    if eyes.get("clip.has_vision_encoder") is not True:
        raise ExpertError("import-not-a-pair", f"{projector.name} has no vision encoder")
    request = CardRequest(
        language, projector, name=_text(words, "general.name") or language.stem, architecture=architecture,
        projector_type=_text(eyes, "clip.projector_type") or _text(eyes, "clip.vision.projector_type"), family=_family(eyes),
        image_size=_number(eyes, "clip.vision.image_size", projector), checks=_checks(eyes),
    )
    answers = ask(request)
    size, patch = answers.size or request.image_size, _number(eyes, "clip.vision.patch_size", projector)
    width, output = _number(eyes, "clip.vision.embedding_length", projector), _number(words, f"{architecture}.embedding_length", language)
    vision = Vision(patch, width, output, request.family)
    prompt = _prompt(words, answers)
    trained = _number(words, f"{architecture}.context_length", language)
    needed = vision.patches(size) + len(prompt.question_ids) + len(prompt.answer_start_ids) + answers.max_tokens + 128
    return Card(
        schema="telltale.expert/1", id=answers.id, name=answers.name, kind=answers.kind,
        language=_part(language, words), projector=_part(projector, eyes), prompt=prompt,
        preparation=Preparation(answers.preparation, size, _triple(eyes, "clip.vision.image_mean", _CLIP_MEAN),
                                _triple(eyes, "clip.vision.image_std", _CLIP_STD)),
        vision=vision, generation=Generation(answers.max_tokens, min(trained, max(1024, needed if request.family == "llava" else 4096))),
        licence=answers.licence, source=Source(name=request.name, converter="imported as a finished pair"),
        good_for=answers.good_for, not_for=answers.not_for, checks=request.checks,
    )


def _family(eyes: dict[str, Value]) -> Literal["llava", "other"]:
    # The class-order correction belongs to llama.cpp's LLaVA graph, which these projector types of a CLIP tower use.
    types = {_text(eyes, "clip.projector_type"), _text(eyes, "clip.vision.projector_type")}
    return "llava" if types & {"mlp", "mlp_norm", "ldp", "ldpv2"} else "other"


def _checks(eyes: dict[str, Value]) -> dict[str, str]:
    llava = _family(eyes) == "llava"
    checks = {
        "hashes": "applies: both files are hashed before every load",
        "headers": "applies: both headers are read in Python before native code sees the files",
        "question": "applies: llama.cpp must tokenise the question as the card says",
        "repeatability": "applies: the same picture must give the same score, bit for bit",
        "reference": "does not apply: the pair came without reference numbers, so nothing proves that it gives its checkpoint's answers",
        "class-order": "applies: llama.cpp's order of class and patch tokens is corrected" if llava
                       else "does not apply: llama.cpp's own picture processing is trusted",
        "calibration": "does not apply until `telltale calibrate` has measured this pair on pictures whose truth is known",
    }
    if llava:
        checks["layers"] = (
            "applies: the projector states which layer of the tower is used" if "clip.vision.feature_layer" in eyes else
            "fails: the projector does not state which layer of the tower is used; files of older converters run one layer too few"
        )
    return checks


def _prompt(words: dict[str, Value], answers: CardAnswers) -> Prompt:
    """Ids of the question, and of both answers up to where they part. Raises ExpertError ``answer-words``."""
    tokenise = tokeniser(words)
    if answers.question_form.count("{question}") != 1:
        raise ExpertError("card-invalid", "the question form has to contain {question} once")
    start = answers.answer_start
    fake, real = (tokenise(f"{start} {word}" if start else word, bool(start)) for word in (answers.fake_word, answers.real_word))
    shared = next((at for at, pair in enumerate(zip(fake, real, strict=False)) if pair[0] != pair[1]), None)
    if shared is None:
        raise ExpertError("answer-words", "the two answer words begin with the same tokens in this vocabulary; choose others")
    eos = words.get("tokenizer.ggml.eos_token_id")
    if not isinstance(eos, int):
        raise ExpertError("gguf-invalid", "the language model's file does not say which token ends a text")
    asked = answers.question_form.replace("{question}", answers.question)
    return Prompt(
        question=answers.question, question_ids=with_control_tokens(words, tokenise)(asked, False), answer_start=start,
        answer_start_ids=fake[:shared], fake_word=answers.fake_word, real_word=answers.real_word, fake_ids=(fake[shared],),
        real_ids=(real[shared],), eos_id=eos, bos_id=_beginning(words), before_picture=answers.before_picture,
        question_form=answers.question_form, questions=answers.questions,
    )


def _beginning(words: dict[str, Value]) -> int | None:
    """The token that llama.cpp puts before a text of this vocabulary, if it puts one (src/llama-vocab.cpp, ``load``)."""
    usual = words.get("tokenizer.ggml.model") == "llama" or words.get("tokenizer.ggml.pre") in ("llama-bpe", "llama3", "llama-v3")
    bos = words.get("tokenizer.ggml.bos_token_id")
    return bos if isinstance(bos, int) and words.get("tokenizer.ggml.add_bos_token", usual) is True else None


def _part(path: Path, keys: dict[str, Value]) -> Part:
    kind = keys.get("general.file_type")
    return Part(path.name, file_sha256(path), path.stat().st_size, _FILE_TYPES.get(kind, "mixed") if isinstance(kind, int) else "unknown")


def _text(keys: dict[str, Value], name: str) -> str:
    value = keys.get(name)
    return value[:200] if isinstance(value, str) else ""


def _number(keys: dict[str, Value], name: str, path: Path) -> int:
    value = keys.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ExpertError("gguf-invalid", f"{path.name} does not state {name}")
    return value


def _triple(keys: dict[str, Value], name: str, otherwise: tuple[float, float, float]) -> tuple[float, float, float]:
    value = keys.get(name)
    if isinstance(value, list) and len(value) == 3 and all(isinstance(item, float) for item in value):
        first, second, third = (float(item) for item in value if isinstance(item, float))
        return first, second, third
    return otherwise
