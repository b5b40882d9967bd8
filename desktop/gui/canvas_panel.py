"""The middle: the canvas, what it shows over the picture, and what it says when there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.gui.labels import named, put
from desktop.gui.session import Session

if TYPE_CHECKING:
    from desktop.gui.canvas import Canvas
    from desktop.gui.item import Item
    from desktop.gui.seam import Failed


class CanvasPanel(QWidget):
    """Follows the selected exhibit."""

    open_files = Signal()
    open_folder = Signal()
    paste = Signal()
    get_experts = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown_key: int | None = None
        self.first_button: QPushButton | None = None
        self.canvas: Canvas
        self.stack = QStackedWidget()
        self.stack.addWidget(self._make_empty())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.stack, 1)
        session.expert_changed.connect(self._show_expert)
        self._show_expert()

    def complete(self) -> Canvas:
        """Make what is not seen before there is a picture, and follow the session from now on; gives the canvas."""
        from desktop.gui.canvas import Canvas

        session = self._session
        self.canvas = Canvas(self.tr("Picture"))
        self.canvas.layers.opacity = session.settings.heat_percent / 100
        self.stack.addWidget(self._make_waiting())
        self.stack.addWidget(self.canvas)
        layout = self.layout()
        assert layout is not None  # noqa: S101
        layout.addWidget(self._make_bar())
        session.selected.connect(self.refresh)
        session.picture_ready.connect(self._on_changed)
        session.changed.connect(self._on_changed)
        session.picture_failed.connect(self._on_failed)
        self.refresh()
        return self.canvas

    # --- parts

    def _make_empty(self) -> QWidget:
        page = self._page = QFrame()
        page.setObjectName("drophint")
        halves = QVBoxLayout(page)
        halves.setSpacing(0)
        for part in (self._make_offers(), self._make_note()):  # of fixed shares: no button may move away when the expert comes
            halves.addWidget(part, 1)
        # Large text in a small window needs more height than there is.
        self._empty = named(QScrollArea(), self.tr("Drop pictures here"))
        self._empty.setWidgetResizable(True)
        put(self._empty, horizontalScrollBarPolicy="ScrollBarAlwaysOff")
        self._empty.setWidget(page)
        return self._empty

    def _make_offers(self) -> QWidget:
        part = QWidget()
        box = QVBoxLayout(part)
        box.setSpacing(10)
        box.addStretch(1)
        title = QLabel(self.tr("Drop pictures here"))
        put(title, alignment="AlignCenter")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        title.setFont(font)
        box.addWidget(title)
        hint = QLabel(self.tr("Files, folders, or a picture copied from another program. Nothing leaves this computer."))
        put(hint, alignment="AlignCenter")
        hint.setWordWrap(True)
        hint.setObjectName("muted")
        box.addWidget(hint)
        row = QHBoxLayout()
        row.addStretch()
        offers = ((self.tr("Open files…"), self.open_files), (self.tr("Open folder…"), self.open_folder), (self.tr("Paste"), self.paste))
        for text, signal in offers:
            button = QPushButton(text)
            button.clicked.connect(signal)
            row.addWidget(button)
            self.first_button = self.first_button or button
        row.addStretch()
        box.addLayout(row)
        return part

    def _make_note(self) -> QWidget:
        part = QWidget()
        box = QVBoxLayout(part)
        box.setSpacing(10)
        box.addStretch(1)
        self.expert_note = QLabel()
        put(self.expert_note, alignment="AlignCenter", textFormat="PlainText")
        self.expert_note.setWordWrap(True)
        self.expert_note.setObjectName("muted")
        self.expert_note.setMaximumWidth(560)
        note = QHBoxLayout()  # an alignment would give the label its height before its lines are broken
        note.addStretch(1)
        note.addWidget(self.expert_note, 20)
        note.addStretch(1)
        box.addLayout(note)
        self.more_button = QPushButton(self.tr("Get more experts, FakeVLM among them…"))
        self.more_button.clicked.connect(self.get_experts)
        self.more_button.hide()
        more = QHBoxLayout()
        more.addStretch()
        more.addWidget(self.more_button)
        more.addStretch()
        box.addLayout(more)
        box.addStretch(1)
        return part

    def _make_waiting(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        self.waiting_text = QLabel()
        put(self.waiting_text, alignment="AlignCenter", textFormat="PlainText")
        self.waiting_text.setWordWrap(True)
        self.waiting_text.setObjectName("muted")
        box.addWidget(self.waiting_text)
        return page

    def _make_bar(self) -> QWidget:
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QSlider

        from desktop.gui.controls import Check

        bar = QFrame()
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 4, 8, 4)
        self.zoom_text = QLabel()
        self.zoom_text.setMinimumWidth(52)
        self.frame_box = Check(self.tr("Analysed frame"))
        self.frame_box.setToolTip(self.tr("Dim what the expert did not see"))
        self.regions_box = Check(self.tr("Regions"))
        self.regions_box.setToolTip(self.tr("Outline the places that a sentence points at"))
        self.opacity = named(QSlider(Qt.Orientation.Horizontal), self.tr("Strength of the overlay"))
        self.opacity.setRange(0, 100)
        self.opacity.setValue(self._session.settings.heat_percent)
        self.opacity.setMaximumWidth(110)
        self.opacity.setToolTip(self.tr("Strength of the overlay"))
        self.pixel_text = QLabel()
        self.pixel_text.setObjectName("muted")
        for widget in (self.zoom_text, self.frame_box, self.regions_box, self.opacity):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.pixel_text)
        for check in (self.frame_box, self.regions_box):
            check.setChecked(True)
        self.frame_box.toggled.connect(self._options_changed)
        self.regions_box.toggled.connect(self._options_changed)
        self.opacity.valueChanged.connect(self._options_changed)
        self.canvas.zoomed.connect(lambda scale: self.zoom_text.setText(f"{scale * 100:.0f} %" if scale >= 0.1 else f"{scale * 100:.1f} %"))
        self.canvas.pointed.connect(self.pixel_text.setText)
        self.bar = bar
        return bar

    def _options_changed(self) -> None:
        layers = self.canvas.layers
        layers.show_frame = self.frame_box.isChecked()
        layers.show_regions = self.regions_box.isChecked()
        layers.opacity = self.opacity.value() / 100
        self.canvas.update()

    # --- following the session

    def refresh(self) -> None:
        """Show the selected exhibit, as far as it is there."""
        item = self._session.item
        picture = self._session.picture(item.key) if item is not None else None
        self.bar.setVisible(item is not None)
        if item is None:
            self._shown_key = None
            self.canvas.show_picture(None)
            self.stack.setCurrentIndex(0)
            return
        if picture is None:
            self.canvas.show_picture(None)
            self._shown_key = None
            self.waiting_text.setText(self._no_picture_text(item))
            self.stack.setCurrentIndex(1)
            return
        if self._shown_key != item.key or self.canvas.picture is not picture:
            self.canvas.show_picture(picture, keep_place=True)
            self._shown_key = item.key
        self.canvas.show_frame(item.frame, item.tiles)
        if self.canvas.layers.claims != item.claims:
            self.canvas.show_claims(item.claims)
        from desktop.gui import wording

        self.canvas.setAccessibleDescription(
            self.tr("{name}, {width} × {height} pixels, {state}").format(
                name=item.name, width=item.width, height=item.height, state=wording.state_line(item)
            )
        )
        self.stack.setCurrentIndex(2)

    def _no_picture_text(self, item: Item) -> str:
        from desktop.gui import failures

        if item.failure is not None and item.failure.code != "cancelled":
            return self.tr("There is no picture to show.\n{reason}").format(reason=failures.sentence(item.failure))
        return self.tr("Reading {name}…").format(name=item.name)

    def _on_changed(self, key: int) -> None:
        if key == self._session.current:
            self.refresh()

    def _on_failed(self, key: int, failure: Failed) -> None:
        from desktop.gui import failures

        if key == self._session.current and self._session.picture(key) is None:
            self.waiting_text.setText(self.tr("There is no picture to show.\n{reason}").format(reason=failures.sentence(failure)))

    def _show_expert(self) -> None:
        facts = self._session.expert
        self.more_button.setVisible(facts is not None)
        if facts is None:
            self.expert_note.setText("")
            return
        from desktop.gui import failures, wording
        from desktop.gui.seam import ExpertFacts

        if isinstance(facts, ExpertFacts):
            parts = [self.tr("Expert: {name}").format(name=facts.name), *wording.purpose(facts.good_for, facts.not_for)]
            self.expert_note.setText("\n\n".join(part for part in parts if part))
        else:
            self.expert_note.setText(f"{failures.sentence(facts)}\n{failures.advice(facts)}")
        self._empty.setMinimumWidth(self._page.minimumSizeHint().width() + self._empty.verticalScrollBar().sizeHint().width())
