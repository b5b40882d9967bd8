"""A window that is told what to do by JSON lines on standard input and says what it shows. ``--rehearsal``: the scripted analyst."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from desktop.gui import leftover, logs
from desktop.gui.app import create_window, take_down
from desktop.gui.findings_panel import label_texts
from desktop.gui.settings import Settings
from desktop.gui.watching import scan
from desktop.gui.window import MainWindow


class Orders(QObject):
    """Carries lines from the reading thread into the main one."""

    came = Signal(list)

    def read(self) -> None:
        """Until the input ends."""
        # Unbuffered: a thread that holds the lock of a buffer would make the interpreter abort at its end.
        for line in open(0, "rb", buffering=0, closefd=False):  # noqa: SIM115
            self.came.emit(json.loads(line))


def key_of(window: MainWindow, name: str) -> int:
    """The exhibit of this name."""
    return next(key for key, item in window.session.items.items() if item.name == name)


def state(window: MainWindow) -> dict[str, Any]:
    """What the window shows."""
    session = window.session
    items = [
        {"name": item.name, "state": item.state.value, "text": item.text, "failure": item.failure.message if item.failure else ""}
        for item in session.items.values()
    ]
    watcher = session.watcher
    return {
        "items": items,
        "case": str(session.docket.case.folder) if session.docket.case else "",
        "selected": session.item.name if session.item else "",
        "draft": window.record.draft.toPlainText(),
        "unsaved": session.unsaved(),
        "left": len(session.docket.holding.left),
        "banner": label_texts(window.banner) if window.banner.isVisible() else "",
        "watched": str(watcher.folder) if watcher is not None and watcher.folder else "",
    }


def obey(window: MainWindow, words: list[str]) -> None:
    """Do one thing."""
    session = window.session
    order, *rest = words
    if order == "state":
        print("STATE", json.dumps(state(window)), flush=True)
    elif order == "add":
        session.add_paths(Path(name) for name in rest)
    elif order == "create":
        session.docket.create(Path(rest[0]), "Case", "", "", ())
    elif order == "open":
        session.docket.open(Path(rest[0]))
    elif order == "store what was left over":
        leftover.store(session)
    elif order == "select":
        session.select(key_of(window, rest[0]))
    elif order == "note" and session.current is not None:
        session.write_note(session.current, rest[0])
    elif order == "type":
        window.record.draft.setPlainText(rest[0])
    elif order == "judge":
        key = key_of(window, rest[0])
        session.dispose(key, rest[1], rest[2])  # type: ignore[arg-type]
    elif order == "retry":
        session.retry([key_of(window, rest[0])])
    elif order == "leave out" and session.docket.trouble is not None:
        session.docket.keeper.leave_out_copies(session.docket.trouble)
    elif order == "watch" and session.watcher is not None:
        session.watcher.watch(Path(rest[0]), scan(Path(rest[0])))
    elif order == "close":
        window.close()


def main() -> int:
    """Open the window and listen."""
    application = QApplication(sys.argv[:1])
    logs.install()
    settings = Settings(language="en", theme="light", native_dialogs=False)
    if "--rehearsal" in sys.argv:
        from desktop.gui.rehearsal import Rehearsal, RehearsalReader

        window = create_window(lambda: Rehearsal(pace=0.005), RehearsalReader, settings)
    else:
        window = create_window(chosen=settings)
    orders = Orders()
    orders.came.connect(lambda words: obey(window, words))
    reader = threading.Thread(target=orders.read, daemon=True)
    told: list[bool] = []

    def ready() -> None:
        if not told:
            told.append(True)
            print("READY", flush=True)
            reader.start()

    window.session.case_changed.connect(ready)
    window.show()
    status = application.exec()
    take_down(window)
    return status


if __name__ == "__main__":
    sys.exit(main())
