"""An evaluation from folder to document: counted, resumable, the same twice."""

import json
import random
import threading
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.cards import Calibration
from models.errors import Cancelled, ExpertError, UsageError
from models.evaluation.items import Item
from models.evaluation.readers import read_dataset
from models.evaluation.records import Record, read_records
from models.evaluation.run import Wishes, pointing, run
from models.evaluation.submission import submission
from models.evaluation.summary import confounds, summarise
from models.evaluation.table import as_text
from tests.models.evaluation.fakes import ScriptedAnalyst, write_set


@pytest.fixture(params=[1, 3])
def analyst(tmp_path: Path, request: pytest.FixtureRequest) -> ScriptedAnalyst:
    made = ScriptedAnalyst(tmp_path / "expert")
    made.at_once = request.param
    return made


def small_set(root: Path) -> Path:
    write_set(root, real__cats__a="-2", real__cats__b="-1", real__dogs__c="2", fake__cats__d="1", fake__cats__e="3", fake__dogs__f="-1")
    return write_set(root, fake__dogs__g="broken", real__dogs__h="0.1 other", edited__i="1", edited__j="-1")


def document(root: Path, analyst: ScriptedAnalyst, **more: object) -> dict[str, object]:
    dataset = read_dataset(root)
    records = run(dataset, analyst, telltale="1")
    return summarise(dataset, records, analyst.card, card_sha256="0" * 64, telltale="1", explained=False, **more)  # type: ignore[arg-type]


def test_the_numbers_by_hand(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    found = document(small_set(tmp_path / "set"), analyst)
    assert found["counts"] == {"items": 10, "scored": 9, "failed": 1, "undecided": 1, "real": 4, "fake": 4, "edited": 2, "unlabelled": 0}
    assert found["failures"] == {"picture-truncated": 1}
    overall = found["metrics"]
    # Reals: a, b right, c called fake, h not answered. Fakes: d, e right, f missed, g failed.
    assert overall["accuracy"] == 4 / 8
    assert overall["balanced_accuracy"] == 0.5
    assert overall["f1"] == 4 / (4 + 1 + 2)
    assert overall["f1_real"] == 4 / (4 + 1 + 2)
    assert overall["fpr"] == 1 / 4
    assert (overall["fpr_interval"]["count"], overall["fpr_interval"]["of"]) == (1, 4)
    # Scored: reals -2, -1, 2, 0.1 against fakes 1, 3, -1: 3 + 4 + 1.5 of 12 pairs.
    assert overall["auc"] == pytest.approx(8.5 / 12)
    assert overall["outcomes"] == {"fake": {"inconclusive": 2, "supports-ai": 1}, "real": {"inconclusive": 3, "supports-ai": 1}}
    assert found["groups"]["category"]["cats"]["accuracy"] == 1.0
    assert found["groups"]["category"]["dogs"]["accuracy"] == 0.0
    assert found["edited"]["called_fake"] == 1
    assert "texts" not in found
    assert all(not options.explain for options in analyst.options)
    assert "cats" in as_text(found)
    json.dumps(found)


def test_a_set_that_gives_itself_away(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    root = write_set(tmp_path / "set", **{f"real__r{n}": f"-{n + 1}" for n in range(4)}, **{f"fake__f{n}": f"{n + 1}" for n in range(4)})
    found = document(root, analyst)
    nothing = {"real": None, "fake": None}
    assert found["confounds"] == {"size_auc": 0.5, "container_auc": 0.5, "score_by_size": nothing, "score_by_format": nothing}
    assert "WARNING" not in as_text(found)
    analyst.tell_tale_sizes = True
    found = document(root, analyst)
    assert found["confounds"]["size_auc"] == 1.0
    assert "size alone" in as_text(found)
    assert sorted(found["groups"]["size"]) == ["512 to 1023", "below 256"]
    assert list(found["groups"]["container"]) == ["png"]


def test_a_score_that_follows_size_and_format_within_a_class() -> None:
    def pair(number: int) -> tuple[Item, Record]:
        item = Item(id=str(number), path=Path("x"), label="real")
        container = "jpeg" if number < 3 else "png"
        return item, Record(id=str(number), log_odds=float(number), width=400 - number, height=300 - number, container=container)

    found = confounds([pair(number) for number in range(6)])
    assert found["score_by_size"] == {"real": pytest.approx(-1.0), "fake": None}
    assert found["score_by_format"] == {"real": pytest.approx(0.8783, abs=1e-3), "fake": None}


def test_two_runs_are_identical(tmp_path: Path, analyst: ScriptedAnalyst, own_data_folder: Path) -> None:
    root = small_set(tmp_path / "set")
    assert json.dumps(document(root, analyst)) == json.dumps(document(root, analyst))
    assert len(analyst.seen) == 20, "nothing was kept of a finished run"
    assert not list((own_data_folder / "evaluations").iterdir())


def test_the_threshold_of_a_calibration_counts(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    calibration = Calibration(2.0, 0.5, 2.5, "lab", "2026-01-01", "press", 1, 1, 0, 1, (0.0,), (3.0,))
    found = document(small_set(tmp_path / "set"), analyst, calibration=calibration)
    assert (found["threshold"], found["calibration"]) == (2.5, "lab")
    assert found["metrics"]["fpr"] == 0.0
    assert found["metrics"]["tpr"] == 1 / 4
    assert document(tmp_path / "set", analyst, calibration=calibration, threshold=-5.0)["metrics"]["fpr"] == 3 / 4


@pytest.mark.parametrize("stop", [Cancelled, ExpertError])
def test_an_interrupted_run_goes_on(tmp_path: Path, analyst: ScriptedAnalyst, stop: type[Exception]) -> None:
    dataset = read_dataset(small_set(tmp_path / "set"))

    def interrupt(path: Path) -> None:
        if path.name == "e.png":
            raise ExpertError("engine-gone", "x") if stop is ExpertError else stop()

    analyst.before_each = interrupt
    with pytest.raises(stop):
        run(dataset, analyst, telltale="1")
    assert 0 < len(analyst.seen) <= 9
    analyst.before_each = lambda path: None
    records = run(dataset, analyst, telltale="1")
    assert len(records) == 10
    assert sorted(analyst.seen) == sorted(item.path.name for item in dataset.items), "no picture was looked at twice"


def test_a_stop_in_the_middle_of_a_text_keeps_nothing_of_it(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    """The analyst gives a text that was cut short when it is stopped; the result of a whole run must not hold it."""
    dataset, stopped = read_dataset(small_set(tmp_path / "set")), threading.Event()
    whole = run(dataset, analyst, telltale="1")
    analyst.before_each = lambda path: stopped.set() if path.name == "e.png" else None
    with pytest.raises(Cancelled):
        run(dataset, analyst, telltale="1", cancelled=stopped.is_set)
    analyst.before_each, analyst.seen = lambda path: None, []
    assert run(dataset, analyst, telltale="1") == whole
    assert "e.png" in analyst.seen


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    (tmp_path / "no folder").write_text("a file")
    with pytest.raises(UsageError, match="results-unwritable"):
        run(read_dataset(small_set(tmp_path / "set")), analyst, Wishes(results=tmp_path / "no folder" / "x.jsonl"), telltale="1")
    assert not analyst.seen


def test_several_at_a_time_keep_the_same_lines(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    dataset = read_dataset(small_set(tmp_path / "set"))
    delays = random.Random(3)
    analyst.before_each = lambda path: time.sleep(delays.uniform(0, 0.01))
    kept = []
    for at_once in (1, 5):
        analyst.at_once = at_once
        run(dataset, analyst, Wishes(results=tmp_path / f"{at_once}.jsonl"), telltale="1")
        kept.append((tmp_path / f"{at_once}.jsonl").read_bytes())
    assert kept[0] == kept[1]


def test_one_picture_is_asked_after_another(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    """The engine holds one picture's state: questions about two of them in turn would cost it each time."""
    root = tmp_path / "aes"
    write_set(root / "images", a="0", b="0", c="0")
    options = {"Question": "Good?", "Options": "A. Yes\nB. No"}
    entries = {f"{name}.png": {"AesP_data": options, "AesE_data": options, "AesI_data": options} for name in "abc"}
    (root / "AesBench_evaluation.json").write_text(json.dumps(entries))
    analyst.before_each = lambda path: time.sleep(0.003)
    run(read_dataset(root, "aesbench"), analyst, telltale="1")
    assert len(analyst.seen) == 9
    assert all(len(set(analyst.seen[start : start + 3])) == 1 for start in (0, 3, 6))


def test_kept_results(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    dataset, results = read_dataset(small_set(tmp_path / "set")), tmp_path / "out" / "results.jsonl"
    first = run(dataset, analyst, Wishes(results=results), telltale="1")
    header, again = read_records(results)
    assert dict(again) == dict(first)
    assert header.format == "folder"
    data = results.read_bytes()
    results.write_bytes(data[:-30])
    seen = len(analyst.seen)
    assert dict(run(dataset, analyst, Wishes(results=results), telltale="1")) == dict(first)
    assert len(analyst.seen) == seen + 1, "only the line that was cut short"
    assert results.read_bytes() == data
    with pytest.raises(UsageError, match="records-differ"):
        run(dataset, analyst, Wishes(explain=True, results=results), telltale="1")
    results.write_text("something else\n")
    with pytest.raises(UsageError, match="records-invalid"):
        run(dataset, analyst, Wishes(results=results), telltale="1")
    assert results.read_text() == "something else\n"


def test_two_runs_do_not_share_a_file(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    dataset, results = read_dataset(small_set(tmp_path / "set")), tmp_path / "results.jsonl"

    def meanwhile(path: Path) -> None:
        analyst.before_each = lambda path: None
        with pytest.raises(UsageError, match="records-busy"):
            run(dataset, analyst, Wishes(results=results), telltale="1")

    analyst.before_each = meanwhile
    assert len(run(dataset, analyst, Wishes(results=results), telltale="1")) == 10
    assert [path.name for path in tmp_path.iterdir() if "lock" in path.name] == []


def test_against_another_expert(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    root = small_set(tmp_path / "set")
    dataset = read_dataset(root)
    other = {name: msgspec.structs.replace(record, log_odds=-5.0, answer="real") if record.log_odds is not None else record
             for name, record in run(dataset, analyst, telltale="1").items()}
    found = document(root, analyst, against=other)["against"]
    # Ours alone right: d and e. The other alone: c and h (which ours did not answer).
    assert found == {"only_first_right": 2, "only_second_right": 2, "pictures": 8, "p_value": 1.0, "flipped": 4}


def fakeclue(root: Path) -> Path:
    write_set(root / "test", real__a="-1 real This is a real image.", fake__b="2 fake This is a fake image. Odd hands.")
    entries = [{"image": f"{side}/{name}.png", "label": int(side == "real"), "cate": "human",
                "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": text}]}
               for side, name, text in (("real", "a", "This is a real image."), ("fake", "b", "This is a fake image. Odd feet."))]
    (root / "data_json").mkdir()
    (root / "data_json" / "test.json").write_text(json.dumps(entries))
    return root


def test_texts_and_published_numbers(tmp_path: Path) -> None:
    analyst = ScriptedAnalyst(tmp_path / "expert", ident="fakevlm")
    dataset = read_dataset(fakeclue(tmp_path / "set"), "fakeclue")
    records = run(dataset, analyst, Wishes(explain=True), telltale="1")

    def encode(sentences: object) -> np.ndarray:
        return np.array([[1.0, 0.0] for _ in sentences], np.float32)  # type: ignore[attr-defined]

    found = summarise(dataset, records, analyst.card, card_sha256="", telltale="1", explained=True, encoder=(encode, "unit@0"))
    # The second pair has 6 of 7 words in common in order.
    assert found["texts"] == {"pictures": 2, "rouge_l": pytest.approx((1 + 6 / 7) / 2), "css": pytest.approx(1.0), "encoder": "unit@0"}
    assert found["published"][0]["metrics"]["accuracy"] == 0.986
    text = as_text(found)
    assert "accuracy 0.986 / 1.000" in text
    assert "rouge_l 0.580 / 0.929" in text


def test_do_claims_point_at_the_edit(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    root = write_set(tmp_path / "set", edited__i="1", edited__masks__i="x", edited__k="1")
    mask = np.zeros((4, 4, 3), np.uint8)
    mask[:, :1] = 255
    analyst.boxes = ((0, 0, 4, 16), (2, 0, 4, 16))
    records = run(read_dataset(root), analyst, Wishes(explain=True, read_mask=lambda path: mask), telltale="1")
    # The mask covers 2 of 8 columns; the boxes cover 6, two of them in the mask.
    assert (records["edited/i.png"].in_mask, records["edited/i.png"].mask_share) == (pytest.approx(2 / 6), 0.25)
    assert records["edited/k.png"].in_mask is None
    assert pointing([], mask, (8, 8)) is None


def test_submissions(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    root = tmp_path / "aes"
    write_set(root / "images", a="0")
    (root / "AesBench_evaluation.json").write_text(json.dumps({
        "a.png": {"AesP_data": {"Question": "Good?", "Options": "A. Yes\nB. No", "Answer": "B"},
                  "AesE_data": {"Question": "Calm?", "Options": "A. Yes\nB. No", "Answer": "A"}},
        "b.png": {"AesP_data": {"Question": "Good?", "Options": "A. Yes\nB. No", "Answer": "A"}},
    }))
    dataset = read_dataset(root, "aesbench")
    records = run(dataset, analyst, telltale="1")
    found = summarise(dataset, records, analyst.card, card_sha256="", telltale="1", explained=False)
    assert {name: (value["questions"], value["accuracy"]) for name, value in found["choices"]["families"].items()} == {
        "perception": (2, 0.0), "empathy": (1, 1.0)}
    assert found["failures"] == {"picture-missing": 1}
    assert found["metrics"]["accuracy"] is None
    assert submission(dataset, records, analyst.card, tmp_path / "out") == {"test_AesE.json": 1, "test_AesP.json": 1}
    assert json.loads((tmp_path / "out" / "test_AesP.json").read_text()) == {"a.png": {"AesP_response": "A"}}
    assert "perception" in as_text(found)


def test_fakebench_submission(tmp_path: Path, analyst: ScriptedAnalyst) -> None:
    root = tmp_path / "bench"
    write_set(root / "FakeBench_images" / "fake_images", f="2")
    write_set(root / "FakeBench_images", u="-2")
    (root / "Evaluation").mkdir()
    entries = [{"image_id": name, "question": "Fake or real?"} for name in ("f.png", "u.png")]
    (root / "Evaluation" / "FakeClass.json").write_text(json.dumps(entries))
    dataset = read_dataset(root, "fakebench")
    analyst.says = "It is real."
    records = run(dataset, analyst, telltale="1")
    found = summarise(dataset, records, analyst.card, card_sha256="", telltale="1", explained=False)
    assert (found["metrics"]["pictures"], found["metrics"]["accuracy"]) == (1, 1.0)
    assert submission(dataset, records, analyst.card, tmp_path / "out") == {"test_FakeClass.json": 2}
    assert json.loads((tmp_path / "out" / "test_FakeClass.json").read_text()) == [
        {"image_id": "f.png", "answer": "This is a fake image."}, {"image_id": "u.png", "answer": "It is real."}]
    with pytest.raises(UsageError, match="submission-none"):
        submission(read_dataset(small_set(tmp_path / "set")), {}, analyst.card, tmp_path / "out")
