"""What is converted gives, in the engine, what the reference implementation gives for the checkpoint."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import convert
from desktop.engine import Engine, EngineSettings
from models.cards import CARD_NAME, Card, dump_card, file_sha256, load_card
from models.errors import ExpertError
from tests.convert.test_conversion import cosine
from tests.references import references
from tests.references.tiny import VARIANTS, write_tower

SETTINGS = EngineSettings(threads=1)
FORMS: list[dict[str, Any]] = [
    {"layout": "old", "dtype": "F32"},
    {"layout": "new", "shards": 2},
    {"layout": "v5", "dtype": "F16", "tokenizer": "json"},
    {"layout": "original"},
    {"variant": "grouped"},
    {"variant": "grouped", "layout": "original", "shards": 3},
]


def check_exact(folder: Path, variant: str) -> None:
    """Embeddings, log-odds and text logits at F32 are transformers'."""
    arrays: Any = references(variant)
    with Engine.open(folder, settings=SETTINGS) as engine:
        for number, picture in enumerate(arrays["pictures"]):
            patches = engine.encode(picture)
            assert cosine(patches, arrays["patches"][number]).min() >= 0.9999
            assert cosine(patches, arrays["class_last"][number]).mean() < 0.9
            assert engine.score(picture).log_odds == pytest.approx(arrays["log_odds"][number], abs=0.02)
        assert cosine(engine.text_logits(arrays["text_ids"].tolist()), arrays["text_logits"][-1]) >= 0.9999


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_gives_the_references_embeddings_and_logits(expert: Any, form: dict[str, Any]) -> None:
    check_exact(expert("F32", "F32", **form), form.get("variant", "plain"))


def test_tower_from_another_folder(checkpoint: Any, tmp_path: Path) -> None:
    write_tower(tmp_path / "tower", VARIANTS["plain"])
    options = convert.Options(language_type="F32", projector_type="F32", vision_tower=tmp_path / "tower")
    convert.convert(checkpoint(layout="original-no-tower"), tmp_path / "expert", options)
    check_exact(tmp_path / "expert", "plain")


def proof(engine: Engine) -> tuple[Card, float, float]:
    """The card, and (least cosine, log-odds difference) of the engine against its stored reference."""
    card = engine.card
    assert card.reference is not None
    with np.load(engine.folder / card.reference.file, allow_pickle=False) as stored:
        picture, patches = stored["picture"], stored["patches"]
    return card, float(cosine(engine.encode(picture), patches).min()), abs(engine.score(picture).log_odds - card.reference.log_odds)


@pytest.mark.parametrize("variant", ["plain", "grouped"])
@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M"])
def test_engine_is_well_within_the_cards_tolerance(expert: Any, kind: str, variant: str) -> None:
    arrays: Any = references(variant)
    with Engine.open(expert(kind, "F32" if kind == "F32" else "F16", variant=variant), settings=SETTINGS) as engine:
        card, least, difference = proof(engine)
        assert card.reference is not None
        assert least >= card.reference.min_cosine
        print(f"{kind} {variant}: cosine {least:.7f}, log-odds {difference:.4f} of {card.reference.max_log_odds_difference:.4f} allowed")
        assert difference <= card.reference.max_log_odds_difference / 2, "the tolerance is at least twice what is seen"
        for number, picture in enumerate(arrays["pictures"]):
            away = abs(engine.score(picture).log_odds - arrays["log_odds"][number])
            assert away <= card.reference.max_log_odds_difference


@pytest.mark.parametrize("variant", ["plain", "grouped"])
def test_projector_at_eight_bits(expert: Any, variant: str) -> None:
    with Engine.open(expert("Q8_0", "Q8_0", variant=variant), settings=SETTINGS) as engine:
        card, least, difference = proof(engine)
        assert card.reference is not None
        assert least >= 0.999
        assert difference <= card.reference.max_log_odds_difference / 2


def test_a_pair_that_is_not_the_cards_own_fails_the_self_test(expert: Any, tmp_path: Path) -> None:
    """Another tower's features, with hashes put right: only the self-test can notice."""
    folder = tmp_path / "mixed"
    shutil.copytree(expert("F16", "F16"), folder)
    data = bytearray((folder / "mmproj.gguf").read_bytes())
    data[-200_000:] = bytes(200_000)
    (folder / "mmproj.gguf").write_bytes(data)
    card = load_card(folder)
    projector = msgspec.structs.replace(card.projector, sha256=file_sha256(folder / "mmproj.gguf"))
    (folder / CARD_NAME).write_bytes(dump_card(msgspec.structs.replace(card, projector=projector)))
    with pytest.raises(ExpertError):
        Engine.open(folder, settings=SETTINGS)
