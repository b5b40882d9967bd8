"""What a double-click loads before the first frame is on screen, and that the rest follows by itself."""

import json
import os
import subprocess
import sys

PROGRAM = """
import json, os, sys
from PySide6.QtWidgets import QApplication
def instead_of_the_event_loop(*_):
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "telltale")
    while not window.windowHandle().isExposed():
        QApplication.processEvents()
    frame = sorted(sys.modules)
    told = []
    window.started.connect(lambda: told.append(True))
    while not told:
        QApplication.processEvents()
    facts = {"frame": frame, "tabs": window.tabs.count(), "current": window.tabs.currentWidget() is window.findings,
             "threads": all(thread.isRunning() for thread in window.session.threads.threads), "collects": __import__("gc").isenabled()}
    window.sure = True
    window.close()
    print(json.dumps(facts), flush=True)
    os._exit(0)
QApplication.exec = instead_of_the_event_loop
from desktop.__main__ import main
sys.argv = ["telltale"]
main()
"""
TOO_MUCH = (
    "numpy", "PIL", "scipy", "llama_cpp", "gguf", "msgspec", "sqlite3", "jinja2", "typst", "pyhanko", "cryptography", "c2pa",
    "socket", "ssl", "asyncio", "PySide6.QtNetwork", "PySide6.QtSvg",
    "desktop.analysis", "desktop.document", "desktop.engine", "desktop.intake", "desktop.evidence", "desktop.judgement", "desktop.cases",
    "desktop.report", "desktop.workers", "desktop.cli", "desktop.gui.findings_panel", "desktop.gui.views_panel", "desktop.gui.record_panel",
    "desktop.gui.experts_dialog", "desktop.gui.settings_dialog", "desktop.gui.docket", "desktop.gui.threads", "desktop.gui.words",
    "desktop.gui.canvas", "desktop.gui.picture", "desktop.gui.item", "desktop.gui.text_block", "convert", "models.store", "models.cards",
)  # fmt: skip


def test_nothing_heavy_is_loaded_before_the_first_frame_and_the_rest_comes_by_itself() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, env=os.environ.copy(), check=False)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert "PySide6.QtWidgets" in facts["frame"] and "desktop.gui.window" in facts["frame"]
    assert set(TOO_MUCH) & set(facts["frame"]) == set()
    assert facts["tabs"] >= 5 and facts["current"] and facts["threads"] and facts["collects"]
