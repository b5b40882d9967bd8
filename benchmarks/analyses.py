"""What a whole analysis costs, by process: application, intake, engine.

    python -m benchmarks.analyses PICTURES [--count 24] [--jobs 4]

PICTURES is a folder, gone through again when it is small. Whole analyses with the bundled starter: decoding in a confined process, score,
re-delivered forms, reasons with regions and hidden regions. Printed: processor seconds and seconds a picture; the load average says how
much of the latter was other people's.
"""

import argparse
import itertools
import os
import resource
import time
from pathlib import Path

from benchmarks.sides import processor_seconds
from desktop.analysis import Analyst
from desktop.commands.inputs import expand
from desktop.engine import EngineSettings
from desktop.together import in_order
from models import store


def used(who: int) -> float:
    """Processor seconds so far of this process (RUSAGE_SELF) or of its ended children (RUSAGE_CHILDREN)."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="cost of a whole analysis")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=4)
    arguments = parser.parse_args()
    found, _ = expand([arguments.pictures])
    with Analyst(store.default_expert(), settings=EngineSettings(slots=arguments.jobs)) as analyst:
        engine = analyst.engine()
        for _, future in in_order(itertools.islice(itertools.cycle(found), 2 * arguments.jobs), analyst.analyse, analyst.at_once):
            future.result()  # whatever is loaded when it is first wanted; a further engine process may come, and is counted below
        began = time.perf_counter()
        before = used(resource.RUSAGE_SELF), used(resource.RUSAGE_CHILDREN), processor_seconds(engine.pids)
        chosen = itertools.islice(itertools.cycle(found), arguments.count)
        for _, future in in_order(chosen, analyst.analyse, analyst.at_once, ahead=analyst.at_once):
            future.result()
        seconds = time.perf_counter() - began
        after = used(resource.RUSAGE_SELF), used(resource.RUSAGE_CHILDREN), processor_seconds(engine.pids)
    application, intake, inside = ((late - early) / arguments.count for early, late in zip(before, after, strict=True))
    print(f"{arguments.count} pictures: {application + intake + inside:.3f} processor s each (application {application:.3f}, intake "
          f"{intake:.3f}, engine {inside:.3f}), {seconds / arguments.count:.3f} s by the clock, load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
