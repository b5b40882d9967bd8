"""Everything the window can be told to do, declared once: menus, tool bar and the shortcut sheet are made from this list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.gui.window_frame import WindowFrame


class Command(NamedTuple):
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
    translate = QCoreApplication.translate
    return [
        Command("open_files", "file", translate("Commands", "&Open files…"), ("Ctrl+O",), on_bar=True),
        Command("open_folder", "file", translate("Commands", "Open &folder…"), ("Ctrl+Shift+O",)),
        Command("paste", "file", translate("Commands", "&Paste picture"), ("Ctrl+V",), on_bar=True),
        Command("export_report", "file", translate("Commands", "&Export report…"), ("Ctrl+E",), on_bar=True, separator=True),
        Command("copy_explanation", "file", translate("Commands", "&Copy explanation"), ("Ctrl+Shift+C",)),
        Command("show_experts", "file", translate("Commands", "E&xperts…"), ("Ctrl+Shift+E",), separator=True),
        Command("get_experts", "file", translate("Commands", "Get &more experts…")),
        Command("show_settings", "file", translate("Commands", "&Settings…"), ("Ctrl+,",)),
        Command("quit", "file", translate("Commands", "&Quit"), ("Ctrl+Q",), separator=True),
        Command("new_case", "case", translate("Commands", "&New case…"), ("Ctrl+N",)),
        Command("open_case", "case", translate("Commands", "&Open case…"), ("Ctrl+Shift+K",)),
        Command("keep_case", "case", translate("Commands", "&Keep under a name…"), ("Ctrl+S",)),
        Command("close_case", "case", translate("Commands", "&Close case"), ("Ctrl+W",)),
        Command("watch_folder", "case", translate("Commands", "&Watch a folder…"), ("Ctrl+Shift+W",), separator=True, checkable=True),
        Command("check_case", "case", translate("Commands", "Chec&k case"), ("Ctrl+Shift+L",)),
        Command("retry", "exhibit", translate("Commands", "&Analyse again"), ("Ctrl+R", "F5"), on_bar=True),
        Command("cancel", "exhibit", translate("Commands", "&Cancel"), ("Esc",), on_bar=True),
        Command("toggle_pause", "exhibit", translate("Commands", "&Pause queue"), ("Ctrl+P",), checkable=True),
        Command("set_aside", "exhibit", translate("Commands", "&Set aside or bring back"), ("Del",)),
        Command("tag", "exhibit", translate("Commands", "&Tag…"), ("Ctrl+T",)),
        Command("write_note", "exhibit", translate("Commands", "Write a n&ote"), ("Ctrl+Shift+N",)),
        Command("ask_question", "exhibit", translate("Commands", "As&k a question"), ("Ctrl+Shift+A",)),
        Command("compare", "exhibit", translate("Commands", "Co&mpare…"), ("Ctrl+D",), on_bar=True),
        Command("toggle_tiles", "exhibit", translate("Commands", "Also e&xamine outside the frame"), ("Ctrl+Shift+T",), checkable=True),
        Command("next_exhibit", "exhibit", translate("Commands", "&Next exhibit"), ("Ctrl+Down", "Alt+Right"), separator=True),
        Command("previous_exhibit", "exhibit", translate("Commands", "Pre&vious exhibit"), ("Ctrl+Up", "Alt+Left")),
        Command("search", "exhibit", translate("Commands", "&Search exhibits"), ("Ctrl+F",)),
        Command("fit", "view", translate("Commands", "&Fit"), ("Ctrl+0",), on_bar=True),
        Command("actual_size", "view", translate("Commands", "&100 %"), ("Ctrl+1",), on_bar=True),
        Command("zoom_in", "view", translate("Commands", "Zoom &in"), ("Ctrl++", "Ctrl+="), on_bar=True),
        Command("zoom_out", "view", translate("Commands", "Zoom &out"), ("Ctrl+-",), on_bar=True),
        Command("toggle_magnifier", "view", translate("Commands", "&Magnifier"), ("Ctrl+M",), on_bar=True, checkable=True, separator=True),
        Command("toggle_frame", "view", translate("Commands", "Analysed f&rame"), ("Ctrl+Shift+F",), checkable=True),
        Command("toggle_regions", "view", translate("Commands", "Re&gions"), ("Ctrl+Shift+R",), checkable=True),
        Command("flip_view", "view", translate("Commands", "&Lay view over picture"), ("Ctrl+B",)),
        Command("next_claim", "view", translate("Commands", "Ne&xt stated reason"), ("Ctrl+J",), separator=True),
        Command("previous_claim", "view", translate("Commands", "Previous s&tated reason"), ("Ctrl+K",)),
        Command("next_tab", "view", translate("Commands", "Next &panel"), ("Ctrl+Tab", "F6")),
        Command("show_shortcuts", "help", translate("Commands", "&Keyboard shortcuts"), ("F1",)),
        Command("show_log", "help", translate("Commands", "Show &log")),
        Command("show_about", "help", translate("Commands", "&About Telltale"), separator=True),
    ]


def menu_titles() -> dict[str, str]:
    """Titles of the menus, in order."""
    translate = QCoreApplication.translate
    return {
        "file": translate("Commands", "&File"),
        "case": translate("Commands", "&Case"),
        "exhibit": translate("Commands", "&Exhibit"),
        "view": translate("Commands", "&View"),
        "help": translate("Commands", "&Help"),
    }


def make_actions(owner: WindowFrame, commands: list[Command]) -> dict[str, QAction]:
    """An action for every command, connected to the owner's method of that name."""
    actions = {}
    for command in commands:
        action = QAction(owner)
        action.setText(command.text)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setIconText(plain(command.text).rstrip("…"))
        action.setCheckable(command.checkable)
        action.triggered.connect(_calling(owner, command.slot))
        actions[command.slot] = action
    return actions


def _calling(owner: WindowFrame, method: str) -> Callable[[], None]:
    """A slot that ignores the checked state, so that methods need no parameter for it; in a window that is complete."""

    def call() -> None:
        owner.finish()
        getattr(owner, method)()

    return call


def plain(text: str) -> str:
    """A menu text without its mnemonic, which Chinese menus write in brackets."""
    before, bracket, after = text.partition("(&")
    return before + after[2:] if bracket else text.replace("&", "")
