"""The options of a report: the same for analyze and for cases, read once, refused with words."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from desktop import document, reports
from desktop.commands import wishes
from desktop.report import report_file, verify_bundle
from desktop.view_facts import fact_rows
from models.errors import UsageError
from samples.documents import analysis, picture
from tests.report import keys


def wish(*arguments: object) -> reports.Wish:
    parser = argparse.ArgumentParser()
    wishes.add_options(parser)
    return wishes.wish_of(parser.parse_args([str(argument) for argument in arguments]))


def test_nothing_said_is_an_english_court_report_without_views() -> None:
    assert wish() == reports.Wish("court", "en", (), False, None)


def test_views_are_named_once_or_all_or_refused() -> None:
    assert wish("--views", "noise, ela,noise").views == ("noise", "ela")
    assert len(wish("--views", "all").views) >= 8
    with pytest.raises(UsageError, match="there are: "):
        wish("--views", "tea-leaves")


def test_a_key_is_read_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="key-unreadable"):
        wish("--sign-key", tmp_path / "none.p12")
    signer, _ = keys.laboratory()
    (tmp_path / "key.pem").write_bytes(keys.key_pem(signer.key, b"pass word"))
    (tmp_path / "cert.pem").write_bytes(keys.pem(signer.certificate))
    with pytest.raises(UsageError, match="passphrase-unreadable"):
        wish("--sign-key", tmp_path / "key.pem", "--sign-passphrase-file", tmp_path / "none")


def test_chosen_views_are_printed_and_stand_in_the_analysis(tmp_path: Path) -> None:
    material = reports.Material(analysis(views=()), picture())
    chosen = reports.Wish(language="zh", views=("noise",))
    written = reports.write(material, tmp_path / "one", chosen)
    again = reports.write(material, tmp_path / "two", chosen)
    assert verify_bundle(written.bundle).ok and written.digest == again.digest, "the same wish gives the same bytes"
    found = document.decode((written.bundle / "data" / "report" / "analysis.json").read_bytes())
    assert [view.id for view in found.views] == ["noise"] and "timing" not in found.views[0].facts
    page = report_file(written.bundle).read_text("utf-8")
    assert page.count("data:image/png") >= 2
    named = [name for name, _ in fact_rows("noise", found.views[0].facts, "zh")]
    assert len(named) > 8 and all(name in page for name in named) and "flat_blocks" not in page, "facts by their names"
    assert not material.analysis.views, "the analysis that was recorded is left as it is"


def test_the_pages_are_pictures_of_paper() -> None:
    first, *_ = reports.pages(reports.Material(analysis(), picture()), reports.Wish(), ppi=40)
    assert first.startswith(b"\x89PNG")
    width, height = np.frombuffer(first[16:24], ">u4")
    assert 0.68 < width / height < 0.73, "A4"
