"""Views: signal maps for the examiner's eye, computed when asked for, laid over the picture. They never vote."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QPushButton

from desktop.document import Box, View
from desktop.gui import failures, languages
from desktop.gui.canvas import Canvas
from desktop.gui.controls import Check
from desktop.gui.item import Item
from desktop.gui.labels import heading, named, text_label
from desktop.gui.page import Page
from desktop.gui.picture import Picture, make_picture
from desktop.gui.seam import Failed
from desktop.gui.session import Session
from desktop.gui.tasks import Task
from desktop.gui.text_block import TextBlock
from desktop.view_facts import fact_lines, why_not

_KEPT = 8
Compute = Callable[..., tuple[View, Any]]


class ViewsPanel(Page):
    """Follows the selected exhibit; at most one view is computed at a time."""

    overlay_changed = Signal(object, object)  # Picture | None, Box | None

    def __init__(self, session: Session, compute: Compute | None = None) -> None:
        super().__init__(session, self.tr("Views"))
        self._compute = compute
        self._specs: list[Any] = []
        self._results: OrderedDict[tuple[int, str], tuple[View, Picture]] = OrderedDict()
        self._task: Task | None = None
        self._working_on: tuple[int, str] | None = None
        self._make()
        session.selected.connect(self.refresh)
        session.changed.connect(self._on_changed)

    def _make(self) -> None:
        self.choice = named(QComboBox(), self.tr("View"))
        self.choice.setMinimumContentsLength(14)
        self.choice.currentIndexChanged.connect(lambda _row: self.refresh())
        self.compute_button = QPushButton(self.tr("Compute"))
        self.compute_button.clicked.connect(self._toggle)
        row = QHBoxLayout()
        row.addWidget(self.choice, 1)
        row.addWidget(self.compute_button)
        self.progress = named(QProgressBar(textVisible=False), self.tr("Computing the view"))
        self.progress.setRange(0, 0)
        self.over = Check(self.tr("Lay over the picture"))
        self.over.setChecked(True)
        self.over.toggled.connect(lambda _on: self.refresh())
        self.shows, self.why = text_label(), text_label(muted=True)
        self.means, self.not_means = text_label(), text_label()
        self.facts = TextBlock(self.tr("Numbers of the view"), muted=True)  # it breaks what is too long for the panel
        self.diagram = Canvas(self.tr("Diagram of the view"))
        self.diagram.setMinimumHeight(240)
        self.error = text_label()
        self.error.setObjectName("bad")
        self.means_title, self.not_title = heading(self.tr("It can show")), heading(self.tr("It does not show"))
        note = text_label(self.tr("For your eye only: no view changes the finding."), muted=True)
        self.box.addWidget(note)
        self.box.addLayout(row)
        for widget in (
            self.progress,
            self.error,
            self.over,
            self.shows,
            self.diagram,
            self.means_title,
            self.means,
            self.not_title,
            self.not_means,
            self.why,
            self.facts,
        ):
            self.box.addWidget(widget)
        self.box.addStretch(1)
        self._complain("")
        self.progress.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """The catalogue is read when the panel is first seen: it brings NumPy with it."""
        super().showEvent(event)
        if not self._specs:
            from desktop.evidence.views import catalogue
            from desktop.evidence.words import view_words

            self._specs = list(catalogue())
            for spec in self._specs:
                self.choice.addItem(view_words(spec.id, languages.short()).title, spec.id)
        self.refresh()

    # What is shown

    def show_item(self, item: Item | None) -> None:
        """The chosen view of the exhibit as far as it is there."""
        if not self._specs:
            return
        from desktop.evidence.words import view_words

        spec = self._specs[max(0, self.choice.currentIndex())]
        working = self._task is not None
        ready = item is not None and self._session.picture(item.key) is not None
        self.compute_button.setText(self.tr("Cancel") if working else self.tr("Compute"))
        self.compute_button.setEnabled(working or ready)
        self.progress.setVisible(working)
        words = view_words(spec.id, languages.short())
        self.shows.setText(words.shows)
        self.means.setText(words.means)
        self.not_means.setText(words.not_means)
        result = self._results.get((item.key, spec.id)) if item is not None else None
        self._show_result(result, words.gate)

    def _show_result(self, result: tuple[View, Picture] | None, gate: str) -> None:
        view, picture = result if result is not None else (None, None)
        covers = box_of(view)
        applicable = view is not None and view.applicable
        self.over.setVisible(applicable and covers is not None)
        self.diagram.setVisible(applicable and covers is None)
        self.why.setText(self._why(view, gate))
        hidden = ("source", "parameters", "covers")
        lines = fact_lines(view.id, view.facts, languages.short(), without=hidden) if view is not None else []
        self.facts.show_text("\n".join(lines))
        self.facts.setVisible(bool(lines))
        if applicable and covers is None and self.diagram.picture is not picture:
            self.diagram.show_picture(picture)
        shown = picture if applicable and covers is not None and self.over.isChecked() and self.isVisible() else None
        self.overlay_changed.emit(shown, covers if shown is not None else None)

    def _why(self, view: View | None, gate: str) -> str:
        """To what kind of picture the view applies, and whether this is one."""
        applies = self.tr("Applies to: {gate}").format(gate=gate)
        if view is None or view.applicable:
            return applies
        return self.tr("Does not apply to this picture: {why}.").format(why=why_not(view.why, languages.short())) + " " + applies

    def _complain(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))

    # Computing

    def _toggle(self) -> None:
        if self._task is not None:
            self._task.stop.set()
            return
        item, row = self._session.item, self.choice.currentIndex()
        picture = self._session.picture(item.key) if item is not None else None
        if item is None or picture is None or row < 0:
            return
        view_id = self._specs[row].id
        self._working_on = (item.key, view_id)
        self._complain("")
        compute = self._compute
        self._task = Task(lambda task: computed(compute, view_id, picture, item, task), self._done, self._failed, owner=self).start()
        self.refresh()

    def _done(self, result: tuple[View, Picture]) -> None:
        key, self._working_on, self._task = self._working_on, None, None
        if key is not None:
            self._results[key] = result
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        self.refresh()

    def _failed(self, failure: Failed) -> None:
        self._working_on, self._task = None, None
        if failure.code != "cancelled":
            self._complain(f"✕ {failures.sentence(failure)} {failures.advice(failure)}")
        self.refresh()


def computed(compute: Compute | None, view_id: str, picture: Picture, item: Item, task: Task) -> tuple[View, Picture]:
    """Compute a view in the pool: the real one in a confined process, or a test's."""
    import numpy as np

    if compute is None:
        from desktop.evidence.views import compute_view

        compute = compute_view
    rgb = np.ascontiguousarray(picture.levels[0][..., 2::-1])
    jpeg = original_bytes(item) if item.container in ("jpeg", "mpo") else None
    view, pixels = compute(view_id, rgb, jpeg, task.stop.is_set)
    return view, make_picture(pixels)


def original_bytes(item: Item) -> bytes | None:
    """The file's bytes, if they are still those that were examined."""
    data = item.source if isinstance(item.source, bytes) else item.source.read_bytes()
    return data if hashlib.sha256(data).hexdigest() == item.sha256 else None


def box_of(view: View | None) -> Box | None:
    """The part of the exhibit that a view's picture shows, or None for a diagram."""
    covers = view.facts.get("covers") if view is not None else None
    if isinstance(covers, list | tuple) and len(covers) == 4:
        x, y, width, height = (int(value) for value in covers)
        return x, y, width, height
    return None
