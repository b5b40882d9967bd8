"""Analyses side by side: who may run with others, who runs alone after a crash, and results in the order of their pictures.

One engine writes several texts together, so an analysis is cheaper in company. When the engine dies, nobody can say whose picture did it:
everything unfinished is done again, one picture at a time, so that only the one that kills it is lost.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from models.errors import Cancelled, ExpertError, TelltaleError

_POLL_S = 0.05
_AWAKE_S = 0.5
"""Longest wait without a look around: on Windows, Ctrl-C is not noticed while a thread waits."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class Stay:
    """One analysis inside the gate."""

    accompanied = False
    """Whether another one was inside at the same time."""


class Gate:
    """Lets analyses in together, or one alone."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside: set[Stay] = set()
        self._wanting_alone = 0

    @contextmanager
    def together(self, cancelled: Callable[[], bool]) -> Iterator[Stay]:
        """Run with others; whoever wants to be alone goes first. Raises Cancelled."""
        stay = Stay()
        with self._condition:
            self._wait(lambda: not self._wanting_alone, cancelled)
            self._enter(stay)
        try:
            yield stay
        finally:
            self._leave(stay)

    @contextmanager
    def alone(self, cancelled: Callable[[], bool]) -> Iterator[Stay]:
        """Run with nobody else inside. Raises Cancelled."""
        stay = Stay()
        with self._condition:
            self._wanting_alone += 1
            try:
                self._wait(lambda: not self._inside, cancelled)
                self._enter(stay)
            except BaseException:
                self._wanting_alone -= 1
                self._condition.notify_all()
                raise
        try:
            yield stay
        finally:
            with self._condition:
                self._wanting_alone -= 1
            self._leave(stay)

    def _wait(self, until: Callable[[], bool], cancelled: Callable[[], bool]) -> None:
        while not until():
            if cancelled():
                raise Cancelled()
            self._condition.wait(_POLL_S)

    def _enter(self, stay: Stay) -> None:
        self._inside.add(stay)
        if len(self._inside) > 1:
            for other in self._inside:
                other.accompanied = True

    def _leave(self, stay: Stay) -> None:
        with self._condition:
            self._inside.discard(stay)
            self._condition.notify_all()


def in_order(items: Iterable[Item], work: Callable[[Item], Result], at_once: int, *, ahead: int = 0,
             stop: Callable[[], bool] = lambda: False) -> Iterator[tuple[Item, Future[Result]]]:
    """Do ``work`` for ``at_once`` items at a time and hand out each item with its finished future, in the order of ``items``.

    ``items`` is read as room appears, by the thread that asks for results. At most ``ahead`` finished ones wait for a slower one before
    them, so that memory stays bounded. Once ``stop()`` nothing further is begun, and only what was begun is handed out.
    """
    source = iter(items)
    going: deque[tuple[Item, Future[Result]]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="analysis") as pool:
        try:
            while True:
                if stop():
                    source = iter(())
                    going = deque(pair for pair in going if not pair[1].cancel())
                while len(going) < at_once + ahead:
                    try:
                        item = next(source)
                    except StopIteration:
                        break
                    going.append((item, pool.submit(work, item)))
                if not going:
                    return
                item, future = going.popleft()
                while not future.done():
                    wait((future,), _AWAKE_S)
                yield item, future
        finally:
            for _, future in going:
                future.cancel()


def each_done(items: Sequence[Item], work: Callable[[Item], Result], at_once: int,
              cancelled: Callable[[], bool]) -> Iterator[tuple[Item, Result]]:
    """Do ``work`` for ``at_once`` items at a time and hand out each item with its result, in order.

    After a cancel, and after the first ``work`` that raises Cancelled or ExpertError, nothing further is begun; what comes to its end is
    still handed out, so that no finished work is lost, and then Cancelled or that error is raised. Any other error is raised at once.
    """
    stopped: list[TelltaleError] = []
    done = 0
    for item, future in in_order(items, work, at_once, ahead=at_once, stop=lambda: bool(stopped) or cancelled()):
        try:
            result = future.result()
        except (Cancelled, ExpertError) as error:
            stopped.append(error)
            continue
        yield item, result
        done += 1
    if stopped:
        raise stopped[0]
    if done < len(items):
        raise Cancelled()
