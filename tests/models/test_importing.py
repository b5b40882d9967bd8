"""Importing a pair made elsewhere: the projector is found by its header, the ids are llama.cpp's own, what is missing is asked for."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import cards, importing, tokens
from models.errors import ExpertError
from models.gguf_keys import read_keys
from models.importing import CardAnswers, CardRequest, import_folder
from models.store import Store
from tests.models import ggufs
from tests.models.making import make_expert

ANSWERS = CardAnswers("mine", "Mine", "detector", "is a fake?", "fake", "real", cards.Licence("CC0-1.0"), answer_start="This is a")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "experts", bundled=tmp_path / "none")


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    folder = tmp_path / "pair"
    folder.mkdir()
    ggufs.language(folder / "b-model.gguf")
    ggufs.projector(folder / "a-model.gguf", **{"clip.vision.feature_layer": [1]})
    return folder


def code_of(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(ExpertError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


def test_a_folder_with_a_card(store: Store, tmp_path: Path) -> None:
    card = make_expert(tmp_path / "a")
    assert cards.load_card(import_folder(tmp_path / "a", store=store)) == card


def test_a_pair_without_a_card(store: Store, pair: Path) -> None:
    asked: list[CardRequest] = []

    def ask(request: CardRequest) -> CardAnswers:
        asked.append(request)
        return ANSWERS

    place = import_folder(pair, store=store, ask=ask)
    card = cards.load_card(place)
    assert store.verify("mine").problems == ()
    assert (card.language.file, card.projector.file) == ("b-model.gguf", "a-model.gguf")
    assert (card.language.type, card.projector.type) == ("Q4_K_M", "F16")
    assert (card.vision.patch, card.vision.width, card.vision.output_width, card.vision.family) == (14, 64, 32, "llava")
    assert (card.preparation.size, card.preparation.mean, card.preparation.std) == (112, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    assert asked[0].name == "Some Model"
    assert asked[0].projector_type == "mlp"
    assert card.reference is None
    assert card.checks["reference"].startswith("does not apply")
    assert card.checks["class-order"].startswith("applies")
    assert card.checks["layers"].startswith("applies")
    assert card.generation.context == 1024
    assert sorted(path.name for path in pair.iterdir()) == ["a-model.gguf", "b-model.gguf"], "the folder is only read"
    pieces = ggufs.PIECES
    assert [pieces[number] for number in card.prompt.answer_start_ids] == ["This", "\u2581is", "\u2581a"]
    assert [pieces[card.prompt.fake_ids[0]], pieces[card.prompt.real_ids[0]]] == ["\u2581fake", "\u2581real"]
    assert (card.prompt.bos_id, card.prompt.eos_id) == (1, 2)


@pytest.mark.parametrize("kind", ["qwen2vl_merger", "internvl", "gemma3"])
def test_other_families(store: Store, tmp_path: Path, kind: str) -> None:
    ggufs.language(tmp_path / "language.gguf", "qwen2", ggufs.rank_vocabulary())
    ggufs.projector(tmp_path / "mmproj.gguf", kind)
    card = cards.load_card(import_folder(tmp_path, store=store, ask=lambda request: ANSWERS))
    assert card.vision.family == "other"
    assert card.reference is None
    assert card.checks["class-order"].startswith("does not apply")
    assert "layers" not in card.checks
    assert card.generation.context == 4096


def test_a_projector_of_an_old_converter_is_marked(store: Store, pair: Path) -> None:
    ggufs.projector(pair / "a-model.gguf")
    card = cards.load_card(import_folder(pair, store=store, ask=lambda request: ANSWERS))
    assert card.checks["layers"].startswith("fails")


def test_halves_and_heaps(store: Store, pair: Path, tmp_path: Path) -> None:
    assert code_of(import_folder, pair, store=store) == "card-missing"
    assert code_of(import_folder, tmp_path / "nowhere", store=store) == "import-not-a-pair"
    ggufs.language(pair / "c.gguf")
    assert code_of(import_folder, pair, store=store, ask=lambda request: ANSWERS) == "import-not-a-pair"
    (pair / "c.gguf").unlink()
    (pair / "a-model.gguf").rename(tmp_path / "mmproj")
    assert code_of(import_folder, pair, store=store, ask=lambda request: ANSWERS) == "import-incomplete"
    (tmp_path / "mmproj").rename(pair / "a-model.gguf")
    (pair / "b-model.gguf").unlink()
    assert code_of(import_folder, pair, store=store, ask=lambda request: ANSWERS) == "import-incomplete"
    assert store.experts() == []


def test_answers_that_cannot_be(store: Store, pair: Path) -> None:
    def with_words(fake: str, real: str) -> CardAnswers:
        return CardAnswers("mine", "Mine", "detector", "is a fake?", fake, real, cards.Licence("x"))

    assert code_of(import_folder, pair, store=store, ask=lambda request: with_words("fake", "fake")) == "answer-words"
    bad_id = CardAnswers("../x", "Mine", "detector", "is a fake?", "fake", "real", cards.Licence("x"))
    assert code_of(import_folder, pair, store=store, ask=lambda request: bad_id) == "card-invalid"


HEAD = b"GGUF\3\0\0\0"


@pytest.mark.parametrize("data", [b"", b"GGUF", HEAD + b"\xff" * 64, HEAD + bytes(8) + b"\2" + bytes(60), b"PK\3\4" * 9])
def test_files_that_are_no_gguf(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.gguf").write_bytes(data)
    assert code_of(read_keys, tmp_path / "x.gguf") == "gguf-invalid"


NATIVE = """
import json, sys
from llama_cpp import llama_cpp as low
low.llama_backend_init()
parameters = low.llama_model_default_params()
parameters.vocab_only = True
model = low.llama_model_load_from_file(sys.argv[1].encode(), parameters)
vocabulary, found = low.llama_model_get_vocab(model), []
for text in json.load(sys.stdin):
    data, ids = text.encode(), (low.llama_token * 4096)()
    found.append(ids[:low.llama_tokenize(vocabulary, data, len(data), ids, len(ids), False, sys.argv[2] == "control")])
json.dump(found, sys.stdout)
"""


def native_ids(path: Path, texts: list[str], how: str = "plain") -> list[tuple[int, ...]]:
    """What llama.cpp makes of ``texts``, asked as the engine asks it, in a process of its own."""
    pytest.importorskip("llama_cpp")
    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", NATIVE, str(path), how], input=json.dumps(texts).encode(),
                            capture_output=True, check=True)
    return [tuple(ids) for ids in json.loads(answer.stdout)]


TEXTS = ["This is a fake", "Does the image looks real/fake?", "fake real", "\n This  is\n\na?", "  ", "x12 345 it's REAL, I'll say",
         "they've", "a\tb\r\nc", "?!?\n\n ok", "12345"]


@pytest.mark.parametrize("prefix", [True, False])
def test_scored_ids_are_llama_cpps(tmp_path: Path, prefix: bool) -> None:
    ggufs.language(tmp_path / "l.gguf", vocabulary=ggufs.score_vocabulary(prefix=prefix))
    tokenise = tokens.tokeniser(read_keys(tmp_path / "l.gguf"))
    texts = [*TEXTS, "h\u00e9 \u4e2d"]
    assert [tokenise(text, False) for text in texts] == native_ids(tmp_path / "l.gguf", texts)


@pytest.mark.parametrize("pre", ["gpt-2", "qwen2", "llama-bpe"])
def test_ranked_ids_are_llama_cpps(tmp_path: Path, pre: str) -> None:
    ggufs.language(tmp_path / "l.gguf", vocabulary=ggufs.rank_vocabulary(pre))
    tokenise = tokens.tokeniser(read_keys(tmp_path / "l.gguf"))
    assert [tokenise(text, False) for text in TEXTS] == native_ids(tmp_path / "l.gguf", TEXTS)
    assert code_of(tokenise, "\u00e9", False) == "tokenizer-unsupported"


@pytest.mark.parametrize("kind", ["scored", "unprefixed", "ranked"])
def test_templates_with_control_tokens_are_llama_cpps(tmp_path: Path, kind: str) -> None:
    vocabulary = ggufs.rank_vocabulary() if kind == "ranked" else ggufs.score_vocabulary(prefix=kind == "scored")
    ggufs.language(tmp_path / "l.gguf", vocabulary=vocabulary)
    keys = read_keys(tmp_path / "l.gguf")
    tokenise = tokens.with_control_tokens(keys, tokens.tokeniser(keys))
    end = "<|end|>" if kind == "ranked" else "</s>"
    texts = [f"This is{end}", f"{end}{end} a\nfake{end}\n", f"real {end} is", "This is a fake", end, f"{end[:-1]} {end}"]
    found = [tokenise(text, False) for text in texts]
    assert found == native_ids(tmp_path / "l.gguf", texts, "control")
    assert found[1].count(found[4][0]) == 3


def test_a_conversations_form_is_kept(store: Store, pair: Path) -> None:
    answers = dataclasses.replace(ANSWERS, before_picture="<s>is ", question_form="{question}</s> a")
    card = cards.load_card(import_folder(pair, store=store, ask=lambda request: answers))
    assert card.prompt.question_form == "{question}</s> a"
    assert 2 in card.prompt.question_ids
    wrong = dataclasses.replace(ANSWERS, question_form="no place for it")
    assert code_of(import_folder, pair, store=store, ask=lambda request: wrong) == "card-invalid"


@pytest.mark.parametrize(("given", "wanted"), [(None, None), (False, None), (True, 279)])
def test_a_vocabulary_without_a_beginning(store: Store, tmp_path: Path, given: bool | None, wanted: int | None) -> None:
    vocabulary = ggufs.rank_vocabulary() | ({} if given is None else {"tokenizer.ggml.add_bos_token": given})
    ggufs.language(tmp_path / "language.gguf", "qwen2", vocabulary)
    ggufs.projector(tmp_path / "mmproj.gguf", "qwen2vl_merger")
    card = cards.load_card(import_folder(tmp_path, store=store, ask=lambda request: ANSWERS))
    assert card.prompt.bos_id == (wanted and len(vocabulary["tokenizer.ggml.tokens"]) - 1)


def test_unknown_vocabularies_are_refused() -> None:
    assert code_of(tokens.tokeniser, {"tokenizer.ggml.model": "rwkv", "tokenizer.ggml.tokens": ["a"]}) == "tokenizer-unsupported"
    assert code_of(tokens.tokeniser, {}) == "gguf-invalid"


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 4000), value=st.integers(0, 255))
def test_a_damaged_header_gives_keys_or_a_code(tmp_path_factory: pytest.TempPathFactory, at: int, value: int) -> None:
    good = tmp_path_factory.getbasetemp() / "good.gguf"
    if not good.exists():
        ggufs.language(good)
    data = bytearray(good.read_bytes())
    data[at % len(data)] = value
    (good.parent / "bad.gguf").write_bytes(data)
    try:
        tokens.tokeniser(read_keys(good.parent / "bad.gguf"))("This is a fake", False)
    except ExpertError as error:
        assert error.code in ("gguf-invalid", "tokenizer-unsupported")


def test_find_pair_goes_by_headers(pair: Path) -> None:
    (pair / "a-model.gguf").rename(pair / "language.gguf")
    (pair / "b-model.gguf").rename(pair / "mmproj.gguf")
    assert [path.name for path in importing.find_pair(pair)] == ["mmproj.gguf", "language.gguf"]
