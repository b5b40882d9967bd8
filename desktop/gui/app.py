"""Opens the window. ``create_window`` builds it under an existing QApplication; nothing runs at import."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.gui import compat, languages, logs, settings, theme
from desktop.gui.defaults import default_analyst, default_reader
from desktop.gui.seam import AnalystFactory, ReaderFactory
from desktop.gui.session import Session
from desktop.gui.settings import Settings
from desktop.gui.window import MainWindow


def create_window(
    analyst_factory: AnalystFactory | None = None, reader_factory: ReaderFactory | None = None, chosen: Settings | None = None
) -> MainWindow:
    """The main window with its session started. Needs a QApplication."""
    compat.steady()
    if chosen is None:
        chosen = settings.load(settings.settings_path())
    languages.use(chosen.language)
    theme.apply(theme.choose(chosen.theme), chosen.text_percent)
    session = Session(analyst_factory or default_analyst(chosen), reader_factory or default_reader, chosen)
    return MainWindow(session)


def run(paths: Sequence[str | Path] = ()) -> int:
    """Open the window with ``paths`` in it and stay until it is closed."""
    application = QApplication.instance() or QApplication(["telltale"])
    assert isinstance(application, QApplication)  # noqa: S101
    application.setApplicationName("telltale")
    application.setApplicationDisplayName("Telltale")
    application.setDesktopFileName("telltale")
    logs.install()
    window = create_window()
    application.styleHints().colorSchemeChanged.connect(lambda _scheme: theme.apply(theme.choose(window.session.settings.theme)))
    window.show()
    if paths:
        QTimer.singleShot(0, lambda: window.session.add_paths(Path(path) for path in paths))
    return application.exec()
