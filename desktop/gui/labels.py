"""Labels that hold text of a model or a file: plain text always, so that nothing in it can become a link, a picture or a request."""

import re
from typing import TypeVar

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget


def put(widget: QWidget, **values: str) -> None:
    """Set Qt properties by the names of their values: ``put(label, textFormat="PlainText")``. Raises ValueError for a wrong name.

    For whatever the first frame shows. The first touch of ``Qt`` in Python makes its 93 enumerations, a tenth of the whole start; Qt itself
    knows the names without them.
    """
    for name, value in values.items():
        if not widget.setProperty(name, value):
            raise ValueError(f"{type(widget).__name__} has no {name} {value}")


def text_label(text: str = "", *, muted: bool = False, selectable: bool = False) -> QLabel:
    """A wrapped plain-text label."""
    label = QLabel(text)
    put(label, textFormat="PlainText")
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # one endless word must not widen the whole panel
    if muted:
        label.setObjectName("muted")
    if selectable:
        put(label, textInteractionFlags="TextSelectableByMouse|TextSelectableByKeyboard", focusPolicy="ClickFocus")
    return label


W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str) -> W:
    """The widget with an accessible name."""
    widget.setAccessibleName(name)
    return widget


def heading(text: str, factor: float = 1.0) -> QLabel:
    """A heading of a section."""
    label = QLabel(text)
    put(label, textFormat="PlainText")
    label.setWordWrap(True)
    font = label.font()
    font.setWeight(QFont.Weight.DemiBold)
    font.setPointSizeF(font.pointSizeF() * factor)
    label.setFont(font)
    return label


def card(name: str = "card") -> tuple[QFrame, QVBoxLayout]:
    """A framed box and its layout."""
    frame = QFrame()
    frame.setObjectName(name)
    box = QVBoxLayout(frame)
    box.setContentsMargins(12, 10, 12, 10)
    box.setSpacing(6)
    return frame, box


def clear(box: QVBoxLayout) -> None:
    """Take everything out of a layout and let it go."""
    while box.count():
        entry = box.takeAt(0)
        widget = entry.widget() if entry is not None else None
        if isinstance(widget, QWidget):
            widget.setParent(None)
            widget.deleteLater()


def settle(dialog: QWidget, width: int) -> None:
    """Give a dialog of wrapped labels the height that they need at ``width``; Qt only does that for widgets inside of others."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        dialog.resize(width, layout.totalHeightForWidth(width))


def unbroken(text: str) -> str:
    """Text with numbers that stay with their per cent sign."""
    return text.replace(" %", "\u00a0%")


def breakable(text: str, run: int = 24) -> str:
    """Text for a label, with places to break inside of endless words; not for text that people copy."""
    return re.sub(rf"(\S{{{run}}})(?=\S)", "\\1\u200b", text)
