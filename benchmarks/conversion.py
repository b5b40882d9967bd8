"""Telltale's conversion beside llama.cpp's own converter and quantiser, on the same checkpoint and machine.

    python -m benchmarks.conversion CHECKPOINT WORK_DIR [--llama-cpp SOURCE --python TORCH_PYTHON] [--keep]

Without `--llama-cpp` (a source tree of llama.cpp, with `convert_hf_to_gguf.py`) and `--python` (an interpreter with torch and transformers)
only our side runs. Each step is a process of its own; time is wall-clock, memory the peak resident set (on Linux, with the part of it
that is mapped file pages told apart where a step maps files). llama.cpp converts the language model only: it refuses the vision half, so
that "language" is the comparison and everything else of ours comes on top.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from convert.mixtures import FILE_TYPE

OURS = """
import json, sys, time
from pathlib import Path
import convert
started = last = time.monotonic()
stages = {}
def tell(step):
    global last
    now = time.monotonic()
    stages[step.stage] = stages.get(step.stage, 0) + now - last
    last = now
convert.convert(Path(sys.argv[1]), Path(sys.argv[2]), convert.Options(language_type=sys.argv[3]), progress=tell)
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
    print(f"| {name} | {seconds:.0f} | {_processor_seconds() - used:.0f} | {peak / 1e9:.2f} | {anonymous / 1e9:.2f} |", flush=True)
    return Step(name, seconds, peak, anonymous, output)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="conversion, side by side")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--type", default="Q4_K_M", choices=sorted(FILE_TYPE))
    parser.add_argument("--llama-cpp", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--keep", action="store_true", help="leave our expert in the work folder")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    ours, half, theirs = arguments.work / "expert", arguments.work / "f16.gguf", arguments.work / "theirs.gguf"
    print("| step | seconds | processor seconds | peak memory, GB | of it not file pages, GB |\n|---|---|---|---|---|")
    mine = run("telltale: everything", [sys.executable, "-c", OURS, str(arguments.checkpoint), str(ours), arguments.type])
    stages: dict[str, float] = json.loads(mine.output.splitlines()[-1])
    by_stage = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in stages.items())
    print(f"| of it, by stage | {by_stage} | | | |", flush=True)
    if arguments.llama_cpp is not None:
        script = arguments.llama_cpp / "convert_hf_to_gguf.py"
        convert = [arguments.python, str(script), str(arguments.checkpoint), "--outfile", str(half), "--outtype", "f16"]
        quantise = [sys.executable, "-c", QUANTISE, str(half), str(theirs), str(FILE_TYPE[arguments.type])]
        try:
            run("llama.cpp: convert to F16", convert)
            run(f"llama.cpp: quantise to {arguments.type}", quantise)
        finally:
            half.unlink(missing_ok=True)
    print("\nFiles: " + ", ".join(f"{path.name} {path.stat().st_size:,}" for path in sorted(ours.iterdir())))
    if theirs.exists():
        print(f"llama.cpp's language file: {theirs.stat().st_size:,}")
        theirs.unlink()
    if not arguments.keep:
        shutil.rmtree(ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
