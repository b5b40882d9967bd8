"""More experts: pulled by a program of their own from a hub on this machine, taken in from a folder without a card and from an archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.gui.card_dialog import CardDialog
from desktop.gui.experts_dialog import ExpertsDialog
from desktop.gui.licence_dialog import LicenceDialog
from desktop.gui.pull_dialog import PullDialog
from desktop.gui.window import MainWindow
from models.archive import export_expert
from models.cards import load_card
from models.importing import CardRequest
from models.store import Store
from tests.models import ggufs
from tests.models.hub import Hub
from tests.models.making import make_expert
from tests.references import tiny_checkpoint

REQUEST = CardRequest(
    Path("l.gguf"), Path("mmproj.gguf"), "My model", "llama", "mlp", "llava", 336, {"hashes": "applies", "reference": "does not apply"}
)  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    pytest.importorskip("huggingface_hub")
    checkpoint = tiny_checkpoint(tmp_path / "checkpoint", shards=2)
    server = Hub("lingcco/fakeVLM", {path.name: path.read_bytes() for path in checkpoint.iterdir()})
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
    yield server
    server.stop()


def opened(window: MainWindow, qtbot: QtBot) -> PullDialog:
    """The dialog with FakeVLM chosen."""
    dialog = PullDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.list.count() > 0)
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    dialog.list.setCurrentRow(next(row for row, text in enumerate(rows) if text.startswith("FakeVLM")))
    return dialog


def terms(dialog: PullDialog, qtbot: QtBot) -> LicenceDialog:
    """Press the button and wait for the licence."""
    dialog.download_button.click()
    qtbot.waitUntil(lambda: any(shown.isVisible() for shown in dialog.findChildren(LicenceDialog)))
    return next(shown for shown in dialog.findChildren(LicenceDialog) if shown.isVisible())


def test_a_model_is_pulled_after_its_terms_were_accepted(hub: Hub, window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window, qtbot)
    assert "to download" in dialog.facts.toPlainText() and "nothing of your pictures is sent" in dialog.note.text()
    told: list[str] = []
    licence = terms(dialog, qtbot)
    assert "Llama 2" in licence.findChildren(QPlainTextEdit)[0].toPlainText()
    sent = sum(hub.sent.values())
    assert sent < sum(len(data) for name, data in hub.files.items() if name.endswith(".safetensors")), "no weights before the answer"
    assert dialog.pull is not None
    dialog.pull.told.connect(lambda doing, _what, _fraction: told.append(doing))
    licence.accept_button.click()
    with qtbot.waitSignal(dialog.stored, timeout=240000):
        pass
    assert {"downloading", "converting"} <= set(told)
    assert load_card(Store().resolve("fakevlm")).licence.id == "cc-by-nc-4.0"
    qtbot.waitUntil(lambda: all(not dialog.list.item(row).text().startswith("FakeVLM") for row in range(dialog.list.count())))
    assert "✓" in dialog.status.text() and dialog.pull is None


def test_terms_that_are_declined_fetch_nothing(hub: Hub, window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window, qtbot)
    terms(dialog, qtbot).decline_button.click()
    qtbot.waitUntil(lambda: dialog.pull is None)
    assert "nothing was fetched" in dialog.status.text()
    assert not any(name.endswith(".safetensors") for name in hub.sent)


def test_a_cancelled_download_goes_on_where_it_ended(hub: Hub, window: MainWindow, qtbot: QtBot) -> None:
    largest = max(hub.files, key=lambda name: len(hub.files[name]))
    size = len(hub.files[largest])
    hub.cuts[largest] = [size * part // 40 for part in range(1, 40)]  # each cut costs the client a moment, so that there is time to cancel
    dialog = opened(window, qtbot)
    terms(dialog, qtbot).accept_button.click()
    qtbot.waitUntil(lambda: hub.sent[largest] > size // 10)
    dialog.cancel_button.click()
    qtbot.waitUntil(lambda: dialog.pull is None)
    assert "goes on from there" in dialog.status.text() and hub.sent[largest] < size
    assert dialog.download_button.text().startswith("Go on")
    hub.cuts.clear()
    terms(dialog, qtbot).accept_button.click()
    with qtbot.waitSignal(dialog.stored, timeout=240000):
        pass
    assert hub.sent[largest] < size * 1.06, "nothing but what was on the line when it was cancelled came twice"


def test_a_hub_that_is_not_there_is_said_to_be_so(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    dialog = opened(window, qtbot)
    dialog.download_button.click()
    qtbot.waitUntil(lambda: dialog.pull is None)
    assert dialog.status.text().startswith("✕") and "online" in dialog.status.text()


def test_closing_the_dialog_ends_the_program(hub: Hub, window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window, qtbot)
    terms(dialog, qtbot)
    pull = dialog.pull
    assert pull is not None and pull.running
    dialog.close()
    assert dialog.pull is None and not pull.running


def test_without_the_online_part_the_way_over_a_stick_is_told(window: MainWindow, qtbot: QtBot) -> None:
    dialog = PullDialog(window, online=False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: dialog.list.count() > 0)
    assert "telltale models export" in dialog.note.text() and "stick" in dialog.note.text()
    assert not dialog.download_button.isEnabled()


def test_a_pair_without_a_card_is_asked_for_what_it_does_not_say(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "pair"
    folder.mkdir()
    ggufs.language(folder / "l.gguf")
    ggufs.projector(folder / "p.gguf")
    dialog = ExpertsDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.import_button.isEnabled)
    dialog.take(folder)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(CardDialog)))
    form = dialog.findChildren(CardDialog)[0]
    ok = form.buttons.button(form.buttons.StandardButton.Ok)
    assert not ok.isEnabled() and "Still to be stated" in form.missing.text()
    said = {"id": "Not Good", "name": "Mine", "question": "is?", "fake_word": "fake", "real_word": "real", "licence": "CC0-1.0"}
    for name, text in said.items():
        form.fields[name].setText(text)  # type: ignore[union-attr]
    assert not ok.isEnabled() and "small letters" in form.missing.text()
    form.fields["id"].setText("mine")  # type: ignore[union-attr]
    assert ok.isEnabled() and form.said("question_form") == "{question}"
    form.fields["question_form"].setText("no place for it")  # type: ignore[union-attr]
    assert not ok.isEnabled() and "exactly once" in form.missing.text()
    form.fields["question_form"].setText(r"\n{question} a ")  # type: ignore[union-attr]
    form.fields["before_picture"].setText("is ")  # type: ignore[union-attr]
    ok.click()
    qtbot.waitUntil(lambda: any("Mine" in dialog.list.item(row).text() for row in range(dialog.list.count())))
    card = load_card(Store().resolve("mine"))
    assert (card.prompt.fake_word, card.licence.id, card.kind) == ("fake", "CC0-1.0", "detector")
    assert (card.prompt.before_picture, card.prompt.question_form) == ("is ", "\n{question} a ")


def test_giving_up_on_the_form_takes_nothing_in(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ggufs.language(tmp_path / "l.gguf")
    ggufs.projector(tmp_path / "p.gguf")
    before = len(Store().experts())
    dialog = ExpertsDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.import_button.isEnabled)
    dialog.take(tmp_path)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(CardDialog)))
    dialog.findChildren(CardDialog)[0].reject()
    qtbot.waitUntil(dialog.import_button.isEnabled)
    assert "Nothing was taken in" in dialog.status.text() and "✕" not in dialog.status.text() and len(Store().experts()) == before


def test_an_archive_is_taken_in_after_its_terms(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    make_expert(tmp_path / "expert", "carried")
    export_expert(tmp_path / "expert", tmp_path / "carried.tar")
    dialog = ExpertsDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.archive_button.isEnabled)
    dialog.take_archive(tmp_path / "carried.tar")
    qtbot.waitUntil(lambda: bool(dialog.findChildren(LicenceDialog)))
    dialog.findChildren(LicenceDialog)[0].accept_button.click()
    qtbot.waitUntil(lambda: dialog.archive_button.isEnabled() and bool(Store().experts()))
    assert load_card(Store().resolve("carried")).id == "carried"
