"""Frames survive the pipe unchanged, and nothing but a frame is ever taken for one."""

import io
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.workers.frames import Caps, EndOfStream, Frame, read_frame, write_frame
from models.errors import WorkerError

scalars = st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(
    st.characters(exclude_categories=("Cs",)))
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
                      max_leaves=10)
headers = st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), values, max_size=6)


def framed(header: dict[str, Any], payload: bytes = b"") -> bytes:
    stream = io.BytesIO()
    write_frame(stream, header, payload)
    return stream.getvalue()


@given(st.lists(st.tuples(headers, st.binary(max_size=3000)), max_size=4))
def test_any_frames_come_back_as_they_went(frames: list[tuple[dict[str, Any], bytes]]) -> None:
    stream = io.BytesIO(b"".join(framed(header, payload) for header, payload in frames))
    for header, payload in frames:
        assert read_frame(stream, Caps()) == Frame(json.loads(json.dumps(header)), payload)
    assert isinstance(read_frame(stream, Caps()), EndOfStream)


@given(headers, st.binary(max_size=300), st.data())
def test_a_cut_frame_is_an_error_and_never_a_shorter_frame(header: dict[str, Any], payload: bytes, data: st.DataObject) -> None:
    whole = framed(header, payload)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WorkerError) as caught:
        read_frame(io.BytesIO(whole[:cut]), Caps())
    assert caught.value.code == "worker-protocol"


@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_a_frame_an_end_or_the_one_error(noise: bytes) -> None:
    try:
        result = read_frame(io.BytesIO(noise), Caps(header=1000, payload=1000))
    except WorkerError as error:
        assert error.code == "worker-protocol"
    else:
        assert isinstance(result, Frame | EndOfStream)


@pytest.mark.parametrize("text", [
    b"[]", b"1", b"null", b'"x"', b"{", b"\xff\xfe", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b"[" * 100_000,
    b'{"a":' * 50_000, b'{"a": ' + b"9" * 10_000 + b"}",
])
def test_a_header_that_is_not_a_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(WorkerError) as caught:
        read_frame(io.BytesIO(struct.pack("<IQ", len(text), 0) + text), Caps())
    assert caught.value.code == "worker-protocol"


@pytest.mark.parametrize("lengths", [(1001, 0), (10, 1001), (0xFFFFFFFF, 0), (2, 0xFFFFFFFFFFFFFFFF)])
def test_announced_lengths_over_the_caps_are_refused_unread(lengths: tuple[int, int]) -> None:
    stream = io.BytesIO(struct.pack("<IQ", *lengths) + b"{}" + bytes(50))
    with pytest.raises(WorkerError):
        read_frame(stream, Caps(header=1000, payload=1000))
    assert stream.tell() == 12


def test_a_header_can_be_judged_before_its_payload_is_read() -> None:
    asked: list[tuple[dict[str, Any], int]] = []

    def admit(header: dict[str, Any], length: int) -> bool:
        asked.append((header, length))
        return False

    stream = io.BytesIO(framed({"width": 65535}, bytes(500)))
    with pytest.raises(WorkerError):
        read_frame(stream, Caps(), admit)
    assert asked == [({"width": 65535}, 500)]
    assert len(stream.read()) == 500


def test_a_payload_in_parts_is_one_payload() -> None:
    stream = io.BytesIO()
    write_frame(stream, {}, (b"ab", b"", b"cde"))
    stream.seek(0)
    assert read_frame(stream, Caps()) == Frame({}, b"abcde")


def test_numbers_that_are_not_json_are_never_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        write_frame(io.BytesIO(), {"a": float("nan")})
