"""A worker that was taken over: whatever it answers, the application uses nothing that cannot be right, and the next picture is read."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.intake import Intake, Limits
from desktop.intake import client as client_module
from desktop.intake.answer import Facts, Picture
from desktop.intake.client import _exhibit, _is_plausible
from desktop.intake.source import Source
from desktop.workers import client as worker_module
from desktop.workers.frames import Frame
from models.errors import InputError, WorkerError
from tests.intake.pictures import colours, saved

FACTS: dict[str, Any] = {
    "container": "png", "mode": "RGB", "stored_size": [4, 2], "orientation": {"declared": None, "applied": 1},
    "colour": {"stored": "rgb", "bits": 8, "profile": None, "method": "as-stored", "png_gamma": None}, "alpha": None,
    "frames": {"kind": "single", "count": 1, "more": False, "listed": [{"width": 4, "height": 2}], "separate_default": False},
    "trailing": None, "ends_properly": True, "jpeg": None, "extension": ".png", "extension_matches": True, "exif_readable": True,
    "note": "",
}
HONEST: dict[str, Any] = {"answer": "picture", "width": 4, "height": 2, "thumbnail": [4, 2], "facts": FACTS, "deviations": [], "marks": []}
PIXELS = bytes(range(24)) + bytes(24)
READY = {"answer": "ready", "confinement": {"level": "kernel"}, "sealed": True}
SCRIPT = """
import json, struct, sys, time, os
def frame(header, payload=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    sys.stdout.buffer.write(struct.pack("<IQ", len(text), len(payload) if length is None else length) + text + payload)
    sys.stdout.buffer.flush()
def take():
    size, more = struct.unpack("<IQ", sys.stdin.buffer.read(12))
    sys.stdin.buffer.read(size + more)
ready, honest, pixels = json.loads(sys.argv[1]), json.loads(sys.argv[2]), bytes.fromhex(sys.argv[3])
"""


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Intake]]:
    """``liar(script)``: an intake whose worker runs ``script``."""
    opened: list[Intake] = []

    def open_intake(script: str, limits: Limits | None = None) -> Intake:
        def command(_name: str, _arguments: Sequence[str] = ()) -> list[str]:
            return [sys.executable, "-c", SCRIPT + script, json.dumps(READY), json.dumps(HONEST), PIXELS.hex()]

        monkeypatch.setattr(worker_module, "worker_command", command)
        opened.append(Intake(limits or Limits()))
        return opened[-1]

    yield open_intake
    for intake in opened:
        intake.close()


def test_the_honest_answer_of_these_drills_is_accepted(liar: Callable[..., Intake]) -> None:
    exhibit = liar("frame(ready); take(); frame(honest, pixels)").read(b"bytes", "a.png")
    assert exhibit.rgb.tobytes() == PIXELS[:24]


@pytest.mark.parametrize("lie", [
    "frame({**honest, 'width': 65535, 'height': 65535}, pixels)",
    "frame({**honest, 'width': 65535, 'height': 65535}, b'', 3 * 65535 * 65535 + 24)",
    "frame({**honest, 'width': 10000, 'height': 10000}, pixels, 3 * 10000 * 10000 + 24); sys.stdout.close(); os._exit(0)",
    "frame(honest, pixels + b'x')", "frame(honest, pixels[:-1])", "frame(honest)", "frame({**honest, 'width': 2, 'height': 4}, pixels)",
    "frame({**honest, 'width': -4, 'height': -2}, pixels)", "frame({**honest, 'width': 4.0}, pixels)",
    "frame({**honest, 'width': '4'}, pixels)",
    "frame({**honest, 'width': True, 'height': 8}, pixels)", "frame({**honest, 'thumbnail': [400, 1]}, pixels)",
    "frame({**honest, 'thumbnail': []}, pixels)", "frame({**honest, 'extra': 1}, pixels)", "frame({**honest, 'facts': {}}, pixels)",
    "frame({**honest, 'facts': {**honest['facts'], 'mode': 'x' * 5000}}, pixels)",
    "frame({**honest, 'facts': {**honest['facts'], 'container': 'exe'}}, pixels)",
    "frame({**honest, 'facts': {**honest['facts'], 'orientation': {'declared': 6, 'applied': 6}}}, pixels)",
    "frame({**honest, 'deviations': ['<script>']}, pixels)", "frame({**honest, 'marks': [{'id': 1}]}, pixels)",
    "frame({**honest, 'marks': [1] * 100000}, pixels)", "frame({'answer': 'refused', 'code': 'rm -rf', 'detail': None})",
    "frame({'answer': 'refused', 'code': 'picture-empty', 'detail': 'own words'})", "frame({'answer': 'refused'})",
    "frame({'answer': 'ready'})", "frame({})", "frame(b'{not json}')", "frame(b'[]')", "frame(b'{\"a\": NaN}')", "frame(b'[' * 100000)",
    "sys.stdout.buffer.write(b'MZ' * 5000); sys.stdout.buffer.flush()", "frame(b'x' * 100, b'', 1 << 60)",
    "os.write(2, b'noise' * 1000000 * 5)",
])
def test_no_lie_is_believed(liar: Callable[..., Intake], lie: str) -> None:
    intake = liar(f"frame(ready); take(); {lie}; time.sleep(600)")
    with pytest.raises(InputError) as caught:
        intake.read(b"bytes", "a.png")
    assert caught.value.code == "intake-broken-answer", "and no time-out"


@pytest.mark.parametrize("start", [
    "frame({**ready, 'confinement': {'level': 'perfect'}})", "frame({**ready, 'confinement': {}})",
    "frame({'answer': 'refused', 'code': 'x'})",
    "frame(b'rubbish')", "frame(ready, b'payload')", "os._exit(1)",
])
def test_a_worker_that_does_not_start_properly_gets_no_picture(liar: Callable[..., Intake], start: str) -> None:
    with pytest.raises(WorkerError):
        liar(f"{start}; take(); frame(honest, pixels); time.sleep(60)").read(b"bytes")


def test_a_worker_that_never_starts_is_given_up(liar: Callable[..., Intake]) -> None:
    with pytest.raises(WorkerError) as caught:
        liar("time.sleep(60)", Limits(start_seconds=0.3)).read(b"bytes")
    assert caught.value.code == "worker-timeout"


@pytest.mark.parametrize("late", ["take(); time.sleep(60)", "time.sleep(60)"])
def test_a_worker_that_never_answers_or_never_reads_costs_only_its_picture(liar: Callable[..., Intake], late: str) -> None:
    intake = liar(f"frame(ready); {late}", Limits(wall_seconds=0.5))
    with pytest.raises(InputError) as caught:
        intake.read(bytes(8 << 20))
    assert caught.value.code == "intake-timeout"


def test_text_of_the_worker_is_cleaned(liar: Callable[..., Intake]) -> None:
    mark = "{'id': 'm', 'state': 'found', 'says': 'ai', 'facts': {'a\\u202e': 'x\\u001b[31m\\u0000y\\ud800'}, 'sentence': 'z\\u2066'}"
    exhibit = liar(f"frame(ready); take(); frame({{**honest, 'marks': [{mark}]}}, pixels); time.sleep(60)").read(b"bytes")
    assert msgspec.json.encode(exhibit.marks[0])
    assert exhibit.marks[0].facts == {"a": "x[31my"}
    assert exhibit.marks[0].sentence == "z"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_answer_gives_an_exhibit_or_an_input_error(data: st.DataObject) -> None:
    """One place in an honest answer is changed to anything at all."""
    answer: dict[str, Any] = json.loads(json.dumps(HONEST))
    target = data.draw(st.sampled_from([answer, answer["facts"], answer["facts"]["colour"], answer["facts"]["frames"]]))
    target[data.draw(st.sampled_from(sorted(target)) | st.text(max_size=5))] = data.draw(json_values)
    payload = data.draw(st.just(PIXELS) | st.binary(max_size=60))
    if not _is_plausible(answer, len(payload), Limits()):
        return
    source = Source("a.png", b"x", "0" * 64, "0" * 128)
    try:
        exhibit = _exhibit(source, Frame(answer, payload), "kernel")
    except InputError:
        return
    assert exhibit.rgb.shape == (exhibit.info.height, exhibit.info.width, 3)
    assert msgspec.json.encode(exhibit.info)


def test_the_types_of_these_drills_are_those_in_use() -> None:
    assert msgspec.to_builtins(msgspec.convert(FACTS, Facts))["container"] == "png"
    assert msgspec.convert(HONEST, Picture).width == 4


def test_a_real_picture_after_the_lies(intake: Intake) -> None:
    assert client_module.Intake is Intake
    assert np.array_equal(intake.read(saved(colours(), "PNG")).rgb, colours())
