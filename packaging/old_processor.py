"""Has the frozen engine worker pass its self-test on emulated older processors (qemu's user mode).

usage: old_processor.py FOLDER [MODEL ...]     (FOLDER: the frozen folder; MODEL: qemu's names, default Haswell and Nehalem)
"""

import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def examine(folder: Path, model: str) -> dict[str, object]:
    """Start the frozen engine worker under qemu with this source tree's client; facts of the engine that proved itself."""
    from desktop.engine import Engine
    from desktop.workers import client
    from models.store import bundled_folder

    qemu = shutil.which("qemu-x86_64") or sys.exit("qemu-x86_64 is missing (Debian: qemu-user)")

    def command(name: str, arguments: Sequence[str] = ()) -> list[str]:
        # PyInstaller's loader starts itself anew once it has set the library path, and the second start would not be emulated. So the
        # path is set here, and the loader told that it is the second start. OpenBLAS takes qemu's Nehalem for a Haswell.
        started = {"_PYI_ARCHIVE_FILE": folder / "telltale", "_PYI_APPLICATION_HOME_DIR": folder / "_internal",
                   "_PYI_PARENT_PROCESS_LEVEL": 1, "LD_LIBRARY_PATH": folder / "_internal"}
        if model == "Nehalem":
            started["OPENBLAS_CORETYPE"] = "Nehalem"
        return ["env", *(f"{key}={value}" for key, value in started.items()),
                str(qemu), "-cpu", model, str(folder / "telltale"), "--worker", name, *arguments]

    client.worker_command = command
    begun = time.monotonic()
    with Engine.open(bundled_folder()) as engine:
        facts = dict(engine.facts)
    return {"model": model, "seconds": round(time.monotonic() - begun), "build": facts["build"], "self_test": facts["self_test"]}


def main() -> int:
    """One line for each processor. A worker that dies of an unknown instruction raises."""
    folder = Path(sys.argv[1]).resolve()
    for model in sys.argv[2:] or ("Haswell", "Nehalem"):
        print(json.dumps(examine(folder, model)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
