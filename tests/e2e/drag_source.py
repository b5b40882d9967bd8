"""A program of its own that starts a real drag of the paths (or addresses) given, when the mouse moves with a button down."""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """The thing to drag from."""

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl(word) if "://" in word else QUrl.fromLocalFile(str(Path(word).absolute())) for word in sys.argv[1:]])
        drag = QDrag(self)
        drag.setMimeData(mime)
        print("RESULT", drag.exec(Qt.DropAction.CopyAction), flush=True)
        QTimer.singleShot(100, QApplication.quit)


application = QApplication(sys.argv[:1])
window = Source("drag me")
window.setWindowTitle("drag-source")
window.resize(160, 120)
window.move(10, 10)
window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
window.show()
QTimer.singleShot(60_000, application.quit)
application.exec()
