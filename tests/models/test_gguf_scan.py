"""No header that does not add up reaches native code."""

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convert
from models.errors import ExpertError
from models.gguf_scan import scan_gguf
from tests.references import tiny_checkpoint

PARTS = ("language", "mmproj")
EXPECT = {"language": "language", "mmproj": "projector"}
_SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The two files of a tiny expert, Q4_K_M and F16."""
    folder = tmp_path_factory.mktemp("scan")
    convert.convert(tiny_checkpoint(folder / "checkpoint"), folder / "expert", convert.Options(reference=False))
    return {part: folder / "expert" / f"{part}.gguf" for part in PARTS}


def structure(data: bytes) -> Iterator[tuple[str, int, int]]:
    """(what, position, bytes) of every number in a header that sizes something."""
    at = 8
    tensors, keys = struct.unpack_from("<QQ", data, at)
    yield from (("count", 8, 8), ("count", 16, 8))
    at = 24

    def string() -> tuple[str, int, int]:
        nonlocal at
        span = ("length", at, 8)
        at += 8 + struct.unpack_from("<Q", data, at)[0]
        return span

    for _ in range(keys):
        yield string()
        (kind,) = struct.unpack_from("<I", data, at)
        yield ("key type", at, 4)
        at += 4
        if kind == 8:
            yield string()
        elif kind == 9:
            inner, count = struct.unpack_from("<IQ", data, at)
            yield from (("array type", at, 4), ("array length", at + 4, 8))
            at += 12
            if inner == 8:
                for _ in range(count):
                    yield string()
            else:
                at += count * _SCALAR_BYTES[inner]
        else:
            at += _SCALAR_BYTES[kind]
    for _ in range(tensors):
        yield string()
        (dimensions,) = struct.unpack_from("<I", data, at)
        yield ("dimensions", at, 4)
        at += 4
        for _ in range(dimensions):
            yield ("size", at, 8)
            at += 8
        yield from (("tensor type", at, 4), ("offset", at + 4, 8))
        at += 12


def mutants(data: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Damaged copies: one bit of a structural number flipped, a number made huge, a cut, something twice, bytes added."""
    rng = random.Random(seed)
    spans = list(structure(data))
    names = ["length", "count", "array length", "dimensions", "size", "tensor type", "offset"]
    for index in range(count):
        how = index % 10
        if how < 7:
            what, at, size = rng.choice([span for span in spans if span[0] == names[how]])
            bit = rng.randrange(size * 8)
            copy = bytearray(data)
            copy[at + bit // 8] ^= 1 << bit % 8
            yield f"{what} bit {bit}", bytes(copy)
        elif how == 7:
            what, at, size = rng.choice([span for span in spans if span[0] != "key type"])
            yield f"{what} huge", data[:at] + b"\xff" * size + data[at + size :]
        elif how == 8:
            yield "cut", data[: rng.randrange(len(data) - 40)]
        else:
            yield "bytes added", data + bytes(rng.randrange(1, 5000))


@pytest.mark.parametrize("part", PARTS)
def test_our_own_files_pass(files: dict[str, Path], part: str) -> None:
    head = scan_gguf(files[part], EXPECT[part])  # type: ignore[arg-type]
    assert head.keys["general.architecture"] == ("llama" if part == "language" else "clip")
    assert scan_gguf(files[part]) == head


@pytest.mark.parametrize("part", PARTS)
def test_hundred_damaged_headers_are_refused(files: dict[str, Path], part: str, tmp_path: Path) -> None:
    data = files[part].read_bytes()
    path = tmp_path / "damaged.gguf"
    passed = []
    for what, damaged in mutants(data, 50, seed=len(part)):
        path.write_bytes(damaged)
        try:
            scan_gguf(path, EXPECT[part])  # type: ignore[arg-type]
        except ExpertError as error:
            assert error.code == "gguf-invalid"
        else:
            passed.append(what)
    assert passed == []


def _key(data: bytes, name: bytes) -> int:
    """Position of a scalar key's value."""
    return data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name) + 4


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("language", b"llama.attention.head_count", struct.pack("<I", 0)),
        ("language", b"llama.attention.head_count_kv", struct.pack("<I", 3)),
        ("language", b"llama.block_count", struct.pack("<I", 5)),
        ("language", b"llama.embedding_length", struct.pack("<I", 255)),
        ("language", b"llama.attention.layer_norm_rms_epsilon", struct.pack("<f", float("nan"))),
        ("language", b"tokenizer.ggml.bos_token_id", struct.pack("<I", 576)),
        ("language", b"llama.rope.dimension_count", struct.pack("<I", 1 << 20)),
        ("mmproj", b"clip.vision.patch_size", struct.pack("<I", 0)),
        ("mmproj", b"clip.vision.image_size", struct.pack("<I", 126)),
        ("mmproj", b"clip.vision.block_count", struct.pack("<I", 2)),
        ("mmproj", b"clip.vision.attention.head_count", struct.pack("<I", 7)),
    ],
)
def test_numbers_that_llama_cpp_would_divide_by_or_index_with(
    files: dict[str, Path], tmp_path: Path, part: str, key: bytes, value: bytes
) -> None:
    data = bytearray(files[part].read_bytes())
    at = _key(bytes(data), key)
    data[at : at + len(value)] = value
    path = tmp_path / "damaged.gguf"
    path.write_bytes(data)
    with pytest.raises(ExpertError, match="gguf-invalid"):
        scan_gguf(path, EXPECT[part])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"llama.context_length", b"llama.embedding_length"), (b"blk.1.attn_q.weight", b"blk.2.attn_q.weight")],
)
def test_twice_the_same_key_or_tensor(files: dict[str, Path], tmp_path: Path, old: bytes, new: bytes) -> None:
    data = files["language"].read_bytes()
    path = tmp_path / "twice.gguf"
    path.write_bytes(data.replace(struct.pack("<Q", len(old)) + old, struct.pack("<Q", len(new)) + new, 1))
    with pytest.raises(ExpertError, match="twice"):
        scan_gguf(path)


def test_halves_exchanged(files: dict[str, Path]) -> None:
    with pytest.raises(ExpertError, match="exchanged"):
        scan_gguf(files["mmproj"], "language")
    with pytest.raises(ExpertError, match="exchanged"):
        scan_gguf(files["language"], "projector")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4), header=st.booleans())
def test_any_damage_gives_an_answer(files: dict[str, Path], edits: list[tuple[float, int]], header: bool) -> None:
    data = bytearray(files["mmproj"].read_bytes())
    reach = 8000 if header else len(data) - 1
    for place, value in edits:
        data[int(place * reach)] = value
    path = files["mmproj"].with_name("edited.gguf")
    path.write_bytes(data)
    try:
        scan_gguf(path, "projector")
    except ExpertError as error:
        assert error.code == "gguf-invalid"


@given(data=st.binary(max_size=400))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_else_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.gguf"
    path.write_bytes(data)
    with pytest.raises(ExpertError):
        scan_gguf(path, "language")
