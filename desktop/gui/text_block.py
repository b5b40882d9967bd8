"""Longer text of a model or a file: plain, read-only, selectable, as high as it is long."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QSizePolicy


class TextBlock(QPlainTextEdit):
    """Read-only plain text as high as it is long, that breaks long hashes and paths anywhere and still copies them whole."""

    def __init__(self, name: str, text: str = "", *, muted: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        if muted:
            self.setObjectName("muted")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QPlainTextEdit, QPlainTextEdit:focus { background: transparent; border: 0; padding: 0; }")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setPlainText(text)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)

    def show_text(self, text: str) -> None:
        """Show other text, without losing the place when it is the same."""
        if text != self.toPlainText():
            self.setPlainText(text)
            self._adapt()

    def sizeHint(self) -> QSize:
        """As high as the text."""
        return QSize(200, self._needed())

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(80, 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        self._adapt()

    def _needed(self) -> int:
        block, height = self.document().firstBlock(), 0.0
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return int(height) + 10

    def _adapt(self) -> None:
        if self.height() != self._needed():
            self.setFixedHeight(self._needed())


def scrolled(block: TextBlock) -> QScrollArea:
    """The same where there may be less room than text."""
    area = QScrollArea()
    area.setAccessibleName(block.accessibleName())
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(block)
    return area
