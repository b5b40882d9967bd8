"""A strip over the panels that stays as long as its reason: what happened, what it means, what to do."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from desktop.gui.labels import heading, text_label


class Banner(QFrame):
    """Hidden until ``tell``; read aloud by screen readers through its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("errorcard")
        self.title = heading("")
        self.text = text_label("")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        self._buttons = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        self._labels: tuple[str, ...] = ()
        self.hide()

    def tell(self, title: str, text: str, actions: dict[str, Callable[[], None]]) -> None:
        """Show a reason with its buttons."""
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"{title} {text}")
        if tuple(actions) != self._labels:
            self._labels = tuple(actions)
            while (entry := self._buttons.takeAt(0)) is not None:
                button = entry.widget()
                if button is not None:
                    button.deleteLater()
            for label, action in actions.items():
                self._buttons.addWidget(_button(label, action), 0, Qt.AlignmentFlag.AlignVCenter)
        self.show()


def _button(label: str, action: Callable[[], None]) -> QPushButton:
    button = QPushButton(label)
    button.clicked.connect(lambda _checked=False: action())
    return button
