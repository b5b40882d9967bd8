"""Guessing at words: the same text in fewer passes, also where a guess is wrong from some word on, and a rest where it does not pay."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from desktop.engine import drafting
from desktop.engine.batched import Batch, Listener
from desktop.engine.drafting import Drafts

END, START = 0, 100


class Expert:
    """Says ``script``, whatever was guessed; counts its passes, and complains when a wrong guess was left in its memory."""

    def __init__(self, script: list[int]) -> None:
        self.script, self.passes, self.memory = script, 0, 0
        self.text_slots, self.context_size = range(1), 1000
        self.capture = SimpleNamespace(recording=False, layers=())

    def says(self, position: int) -> Any:
        row = np.zeros(200, np.float32)
        at = position - START
        row[self.script[at] if at < len(self.script) else END] = 1.0
        return row

    def decode_run(self, ids: list[int], position: int, _slot: int) -> list[Any]:
        assert position - START == self.memory, "what was not kept has to be forgotten"
        self.passes += 1
        self.memory += len(ids)
        return [self.says(position + n + 1) for n in range(len(ids))]

    def forget_from(self, position: int, _slot: int = 0) -> bool:
        self.memory = position - START
        return True

    def greedy(self, logits: Any) -> int:
        return int(np.argmax(logits))

    def is_end(self, token: int) -> bool:
        return token == END

    def piece(self, token: int) -> bytes:
        return f" {token}".encode()


def explain(script: list[int], drafts: Drafts) -> tuple[str, int]:
    """The text, and the passes that it took."""
    pair = Expert(script)
    card = SimpleNamespace(prompt=SimpleNamespace(answer_start="This"), generation=SimpleNamespace(max_tokens=256),
                           grounding=SimpleNamespace(layers=(), method="attention"))
    passes = SimpleNamespace(pair=pair, card=card, tail=[], before=[], patches=4, side=2, reads_attention=False)
    look = SimpleNamespace(score=None, logits=pair.says(START), position=START, contrast=None)
    examiner: Any = SimpleNamespace(passes=passes, place=lambda _taken: 0, look=lambda *_a, **_k: look)
    done: list[Any] = []
    batch = Batch(examiner, Listener(lambda *_: None, lambda *_: None, lambda _call, it: done.append(it), lambda *_: None), drafts)
    batch.add(1, np.zeros((1, 1, 3), np.uint8), explain=True)
    while batch.calls:
        batch.step()
    return done[0].text, pair.passes


def test_the_same_text_in_fewer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drafts, "ended", lambda *_: None)
    drafts, script = Drafts(), [*range(10, 60)]
    first, passes = explain(script, drafts)
    assert first == "This" + "".join(f" {token}" for token in script) and passes == len(script)
    again, fewer = explain(script, drafts)
    assert again == first and fewer <= len(script) // 5


@pytest.mark.parametrize("change", [3, 4, 20, 47, 48, 49])
def test_a_wrong_guess_leaves_no_trace(change: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drafts, "ended", lambda *_: None)
    drafts, script = Drafts(), [*range(10, 60)]
    explain(script, drafts)
    other = [*script[:change], 150, *script[change + 1 :]]
    text, passes = explain(other, drafts)
    assert text == "This" + "".join(f" {token}" for token in other) and passes < len(other)
    assert explain(script[:change], drafts)[0] == "This" + "".join(f" {token}" for token in script[:change]), "ends where it ends"


def test_a_draft_is_what_followed_before() -> None:
    drafts = Drafts()
    drafts.learn([1, 2, 3, 4, 5, 6])
    drafts.learn([9, 2, 3, 4, 7, 8])
    assert drafts.after([0, 1, 2, 3], 10) == (4, 5, 6)
    assert drafts.after([2, 3, 4], 10) == (7, 8), "the newest text"
    assert drafts.after([2, 3, 4], 1) == (7,) and drafts.after([3, 2, 1], 10) == ()


def test_only_so_many_texts_are_remembered() -> None:
    drafts = Drafts()
    for number in range(500):
        drafts.learn([number, number + 1, number + 2, number + 3])
    assert drafts.after([499, 500, 501], 5) == (502,) and drafts.after([0, 1, 2], 5) == ()


def test_guessing_rests_where_it_does_not_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(drafting.time, "perf_counter", lambda: now)
    drafts = Drafts()
    drafts.learn([1, 2, 3, 4])

    def spent(seconds: float, drafted: int, written: int) -> None:
        nonlocal now
        drafts.begin()
        now += seconds
        drafts.ended(drafted, written)

    spent(1.0, 0, 1)
    spent(2.0, 3, 4)
    assert drafts.after([1, 2, 3], 5) == (4,)
    for _ in range(8):
        spent(4.0, 3, 1)
    assert drafts.after([1, 2, 3], 5) == ()
