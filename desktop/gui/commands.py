"""Everything the window can be told to do, declared once: menus, tool bar and the shortcut sheet are made from this list."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence


@dataclass(frozen=True)
class Command:
    """One command. ``slot`` is the name of the window's method; ``menu`` the menu it is in."""

    slot: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    on_bar: bool = False
    separator: bool = False
    checkable: bool = False


def declared() -> list[Command]:
    """All commands in the order of the menus, in the language of the moment."""
    tr = QCoreApplication.translate
    return [
        Command("open_files", "file", tr("Commands", "&Open files…"), ("Ctrl+O",), on_bar=True),
        Command("open_folder", "file", tr("Commands", "Open &folder…"), ("Ctrl+Shift+O",)),
        Command("paste", "file", tr("Commands", "&Paste picture"), ("Ctrl+V",), on_bar=True),
        Command("export_report", "file", tr("Commands", "&Export report…"), ("Ctrl+E",), on_bar=True, separator=True),
        Command("copy_explanation", "file", tr("Commands", "&Copy explanation"), ("Ctrl+Shift+C",)),
        Command("show_settings", "file", tr("Commands", "&Settings…"), ("Ctrl+,",), separator=True),
        Command("quit", "file", tr("Commands", "&Quit"), ("Ctrl+Q",), separator=True),
        Command("retry", "exhibit", tr("Commands", "&Analyse again"), ("Ctrl+R", "F5"), on_bar=True),
        Command("cancel", "exhibit", tr("Commands", "&Cancel"), ("Esc",), on_bar=True),
        Command("toggle_pause", "exhibit", tr("Commands", "&Pause queue"), ("Ctrl+P",), checkable=True),
        Command("remove", "exhibit", tr("Commands", "&Remove from the window"), ("Del",)),
        Command("next_exhibit", "exhibit", tr("Commands", "&Next exhibit"), ("Ctrl+Down", "Alt+Right"), separator=True),
        Command("previous_exhibit", "exhibit", tr("Commands", "Pre&vious exhibit"), ("Ctrl+Up", "Alt+Left")),
        Command("search", "exhibit", tr("Commands", "&Search exhibits"), ("Ctrl+F",)),
        Command("fit", "view", tr("Commands", "&Fit"), ("Ctrl+0",), on_bar=True),
        Command("actual_size", "view", tr("Commands", "&100 %"), ("Ctrl+1",), on_bar=True),
        Command("zoom_in", "view", tr("Commands", "Zoom &in"), ("Ctrl++", "Ctrl+="), on_bar=True),
        Command("zoom_out", "view", tr("Commands", "Zoom &out"), ("Ctrl+-",), on_bar=True),
        Command("toggle_magnifier", "view", tr("Commands", "&Magnifier"), ("Ctrl+M",), on_bar=True, checkable=True, separator=True),
        Command("toggle_frame", "view", tr("Commands", "Analysed f&rame"), ("Ctrl+Shift+F",), checkable=True),
        Command("toggle_regions", "view", tr("Commands", "Re&gions"), ("Ctrl+Shift+R",), checkable=True),
        Command("next_claim", "view", tr("Commands", "Ne&xt stated reason"), ("Ctrl+J",), separator=True),
        Command("previous_claim", "view", tr("Commands", "Previous s&tated reason"), ("Ctrl+K",)),
        Command("next_tab", "view", tr("Commands", "Next &panel"), ("Ctrl+Tab", "F6")),
        Command("show_shortcuts", "help", tr("Commands", "&Keyboard shortcuts"), ("F1",)),
        Command("show_log", "help", tr("Commands", "Show &log")),
        Command("show_about", "help", tr("Commands", "&About Telltale"), separator=True),
    ]


def menu_titles() -> dict[str, str]:
    """Titles of the menus, in order."""
    tr = QCoreApplication.translate
    return {
        "file": tr("Commands", "&File"),
        "exhibit": tr("Commands", "&Exhibit"),
        "view": tr("Commands", "&View"),
        "help": tr("Commands", "&Help"),
    }


def make_actions(owner: QObject) -> dict[str, QAction]:
    """An action for every command, connected to the owner's method of that name."""
    actions = {}
    for command in declared():
        action = QAction(command.text, owner)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setCheckable(command.checkable)
        action.triggered.connect(_calling(getattr(owner, command.slot)))
        actions[command.slot] = action
    return actions


def _calling(method: Callable[[], None]) -> Callable[[], None]:
    """A slot that ignores the checked state, so that methods need no parameter for it."""

    def call() -> None:
        method()

    return call


def plain(text: str) -> str:
    """A menu text without its mnemonic."""
    return text.replace("&", "")
