"""The window as a program of its own that tells what it shows. ``--rehearsal``: with the scripted analyst; else the real one."""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.gui import logs
from desktop.gui.app import create_window, take_down
from desktop.gui.findings_panel import label_texts
from desktop.gui.settings import Settings
from desktop.gui.state import State
from desktop.gui.window import MainWindow


def tell(window: MainWindow, told: set[int], shot: Path | None) -> None:
    """Print each exhibit once it is done, as the panels show it; when all are, save what is on the screen."""
    ended = (State.DONE, State.FAILED, State.CANCELLED)
    for key, item in list(window.session.items.items()):
        if key in told or item.state not in ended:
            continue
        told.add(key)
        window.session.select(key)
        QApplication.processEvents()
        panel = window.findings
        facts = {"name": item.name, "state": item.state.value, "headline": panel.headline.text(), "texts": label_texts(panel)}
        print("SHOWN", json.dumps(facts), flush=True)
        if shot is not None and len(told) == len(window.session.items):
            window.session.select(window.session.order[0])
            QTimer.singleShot(500, window.next_claim)
            QTimer.singleShot(2000, lambda: save(window, shot))


def save(window: MainWindow, shot: Path) -> None:
    """Save the window as it is on the screen."""
    window.findings.verticalScrollBar().setValue(0)
    QApplication.processEvents()
    window.screen().grabWindow(window.winId()).save(str(shot))
    print("SAVED", flush=True)


def main() -> int:
    """Open the window; ``--shot FILE`` saves it from the screen when an exhibit is done."""
    arguments = sys.argv[1:]
    shot = Path(arguments[arguments.index("--shot") + 1]) if "--shot" in arguments else None
    application = QApplication(sys.argv[:1])
    logs.install()
    settings = Settings(language="en", theme="light", native_dialogs=False)
    if "--rehearsal" in arguments:
        from desktop.gui.rehearsal import Rehearsal, RehearsalReader

        window = create_window(lambda: Rehearsal(pace=0.01), RehearsalReader, settings)
    else:
        window = create_window(chosen=settings)
    window.move(180, 20)
    window.resize(1240, 800)
    window.show()
    told: set[int] = set()
    timer = QTimer(window)
    timer.timeout.connect(lambda: tell(window, told, shot))
    timer.start(100)
    window.session.message.connect(lambda text: print("SAYS", json.dumps(text), flush=True))
    window.statusBar().messageChanged.connect(lambda text: print("SAYS", json.dumps(text), flush=True))
    print("READY", flush=True)
    status = application.exec()
    take_down(window)
    return status


if __name__ == "__main__":
    sys.exit(main())
