"""Makes the set of screenshots: ``python -m desktop.gui.screens OUT [NAME …]``. Offscreen, with the scripted analyst."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.gui import shots

SHOTS: dict[str, Callable[[Path], None]] = {
    "empty-light": shots.empty("light"),
    "empty-dark": shots.empty("dark"),
    "empty-chinese": shots.empty("light", "zh_CN"),
    "findings-light": shots.look("light"),
    "findings-dark": shots.look("dark"),
    "findings-contrast": shots.look("contrast"),
    "findings-chinese": shots.look("light", "zh_CN"),
    "small": shots.look("light", size=(1280, 720)),
    "large": shots.look("dark", size=(3840, 2160), percent=200),
    "streaming": shots.streaming,
    "magnifier": shots.magnified,
    "outcome-camera": shots.exhibit(1),
    "outcome-inconclusive": shots.exhibit(2, "dark"),
    "outcome-unlike": shots.exhibit(3),
    "error-picture": shots.exhibit(4),
    "error-picture-dark": shots.exhibit(4, "dark"),
    "error-engine": shots.crashed,
    "error-expert": shots.no_expert,
    "marks": shots.tab("marks"),
    "views": shots.tab("views"),
    "views-chinese": shots.tab("views", "dark", "zh_CN"),
    "questions": shots.tab("questions"),
    "questions-dark": shots.tab("questions", "dark"),
    "record": shots.tab("record"),
    "record-chinese": shots.tab("record", "dark", "zh_CN"),
    "custody": shots.tab("custody"),
    "custody-chinese": shots.tab("custody", "dark", "zh_CN"),
    "case-away": shots.stalled(),
    "case-away-contrast": shots.stalled("contrast", "zh_CN"),
    "case-left-over": shots.dialog(shots.left_over),
    "case-left-over-chinese": shots.dialog(shots.left_over, "dark", "zh_CN"),
    "case-new": shots.dialog(shots.new_case),
    "case-open": shots.dialog(shots.open_case, "dark"),
    "tags": shots.dialog(shots.tags, "contrast"),
    "compare": shots.dialog(shots.compare(False)),
    "compare-divider": shots.dialog(shots.compare(True), "dark"),
    "settings": shots.dialog(shots.settings),
    "settings-chinese": shots.dialog(shots.settings, "dark", "zh_CN"),
    "experts": shots.dialog(shots.experts),
    "experts-chinese": shots.dialog(shots.experts, "dark", "zh_CN"),
    "experts-more": shots.dialog(shots.more_experts(True)),
    "experts-offline": shots.dialog(shots.more_experts(False), "dark", "zh_CN"),
    "licence": shots.dialog(shots.licence),
    "card": shots.dialog(shots.card),
    "report": shots.dialog(shots.report("newsroom")),
    "report-chinese": shots.dialog(shots.report("court"), "dark", "zh_CN"),
    "shortcuts": shots.dialog(shots.shortcuts),
    "about": shots.dialog(shots.about, "dark"),
}


def main(arguments: Sequence[str]) -> int:
    """Write the pictures into a folder; with names only those."""
    if not arguments:
        sys.stderr.write("usage: python -m desktop.gui.screens OUT [NAME ...]\n")
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["TELLTALE_DATA_DIR"] = tempfile.mkdtemp(prefix="telltale-screens-")
    application = QApplication.instance() or QApplication(["telltale"])
    for name, shot in SHOTS.items():
        if len(arguments) == 1 or name in arguments[1:]:
            shot(out / f"{name}.png")
            sys.stdout.write(f"{name}\n")
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
