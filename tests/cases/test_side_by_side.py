"""What is pending is done several at a time and recorded as if it were done one by one; a stop loses nothing that is finished."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop import document
from desktop.cases import Case, Entry, Pending
from desktop.commands.pending import Analysing, Wish, run_pending
from models.errors import Cancelled, CaseError, ExpertError, InputError
from samples.cases import made, picture

Inside = Callable[[str, Callable[[], bool]], document.Analysis | None]


class Looker:
    """Analyses that take times of their own. ``inside(name, cancelled)`` may wait, raise, or give another document."""

    def __init__(self, at_once: int, inside: Inside = lambda _name, _cancelled: None) -> None:
        self.at_once, self.inside = at_once, inside
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.together = self.most = 0
        self.lock = threading.Lock()

    @contextmanager
    def open(self, _wish: Wish, _pictures: int) -> Iterator[Analysing]:
        yield Analysing(self.analyse, self.at_once)

    def analyse(self, data: bytes, name: str, show: Callable[[str], None], cancelled: Callable[[], bool]) -> document.Analysis:
        show("looking")
        with self.lock:
            self.begun.append(name)
            self.together += 1
            self.most = max(self.most, self.together)
        try:
            found = self.inside(name, cancelled)
            time.sleep(random.Random(name).uniform(0, 0.01))
            return found or made(data, name, log_odds=float(name.removesuffix(".jpg")))
        finally:
            with self.lock:
                self.together -= 1
                self.ended.append(name)


def filled(folder: Path, pictures: int = 24) -> Case:
    case = Case.create(folder)
    for number in range(pictures):
        case.add(picture(number), name=f"{number}.jpg", settings={"explain": "no" if number % 5 == 4 else "yes"})
    return case


def outcome(case: Case) -> list[tuple[Any, ...]]:
    """Everything that was recorded but its time, in the order of recording."""
    return case.rows("SELECT id, request, exhibit, kind, sha256, outcome, expert, log_odds FROM analysis ORDER BY id")


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def ignore(_pending: Pending, _entry: Entry) -> None:
    """Listen to nothing."""


def test_the_same_record_as_one_at_a_time(tmp_path: Path) -> None:
    told: list[list[str]] = []
    shown: set[str] = set()
    records = []
    for at_once in (1, 4):
        looker = Looker(at_once)

        def sometimes(name: str, _cancelled: object, looker: Looker = looker) -> None:
            # The first four wait for each other, or on a busy machine one may be done before the next begins.
            wait(lambda: name not in ("0.jpg", "1.jpg", "2.jpg", "3.jpg") or looker.most == looker.at_once)
            if name in ("3.jpg", "7.jpg"):
                raise InputError("picture-truncated", "The picture ends too early.")

        looker.inside = sometimes
        told.append([])
        with filled(tmp_path / str(at_once)) as case:
            run_pending(case, looker.open, lambda: False, lambda pending, _entry: told[-1].append(pending.name),
                        lambda pending, stage: shown.add(f"{pending.name} {stage}"))
            assert case.pending() == [] and case.check().ok
            records.append(outcome(case))
        assert looker.most == at_once
    assert records[0] == records[1] and told[0] == told[1] and len(told[0]) == 24 == len(shown)
    assert [row[3] for row in records[0]].count("failure") == 2


def test_one_thread_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writers: set[int] = set()
    transaction = Case.transaction

    def watched(case: Case) -> Any:
        writers.add(threading.get_ident())
        return transaction(case)

    monkeypatch.setattr(Case, "transaction", watched)
    with filled(tmp_path / "case") as case:
        run_pending(case, Looker(4).open, lambda: False, ignore)
        assert case.count(state="done") == 24
    assert writers == {threading.get_ident()}


@pytest.mark.parametrize("cut", ["before the verdict", "in the text"])
def test_a_cancel_keeps_what_is_finished_and_records_nothing_that_was_cut_short(cut: str, tmp_path: Path) -> None:
    stop = threading.Event()
    before = {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "5.jpg", "7.jpg", "8.jpg", "10.jpg"}

    def stopped(name: str, cancelled: Callable[[], bool]) -> document.Analysis | None:
        if name == "6.jpg":  # the slow one: what comes after it is finished before it
            wait(lambda: "12.jpg" in looker.begun and before <= set(looker.ended))
            stop.set()
        if not cancelled():
            return None
        if cut == "before the verdict":
            raise Cancelled
        value = made(picture(int(name.removesuffix(".jpg"))), name)
        return msgspec.structs.replace(value, opinions=(msgspec.structs.replace(value.opinions[0], text_state="cancelled"),))

    looker = Looker(3, stopped)
    with filled(tmp_path / "case") as case:
        with pytest.raises(Cancelled):
            run_pending(case, looker.open, stop.is_set, ignore)
        done = {row.name for row in case.exhibits(state="done")}
        assert before <= done and "6.jpg" not in done
        assert len(looker.begun) <= len(done) + 3, "nothing was begun after the stop"
        again = Looker(3)
        run_pending(case, again.open, lambda: False, ignore)
        assert not done & set(again.begun) and len(done) + len(again.begun) == 24
        assert case.pending() == [] and case.check().ok
        assert case.rows("SELECT count(*), count(DISTINCT exhibit) FROM analysis") == [(24, 24)]
        assert all(b'"cancelled"' not in case.document(number) for (number,) in case.rows("SELECT id FROM analysis"))


def test_an_expert_that_fails_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    def broken(name: str, _cancelled: object) -> None:
        if name == "5.jpg":
            raise ExpertError("engine-out-of-memory", "there is not enough memory for this expert")

    looker = Looker(3, broken)
    with filled(tmp_path / "case") as case:
        with pytest.raises(ExpertError, match="engine-out-of-memory"):
            run_pending(case, looker.open, lambda: False, ignore)
        assert set(looker.begun) - {"5.jpg"} == {row.name for row in case.exhibits(state="done")}
        assert case.count(state="pending") == 24 - (len(looker.begun) - 1)
        run_pending(case, Looker(3).open, lambda: False, ignore)
        assert case.count(state="done") == 24


def test_a_case_that_cannot_be_written_stops_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []

    def patient(name: str, cancelled: Callable[[], bool]) -> None:
        wait(lambda: name != "2.jpg" or "3.jpg" in looker.begun)
        wait(lambda: name not in ("3.jpg", "5.jpg") or cancelled())
        if cancelled():
            stopped.append(name)
            raise Cancelled

    record = Case.record

    def full(case: Case, pending: Pending, data: bytes) -> Entry:
        if pending.name == "2.jpg":
            raise CaseError("disk-full", "The disk of the case is full.")
        return record(case, pending, data)

    monkeypatch.setattr(Case, "record", full)
    looker = Looker(3, patient)
    with filled(tmp_path / "case") as case:
        with pytest.raises(CaseError, match="disk-full"):
            run_pending(case, looker.open, lambda: False, ignore)
        assert "3.jpg" in stopped
        assert [row.name for row in case.exhibits(state="done")] == ["0.jpg", "1.jpg"] and case.check().ok
