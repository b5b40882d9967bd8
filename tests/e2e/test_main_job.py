"""The main job as its user does it: the real command, the bundled expert, real pictures, and what may go wrong on the way."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from desktop import document
from desktop.analysis import Analyst, Event, ExhibitReady, Options, Scored, TextPiece
from models import store
from models.errors import Cancelled, WorkerError
from tests.conftest import PICTURES

DEMO = PICTURES / "generated-progan-1.png"
VARYING = {"started_at", "finished_at", "timing"}


def telltale(*arguments: object, timeout: float = 400, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "desktop", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **options)


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in VARYING}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def same(analysis: document.Analysis) -> Any:
    return without_times(json.loads(document.encode(analysis)))


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    with Analyst(store.default_expert()) as made:
        yield made


@pytest.fixture(scope="module")
def pictures() -> list[Path]:
    return sorted(path for path in PICTURES.iterdir() if path.suffix in {".jpg", ".png"} and not path.stem.endswith("mask"))


def test_the_command_prints_a_finding_and_writes_a_report(tmp_path: Path) -> None:
    done = telltale("analyze", DEMO, "--report", tmp_path / "reports")
    assert done.returncode == 0, done.stderr
    assert "Finding" in done.stdout and "The model's stated reasons" in done.stdout
    (report,) = (tmp_path / "reports").rglob("report.html")
    (analysis,) = (tmp_path / "reports").rglob("analysis.json")
    assert str(report) in done.stdout
    read = document.decode(analysis.read_bytes())
    assert read.finding.sentence in done.stdout  # type: ignore[union-attr]
    assert done.stderr == ""


def test_json_is_one_valid_document_per_input_in_order_and_two_runs_agree(tmp_path: Path, pictures: list[Path]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    arguments = ("analyze", pictures[0], broken, pictures[1], pictures[0], "--json")
    first, second = telltale(*arguments), telltale(*arguments)
    assert first.returncode == 3
    documents = [json.loads(line) for line in first.stdout.splitlines()]
    names = [item.get("name") or item["exhibit"]["name"] for item in documents]
    assert names == [path.name for path in (pictures[0], broken, pictures[1], pictures[0])]
    assert documents[1]["schema"] == "telltale.error/1"
    assert str(broken) in first.stderr and documents[1]["code"] in first.stderr
    for item in (documents[0], documents[2]):
        jsonschema.validate(item, document.json_schema())
    assert without_times(documents[0]) == without_times(documents[3])
    assert [without_times(json.loads(line)) for line in second.stdout.splitlines()] == [without_times(item) for item in documents]


def test_a_then_b_then_a_gives_a_twice_bit_for_bit(analyst: Analyst, pictures: list[Path]) -> None:
    first = analyst.analyse(pictures[0])
    other = analyst.analyse(pictures[1])
    again = analyst.analyse(pictures[0])
    assert same(first) == same(again)
    assert same(first) != same(other)


def test_a_after_a_cancelled_b_is_the_same_a(analyst: Analyst, pictures: list[Path]) -> None:
    first = analyst.analyse(pictures[0])
    stop = threading.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, TextPiece):
            stop.set()

    cut = analyst.analyse(pictures[1], on_event=on_event, cancelled=stop.is_set)
    assert cut.opinions[0].text_state == "cancelled"
    assert isinstance(cut.finding, document.Finding)  # the verdict was there; a cancelled explanation does not lose it
    stop.set()
    with pytest.raises(Cancelled):
        analyst.analyse(pictures[1], cancelled=stop.is_set)
    assert same(analyst.analyse(pictures[0])) == same(first)


def test_the_verdict_comes_before_the_text_and_the_text_streams(analyst: Analyst) -> None:
    order: list[str] = []
    pieces: list[str] = []

    def on_event(event: Event) -> None:
        order.append(type(event).__name__)
        if isinstance(event, TextPiece):
            pieces.append(event.text)

    analysis = analyst.analyse(DEMO, on_event=on_event)
    (opinion,) = analysis.opinions
    assert order.index("ExhibitReady") < order.index("Scored") < order.index("TextPiece")
    assert len(pieces) > 2
    assert "".join(pieces).strip() in opinion.text or opinion.text in "".join(pieces)
    assert opinion.text.startswith(f"This is a {opinion.answer} image.")


def test_no_explain_gives_the_same_score_without_text(analyst: Analyst) -> None:
    full, short = analyst.analyse(DEMO), analyst.analyse(DEMO, options=Options(explain=False))
    assert full.opinions[0].log_odds == short.opinions[0].log_odds
    assert short.opinions[0].text == "" and short.opinions[0].text_state == "not-asked"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_an_engine_that_dies_in_the_middle_of_a_token_costs_that_exhibit_only(analyst: Analyst, number: int) -> None:
    before = analyst.analyse(DEMO)

    def on_event(event: Event) -> None:
        if isinstance(event, TextPiece):
            os.kill(analyst.engine().pid, number)

    with pytest.raises(WorkerError) as caught:
        analyst.analyse(DEMO, on_event=on_event)
    assert caught.value.code in {"worker-killed", "worker-crashed"}
    assert same(analyst.analyse(DEMO)) == same(before)


def test_what_was_analysed_is_what_is_shown(analyst: Analyst) -> None:
    shown: list[ExhibitReady] = []
    analysis = analyst.analyse(DEMO, on_event=lambda event: shown.append(event) if isinstance(event, ExhibitReady) else None)
    import hashlib

    (ready,) = shown
    assert hashlib.sha256(ready.exhibit.rgb.tobytes()).hexdigest() == analysis.exhibit.rgb_sha256
    assert hashlib.sha256(ready.frame_picture.tobytes()).hexdigest() == analysis.opinions[0].frame.rgb_sha256


def test_a_finding_never_comes_without_its_uncertainty(analyst: Analyst, pictures: list[Path]) -> None:
    for path in pictures:
        analysis = analyst.analyse(path, options=Options(explain=False))
        finding = analysis.finding
        assert isinstance(finding, document.Finding)
        assert finding.reasons
        assert finding.error_rates or finding.outcome == "inconclusive"
        assert "probability that" not in finding.sentence


def test_verdict_events_agree_with_the_document(analyst: Analyst) -> None:
    scored: list[Scored] = []
    analysis = analyst.analyse(DEMO, on_event=lambda event: scored.append(event) if isinstance(event, Scored) else None)
    assert scored[0].opinion.log_odds == analysis.opinions[0].log_odds


def test_ctrl_c_ends_the_command_with_its_code(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.png").write_bytes(DEMO.read_bytes())
    command = [sys.executable, "-m", "desktop", "analyze", str(tmp_path), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(120) == 130
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("analyze", "no-such-file.jpg"), 3, "picture-not-found"),
        (("analyze", "--expert", "no-such-expert", str(DEMO)), 4, "expert"),
        (("analyze",), 2, "PATH"),
        (("no-such-command",), 2, "invalid choice"),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = telltale(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_expert_gives_no_finding(tmp_path: Path) -> None:
    source = store.default_expert()
    for item in source.iterdir():
        (tmp_path / item.name).write_bytes(item.read_bytes())
    language = bytearray((tmp_path / "language.gguf").read_bytes())
    language[len(language) // 2] ^= 1
    (tmp_path / "language.gguf").write_bytes(bytes(language))
    done = telltale("analyze", "--expert", tmp_path, DEMO)
    assert done.returncode == 4
    assert "expert-damaged" in done.stderr
    assert "Finding" not in done.stdout


