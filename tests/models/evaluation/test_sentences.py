"""Words drawn into a picture: they are drawn where the expert looks, and flips are counted as they are."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from desktop.cli import main
from desktop.engine import Score
from models.evaluation.sentences import SENTENCES, compare, paint, scrambled
from tests.conftest import PICTURES


def test_the_sentence_stands_in_the_frame_and_nowhere_else() -> None:
    rgb = np.full((400, 600, 3), 120, np.uint8)
    changed = (paint(rgb, SENTENCES["real"], (156, 56, 288, 288)) != rgb).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[0] >= 56 and rows[-1] < 344 and columns[0] >= 156 and columns[-1] < 444
    assert columns[-1] - columns[0] > 0.7 * 288, "large enough to be read"
    assert (rgb == 120).all(), "the picture itself stays as it was"


def test_the_control_has_the_same_letters_and_no_words() -> None:
    for text in SENTENCES.values():
        assert sorted(scrambled(text)) == sorted(text) and scrambled(text) != text
    assert scrambled("real photo") == "lera thpoo"


def test_flips_by_hand() -> None:
    def scores(*values: float) -> list[Score]:
        return [Score(value, 0.5, 1.0, "fake" if value > 0 else "real") for value in values]

    found = compare(scores(-3, 1, 3, 3), scores(-1, 2.5, 1, -2), 2.0)
    assert (found["flips"], found["to_fake"], found["to_real"], found["of"]) == (3, 1, 2, 4)
    assert found["answer_flips"] == 1 and found["mean_change"] == pytest.approx((2 + 1.5 - 2 - 5) / 4)
    assert found["low"] < 0.75 < found["high"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label, name in (("real", "real-coffee.jpg"), ("fake", "generated-progan-1.png")):
        (tmp_path / label).mkdir()
        shutil.copy(PICTURES / name, tmp_path / label)
    assert main(["evaluate", str(tmp_path), "--painted-sentences", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "telltale.painted-sentences/1" and found["pictures"] == 2
    assert set(found["sentences"]) == {*SENTENCES, *(f"{name}-scrambled" for name in SENTENCES)}
    assert all(row["of"] == 2 and 0 <= row["flips"] <= 2 for row in found["sentences"].values())
    assert any(row["mean_change"] for row in found["sentences"].values()), "drawing changes the score"
