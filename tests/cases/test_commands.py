"""``telltale case`` from the command line, with a stand-in for decoding and analysing."""

import argparse
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from desktop import document
from desktop.cases import Case
from desktop.commands.case import Tools, add_parser
from desktop.commands.pending import Analysing, Wish
from desktop.report import report_file, verify_bundle
from models.errors import Cancelled, CaseError, ExpertError, InputError, TelltaleError
from samples import documents
from samples.cases import picture
from tests.report import keys

RGB = documents.picture(96, 64)


class Stand:
    """Counts what was analysed; fails for some names."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.lock = threading.Lock()
        self.opened: list[tuple[int, int | None]] = []
        self.asked: list[tuple[str | None, bool, str]] = []
        self.extras: list[tuple[bool, bool]] = []
        self.expert_missing = False
        self.cancel_after = 10**9

    @contextmanager
    def analysing(self, wish: Wish, pictures: int, jobs: int | None) -> Iterator[Analysing]:
        if self.expert_missing:
            raise ExpertError("expert-unknown", "no such expert")
        self.opened.append((pictures, jobs))

        def analyse(data: bytes, name: str, _show: object, _cancelled: object) -> document.Analysis:
            with self.lock:
                if len(self.asked) >= self.cancel_after:
                    raise Cancelled
                self.asked.append((wish.expert, wish.explain, name))
                self.extras.append((wish.tiles, wish.effects))
            if "broken" in name:
                raise InputError("picture-truncated", "The picture ends too early.")
            value = documents.analysis()
            info = msgspec.structs.replace(
                value.exhibit,
                name=name,
                sha256=hashlib.sha256(data).hexdigest(),
                width=96,
                height=64,
                rgb_sha256=hashlib.sha256(RGB.tobytes()).hexdigest(),
            )
            return msgspec.structs.replace(value, exhibit=info)

        yield Analysing(analyse, self.at_once)


@pytest.fixture(params=[1, 3])
def stand(request: pytest.FixtureRequest) -> Stand:
    return Stand(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "case"


def telltale(stand: Stand, *words: object) -> int:
    def expand(paths: object) -> tuple[list[Path], list[tuple[Path, TelltaleError]]]:
        return [path for path in paths if path.name != "nothing"], [
            (path, InputError("x", "y")) for path in paths if path.name == "nothing"
        ]

    def decode(_data: bytes, _name: str) -> np.ndarray:
        return RGB

    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(), Tools(expand, stand.analysing, decode))
    arguments = parser.parse_args(["case", *(str(word) for word in words)])
    return int(arguments.run(arguments))


def sources(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(picture(number))
    return [folder / name for name in names]


def test_a_case_from_beginning_to_end(stand: Stand, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = sources(tmp_path / "in", "a.jpg", "b\x1b[31m.jpg", "broken.jpg")
    assert telltale(stand, "new", folder, "--title", "Harbour", "--proposition", "AI", "--proposition", "camera", "--who", "Ines") == 0
    assert telltale(stand, "add", folder, *files, "--expert", "starter", "--no-explain", "--who", "Ines") == 3
    assert [asked[:2] for asked in stand.asked] == [("starter", False)] * 3
    assert telltale(stand, "list", folder) == 0
    out = capfd.readouterr().out
    assert "supports-ai" in out and "picture-truncated" in out and "\x1b" not in out
    assert telltale(stand, "list", folder, "--json", "--state", "failed") == 0
    (row,) = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert row["name"] == "broken.jpg" and row["state"] == "failed"
    assert telltale(stand, "show", folder, "1") == 0 and "log-odds +2.125" in capfd.readouterr().out
    assert telltale(stand, "show", folder, row["sha256"][:8]) == 0
    capfd.readouterr()
    assert telltale(stand, "show", folder, "1", "--json") == 0
    assert document.decode(capfd.readouterr().out.strip().encode()).exhibit.name == "a.jpg"
    assert telltale(stand, "show", folder) == 0 and json.loads(capfd.readouterr().out)["title"] == "Harbour"
    assert telltale(stand, "check", folder) == 0 and "the case holds" in capfd.readouterr().out
    with pytest.raises(CaseError, match="no-such-exhibit"):
        telltale(stand, "show", folder, "99")


def test_resume_does_the_rest_once(stand: Stand, folder: Path, tmp_path: Path) -> None:
    files = sources(tmp_path / "in", *(f"{n}.jpg" for n in range(6)))
    telltale(stand, "new", folder)
    stand.cancel_after = 2
    assert telltale(stand, "add", folder, *files) == 130
    stand.cancel_after = 10**9
    assert telltale(stand, "add", folder, *files) == 0
    assert telltale(stand, "resume", folder) == 0
    assert len(stand.asked) == 6 and len({name for _, _, name in stand.asked}) == 6
    broken = sources(tmp_path / "in2", "x", "x", "x", "x", "x", "x", "broken")[-1]
    assert telltale(stand, "add", folder, broken) == 3
    assert telltale(stand, "resume", folder) == 0
    assert telltale(stand, "resume", folder, "--retry-failed", "--jobs", 5) == 3
    assert stand.opened == [(6, None), (4, None), (1, None), (1, 5)]


def test_resume_does_it_as_it_was_asked_for(stand: Stand, folder: Path, tmp_path: Path) -> None:
    telltale(stand, "new", folder)
    (tiled, plain) = sources(tmp_path / "in", "a.jpg", "b.jpg")
    with Case.open(folder) as case:
        for path, settings in ((tiled, {"tiles": "yes", "effects": "yes", "explain": "no"}), (plain, {})):
            case.request(case.add(path, settings=settings, queue=False).id, settings)
    assert telltale(stand, "resume", folder) == 0
    assert [(name, explain) for _, explain, name in stand.asked] == [("a.jpg", False), ("b.jpg", True)]
    assert stand.extras == [(True, True), (False, False)]


def test_an_expert_that_is_missing_loses_nothing(stand: Stand, folder: Path, tmp_path: Path) -> None:
    telltale(stand, "new", folder)
    stand.expert_missing = True
    with pytest.raises(ExpertError):
        telltale(stand, "add", folder, *sources(tmp_path / "in", "a.jpg"))
    stand.expert_missing = False
    assert telltale(stand, "resume", folder) == 0 and len(stand.asked) == 1


def test_inputs_that_fail_do_not_stop_the_others(stand: Stand, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (good,) = sources(tmp_path / "in", "a.jpg")
    empty = tmp_path / "in" / "empty.jpg"
    empty.write_bytes(b"")
    telltale(stand, "new", folder)
    assert telltale(stand, "add", folder, tmp_path / "nothing", os.devnull, empty, tmp_path / "gone.jpg", good) == 3
    error = capfd.readouterr().err
    assert "exhibit-empty" in error and "source-not-a-file" in error and "source-unreadable" in error and len(stand.asked) == 1
    assert telltale(stand, "add", folder, good, "--no-analysis") == 0


def test_export_writes_bundles_that_hold_and_logs_it(stand: Stand, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    telltale(stand, "new", folder, "--number", "TT-7", "--who", "Ines")
    telltale(stand, "add", folder, *sources(tmp_path / "in", "a.jpg", "other secret.jpg", "broken.jpg"), "--who", "Ines")
    with Case.open(folder, who="Ines") as case:
        (entry,) = case.analyses(1)
        case.dispose(entry.id, "o1c1", "confirmed", "seen")
        case.conclude(1, "inconclusive", "Ask for the original.", entry.id)
        case.tag(1, "harbour")
        case.note(1, "By mail")
    signer, _ = keys.laboratory()
    (tmp_path / "key.pem").write_bytes(keys.key_pem(signer.key, b"pass word"))
    (tmp_path / "cert.pem").write_bytes(keys.pem(signer.certificate))
    (tmp_path / "pass").write_text("pass word\n")
    capfd.readouterr()
    sign = ["--sign-key", tmp_path / "key.pem", "--sign-certificate", tmp_path / "cert.pem", "--sign-passphrase-file", tmp_path / "pass"]
    assert telltale(stand, "export", folder, "1", "--out", tmp_path / "out", "--original", *sign) == 0
    bundle = Path(capfd.readouterr().out.strip())
    result = verify_bundle(bundle)
    assert result.ok and result.signature == "good" and "custody log:" in "".join(result.lines)
    html = report_file(bundle).read_text("utf-8")
    assert all(part in html for part in ("TT-7", "Ask for the original.", "Examiner: confirmed", "harbour", "By mail", "case-created"))
    assert "other secret" not in (bundle / "data" / "custody" / "log.jsonl").read_text("utf-8") + html
    assert (bundle / "data" / "evidence" / "original.bin").read_bytes() == picture(0)
    assert telltale(stand, "export", folder, "--out", tmp_path / "all", "--profile", "newsroom", "--language", "zh") == 3
    assert len(list((tmp_path / "all").iterdir())) == 2
    with Case.open(folder, read_only=True) as case:
        assert sum('"exported"' in line for line in case.custody_lines()) == 3 and case.check().ok


def test_backup(stand: Stand, folder: Path, tmp_path: Path) -> None:
    telltale(stand, "new", folder)
    telltale(stand, "add", folder, *sources(tmp_path / "in", "a.jpg"))
    with Case.open(folder):
        assert telltale(stand, "backup", folder, tmp_path / "copy") == 0
    assert telltale(stand, "check", tmp_path / "copy") == 0


def test_check_fails_with_5(stand: Stand, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    telltale(stand, "new", folder)
    telltale(stand, "add", folder, *sources(tmp_path / "in", "a.jpg"))
    (exhibit,) = [path for path in (folder / "exhibits").rglob("*") if path.is_file()]
    exhibit.chmod(0o600)
    exhibit.write_bytes(b"something else")
    assert telltale(stand, "check", folder) == 5 and "FAILED exhibit-changed" in capfd.readouterr().out
