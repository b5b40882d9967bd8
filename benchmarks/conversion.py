"""Telltale's conversion beside llama.cpp's own converter and quantiser, on the same checkpoint and machine.

    python -m benchmarks.conversion CHECKPOINT WORK_DIR [--llama-cpp SOURCE --python TORCH_PYTHON] [--repeats N] [--keep]

Without `--llama-cpp` (a source tree of llama.cpp, with `convert_hf_to_gguf.py`) and `--python` (an interpreter with torch and transformers)
only our side runs. Each step is a process of its own, and the sides take turns. Time is wall-clock and processor time (of all threads; it
depends less on what else the machine does), memory the peak resident set (on Linux, with the part that is not file pages told apart).
llama.cpp converts the language model only: it refuses the vision half. So "files" is what compares (ours does the vision half, too,
and hashes what it reads and writes), and the reference (two forward passes of the whole network) comes on top in "everything".
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from convert.mixtures import FILE_TYPE

OURS = """
import json, sys, time
from pathlib import Path
from desktop.commands.convert import quieten_number_library
quieten_number_library()
import convert
started = last = time.monotonic()
stages = {}
def tell(step):
    global last
    now = time.monotonic()
    stages[step.stage] = stages.get(step.stage, 0) + now - last
    last = now
options = convert.Options(language_type=sys.argv[3], reference=sys.argv[4] == "everything")
convert.convert(Path(sys.argv[1]), Path(sys.argv[2]), options, progress=tell)
print(json.dumps(stages))
"""
QUANTISE = """
import sys, llama_cpp
params = llama_cpp.llama_model_quantize_default_params()
params.ftype = int(sys.argv[3])
sys.exit(llama_cpp.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), params))
"""


@dataclass(frozen=True)
class Step:
    """One process. `anonymous`: largest memory seen that is not file pages, bytes (sampled); `peak`: largest resident set."""

    name: str
    seconds: float
    processor: float
    peak: int
    anonymous: int
    output: str


def _status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.startswith(("VmHWM", "RssAnon"))}


def _processor_seconds() -> float:
    """Processor time of all finished steps: unlike the clock, it hardly depends on what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(name: str, command: list[str]) -> Step:
    """Run a step to its end, watch its memory, and print its line."""
    started, used = time.monotonic(), _processor_seconds()
    peak = anonymous = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        while process.poll() is None:
            status = _status(process.pid)
            peak, anonymous = max(peak, status.get("VmHWM", 0)), max(anonymous, status.get("RssAnon", 0))
            time.sleep(0.05)
        seconds = time.monotonic() - started
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{name} failed with status {process.returncode}")
    processor = _processor_seconds() - used
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"| {name} | {seconds:.0f} | {processor:.0f} | {peak / 1e9:.2f} | {anonymous / 1e9:.2f} | {load} |", flush=True)
    return Step(name, seconds, processor, peak, anonymous, output)


def once(arguments: argparse.Namespace) -> list[Step]:
    """Every step of both sides, once. The outputs are removed but for ours of the last step, `WORK_DIR/expert`."""
    ours, half, theirs = arguments.work / "expert", arguments.work / "f16.gguf", arguments.work / "theirs.gguf"
    steps = []
    for part in ("files", "everything"):
        if ours.exists():
            shutil.rmtree(ours)
        command = [sys.executable, "-c", OURS, str(arguments.checkpoint), str(ours), arguments.type, part]
        steps.append(run(f"telltale: {part}", command))
    stages: dict[str, float] = json.loads(steps[-1].output.splitlines()[-1])
    print("| of it, by stage: " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in stages.items()) + " | | | | | |", flush=True)
    if arguments.llama_cpp is not None:
        script = arguments.llama_cpp / "convert_hf_to_gguf.py"
        convert = [arguments.python, str(script), str(arguments.checkpoint), "--outfile", str(half), "--outtype", "f16"]
        quantise = [sys.executable, "-c", QUANTISE, str(half), str(theirs), str(FILE_TYPE[arguments.type])]
        try:
            steps.append(run("llama.cpp: language to F16", convert))
            steps.append(run(f"llama.cpp: language to {arguments.type}", quantise))
        finally:
            half.unlink(missing_ok=True)
            theirs.unlink(missing_ok=True)
    return steps


def ratios(rounds: list[list[Step]]) -> str:
    """Median over the rounds of ours divided by theirs, for time and processor time."""
    lines = []
    for number, part in enumerate(("files", "everything")):
        wall = statistics.median(steps[number].seconds / (steps[2].seconds + steps[3].seconds) for steps in rounds)
        processor = statistics.median(steps[number].processor / (steps[2].processor + steps[3].processor) for steps in rounds)
        lines.append(f"{part}: {wall:.2f} of llama.cpp's time, {processor:.2f} of its processor time")
    return "\n".join(lines)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="conversion, side by side")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--type", default="Q4_K_M", choices=sorted(FILE_TYPE))
    parser.add_argument("--llama-cpp", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave our expert in the work folder")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    print("| step | seconds | processor seconds | peak memory, GB | of it not file pages, GB | load after it |\n|---|---|---|---|---|---|")
    rounds = [once(arguments) for _ in range(arguments.repeats)]
    if arguments.llama_cpp is not None:
        print("\n" + ratios(rounds))
    ours = arguments.work / "expert"
    print("\nOur files: " + ", ".join(f"{path.name} {path.stat().st_size:,}" for path in sorted(ours.iterdir())))
    if not arguments.keep:
        shutil.rmtree(ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
