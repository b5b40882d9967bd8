"""The one program that goes online, led by the window: ``telltale models pull`` in a process of its own, that talks JSON lines."""

import json
import sys
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from desktop.gui.seam import Failed

_LONGEST_LINE = 8_000_000
_PATIENCE_MS = 4000


def program(identifier: str) -> list[str]:
    """The command line that pulls one model of the catalogue, frozen or not."""
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-s", "-m", "desktop"]
    return [*start, "models", "pull", identifier, "--json-progress"]


class Pull(QObject):
    """One pull. Ends with ``stored`` or ``failed``, once, when its process is gone; whatever was fetched stays for the next time."""

    terms = Signal(object)  # dict: name, licence, declared, text, training_data, bytes
    told = Signal(str, str, float)  # doing, what, fraction
    stored = Signal(str)  # digest
    failed = Signal(object)  # Failed

    def __init__(self, parent: QObject, identifier: str) -> None:
        super().__init__(parent)
        self._rest = b""
        self._ended = False
        self._outcome: str | Failed = ""
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._broken)
        command = program(identifier)
        self._process.start(command[0], command[1:])

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return not self._ended

    def answer(self, accepted: bool) -> None:
        """Accept the terms or not."""
        self._say("accept" if accepted else "decline")

    def cancel(self) -> None:
        """Ask it to stop; what was fetched is kept."""
        self._say("cancel")
        self._process.closeWriteChannel()

    def end(self) -> None:
        """Stop it for good, because the window goes."""
        if self._ended:
            return
        self._ended = True
        self.cancel()
        if not self._process.waitForFinished(_PATIENCE_MS):
            self._process.kill()
            self._process.waitForFinished(_PATIENCE_MS)

    def _say(self, word: str) -> None:
        self._process.write(word.encode() + b"\n")

    def _read(self) -> None:
        self._rest += bytes(self._process.readAllStandardOutput().data())
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._hear(line)
        if len(self._rest) > _LONGEST_LINE:
            self._process.kill()

    def _hear(self, line: bytes) -> None:
        try:
            said: Any = json.loads(line)
        except ValueError:
            return
        event = said.get("event") if isinstance(said, dict) else None
        if event == "terms":
            self.terms.emit(said)
        elif event == "progress":
            self.told.emit(str(said["doing"]), str(said["what"]), float(said["fraction"]))
        elif event == "stored":
            self._outcome = str(said["digest"])
        elif event == "failed":
            self._outcome = Failed(str(said["code"]), str(said["message"]))

    def _finished(self) -> None:
        self._read()
        self._tell(self._outcome or Failed("pull-ended", self.tr("the program that downloads ended without a word")))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._tell(Failed("pull-ended", self.tr("the program that downloads could not be started")))

    def _tell(self, outcome: str | Failed) -> None:
        if self._ended:
            return
        self._ended = True
        if isinstance(outcome, Failed):
            self.failed.emit(outcome)
        else:
            self.stored.emit(outcome)
