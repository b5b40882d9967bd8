"""Over time: no event holds the main thread, nothing piles up, nothing is left behind."""

import gc
import hashlib
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QAbstractEventDispatcher, QObject, QTimer
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.cases import Case
from desktop.cases.store import now
from desktop.gui.exhibits_model import Order
from desktop.gui.rehearsal import Rehearsal, RehearsalReader
from desktop.gui.state import State
from desktop.gui.window import MainWindow
from tests.gui.conftest import Make, add, settled

LIMIT_S = 0.050
FRAME_S = 0.016


@contextmanager
def rounds_of_the_event_loop() -> Iterator[list[float]]:
    """CPU seconds that the main thread spent in each round of its event loop; a round handles one event or more."""
    costs: list[float] = []
    last = [time.thread_time()]

    def about_to_block() -> None:
        now = time.thread_time()
        costs.append(now - last[0])
        last[0] = now

    dispatcher = QAbstractEventDispatcher.instance()
    dispatcher.aboutToBlock.connect(about_to_block)
    try:
        yield costs
    finally:
        dispatcher.aboutToBlock.disconnect(about_to_block)


def test_no_event_of_a_batch_holds_the_main_thread(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(RehearsalReader((1800, 1200)), pace=0.001))
    add(qtbot, window, "warm up.jpg")  # the first picture imports NumPy, fonts and styles
    numbers = iter(range(0, 200, 20))
    slow_once_is_not_slow(lambda: cost_of_a_batch(window, qtbot, next(numbers)), {"one in a hundred": FRAME_S})


def slow_once_is_not_slow(measure: Callable[[], dict[str, float]], limits: Mapping[str, float] = MappingProxyType({})) -> None:
    """Hold the longest rounds of the event loop, in CPU seconds, against their limits (``LIMIT_S`` where none is given).

    Whatever shares the processor's caches raises CPU time, by half and more on a busy machine: a window that is slow is so every time.
    """
    least: dict[str, float] = {}
    for _ in range(4):
        least = {name: min(cost, least.get(name, cost)) for name, cost in measure().items()}
        print({name: f"{cost * 1000:.1f} ms" for name, cost in least.items()})
        if all(cost < limits.get(name, LIMIT_S) for name, cost in least.items()):
            return
    raise AssertionError(f"the longest rounds of the event loop took, in seconds of CPU: {least}")


def cost_of_a_batch(window: MainWindow, qtbot: QtBot, first: int) -> dict[str, float]:
    """CPU seconds of the main thread's longest round, and of the longest but for one in a hundred, while 20 more pictures are analysed."""
    done = threading.Event()
    whole = window.session.counts()[State.DONE] + 20
    told = window.session.queue_changed.connect(lambda: done.set() if window.session.counts()[State.DONE] == whole else None)
    follow = QTimer()
    follow.timeout.connect(lambda: window.session.select(window.session.running or window.session.current))
    follow.start(150)
    with rounds_of_the_event_loop() as costs:
        for number in range(first, first + 20):
            window.session.add_data(bytes([number]), f"picture {number}.jpg")
        qtbot.waitUntil(done.is_set)
    follow.stop()
    window.session.queue_changed.disconnect(told)
    assert len(costs) > 200
    costs.sort()
    print(f"rounds {len(costs)}, worst {costs[-1] * 1000:.1f} ms, 99th percentile {costs[len(costs) * 99 // 100] * 1000:.1f} ms")
    return {"longest": costs[-1], "one in a hundred": costs[len(costs) * 99 // 100]}


def scroll(bar: QScrollBar, qtbot: QtBot, steps: int = 30) -> None:
    """From the top to the bottom, each step after the one before is drawn: on a busy machine a clock would put several into one round."""
    ended: list[bool] = []

    def step(number: int) -> None:
        bar.setValue(bar.maximum() * number // steps)
        if number < steps:
            QTimer.singleShot(10, lambda: step(number + 1))
        else:
            ended.append(True)

    step(0)
    qtbot.waitUntil(lambda: bool(ended))
    qtbot.wait(50)


def test_ten_thousand_exhibits_scroll_search_and_sort_without_a_stall(make_window: Make, qtbot: QtBot) -> None:
    window = make_window()
    window.session.pause(True)
    sources = [(str(number).encode(), f"picture {number:05}.jpg") for number in range(10_000)]
    for start in range(0, 10_000, 200):  # as folders arrive
        window.session.add_sources(sources[start : start + 200])
    bar = window.exhibits.list.verticalScrollBar()

    def scrolling() -> dict[str, float]:
        with rounds_of_the_event_loop() as costs:
            scroll(bar, qtbot)
        print(f"{len(costs)} rounds")
        return {"scrolling": max(costs)}

    slow_once_is_not_slow(scrolling)
    started = time.thread_time()
    window.exhibits.search.setText("09999")
    assert window.exhibits.proxy.rowCount() == 1
    window.exhibits.search.clear()
    window.exhibits.order.setCurrentIndex(int(Order.NAME))
    assert time.thread_time() - started < 2.0
    window.session.cancel()


def test_a_hundred_exhibits_opened_and_removed_leave_nothing(make_window: Make, qtbot: QtBot) -> None:
    window = make_window(lambda: Rehearsal(RehearsalReader((300, 200))))

    def round_trip(count: int) -> None:
        keys = [window.session.add_data(bytes([number]), f"{number}.jpg") for number in range(count)]
        settled(qtbot, window)
        window.session.select(keys[-1])
        window.close_case()
        qtbot.waitUntil(lambda: not window.session.items)
        qtbot.wait(20)
        QApplication.sendPostedEvents(None, 52)  # deferred deletes
        gc.collect()

    tracemalloc.start()
    round_trip(30)  # the first exhibits fill caches of the libraries
    before = tracemalloc.get_traced_memory()[0]
    round_trip(100)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert not window.session.items and window.session.shelf.pictures.bytes == 0 and not window.session.shelf.thumbnails
    print(f"{after - before} bytes more after a hundred exhibits")
    assert after - before < 500_000
    children = len(window.findChildren(QObject))
    round_trip(10)
    assert len(window.findChildren(QObject)) <= children


def test_switching_between_exhibits_leaves_no_rows_behind(window: MainWindow, qtbot: QtBot) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    counts = []
    for _ in range(30):
        window.session.select(first)
        window.session.select(second)
        qtbot.wait(1)
        QApplication.sendPostedEvents(None, 52)
        counts.append(len(window.findings.findChildren(QWidget)))
    assert counts[-1] <= counts[2]


def test_closing_ends_threads_and_timers_even_in_the_middle(make_window: Make, qtbot: QtBot) -> None:
    before = set(threading.enumerate())
    window = make_window(lambda: Rehearsal(pace=1.0))  # a minute of words
    window.session.add_data(b"x", "slow.jpg")
    qtbot.waitUntil(lambda: window.session.running is not None)
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 20.0
    assert not any(thread.isRunning() for thread in window.session.threads.threads)
    assert not [timer for timer in window.findChildren(QTimer) if timer.isActive()]
    assert set(threading.enumerate()) <= before | {thread for thread in threading.enumerate() if thread.daemon}


def large_case(folder: Path, count: int) -> None:
    """A case with so many exhibits that only its list knows; no file is there, for none is looked at."""
    with Case.create(folder, title="Large") as case, case.transaction():
        for number in range(count):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            fields = {"name": f"picture {number:05}.jpg", "sha256": digest, "sha512": digest * 2, "bytes": 1}
            fields |= {"added_at": now(), "added_by": "somebody"}
            exhibit = case.insert("exhibit", "received", None, fields, {"name": fields["name"]})
            if number % 3 == 0:
                case.tag(exhibit, "every third")
            case.reindex(exhibit)


def test_a_case_of_ten_thousand_opens_scrolls_and_filters_without_a_stall(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    large_case(tmp_path / "large", 10_000)
    add(qtbot, window, "warm up.jpg")

    def going_through() -> dict[str, float]:
        window.close_case()
        qtbot.waitUntil(lambda: window.session.docket.unnamed and not window.session.items)
        window.tabs.setCurrentWidget(window.findings)
        with rounds_of_the_event_loop() as costs:
            window.session.docket.open(tmp_path / "large")
            qtbot.waitUntil(lambda: window.exhibits.proxy.rowCount() == 10_000)
            qtbot.waitUntil(lambda: not window.session.filling)
            opened = len(costs)
            scroll(window.exhibits.list.verticalScrollBar(), qtbot)
            scrolled = len(costs)
            window.tabs.setCurrentWidget(window.custody)
            qtbot.waitUntil(lambda: window.custody.model.rowCount() > 13_000)
            qtbot.wait(100)
        parts = {"opening": costs[:opened], "scrolling": costs[opened:scrolled], "custody": costs[scrolled:]}
        return {name: max(part) for name, part in parts.items()}

    slow_once_is_not_slow(going_through)
    started = time.thread_time()
    qtbot.waitUntil(lambda: window.exhibits.tag.count() == 2)
    window.exhibits.tag.setCurrentIndex(1)
    assert window.exhibits.proxy.rowCount() == 3334 and time.thread_time() - started < 1.0
