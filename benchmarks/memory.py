"""Does memory stay flat over a long case? Many analyses side by side, and the resident sets of our processes along the way.

    python -m benchmarks.memory PICTURES [--count 500] [--jobs 4] [--every 50]

PICTURES is a folder, gone through again when it is small. Printed: resident memory of the application and of the engine's processes after
every so many pictures; intake processes live for one picture each.
"""

import argparse
import itertools
import os
from pathlib import Path

from desktop.analysis import Analyst
from desktop.commands.inputs import expand
from desktop.engine import EngineSettings
from desktop.together import in_order
from models import store


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="memory over many pictures")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--every", type=int, default=50)
    arguments = parser.parse_args()
    found, _ = expand([arguments.pictures])
    with Analyst(store.default_expert(), settings=EngineSettings(slots=arguments.jobs)) as analyst:
        engine = analyst.engine()
        print("| pictures | application, MB | engine's processes, MB | how many |\n|---|---|---|---|", flush=True)
        chosen = itertools.islice(itertools.cycle(found), arguments.count)
        failed = 0
        for done, (_, future) in enumerate(in_order(chosen, analyst.analyse, analyst.at_once, ahead=analyst.at_once), start=1):
            failed += future.exception() is not None
            if done % arguments.every == 0 or done == 10:
                pids = engine.pids
                print(f"| {done} | {resident(os.getpid()):.0f} | {sum(map(resident, pids)):.0f} | {len(pids)} |", flush=True)
        print(f"\n{failed} failed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
