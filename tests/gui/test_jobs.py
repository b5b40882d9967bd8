"""The queue: how many run, what goes first, and that a cancel or a pause concerns what it should."""

from desktop.gui.item import Item
from desktop.gui.jobs import Asked, Job, Queue
from desktop.gui.state import State


def made(count: int, at_once: int) -> tuple[Queue, dict[int, Item]]:
    queue, items = Queue(paused=False), {key: Item(key, b"", f"picture {key}") for key in range(count)}
    queue.at_once = at_once
    for key in items:
        queue.add(key)
    return queue, items


def begin(queue: Queue, items: dict[int, Item], first: int | None = None) -> list[Job]:
    begun = []
    while (job := queue.next(items, Asked(), first)) is not None:
        begun.append(job)
    return begun


def test_as_many_run_as_the_expert_can_take() -> None:
    queue, items = made(5, at_once=3)
    begun = begin(queue, items)
    assert [job.key for job in begun] == [0, 1, 2]
    assert [item.state for item in items.values()] == [State.RUNNING] * 3 + [State.WAITING] * 2
    queue.ended(begun[1])
    assert [job.key for job in begin(queue, items)] == [3]


def test_what_is_looked_at_goes_first() -> None:
    queue, items = made(4, at_once=1)
    (job,) = begin(queue, items, first=2)
    assert job.key == 2
    queue.ended(job)
    assert [job.key for job in begin(queue, items, first=2)] == [0]


def test_a_question_runs_beside_exhibits_and_lets_no_other_begin() -> None:
    queue, items = made(4, at_once=2)
    first, second = begin(queue, items)
    queue.ask(items[0], "Why?")
    queue.ask(items[3], "And here?")
    (question,) = begin(queue, items)
    assert (question.key, question.question) == (3, "And here?"), "the other waits for its exhibit's analysis"
    queue.ended(second)
    assert begin(queue, items) == []
    queue.ended(first)
    queue.ended(question)
    assert [(job.key, bool(job.question)) for job in begin(queue, items)] == [(0, True), (2, False), (3, False)]


def test_cancel_and_pause() -> None:
    queue, items = made(5, at_once=2)
    first, second = begin(queue, items)
    assert queue.drop({1, 3}) == [3]
    assert second.stop.is_set() and not first.stop.is_set()
    queue.ended(second)
    queue.paused = True
    assert begin(queue, items) == []
    queue.paused = False
    assert [job.key for job in begin(queue, items)] == [2]
    queue.clear()
    assert first.stop.is_set() and begin(queue, items) == []
