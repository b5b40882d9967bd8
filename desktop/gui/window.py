"""The main window and what it does when it is told to: one method for each command that ``desktop.gui.commands`` declares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from desktop.gui import languages, settings, theme
from desktop.gui.defaults import default_analyst
from desktop.gui.seam import ExpertFacts
from desktop.gui.settings import Settings
from desktop.gui.window_frame import WindowFrame

if TYPE_CHECKING:
    from PySide6.QtWidgets import QFileDialog, QWidget


class MainWindow(WindowFrame):
    """Passes on: the session and the panels do the work."""

    # --- commands: file

    def open_files(self) -> None:
        """Choose files."""
        from PySide6.QtWidgets import QFileDialog

        from desktop.gui.gather import PICTURE_SUFFIXES

        patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        filters = self.tr("Pictures") + f" ({patterns});;" + self.tr("All files") + " (*)"
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Open pictures"), "", filters, options=self._dialog_options())
        if files:
            self.session.add_paths(Path(name) for name in files)

    def open_folder(self) -> None:
        """Choose a folder."""
        from PySide6.QtWidgets import QFileDialog

        options = self._dialog_options() | QFileDialog.Option.ShowDirsOnly
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of pictures"), "", options)
        if folder:
            self.session.add_paths([Path(folder)])

    def paste(self) -> None:
        """Take what the clipboard holds."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.take(mime, self.tr("Pasted picture {number}"))

    def export_report(self) -> None:
        """Write the report of the selected exhibit."""
        from desktop.gui import exporting

        exporting.export(self)

    def copy_explanation(self) -> None:
        """Put the explanation on the clipboard, with what it is."""
        item = self.session.item
        if item is not None:
            QGuiApplication.clipboard().setText(self.tr("The model's stated reasons for {name}:").format(name=item.name) + "\n" + item.text)

    def show_settings(self) -> None:
        """Open the settings."""
        from desktop.gui.settings_dialog import edit

        edit(self)

    def show_experts(self) -> None:
        """Open the list of experts."""
        from desktop.gui.experts_dialog import ExpertsDialog

        ExpertsDialog(self).open()

    def get_experts(self) -> None:
        """Open what the catalogue offers."""
        from PySide6.QtCore import Qt

        from desktop.gui.pull_dialog import PullDialog

        dialog = PullDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def use_expert(self, folder: Path) -> None:
        """Ask another expert from now on."""
        self.session.use_expert(default_analyst(self.session.settings, folder))

    def quit(self) -> None:
        """Close the window, which ends the program."""
        self.close()

    def _dialog_options(self) -> QFileDialog.Option:
        from PySide6.QtWidgets import QFileDialog

        return QFileDialog.Option(0) if self.session.settings.native_dialogs else QFileDialog.Option.DontUseNativeDialog

    # --- commands: case

    def new_case(self) -> None:
        """Make a case under a name."""
        if self.cases is not None:
            self.cases.new()

    def open_case(self) -> None:
        """Open another case."""
        if self.cases is not None:
            self.cases.open()

    def keep_case(self) -> None:
        """Give the case without a name its own name and folder."""
        if self.cases is not None:
            self.cases.keep()

    def close_case(self) -> None:
        """Leave the case."""
        if self.cases is not None:
            self.cases.close()

    def check_case(self) -> None:
        """Check everything in the case."""
        self.tabs.setCurrentWidget(self.custody)
        self.custody.check()

    def watch_folder(self) -> None:
        """Watch a folder, or no longer."""
        from desktop.gui.watching import choose

        choose(self)

    # --- commands: exhibit

    def retry(self) -> None:
        """Analyse the chosen exhibits again."""
        self.session.retry(self.exhibits.selected_keys())

    def cancel(self) -> None:
        """Cancel the chosen exhibits."""
        self.session.cancel(self.exhibits.selected_keys())

    def toggle_pause(self) -> None:
        """Pause the queue or go on."""
        self.session.pause(not self.session.paused)

    def set_aside(self) -> None:
        """Put the chosen exhibits aside, or bring them back when they are."""
        keys = self.exhibits.selected_keys()
        self.session.set_aside(keys, not all(self.session.items[key].aside for key in keys))

    def write_note(self) -> None:
        """Go to the field for a new note."""
        self.tabs.setCurrentWidget(self.record)
        _focus(self.record.draft)

    def ask_question(self) -> None:
        """Go to the field for a question."""
        self.tabs.setCurrentWidget(self.questions)
        _focus(self.questions.field)

    def tag(self) -> None:
        """Put a tag on the chosen exhibits, or take it off."""
        from desktop.gui.tag_dialog import TagDialog

        TagDialog(self, self.session, self.exhibits.selected_keys()).open()

    def compare(self) -> None:
        """Compare two chosen exhibits, or the shown one with its neighbour in the list."""
        from PySide6.QtCore import Qt

        from desktop.gui.compare import CompareDialog

        keys = self.exhibits.selected_keys()
        if len(keys) < 2:
            order = self.session.order
            here = order.index(keys[0]) if keys else 0
            keys = [order[here], order[here + 1 if here + 1 < len(order) else here - 1]]
        dialog = CompareDialog(self, self.session, keys[0], keys[1])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def next_exhibit(self) -> None:
        """Go down the list."""
        self.exhibits.step(1)

    def previous_exhibit(self) -> None:
        """Go up the list."""
        self.exhibits.step(-1)

    def search(self) -> None:
        """Go to the search field."""
        _focus(self.exhibits.search)
        self.exhibits.search.selectAll()

    def toggle_tiles(self) -> None:
        """From the next analysis on, look at what lies outside the frame too, or not."""
        chosen = self.session.settings._replace(tiles=self.actions_by_name["toggle_tiles"].isChecked())
        self.use_settings(chosen)
        if chosen.tiles:
            self.say(self.tr("From the next analysis on; Exhibit › Analyse again does it for the chosen ones."))

    # --- commands: view

    def fit(self) -> None:
        """The whole picture."""
        self.canvas.fit()

    def actual_size(self) -> None:
        """100 %."""
        self.canvas.actual_size()

    def zoom_in(self) -> None:
        """One step in."""
        self.canvas.zoom_step(1)

    def zoom_out(self) -> None:
        """One step out."""
        self.canvas.zoom_step(-1)

    def toggle_magnifier(self) -> None:
        """Show or hide the magnifier."""
        self.canvas.layers.magnifier = self.actions_by_name["toggle_magnifier"].isChecked()
        self.canvas.update()

    def flip_view(self) -> None:
        """Lay the computed view over the picture, or lift it: the quick A/B look."""
        self.views.over.toggle()

    def toggle_frame(self) -> None:
        """Show or hide the frame that the expert saw."""
        self.canvas_panel.frame_box.toggle()

    def toggle_regions(self) -> None:
        """Show or hide regions."""
        self.canvas_panel.regions_box.toggle()

    def next_claim(self) -> None:
        """Select the next stated reason."""
        self.tabs.setCurrentWidget(self.findings)
        self.findings.explanation.step(1)

    def previous_claim(self) -> None:
        """Select the stated reason before."""
        self.tabs.setCurrentWidget(self.findings)
        self.findings.explanation.step(-1)

    def next_tab(self) -> None:
        """Go to the next panel on the right."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def use_settings(self, chosen: Settings) -> None:
        """Take other settings at once and keep them for the next start."""
        old, self.session.settings = self.session.settings, chosen
        if not settings.save(settings.settings_path(), chosen):
            self.say(self.tr("The settings could not be saved; they hold until you quit."))
        changed = languages.choose(chosen.language) != languages.current()
        languages.use(chosen.language)
        theme.apply(theme.choose(chosen.theme), chosen.text_percent)
        if changed:
            self.build()
        if (old.gpu, old.threads) != (chosen.gpu, chosen.threads):
            facts = self.session.expert
            self.session.use_expert(default_analyst(chosen, facts.folder if isinstance(facts, ExpertFacts) else ""))
        self.canvas_panel.opacity.setValue(chosen.heat_percent)
        self.actions_by_name["toggle_tiles"].setChecked(chosen.tiles)
        self.session.settings_changed.emit()

    # --- commands: help

    def show_shortcuts(self) -> None:
        """Show all keys."""
        from desktop.gui.dialogs import ShortcutsDialog

        ShortcutsDialog(self).open()

    def show_log(self) -> None:
        """Show what went wrong so far."""
        from desktop.gui import logs
        from desktop.gui.dialogs import LogDialog

        LogDialog(self, logs.text(), str(logs.path())).open()

    def show_about(self) -> None:
        """Say what this is."""
        from desktop.gui.dialogs import AboutDialog

        AboutDialog(self, self.expert_text.text()).open()


def _focus(field: QWidget) -> None:
    """Go to a field as its shortcut does."""
    from PySide6.QtCore import Qt

    field.setFocus(Qt.FocusReason.ShortcutFocusReason)
