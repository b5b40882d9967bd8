"""How a case of 10,000 exhibits behaves: opening, listing, filtering, searching, checking, and the time of one confirmed record.

    python -m benchmarks.cases [--exhibits 10000] [--repeat 7]

Prints one line of JSON: seconds (median of the repeats) by operation, with size and machine. The case is made anew in a temporary folder;
its documents are as large as real ones (three claims with 24 x 24 attention maps).
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from desktop.cases import Case
from samples.cases import analysed, picture


def build(folder: Path, exhibits: int) -> dict[str, float]:
    """Fill a case the way a batch does; the cost of one exhibit."""
    with Case.create(folder, title="Benchmark") as case:
        start = time.perf_counter()
        for number in range(exhibits):
            case.add(picture(number), name=f"agency {number:05d} harbour.jpg", settings={"expert": "telltale-starter-1"})
        added = time.perf_counter()
        for index, pending in enumerate(case.pending()):
            case.record(pending, analysed(pending, case.read(pending.exhibit), log_odds=(index % 97) / 9 - 5))
            if index % 20 == 0:
                case.tag(pending.exhibit, f"tag {index % 7}")
        recorded = time.perf_counter()
    return {"add_one": (added - start) / exhibits, "record_one": (recorded - added) / exhibits}


def median(call: Callable[[], object], repeat: int) -> float:
    """Seconds of a call, median of ``repeat``."""
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(folder: Path, middle: int, repeat: int) -> dict[str, float]:
    """What a person waits for; ``middle`` is the number of an exhibit with as many before as behind it."""
    found = {
        "open": median(lambda: Case.open(folder).close(), repeat),
        "open_read_only": median(lambda: Case.open(folder, read_only=True).close(), repeat),
    }
    with Case.open(folder) as case:
        found["counts"] = median(case.counts, repeat)
        found["first_page_200"] = median(lambda: case.exhibits(limit=200), repeat)
        found["page_200_in_the_middle_by_score"] = median(lambda: case.exhibits(limit=200, offset=middle, order="log_odds"), repeat)
        found["list_all"] = median(case.exhibits, repeat)
        found["filter_tag"] = median(lambda: case.exhibits(tag="tag 3"), repeat)
        found["filter_outcome_page"] = median(lambda: case.exhibits(outcome="supports-ai", limit=200), repeat)
        found["search_few_hits"] = median(lambda: case.exhibits(text="agency 04711"), repeat)
        found["search_no_hits"] = median(lambda: case.exhibits(text="zebra crossing"), repeat)
        found["one_document"] = median(lambda: case.document(middle), repeat)
        found["add_a_note"] = median(lambda: case.note(middle, "A note"), repeat)
        start = time.perf_counter()
        result = case.check()
        found["full_check"] = time.perf_counter() - start
        assert result.ok, result.problems[:3]
    return found


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exhibits", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "case"
        seconds = build(folder, arguments.exhibits)
        seconds |= measure(folder, max(1, arguments.exhibits // 2), arguments.repeat)
        size = (folder / "case.sqlite").stat().st_size
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(), "system": platform.system()}
    rounded = {name: round(value, 5) for name, value in seconds.items()}
    print(json.dumps({"exhibits": arguments.exhibits, "database_bytes": size, "machine": machine, "seconds": rounded}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
