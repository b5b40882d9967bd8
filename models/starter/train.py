"""The whole recipe in one command: ``python -m models.starter.train PICTURES WORK MIGAN.onnx``.

Runs the stages one after the other, each of which continues or is skipped where its output exists already: views, maps, local edits,
teachers, language model, conversion with calibration, measurement. The pair is ``WORK/expert``, its model card ``WORK/README.md``.
Seeds are fixed; two runs on different machines differ by the rounding of their matrix products.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def stages(pictures: Path, work: Path, migan: Path) -> list[tuple[Path | None, list[str]]]:
    """(what a stage leaves when it is done, module and arguments); None: the stage itself knows what is left to do."""
    cache, taught, out, expert = work / "cache", work / "teacher.pt", work / "starter", work / "expert"
    card, numbers = work / "README.md", work / "measured.json"
    return [
        (None, ["prepare_data", str(pictures), str(cache)]),
        (None, ["prepare_maps", str(cache)]),
        (None, ["prepare_cells", str(pictures), str(cache)]),
        (None, ["edits", str(pictures), str(cache), str(migan)]),
        (taught, ["teacher", str(cache), str(taught)]),
        (out / "model.safetensors", ["train_language", str(cache), str(taught), str(out)]),
        (expert, ["finish", str(work), str(pictures), "--out", str(expert)]),
        (numbers, ["measure", str(work), str(pictures), "--expert", str(expert), "--out", str(numbers), "--card", str(card)]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder made by models.starter.collect")
    parser.add_argument("work", type=Path, help="folder for cache and checkpoint; about 10 GB")
    parser.add_argument("migan", type=Path, help="migan_pipeline_v2.onnx")
    options = parser.parse_args()
    for done, command in stages(options.pictures, options.work, options.migan):
        if done is None or not done.exists():
            print("==", *command, flush=True)
            subprocess.run([sys.executable, "-m", f"models.starter.{command[0]}", *command[1:]], check=True)


if __name__ == "__main__":
    main()
