"""What the pages beside the canvas share: a column that scrolls up and down, and showing what changed late, and only where it is seen."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.gui.item import Item
from desktop.gui.session import Session


class Column(QScrollArea):
    """Widgets one under the other in ``box``, as wide as there is room."""

    def __init__(self, name: str, spacing: int = 8) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        body = QWidget()
        self.box = QVBoxLayout(body)
        self.box.setContentsMargins(12, 12, 12, 12)
        self.box.setSpacing(spacing)
        self.setWidget(body)


class Page(Column):
    """A column about the selected exhibit; ``show_item`` is what a page has to say."""

    def __init__(self, session: Session, name: str, spacing: int = 8) -> None:
        super().__init__(name, spacing)
        self._session = session
        self._stale = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._catch_up)

    def show_item(self, item: Item | None) -> None:
        """Show an exhibit as it stands, or that there is none."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show the selected exhibit at once."""
        self._catch_up()

    def refresh_soon(self) -> None:
        """Show what changed in an event of its own, once for all that changed; of a page behind another one, when somebody looks."""
        self._stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        if self._stale:
            self._catch_up()

    def _catch_up(self) -> None:
        self._stale = False
        self._soon.stop()
        self.show_item(self._session.item)

    def _on_changed(self, key: int) -> None:
        if key == self._session.current:
            self.refresh_soon()
