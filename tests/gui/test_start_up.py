"""What a double-click loads before the first frame is on screen, and that the rest follows by itself, or at once for somebody quick."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONSOLE, WINDOWED = ROOT / "desktop" / "__main__.py", ROOT / "packaging" / "windowed.py"
PROGRAM = """
import enum, gc, json, os, runpy, sys
from PySide6.QtWidgets import QApplication, QLabel
made, dressed, create, dress = [], [], enum.EnumType._create_, QApplication.setStyleSheet
def tell(cls, class_name, *arguments, **more):
    made.append(class_name)
    return create(cls, class_name, *arguments, **more)
def count(application, text):
    dressed.append(len(application.allWidgets()))
    dress(application, text)
enum.EnumType._create_, QApplication.setStyleSheet = tell, count
def instead_of_the_event_loop(*_):
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "telltale")
    while not window.windowHandle().isExposed():
        QApplication.processEvents()
    facts = {"frame": sorted(sys.modules), "enums": list(made), "dressed": list(dressed), "labels": len(window.findChildren(QLabel)),
             "collected": gc.isenabled()}
    told = []
    window.started.connect(lambda: told.append(True))
    if early:
        window.actions_by_name[early[0]].trigger()
        facts["at once"] = bool(told) and window.tabs.currentWidget() is window.marks
    while not told:
        QApplication.processEvents()
    facts |= {"tabs": window.tabs.count(), "current": window.tabs.currentWidget() is window.findings, "dressed at last": len(dressed),
             "threads": all(thread.isRunning() for thread in window.session.threads.threads), "collects": gc.isenabled()}
    window.sure = True
    window.close()
    print(json.dumps(facts), flush=True)
    os._exit(0)
QApplication.exec = instead_of_the_event_loop
program, early, sys.argv = sys.argv[1], sys.argv[2:], ["telltale"]
runpy.run_path(program, run_name="__main__")
"""
TOO_MUCH = (
    "numpy", "PIL", "scipy", "llama_cpp", "gguf", "msgspec", "sqlite3", "jinja2", "typst", "pyhanko", "cryptography", "c2pa",
    "socket", "ssl", "asyncio", "dataclasses", "platformdirs", "PySide6.QtNetwork", "PySide6.QtSvg",
    "desktop.analysis", "desktop.document", "desktop.engine", "desktop.intake", "desktop.evidence", "desktop.judgement", "desktop.cases",
    "desktop.report", "desktop.workers", "desktop.cli", "desktop.gui.findings_panel", "desktop.gui.views_panel", "desktop.gui.record_panel",
    "desktop.gui.experts_dialog", "desktop.gui.settings_dialog", "desktop.gui.docket", "desktop.gui.threads", "desktop.gui.words",
    "desktop.gui.canvas", "desktop.gui.picture", "desktop.gui.item", "desktop.gui.text_block", "desktop.gui.banner", "desktop.gui.closing",
    "desktop.gui.dropping", "desktop.gui.failures", "desktop.gui.jobs", "desktop.gui.wording", "convert", "models.store", "models.cards",
)  # fmt: skip


def start(folder: Path, program: Path, *early: str) -> Any:
    """Start a program as a double-click does, in a home of its own."""
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), str(folder))
    environment = {name: value for name, value in os.environ.items() if name != "TELLTALE_DATA_DIR"} | homes
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(program), *early], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("program", [CONSOLE, WINDOWED], ids=["from source", "packaged"])
def test_nothing_heavy_is_loaded_before_the_first_frame_and_the_rest_comes_by_itself(tmp_path: Path, program: Path) -> None:
    facts = start(tmp_path, program)
    assert "PySide6.QtWidgets" in facts["frame"] and "desktop.gui.window" in facts["frame"]
    assert set(TOO_MUCH) & set(facts["frame"]) == set()
    assert "ColorRole" in facts["enums"] and "ShortcutContext" not in facts["enums"], "the namespace Qt was touched: a tenth of the start"
    assert len(facts["dressed"]) == 1 and facts["dressed"][0] > facts["labels"] > 5, "the style sheet comes last, over all that stands"
    assert facts["dressed at last"] == 1
    assert facts["tabs"] >= 5 and facts["current"] and facts["threads"]
    assert facts["collects"] and not facts["collected"], "garbage is looked for from now on, and was not on the way"


def test_a_command_in_the_first_moment_is_answered_by_a_complete_window(tmp_path: Path) -> None:
    facts = start(tmp_path, CONSOLE, "next_tab")
    assert facts["at once"] and facts["tabs"] >= 5 and facts["threads"]
