"""Telltale: the desktop application. `desktop.cli` is the command, `desktop.analysis` the way through, `desktop.gui` the window."""

__version__ = "0.1.0"
