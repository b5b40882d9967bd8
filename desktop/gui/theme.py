"""Light, dark and high-contrast colours, as plain values; ``apply`` puts one on the application. A test checks every contrast."""

from typing import NamedTuple

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.gui import languages


class Theme(NamedTuple):
    """Colours as ``#rrggbb``. Those in ``ON_SURFACES`` are read as text on ``window``, ``base`` and ``raised``."""

    name: str
    dark: bool
    window: str
    base: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    on_selection: str
    canvas: str
    on_canvas: str
    ai: str
    camera: str
    unsure: str
    unlike: str
    error: str


LIGHT = Theme(
    "light",
    False,
    window="#f4f4f2",
    base="#ffffff",
    raised="#eaeae7",
    border="#c6c6c1",
    text="#1c1d1f",
    muted="#595c61",
    accent="#1f5b94",
    on_accent="#ffffff",
    selection="#cfe0f2",
    on_selection="#14181d",
    canvas="#dededb",
    on_canvas="#3c3f43",
    ai="#8a4b00",
    camera="#0b6054",
    unsure="#4d5258",
    unlike="#6a3d94",
    error="#a3211d",
)
DARK = Theme(
    "dark",
    True,
    window="#232528",
    base="#1b1d1f",
    raised="#2d3034",
    border="#46494e",
    text="#e7e7e4",
    muted="#adb1b7",
    accent="#84b8ec",
    on_accent="#10151b",
    selection="#2f4a66",
    on_selection="#f2f5f8",
    canvas="#131416",
    on_canvas="#b9bcc1",
    ai="#f0b35e",
    camera="#62cdbd",
    unsure="#c0c4ca",
    unlike="#c9a4ee",
    error="#ff9c94",
)
CONTRAST = Theme(
    "contrast",
    True,
    window="#000000",
    base="#000000",
    raised="#141414",
    border="#ffffff",
    text="#ffffff",
    muted="#e6e6e6",
    accent="#ffe14d",
    on_accent="#000000",
    selection="#ffe14d",
    on_selection="#000000",
    canvas="#000000",
    on_canvas="#ffffff",
    ai="#ffc266",
    camera="#7df5e2",
    unsure="#ffffff",
    unlike="#e2c2ff",
    error="#ffb3ad",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}
ON_SURFACES = ("text", "muted", "accent", "ai", "camera", "unsure", "unlike", "error")
SURFACES = ("window", "base", "raised")

STYLE = "Fusion"
STYLED = "telltaleStyled"
"""Property of an application that was started with ``STYLE``."""
_DRESSED = "telltaleFontSize"
_OUTCOME = {"supports-ai": "ai", "supports-camera": "camera", "inconclusive": "unsure", "out-of-domain": "unlike"}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2)."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2), 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def outcome_colour(theme: Theme, outcome: str) -> str:
    """The colour that goes with an outcome's symbol and words; never the only sign."""
    return str(getattr(theme, _OUTCOME.get(outcome, "unsure")))


_current: list[Theme] = [LIGHT]


def current() -> Theme:
    """The theme in use."""
    return _current[0]


def choose(wish: str) -> Theme:
    """The theme for a setting; ``system`` follows the desktop's light or dark choice."""
    if wish in THEMES:
        return THEMES[wish]
    return DARK if _desktop_is_dark() else LIGHT


def _desktop_is_dark() -> bool:
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.property(_DRESSED) is None:
        # The palette is still the desktop's own, and asking it does not load the namespace ``Qt`` before the first frame; after it
        # the desktop is asked for its word.
        own = application.palette()
        return own.color(QPalette.ColorRole.Window).lightness() < own.color(QPalette.ColorRole.WindowText).lightness()
    from PySide6.QtCore import Qt

    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply(theme: Theme, text_percent: int = 100) -> None:
    """Put a theme and a text size on the application."""
    colour(theme, text_percent)
    dress(theme)


def dress(theme: Theme) -> None:
    """Put the style sheet of a theme on the application.

    A new window is dressed when all of it stands: under a style sheet Qt works out the style of every widget anew each time that it, or
    something around it, gets a parent.
    """
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.setStyleSheet(sheet(theme))


def colour(theme: Theme, text_percent: int = 100) -> None:
    """Put the colours and the fonts of a theme on the application: all of it but the style sheet."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    _current[0] = theme
    if not application.property(STYLED):  # asking for the style's name would load all that Python knows of styles
        application.setStyle(STYLE)
        application.setProperty(STYLED, True)
    application.setPalette(palette(theme))
    font = QFont(application.font())
    base = application.property(_DRESSED)
    if base is None:
        base = font.pointSizeF() if font.pointSizeF() > 0 else 10.0
        application.setProperty(_DRESSED, base)
    font.setPointSizeF(float(base) * text_percent / 100)
    first = application.property("telltaleFamily") or font.family()
    application.setProperty("telltaleFamily", first)
    font.setFamilies([first, *languages.families(languages.current())])
    application.setFont(font)


def palette(theme: Theme) -> QPalette:
    """A Qt palette of a theme."""
    result = QPalette()
    roles = QPalette.ColorRole
    pairs = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.base,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.on_selection,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.Accent: theme.accent,
        roles.Mid: theme.border,
        roles.Midlight: theme.raised,
        roles.Light: theme.raised,
        roles.Dark: theme.border,
        roles.Shadow: theme.border,
    }
    for role, colour in pairs.items():
        result.setColor(role, QColor(colour))
    faded = QColor(theme.muted)
    faded.setAlphaF(0.75)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, faded)
    return result


def sheet(theme: Theme) -> str:
    """The few rules that Fusion's palette cannot express."""
    return """
QToolTip {{ color: {text}; background: {raised}; border: 1px solid {border}; padding: 3px; }}
QSplitter::handle {{ background: {border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QToolBar {{ border: 0; border-bottom: 1px solid {border}; padding: 3px 6px; spacing: 4px; background: {window}; }}
QToolButton {{ padding: 4px 8px; border: 1px solid transparent; border-radius: 4px; color: {text}; background: transparent; }}
QToolButton:hover {{ background: {raised}; }}
QToolButton:checked {{ background: {selection}; color: {on_selection}; }}
QToolButton:focus, QPushButton:focus {{ border: 2px solid {accent}; }}
QToolButton:disabled {{ color: {muted}; }}
QStatusBar {{ border-top: 1px solid {border}; }}
QStatusBar::item {{ border: 0; }}
QPushButton {{ padding: 5px 14px; border: 1px solid {border}; border-radius: 4px; background: {raised}; color: {text}; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:default {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton:disabled, QPushButton:default:disabled {{ color: {muted}; background: {raised}; border-color: {border}; }}
QLineEdit, QPlainTextEdit {{
  padding: 4px 6px; border: 1px solid {border}; border-radius: 4px; background: {base}; color: {text};
}}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {accent}; padding: 3px 5px; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {border}; }}
QTabBar::tab {{ padding: 6px 7px; border: 0; border-bottom: 2px solid transparent; color: {muted}; background: transparent; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ border-bottom: 3px solid {accent}; }}
QProgressBar {{ border: 0; border-radius: 3px; background: {raised}; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ border-radius: 3px; background: {accent}; }}
QListView {{ border: 0; outline: 0; }}
QListWidget::item {{ padding: 5px 4px; }}
QScrollArea {{ border: 0; }}
#claim {{ border: 1px solid {border}; border-left: 3px solid {border}; border-radius: 4px; background: {base}; }}
#claim[lit="true"] {{ border: 1px solid {accent}; border-left: 5px solid {accent}; background: {raised}; }}
#claim:focus {{ border: 2px solid {accent}; border-left: 5px solid {accent}; }}
#card {{ border: 1px solid {border}; border-radius: 5px; background: {base}; }}
#errorcard {{ border: 1px solid {error}; border-left: 5px solid {error}; border-radius: 5px; background: {base}; }}
#drophint {{ border: 2px dashed {border}; border-radius: 10px; margin: 20px; }}
#muted {{ color: {muted}; }}
#bad {{ color: {error}; }}
""".format(**theme._asdict())
