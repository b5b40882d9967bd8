"""The two threads behind a session: one owns the analyst, one reads pictures. Their subjects are made here, used there and ended there."""

from PySide6.QtCore import QObject, Qt, QThread, Signal

from desktop.gui.reader import Reader
from desktop.gui.seam import AnalystFactory, ReaderFactory
from desktop.gui.worker import AnalystWorker


class Threads(QObject):
    """Signals to emit are calls into the threads; what comes back are the signals of ``worker`` and ``reader``."""

    open = Signal()
    use = Signal(object)
    work = Signal(object)
    gather = Signal(object)
    read = Signal(int, object, str)
    glance = Signal(int, object, str)
    _close = Signal()

    def __init__(self, parent: QObject, analyst_factory: AnalystFactory, reader_factory: ReaderFactory) -> None:
        super().__init__(parent)
        self.worker = AnalystWorker(analyst_factory)
        self.reader = Reader(reader_factory)
        self.threads: list[QThread] = []
        for subject, name in ((self.worker, "analyst"), (self.reader, "reader")):
            thread = QThread(self)
            thread.setObjectName(name)
            subject.moveToThread(thread)
            # Direct: while closing, the main thread waits for this one and runs no queued calls.
            subject.closed.connect(thread.quit, Qt.ConnectionType.DirectConnection)
            thread.finished.connect(subject.deleteLater)
            self._close.connect(subject.close)
            self.threads.append(thread)
        self.open.connect(self.worker.open)
        self.use.connect(self.worker.use)
        self.work.connect(self.worker.work)
        self.gather.connect(self.reader.gather)
        self.read.connect(self.reader.read)
        self.glance.connect(self.reader.glance)

    def start(self) -> None:
        """Start both and begin to load the expert."""
        for thread in self.threads:
            thread.start()
        self.open.emit()

    def shut(self, patience_s: float) -> bool:
        """Ask both to end their processes and wait. False when one did not end in time (the system ends its processes with ours)."""
        self.reader.stop.set()
        self._close.emit()
        return all(not thread.isRunning() or thread.wait(int(patience_s * 1000)) for thread in self.threads)
