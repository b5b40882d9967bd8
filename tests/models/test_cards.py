"""Cards: written and read back the same, and refused with a code when they are wrong."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import cards
from models.errors import ExpertError


def card(**changes: object) -> cards.Card:
    base = cards.Card(
        schema=cards.SCHEMA, id="tiny", name="Tiny", kind="detector", language=cards.Part("language.gguf", "0" * 64, 5, "F32"),
        projector=cards.Part("mmproj.gguf", "0" * 64, 5, "F32"),
        prompt=cards.Prompt("Does the image looks real/fake?", (5, 6), "\nThis is a", (3, 4), "fake", "real", (7,), (8,), 1, 2),
        preparation=cards.Preparation("crop", 112, (0.48, 0.45, 0.4), (0.27, 0.26, 0.28)), vision=cards.Vision(14, 128, 256),
        generation=cards.Generation(), licence=cards.Licence("CC0-1.0"), source=cards.Source(),
    )
    return msgspec.structs.replace(base, **changes)


def test_round_trip() -> None:
    data = cards.dump_card(card())
    assert cards.parse_card(data) == card()
    assert cards.dump_card(cards.parse_card(data)) == data


@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(ExpertError) as caught:
        cards.parse_card(data)
    assert caught.value.code == "card-invalid"


@pytest.mark.parametrize("name", ["../up.gguf", "/abs.gguf", "a/b.gguf", ".hidden", ""])
def test_a_file_name_cannot_leave_the_folder(name: str) -> None:
    data = cards.dump_card(card()).replace(b'"language.gguf"', f'"{name}"'.encode())
    with pytest.raises(ExpertError, match=r"language\.file"):
        cards.parse_card(data)


def test_no_card(tmp_path: Path) -> None:
    with pytest.raises(ExpertError) as caught:
        cards.load_card(tmp_path)
    assert caught.value.code == "card-missing"


def test_files_are_hashed_before_use(tmp_path: Path) -> None:
    (tmp_path / "language.gguf").write_bytes(b"12345")
    (tmp_path / "mmproj.gguf").write_bytes(b"12345")
    digest = cards.file_sha256(tmp_path / "mmproj.gguf")
    good = card(language=cards.Part("language.gguf", digest, 5, "F32"), projector=cards.Part("mmproj.gguf", digest, 5, "F32"))
    cards.check_files(tmp_path, good)
    (tmp_path / "mmproj.gguf").write_bytes(b"12346")
    with pytest.raises(ExpertError) as caught:
        cards.check_files(tmp_path, good)
    assert caught.value.code == "expert-damaged"
    (tmp_path / "language.gguf").unlink()
    with pytest.raises(ExpertError) as caught:
        cards.check_files(tmp_path, good)
    assert caught.value.code == "expert-incomplete"
