"""Every control has a name and a role, can be reached by Tab, and is readable in every theme."""

import contextlib
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QDialog, QLabel, QLineEdit, QScrollBar, QWidget
from pytestqt.exceptions import TimeoutError as StillWaiting
from pytestqt.qtbot import QtBot

from desktop.gui import theme
from desktop.gui.card_dialog import CardDialog
from desktop.gui.compare import CompareDialog
from desktop.gui.dialogs import AboutDialog, LogDialog, ShortcutsDialog
from desktop.gui.experts_dialog import ExpertsDialog
from desktop.gui.licence_dialog import LicenceDialog
from desktop.gui.pull_dialog import PullDialog
from desktop.gui.settings import Settings
from desktop.gui.settings_dialog import SettingsDialog
from desktop.gui.window import MainWindow
from tests.gui.conftest import Make, add
from tests.gui.test_getting_experts import REQUEST
from tests.gui.test_more_panels import FakeStore

_INTERNAL = re.compile("^qt_")


def parent_class(widget: QWidget) -> str:
    """The class of what a widget is in, as Qt calls it."""
    parent = widget.parent()
    return parent.metaObject().className() if parent is not None else ""


def controls(top: QWidget) -> list[QWidget]:
    """Everything in a window that takes the keyboard, and is ours to name."""
    return [
        widget
        for widget in top.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not _INTERNAL.match(widget.objectName())
        and not isinstance(widget, QScrollBar)
        and "QComboBoxPrivate" not in parent_class(widget)
        and (widget.focusProxy() is None)
    ]


def complaints(top: QWidget) -> list[str]:
    """Controls without a name or with no role."""
    found = []
    for widget in controls(top):
        interface = QAccessible.queryAccessibleInterface(widget)
        name = interface.text(QAccessible.Text.Name)
        if not name.strip():
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__} has no name")
        if interface.role() in (QAccessible.Role.NoRole, QAccessible.Role.Client) and isinstance(
            widget, QAbstractButton | QLineEdit | QComboBox | QAbstractSlider
        ):
            found.append(f"{name} has no role")
    return found


def test_every_control_of_every_tab_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot) -> None:
    assert complaints(window) == []
    add(qtbot, window, "harbour.jpg", "broken.jpg")
    for key in list(window.session.items):
        window.session.select(key)
        for number in range(window.tabs.count()):
            window.tabs.setCurrentIndex(number)
            qtbot.wait(1)
            assert complaints(window) == []
    assert len(controls(window)) > 25


def test_every_control_of_every_dialog_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot) -> None:
    first, second = add(qtbot, window, "one.jpg", "two.jpg")
    dialogs: list[QDialog] = [
        SettingsDialog(window, Settings()),
        ExpertsDialog(window, FakeStore()),
        CompareDialog(window, window.session, first, second),
        ShortcutsDialog(window),
        AboutDialog(window, "Expert"),
        LogDialog(window, "", "here"),
        PullDialog(window, online=True),
        LicenceDialog(window, "Expert", "Licence: none", "Do as you please."),
        CardDialog(window, REQUEST),
    ]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.windowTitle() and complaints(dialog) == []
        dialog.close()
    qtbot.wait(200)


def test_tab_reaches_every_control_and_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        qtbot.wait(1)
        window.exhibits.search.setFocus()
        reached: list[QWidget] = []
        for _ in range(200):
            current = QApplication.focusWidget()
            assert current is not None
            if current in reached:
                break
            reached.append(current)
            qtbot.keyClick(current, Qt.Key.Key_Tab)
        missing = [
            f"{type(widget).__name__} {widget.accessibleName()}"
            for widget in controls(window)
            if widget.isVisible() and widget.isEnabled() and widget not in reached
        ]
        assert missing == [], (window.tabs.tabText(number), missing)


def test_exhibits_tell_their_state_to_a_screen_reader(window: MainWindow, qtbot: QtBot) -> None:
    add(qtbot, window, "harbour.jpg")
    index = window.exhibits.proxy.index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "harbour.jpg, Supports AI"
    assert "960 × 640" in window.canvas.accessibleDescription()
    assert window.findings.score_bar.accessibleDescription().startswith("Log-odds")


@pytest.mark.parametrize("name", list(theme.THEMES))
def test_labels_are_readable_as_they_are_drawn(make_window: Make, qtbot: QtBot, name: str) -> None:
    """The colours on the screen, not those we meant: the darkest and lightest pixel of each label."""
    window = make_window(settings=Settings(language="en", theme=name))
    add(qtbot, window, "harbour.jpg")
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        qtbot.wait(5)
        for label in window.findChildren(QLabel):
            if label.isVisible() and label.text().strip() and label.width() > 4 and label.visibleRegion().boundingRect() == label.rect():
                assert contrast_of(window.grab(label_rect(window, label)).toImage()) >= 4.5, label.text()


def label_rect(window: MainWindow, label: QLabel) -> object:
    """Where a label is in its window."""
    rect = label.rect()
    rect.moveTopLeft(label.mapTo(window, rect.topLeft()))
    return rect


def contrast_of(picture: QImage) -> float:
    """The contrast between the lightest and darkest colours of a picture."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    colours = {QColor(picture.pixel(x, y)).name() for y in range(picture.height()) for x in range(picture.width())}
    ranked = sorted(colours, key=theme.luminance)
    return theme.contrast(ranked[0], ranked[-1])


def cut_off(window: MainWindow) -> list[str]:
    """Labels that have less room than their text needs."""
    found = []
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.text().strip():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            narrow = not label.wordWrap() and label.width() < label.fontMetrics().horizontalAdvance(label.text())
            if label.height() < needed - 1 or narrow:
                found.append(f"{label.text()}: {label.size()}, needs {needed}")
    return found


@pytest.mark.parametrize(("width", "height", "percent"), [(1280, 720, 100), (1280, 720, 150), (3840, 2160, 200)])
def test_no_label_is_cut_off(make_window: Make, qtbot: QtBot, width: int, height: int, percent: int) -> None:
    window = make_window(settings=Settings(language="en", text_percent=percent))
    window.resize(width, height)
    add(qtbot, window, "harbour.jpg")
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        qtbot.wait(20)
        # A scroll bar that has just come makes the text narrower, and Qt lays it out once more: what counts is what stays.
        with contextlib.suppress(StillWaiting):
            qtbot.waitUntil(lambda: not cut_off(window))
        assert cut_off(window) == []
    assert window.width() == width and window.height() == height
