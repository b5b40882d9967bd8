"""Memory does not grow with the model: two layers of a 7B shape need what thirty-two would."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.random_llava import write

PROGRAM = """
import sys
from pathlib import Path
import convert
convert.convert(Path(sys.argv[1]), Path(sys.argv[2]), convert.Options(language_type="Q4_K_M", threads=4))
for line in Path("/proc/self/status").read_text().splitlines():
    if line.startswith("VmHWM"):
        print(line.split()[1])
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_memory(tmp_path: Path) -> None:
    write(tmp_path / "checkpoint", layers=2)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "checkpoint"), str(tmp_path / "expert")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=550, check=True)
    assert int(done.stdout.split()[-1]) * 1024 < 1.5e9
