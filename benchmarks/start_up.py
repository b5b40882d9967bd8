"""How long the window takes to open, beside an empty PySide6 window: ``python -m benchmarks.start_up [RUNS]``.

Both are programs of their own, started in turn. Counted is processor time of the whole process, from the start of Python to the end of the
round of the event loop that drew the first frame: from then on a click, a key or a drop is answered. ``all`` is when every panel stands
and the threads have been started too. Processor time is compared because it changes less than the clock does on a busy machine; the clock
is printed as well.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

MEASURE = """
import json, os, sys, time
from PySide6.QtWidgets import QApplication
def point():
    return {"cpu": time.process_time(), "clock": time.time() - float(os.environ["STARTED_AT"])}
def measure(window, finished):
    application = QApplication.instance()
    while not (window.windowHandle() and window.windowHandle().isExposed()):
        application.processEvents()
    points = {"frame": point()}
    while not finished():
        application.processEvents()
    print(json.dumps({**points, "all": point()}), flush=True)
    os._exit(0)
"""
EMPTY = MEASURE + """
from PySide6.QtWidgets import QMainWindow
application = QApplication(["empty"])
window = QMainWindow()
window.resize(1360, 820)
window.show()
measure(window, lambda: True)
"""
OURS = MEASURE + """
import gc
def instead_of_the_event_loop(*_):
    gc.disable()
    window = next(w for w in QApplication.topLevelWidgets() if w.isWindow() and w.objectName() == "telltale")
    told = []
    window.started.connect(lambda: told.append(True))
    measure(window, lambda: told)
QApplication.exec = instead_of_the_event_loop
from desktop.__main__ import main
sys.argv = ["telltale"]
main()
"""


def once(program: str, folder: str) -> dict[str, dict[str, float]]:
    """One start: seconds of processor time and of the clock until the first frame and until everything stands."""
    own = dict.fromkeys(("HOME", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), folder)
    environment = {**os.environ, **own, "STARTED_AT": str(time.time())}
    environment.pop("TELLTALE_DATA_DIR", None)  # without it the program has to find its folders, as after a double-click
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # whoever installs the program has its bytecode
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main() -> None:
    """Print medians, the ratio and the load of the machine."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        for program in (EMPTY, OURS):
            once(program, folder)
        pairs = [(once(EMPTY, folder), once(OURS, folder)) for _ in range(runs)]
    print(f"{runs} starts of each in turn, platform {os.environ.get('QT_QPA_PLATFORM', 'of this desktop')}, load {os.getloadavg()[0]:.1f}")
    for kind in ("cpu", "clock"):
        empty = statistics.median(pair[0]["frame"][kind] for pair in pairs)
        ours = statistics.median(pair[1]["frame"][kind] for pair in pairs)
        everything = statistics.median(pair[1]["all"][kind] for pair in pairs)
        ratio = statistics.median(pair[1]["frame"][kind] / pair[0]["frame"][kind] for pair in pairs)
        print(f"{kind:5}  empty {empty:.3f} s   first frame {ours:.3f} s   ratio {ratio:.2f}   everything {everything:.3f} s")


if __name__ == "__main__":
    main()
