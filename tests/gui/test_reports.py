"""The report dialog: its pages follow the choices, a key is tried before anything is written, what is written is what was chosen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.gui.pages import Page
from desktop.gui.report_dialog import ReportDialog
from desktop.gui.window import MainWindow
from tests.gui.conftest import add
from tests.report import keys


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ReportDialog:
    (key,) = add(qtbot, window, "harbour.jpg")
    item, picture = window.session.items[key], window.session.picture(key)
    qtbot.waitUntil(lambda: item.exhibit is not None)
    assert item.analysis is not None and picture is not None
    window.session.write_note(key, "seen at the desk")
    made = ReportDialog(window, item, item.analysis, picture)
    qtbot.addWidget(made)
    made.show()
    return made


def laid_out(dialog: ReportDialog, qtbot: QtBot, done: Callable[[], bool] = lambda: True) -> list[Page]:
    """The pages, once they belong to the choices."""
    qtbot.waitUntil(lambda: dialog.laid_out and done())
    return [page for page in dialog.pages.widget().findChildren(Page) if page.isVisible()]


def pixels(page: Page) -> bytes:
    """What a page looks like."""
    return bytes(page.grab().toImage().constBits())


def test_the_pages_follow_the_choices(dialog: ReportDialog, qtbot: QtBot) -> None:
    court = laid_out(dialog, qtbot)
    qtbot.waitUntil(lambda: court[0].height() > court[0].width())
    before = pixels(court[0])
    assert len(court) >= 2 and court[0].accessibleName().startswith("Page 1 of")
    dialog.profile.setCurrentIndex(dialog.profile.findData("newsroom"))
    assert not dialog.original.isEnabled() and "are left out" in dialog.profile_note.text()
    news = laid_out(dialog, qtbot)
    assert news and pixels(news[0]) != before


def test_what_is_written_is_what_was_chosen(dialog: ReportDialog, window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.language.setCurrentIndex(dialog.language.findData("zh"))
    dialog.original.setChecked(True)
    dialog.views["noise"].setChecked(True)
    laid_out(dialog, qtbot)
    dialog.write(tmp_path / "out")
    qtbot.waitUntil(lambda: "The report of" in window.statusBar().currentMessage())
    (bundle,) = (tmp_path / "out").iterdir()
    text = (bundle / "data" / "report" / "report.html").read_text("utf-8")
    assert 'lang="zh' in text and "seen at the desk" in text and "噪声" in text
    assert (bundle / "data" / "evidence" / "original.bin").read_bytes() == b"harbour.jpg"


def test_a_key_that_does_not_open_is_told_before_anything_is_written(dialog: ReportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    laid_out(dialog, qtbot)
    dialog.sign.setChecked(True)
    assert not dialog.write_button.isEnabled() and dialog.signing.isVisible()
    (tmp_path / "key.p12").write_bytes(b"no key")
    dialog.key.setText(str(tmp_path / "key.p12"))
    qtbot.waitUntil(lambda: "cannot be opened" in dialog.status.text())


def test_a_signed_report_verifies(dialog: ReportDialog, window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from desktop.report import verify_bundle

    signer, _ = keys.laboratory()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_bytes(keys.key_pem(signer.key, b"pass word"))
    certificate.write_bytes(keys.pem(signer.certificate))
    dialog.sign.setChecked(True)
    dialog.key.setText(str(key))
    dialog.certificate.setText(str(certificate))
    dialog.passphrase.setText("pass word")
    laid_out(dialog, qtbot, lambda: dialog.status.text().startswith("Pages"))
    dialog.write(tmp_path / "out")
    qtbot.waitUntil(lambda: "The report of" in window.statusBar().currentMessage())
    (bundle,) = (tmp_path / "out").iterdir()
    result = verify_bundle(bundle)
    assert result.ok and result.signature == "good"
