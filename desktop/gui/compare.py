"""Two exhibits side by side or under a divider, zoomed and moved in step."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from desktop.gui import wording
from desktop.gui.canvas import Canvas
from desktop.gui.controls import Check
from desktop.gui.geometry import Placement
from desktop.gui.labels import named, text_label
from desktop.gui.session import Session


class CompareDialog(QDialog):
    """The exhibit of the window on the left, any other on the right. Not modal: the window goes on."""

    def __init__(self, parent: QWidget, session: Session, first: int, second: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare two exhibits"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._session = session
        self._following = False
        self.canvases = (Canvas(self.tr("First picture")), Canvas(self.tr("Second picture")))
        self.choices = (named(QComboBox(), self.tr("First exhibit")), named(QComboBox(), self.tr("Second exhibit")))
        self.captions = (text_label(muted=True), text_label(muted=True))
        for choice, key in zip(self.choices, (first, second), strict=True):
            for item in session.items.values():
                choice.addItem(item.name, item.key)
            choice.setCurrentIndex(choice.findData(key))
            choice.setMinimumContentsLength(12)
            choice.currentIndexChanged.connect(lambda _row: self._chosen())
        self.split = Check(self.tr("One above the other, with a divider"))
        self.split.toggled.connect(lambda _on: self._refresh())
        # The first canvas is wider or narrower now; it shows the whole picture again once the layout has given it its size.
        self.split.toggled.connect(lambda _on: QTimer.singleShot(0, self, self.canvases[0].fit))
        self.divider = named(QSlider(Qt.Orientation.Horizontal), self.tr("Place of the divider"))
        self.divider.setRange(0, 100)
        self.divider.setValue(50)
        self.divider.valueChanged.connect(lambda _value: self._refresh())
        self._lay_out()
        for number, canvas in enumerate(self.canvases):
            canvas.placed.connect(lambda place, number=number: self._follow(number, place))
        session.picture_ready.connect(self._on_ready)
        self.resize(1100, 700)
        self._chosen()

    def _lay_out(self) -> None:
        top, pair = QGridLayout(), QHBoxLayout()
        for column, (canvas, choice, caption) in enumerate(zip(self.canvases, self.choices, self.captions, strict=True)):
            top.addWidget(choice, 0, column)
            top.addWidget(caption, 1, column)
            top.setColumnStretch(column, 1)
            pair.addWidget(canvas, 1)
        row = QHBoxLayout()
        row.addWidget(self.split)
        row.addWidget(self.divider, 1)
        row.addWidget(QLabel(self.tr("Wheel zooms, dragging moves both")))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addLayout(pair, 1)
        layout.addLayout(row)

    def keys(self) -> tuple[int, int]:
        """The exhibits that are compared."""
        first, second = (int(choice.currentData()) for choice in self.choices)
        return first, second

    def _chosen(self) -> None:
        self._session.also_wanted(self.keys())
        self._refresh()

    def _on_ready(self, key: int) -> None:
        if key in self.keys():
            self._refresh()

    def _refresh(self) -> None:
        split = self.split.isChecked()
        self.divider.setEnabled(split)
        for number, key in enumerate(self.keys()):
            item, picture = self._session.items.get(key), self._session.picture(key)
            canvas = self.canvases[number]
            if picture is not canvas.picture:
                canvas.show_picture(picture, keep_place=True)
            self.captions[number].setText(f"{item.width} × {item.height} · {wording.state_line(item)}" if item is not None else "")
        first, second = self.canvases
        second.setVisible(not split)
        first.layers.beside = second.picture if split else None
        first.layers.divider = self.divider.value() / 100
        first.update()

    def showEvent(self, event: QShowEvent) -> None:
        """The first place is given when the canvases have their size."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.canvases[0].fit)

    def _follow(self, number: int, place: Placement) -> None:
        """The other canvas goes to the same place of its picture, also when the pictures have different sizes."""
        if self._following:
            return
        here, there = self.canvases[number], self.canvases[1 - number]
        if here.picture is None or there.picture is None or here.isHidden():  # one that nobody sees does not lead
            return
        ratio = here.picture.width / there.picture.width
        self._following = True
        there.follow(Placement(place.scale * ratio, place.x, place.y))
        self._following = False
