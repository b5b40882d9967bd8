"""The frame of the main window: three panels around one session, menus, status bar, drops. The commands are in ``desktop.gui.window``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QSplitter, QTabWidget, QToolBar, QVBoxLayout, QWidget

from desktop.gui.canvas_panel import CanvasPanel
from desktop.gui.commands import declared, make_actions, menu_titles
from desktop.gui.exhibits_panel import ExhibitsPanel
from desktop.gui.labels import named, put
from desktop.gui.session import Session
from desktop.gui.state import State

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QResizeEvent

    from desktop.gui.banner import Banner
    from desktop.gui.canvas import Canvas
    from desktop.gui.case_commands import CaseCommands
    from desktop.gui.findings_panel import FindingsPanel
    from desktop.gui.item import Item

_MESSAGE_MS = 8000
_QUICK = 20
"""So many writes are done before anybody notices."""


class WindowFrame(QMainWindow):
    """One window over one session, which it owns."""

    started = Signal()
    """Everything is built and the session's threads run."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        # Qt ends the session with the window, in this thread; Python's collector might do it in any.
        session.setParent(self)
        self.setObjectName("telltale")
        self.setWindowTitle("Telltale")
        self.setAcceptDrops(True)
        self._pasted = 0
        self.actions_by_name: dict[str, QAction] = {}
        self._closed = False
        self._seen = False
        self._steps: list[Callable[[], None]] = []
        """What the first frame did without and is still to be built."""
        self._bar: QToolBar | None = None
        self.findings: FindingsPanel
        self.cases: CaseCommands | None = None
        self.ended = True
        """Whether every thread ended in time when the window was closed."""
        self.sure = False
        """Whether closing may throw away what the examiner said."""
        self.build()
        session.message.connect(self.say)
        session.added.connect(self._first_added)
        session.selected.connect(self._show_state)
        session.changed.connect(lambda key: self._show_state() if key == session.current else None)
        session.queue_changed.connect(self._show_state)
        session.expert_changed.connect(self._show_expert)
        session.case_changed.connect(self._show_case)
        session.case_changed.connect(self._restore_tab)
        self.resize(1360, 820)
        if self.canvas_panel.first_button is not None:
            self.canvas_panel.first_button.setFocus()

    # --- building

    def build(self) -> None:
        """Build everything that is seen; again after a change of language."""
        self.exhibits = ExhibitsPanel(self.session)
        self.canvas_panel = CanvasPanel(self.session)
        self.canvas: Canvas
        self.tabs = named(QTabWidget(), self.tr("What is known of the exhibit"))
        self.tabs.setDocumentMode(True)
        # With large text in a small window all six stay in sight, shortened, instead of some behind arrows.
        self.tabs.setUsesScrollButtons(False)
        put(self.tabs, elideMode="ElideRight")
        self.tabs.setMinimumWidth(320)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for part in (self.exhibits, self.canvas_panel, self.tabs):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self._divided = False
        self.splitter.splitterMoved.connect(self._remember_divided)
        self.banner: Banner
        body = QWidget()
        layout = self._body = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        self.setCentralWidget(body)
        self._make_actions()
        self._make_status()
        self._connect_panels()
        self._show_state()
        self._show_expert()
        if self._seen:
            self._build_canvas()
            self._build_findings()
            self._build_more_tabs()
        else:
            self.tabs.addTab(QWidget(), self.tr("Findings"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """After the first frame comes, in short steps, what it did not need."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            self._steps = [self._build_canvas, self._build_findings, self._build_more_tabs, self._start, self.started.emit]
            QTimer.singleShot(0, self._next)

    def _next(self) -> None:
        if self._steps and not self._closed:
            self._steps.pop(0)()
            QTimer.singleShot(0, self._next)

    def finish(self) -> None:
        """Build the rest at once: somebody was quick, and what is asked for may need it."""
        while self._steps and not self._closed:
            self._steps.pop(0)()

    def _start(self) -> None:
        self.session.start()
        if self.session.watcher is not None:
            self.session.watcher.changed.connect(self._show_watched)

    def _build_canvas(self) -> None:
        self.exhibits.complete()
        self.canvas = self.canvas_panel.complete()
        self.canvas.claim_hovered.connect(self._hover_from_canvas)
        self.canvas.claim_clicked.connect(self._claim_clicked)
        from desktop.gui.banner import Banner

        self.banner = Banner()
        self._body.insertWidget(0, self.banner)

    def _build_findings(self) -> None:
        from desktop.gui.findings_panel import FindingsPanel

        self.findings = FindingsPanel(self.session)
        self.findings.claim_hovered.connect(self.canvas.light)
        self.findings.claim_chosen.connect(self.canvas.light)
        self.tabs.insertTab(0, self.findings, self.tr("Findings"))
        self.tabs.setCurrentIndex(0)
        self.tabs.removeTab(1)

    def _build_more_tabs(self) -> None:
        """The tabs that nobody sees in the first moment."""
        from desktop.gui.case_commands import CaseCommands
        from desktop.gui.custody_panel import CustodyPanel
        from desktop.gui.marks_panel import MarksPanel
        from desktop.gui.questions_panel import QuestionsPanel
        from desktop.gui.record_panel import RecordPanel
        from desktop.gui.views_panel import ViewsPanel

        self.marks, self.views = MarksPanel(self.session), ViewsPanel(self.session)
        self.questions, self.record = QuestionsPanel(self.session), RecordPanel(self.session)
        self.custody = CustodyPanel(self.session)
        for panel, title in (
            (self.marks, self.tr("Marks")),
            (self.views, self.tr("Views")),
            (self.questions, self.tr("Questions")),
            (self.record, self.tr("Record")),
            (self.custody, self.tr("Custody")),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(panel, title), title)
        self.views.overlay_changed.connect(self.canvas.show_overlay)
        self.tabs.currentChanged.connect(self._tab_chosen)
        if self.cases is None:
            self.cases = CaseCommands(self)
        self.cases.show_trouble()

    def _make_actions(self) -> None:
        if self._bar is not None:
            self.removeToolBar(self._bar)
            self._bar.deleteLater()
        self.menuBar().clear()
        for action in self.actions_by_name.values():
            action.deleteLater()  # of the last language: its keys must not answer twice
        commands = declared()
        self.actions_by_name = make_actions(self, commands)
        menus: dict[str, QMenu] = {name: self.menuBar().addMenu(title) for name, title in menu_titles().items()}
        self._bar = bar = named(QToolBar(self.tr("Tools")), self.tr("Tools"))
        bar.setMovable(False)
        put(bar, toolButtonStyle="ToolButtonTextOnly", contextMenuPolicy="PreventContextMenu")
        last = ""
        for command in commands:
            action = self.actions_by_name[command.slot]
            if command.separator:
                menus[command.menu].addSeparator()
            menus[command.menu].addAction(action)
            if command.on_bar:
                if last and command.menu != last:
                    bar.addSeparator()
                bar.addAction(action)
                put(bar.widgetForAction(action), focusPolicy="TabFocus")
                last = command.menu
        for name in ("toggle_frame", "toggle_regions"):
            self.actions_by_name[name].setChecked(True)
        self.actions_by_name["toggle_tiles"].setChecked(self.session.settings.tiles)
        self.addToolBar(bar)

    def _make_status(self) -> None:
        bar = self.statusBar()
        if not hasattr(self, "expert_text"):
            self.case_text, self.network_text, self.expert_text = QLabel(), QLabel(), QLabel()
            for label in (self.case_text, self.network_text, self.expert_text):
                label.setContentsMargins(8, 2, 8, 2)
                put(label, textFormat="PlainText")
                bar.addPermanentWidget(label)
        self._show_case()
        self.network_text.setText(self.tr("Offline"))
        self.network_text.setToolTip(self.tr("Telltale never uses the network; the processes that read and examine pictures cannot."))

    def _connect_panels(self) -> None:
        middle = self.canvas_panel
        for signal, name in (
            (middle.open_files, "open_files"),
            (middle.open_folder, "open_folder"),
            (middle.paste, "paste"),
            (middle.get_experts, "get_experts"),
        ):
            signal.connect(self.actions_by_name[name].trigger)

    def _hover_from_canvas(self, claim: str) -> None:
        lit = claim or self.findings.explanation.kept
        self.canvas.light(lit)
        self.findings.explanation.light(lit)

    def _claim_clicked(self, claim: str) -> None:
        if claim:
            self.tabs.setCurrentWidget(self.findings)
        self.findings.explanation.choose(claim)
        self.canvas.light(claim)

    # --- what is shown of the session

    def say(self, text: str) -> None:
        """A passing message in the status bar."""
        self.statusBar().showMessage(text, _MESSAGE_MS)

    def _show_case(self) -> None:
        """Which case everything goes into."""
        case = self.session.case
        if case is None:
            self.case_text.setText(self.tr("Case: opening…"))
            return
        from desktop.gui import wording

        if self.session.docket.unnamed:
            self.case_text.setText(self.tr("Case without a name, stored"))
        elif case.read_only:
            self.case_text.setText(self.tr("Case: {title} (read-only)").format(title=wording.short(case.title)))
        else:
            self.case_text.setText(self.tr("Case: {title}, stored").format(title=wording.short(case.title)))
        self.case_text.setToolTip(str(case.folder))
        self._show_state()

    def _show_watched(self) -> None:
        watcher = self.session.watcher
        self.actions_by_name["watch_folder"].setChecked(watcher is not None and watcher.folder is not None)

    def _tab_chosen(self, row: int) -> None:
        self.views.refresh()
        self.session.docket.arrange(tab=row)

    def _restore_tab(self) -> None:
        """Back to the panel where one was."""
        if 0 <= self.session.docket.desk.tab < self.tabs.count():
            self.tabs.setCurrentIndex(self.session.docket.desk.tab)

    def _first_added(self, keys: list[int]) -> None:
        """With the first exhibit the list takes the keyboard from the buttons that disappear."""
        if len(keys) == len(self.session.items):
            self.exhibits.list.setFocus()

    def _show_state(self) -> None:
        item = self.session.item
        self._show_title(item)
        done = item is not None and item.state is State.DONE
        active = {
            "export_report": done,
            "copy_explanation": item is not None and bool(item.text),
            "retry": item is not None and item.state not in (State.WAITING, State.RUNNING),
            "cancel": item is not None and item.state in (State.WAITING, State.RUNNING),
            "set_aside": item is not None and not self.session.read_only,
            "tag": item is not None and item.exhibit is not None and not self.session.read_only,
            "write_note": item is not None and item.exhibit is not None and not self.session.read_only,
            "ask_question": item is not None and not self.session.read_only,
            "compare": len(self.session.items) > 1,
            "next_claim": item is not None and bool(item.claims),
            "previous_claim": item is not None and bool(item.claims),
        }
        for name, enabled in active.items():
            self.actions_by_name[name].setEnabled(enabled)
        self.actions_by_name["toggle_pause"].setChecked(self.session.paused)

    def _show_title(self, item: Item | None) -> None:
        case = self.session.case
        parts = [item.name] if item is not None else []
        if case is not None and not self.session.docket.unnamed:
            parts.append(case.title)
        self.setWindowTitle(" – ".join([*parts, "Telltale"]))

    def _show_expert(self) -> None:
        facts = self.session.expert
        if facts is None:
            self.expert_text.setText(self.tr("Expert: loading…"))
            return
        from desktop.gui import failures, wording
        from desktop.gui.seam import ExpertFacts

        if isinstance(facts, ExpertFacts):
            kind = f" · {facts.type}" if facts.type else ""
            self.expert_text.setText(self.tr("Expert: {name}").format(name=facts.name) + kind)
            self.expert_text.setToolTip("\n".join(wording.purpose(facts.good_for, facts.not_for)))
        else:
            self.expert_text.setText(self.tr("✕ No expert: {why}").format(why=failures.sentence(facts)))
            self.expert_text.setToolTip(failures.sentence(facts))

    # --- drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what may be a picture; what must be refused is refused with words on dropping."""
        from desktop.gui import dropping

        dropping.enter(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take files, folders or picture bytes."""
        from desktop.gui import dropping

        dropping.accept(event)
        self.take(event.mimeData(), self.tr("Dropped picture {number}"))

    def take(self, mime: QMimeData, label: str) -> None:
        """Add what was dropped or pasted, or say why not; ``label`` names a picture that has no file, by ``{number}``."""
        from desktop.gui import dropping

        self.finish()
        taken = dropping.read(mime, label.format(number=self._pasted + 1))
        if taken.refusal:
            self.say(taken.refusal)
        elif taken.paths:
            self.session.add_paths(taken.paths)
        elif taken.data:
            self._pasted += 1
            self.session.add_data(taken.data, taken.name)

    # --- life

    def _remember_divided(self) -> None:
        self._divided = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Until a person moves the dividers, the sides are as wide as their text needs and the canvas has at least half of the window."""
        super().resizeEvent(event)
        if not self._divided:
            unit, width = self.fontMetrics().height() / 17, self.width()
            left, right = (round(min(share * width, wish * unit)) for share, wish in ((0.21, 280), (0.31, 460)))
            self.splitter.setSizes([left, width - left - right, right])

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the threads and their processes; the window is gone at once, waiting happens unseen.

        What waits to be stored and cannot be, or would take long, is not thrown away without asking.
        """
        waiting, trouble = self.session.unsaved(), self.session.docket.trouble
        if not self._closed and not self.sure and waiting and (trouble is not None or waiting > _QUICK):
            from desktop.gui import closing

            event.ignore()
            closing.ask(self, waiting)
            return
        self.hide()
        if not self._closed:
            from desktop.gui import tasks

            self._closed = True
            tasks.wait()
            self.ended = self.session.shut()
            for timer in self.findChildren(QTimer):
                timer.stop()
        event.accept()
