"""The newsroom-safe profile: every secret that was put into an analysis and a case is looked for in every byte of the bundle."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from desktop import document as d
from desktop.report import report_file, verify_bundle, write_bundle
from desktop.report.words import LANGUAGES
from samples import documents
from tests.report.test_pdf import inside, words_of

SECRETS = [
    "Informantin-Petrova", "/home/ines/quellen", "59.9139", "10.7522", "Grønland 14", "SN-8812345", "2026-11-19T22:41:07", "Okafor", "Vale",
    "messenger, see mail", "TT-2026-014", "laptop-ines", "Original-IPTC-Caption", "urgent-tag", "eigene-kalibrierung", "Camera Owner",
]  # fmt: skip


def secretive() -> d.Analysis:
    """An analysis with a secret in every place that a file, a machine or a person can fill."""
    value, r = documents.analysis(), msgspec.structs.replace
    facts = {
        "gps": {"lat": 59.9139, "lon": 10.7522, "address": ["Grønland 14"]},
        "serial": "SN-8812345", "taken": "2026-11-19T22:41:07", "Camera Owner's camera": "x", "owner": {"Informantin-Petrova": 1},
    }  # fmt: skip
    return r(
        value,
        id="Informantin-Petrova",
        exhibit=r(value.exhibit, name="Informantin-Petrova.jpg", facts=facts),
        marks=(
            d.Mark(
                "iptc", "found", "ai", {"Caption": "Original-IPTC-Caption", "By": ["Informantin-Petrova"]}, "It names Informantin-Petrova."
            ),
            d.Mark("exif", "found", "camera", facts, "SN-8812345"),
        ),
        views=(d.View("ela", True, "/home/ines/quellen", {"path": "/home/ines/quellen", "quality": 90}),),
        run=r(
            value.run,
            started_at="2026-11-19T22:41:07.120Z",
            finished_at="2026-11-19T22:41:07.980Z",
            engine={
                "backend": "cpu",
                "threads": 2,
                "host": "laptop-ines",
                "model": "/home/ines/quellen/x.gguf",
                "cpu": {"name": "laptop-ines"},
            },
            deviations=("The profile 'Original-IPTC-Caption' was ignored.",),
            libraries={"numpy": "2.4.6", "path": "/home/ines/quellen"},
        ),
        finding=r(
            value.finding,
            error_rates={**value.finding.error_rates, "calibration": {"set": "eigene-kalibrierung", "domain": "eigene-kalibrierung"}},
        ),
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("newsroom")
    return write_bundle(
        secretive(), documents.picture(), out, profile="newsroom", original=b"Informantin-Petrova original", language=request.param,
        case=documents.case(), views={"ela": documents.picture()},
    )  # fmt: skip


def test_no_secret_is_anywhere_in_it(bundle: Path, tmp_path: Path) -> None:
    for path in [bundle, *bundle.rglob("*")]:
        found = [path.name.encode()]
        if path.is_file():
            data = path.read_bytes()
            found.append(data)
            if path.suffix == ".pdf":
                found.append(inside(data))
                if shutil.which("pdftotext"):
                    found.append(words_of(data, tmp_path).encode())
        for secret in SECRETS:
            for form in (secret, secret.upper(), json.dumps(secret)[1:-1], secret.replace(" ", "_")):
                for data in found:
                    assert form.encode() not in data and form.encode("utf-16-be") not in data, (path.name, secret)


def test_the_same_secrets_are_in_a_court_bundle(tmp_path: Path) -> None:
    """The search above would be worth nothing if it could not find them."""
    court = write_bundle(secretive(), documents.picture(), tmp_path, original=b"x", case=documents.case())
    everything = b"".join(path.read_bytes() for path in court.rglob("*") if path.is_file()) + inside(
        report_file(court, "report.pdf").read_bytes()
    )
    missing = [secret for secret in SECRETS if secret.encode() not in everything]
    assert missing == ["urgent-tag"]


def test_it_is_whole_and_small(bundle: Path) -> None:
    assert verify_bundle(bundle).ok
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert not {name for name in names if name.startswith(("data/evidence", "data/custody"))} and "data/derived/preview.png" in names
    with Image.open(bundle / "data" / "derived" / "preview.png") as preview:
        assert max(preview.size) <= 512
    analysis = d.decode(report_file(bundle, "analysis.json").read_bytes())
    assert analysis.opinions == documents.analysis().opinions
    assert analysis.exhibit.name == "picture.jpeg" and analysis.exhibit.facts["gps"] == "[withheld]"
    assert analysis.run.engine["backend"] == "cpu" and analysis.run.finished_at == "2026-11-19"


def test_the_graph_still_validates(bundle: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("case_validate")), str(report_file(bundle, "case-uco.jsonld"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Conforms: True" in done.stdout


def test_previews_inside_the_report_are_small(bundle: Path) -> None:
    for data in re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", report_file(bundle).read_text("utf-8")):
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert max(picture.size) <= 512 and np.asarray(picture).size
