"""How fast a pair of files examines pictures: Telltale beside everybody else who can run it, on the same machine in one run.

    python -m benchmarks.speed EXPERT PICTURES [--count 64] [--tokens 64] [--slots 8] [--server-slots 8] [--rounds 1]
                               [--llama-cpp BUILD/bin] [--transformers PYTHON CHECKPOINT] [--skip WORD]…

PICTURES is a folder; every picture is prepared once as the expert wants it, and all sides get those squares. Sides take turns within every
round, so that a busy machine is busy for all of them. Ratios of processor seconds hold on a busy machine; ratios of the clock only on a
quiet one: the load average is printed with each line. ``--tokens`` is for peers, which are told not to end by themselves; ours writes
until the expert ends its text.
"""

import argparse
import itertools
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import sides
from benchmarks.sides import Done, Pair, Picture, Side
from desktop.commands.inputs import expand
from desktop.engine import choosing, machine
from models.preparation import prepare


def pictures(folder: Path, pair: Pair, count: int) -> list[Picture]:
    """``count`` prepared squares; a small folder is gone through again with the pictures mirrored, turned and cut."""
    found, _ = expand([folder])
    made: list[Picture] = []
    for turn in itertools.count():
        for path in found:
            if len(made) == count:
                return made
            with Image.open(path) as image:
                rgb = np.asarray(image.convert("RGB"))
            made.append(prepare(np.ascontiguousarray(np.rot90(rgb, turn)[turn * 8 :]), pair.card.preparation)[0])
    raise AssertionError("unreachable")


class Tally:
    """What one side did over all rounds."""

    def __init__(self) -> None:
        self.done: list[Done] = []
        self.seconds = self.processor = 0.0
        self.start_s = 0.0
        self.peak = 0
        self.loads: list[float] = []

    def row(self, name: str) -> str:
        """One line of the table."""
        count = len(self.done)
        verdict = statistics.median(done.verdict_s for done in self.done)
        text = statistics.median(done.text_s for done in self.done)
        tokens = statistics.mean(done.tokens for done in self.done)
        return (f"| {name} | {count} | {verdict:.2f} | {text:.2f} | {tokens:.0f} | {3600 * count / self.seconds:.0f} | "
                f"{self.processor / count:.3f} | {self.peak / 1e9:.2f} | {statistics.mean(self.loads):.1f} |")


HEAD = ("| side | pictures | s to verdict or first token (median) | s to end of text (median) | tokens | pictures/h by the clock | "
        "processor s a picture | peak memory, GB | load |\n|---|---|---|---|---|---|---|---|---|")


def take_turn(side: Side, batch: list[Picture], tally: Tally) -> None:
    """One side's turn: start, examine, stop."""
    began = time.perf_counter()
    children = _children()
    side.start()
    try:
        tally.start_s = time.perf_counter() - began
        pids = side.pids()
        used, began = sides.processor_seconds(pids), time.perf_counter()
        tally.done += side.run(batch[: side.most])
        tally.seconds += time.perf_counter() - began
        if pids:
            tally.processor += sides.processor_seconds(pids) - used
            tally.peak = max(tally.peak, sides.peak_memory(pids))
    finally:
        side.stop()
    if not pids:  # a process for each picture: loading is part of it
        tally.processor += _children() - children
        tally.peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    tally.loads.append(os.getloadavg()[0])


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="speed, side by side")
    parser.add_argument("expert", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--slots", type=int, nargs="+", default=[8], help="texts that ours writes together; several numbers: several sides")
    parser.add_argument("--server-slots", type=int, nargs="+", default=[8], help="the same of llama.cpp's server")
    parser.add_argument("--alone", type=int, default=sides.Side.most, help="pictures at most for ours one at a time")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=machine.physical_cores())
    parser.add_argument("--llama-cpp", type=Path, help="folder with llama-server and llama-mtmd-cli, built from the same sources")
    parser.add_argument("--transformers", nargs=2, metavar=("PYTHON", "CHECKPOINT"))
    parser.add_argument("--skip", action="append", default=[], help="leave out sides whose name has this word")
    arguments = parser.parse_args()
    pair = sides.open_pair(arguments.expert, arguments.tokens, arguments.threads)
    batch = pictures(arguments.pictures, pair, arguments.count)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        every: list[Side] = [sides.Ours(pair, 1, most=arguments.alone), *(sides.Ours(pair, slots) for slots in arguments.slots)]
        if choosing.int8_helps(pair.card.language.bytes):
            every += [sides.Ours(pair, 1, plain=True, most=arguments.alone),
                      *(sides.Ours(pair, slots, plain=True) for slots in arguments.slots)]
        if arguments.llama_cpp is not None:
            bare = () if machine.cpu_facts()["architecture"] != "x86_64" else ("--no-repack",)
            server = arguments.llama_cpp / "llama-server"
            every += [sides.Server(pair, server, slots, *options) for slots in arguments.server_slots for options in (bare, ())]
            every.append(sides.CommandLine(pair, arguments.llama_cpp / "llama-mtmd-cli", work))
        every.append(sides.stock(pair, work))
        if arguments.transformers is not None:
            every.append(sides.transformers(pair, Path(arguments.transformers[0]), Path(arguments.transformers[1]), work))
        every = [side for side in every if not any(word in side.name for word in arguments.skip)]
        tallies = {side.name: Tally() for side in every}
        print(f"{pair.card.name}, {pair.card.language.type}, {pair.card.language.bytes / 1e6:.0f} MB; {machine.cpu_facts()['name']}, "
              f"{arguments.threads} threads; llama-cpp-python {machine.library_version()}\n\n{HEAD}", flush=True)
        for _ in range(arguments.rounds):
            for side in every:
                take_turn(side, batch, tallies[side.name])
                print(tallies[side.name].row(side.name), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
