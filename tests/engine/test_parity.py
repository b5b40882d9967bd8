"""The engine gives what the reference implementation gives: every patch embedding, the verdict's logits, the text. And not what the known
defect gives."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.engine import Engine
from desktop.engine.text import clean
from tests.engine.conftest import ONE_THREAD, row_cosine


@pytest.mark.parametrize(("kind", "cosine"), [("F32", 0.9999), ("F16", 0.999)])
def test_against_transformers(kind: str, cosine: float, tiny: Callable[[str], Path], reference: dict[str, Any]) -> None:
    with Engine.open(tiny(kind), settings=ONE_THREAD) as engine:
        assert engine.facts["self_test"]["min_cosine"] >= engine.facts["self_test"]["wanted_cosine"]
        for number, picture in enumerate(reference["pictures"]):
            rows = engine.encode(picture)
            assert rows.dtype == np.float32 and rows.shape == reference["patches"][number].shape
            assert row_cosine(rows, reference["patches"][number]).min() >= cosine
            assert row_cosine(rows, reference["class_last"][number]).mean() < 0.9
            score = engine.score(picture)
            assert score.log_odds == pytest.approx(reference["log_odds"][number], abs=0.02 if kind == "F32" else 0.05)
        ids = reference["text_ids"].tolist()
        logits = engine.text_logits(ids)
        assert row_cosine(logits, reference["text_logits"][-1]) >= cosine


def test_without_the_correction_the_engine_shows_the_defect(shared: Engine, reference: dict[str, Any]) -> None:
    """Proof that the correction is what makes the difference, and that the simulation of the defect is the defect."""
    for number, picture in enumerate(reference["pictures"]):
        defect = shared.encode(picture, corrected=False)
        assert row_cosine(defect, reference["class_last"][number]).min() >= 0.9999
        assert row_cosine(defect, reference["patches"][number]).mean() < 0.9


LEAVING_OUT = """
import json, sys
from pathlib import Path
import numpy as np
from desktop.engine.native import Pair
from desktop.engine.values import Configuration
from models.cards import load_card
folder = Path(sys.argv[1])
card = load_card(folder)
pair = Pair(folder, card, Configuration("safe", 1, 1), capture=False)
rng = np.random.default_rng(3)
size = card.preparation.size
pictures = [rng.integers(0, 256, (size, size, 3), dtype=np.uint8) for _ in range(3)]
leave_out, left = pair.ggml.leave_out, []
found = []
for how in (lambda tensor: left.append(leave_out(tensor)), lambda tensor: False):
    pair.ggml.leave_out = how
    found.append(np.stack([pair.encode(picture).embeddings for picture in pictures]))
same, finite = found[0].tobytes() == found[1].tobytes(), bool(np.isfinite(found).all())
print(json.dumps({"left": [sum(left), len(left)], "same": same, "finite": finite}))
"""


def test_what_is_overwritten_is_not_computed_and_nothing_else_changes(tiny: Callable[[str], Path]) -> None:
    """In a process of its own, as everything native."""
    done = subprocess.run([sys.executable, "-c", LEAVING_OUT, str(tiny("F16"))], check=True, capture_output=True, text=True, timeout=120)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["same"] and told["finite"]
    assert told["left"][0] == told["left"][1] >= 3 * 4, "convolution, class token, positions and the norm's parts, of three pictures"


def test_the_text_is_the_reference_text(shared: Engine, reference: dict[str, Any]) -> None:
    import sentencepiece

    from tests.references.tiny import TOKENIZER

    words = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER))
    start = reference["start_ids"].tolist()
    for number, picture in enumerate(reference["pictures"]):
        wanted = words.decode(start + reference["greedy"][number].tolist()).lstrip("\n")
        got = shared.examine(picture).text
        # 20 of the 40 tokens are known; a character cut in half at their end does not count.
        assert got.startswith(clean(wanted).rstrip("\ufffd"))


def test_mass_and_probability(shared: Engine, reference: dict[str, Any]) -> None:
    """log-odds, two-way probability and mass, from the reference's own logits."""
    for number, picture in enumerate(reference["pictures"]):
        logits = reference["answer_logits"][number].astype(np.float64)
        odds = logits[reference["fake_id"]] - logits[reference["real_id"]]
        shares = np.exp(logits - logits.max())
        mass = (shares[reference["fake_id"]] + shares[reference["real_id"]]) / shares.sum()
        score = shared.score(picture)
        assert score.log_odds == pytest.approx(odds, abs=0.02)
        assert score.p_fake == pytest.approx(1 / (1 + np.exp(-odds)), abs=0.005)
        assert score.mass == pytest.approx(mass, rel=0.02)
        assert score.answer == "other", "random weights put little on the two words, and little mass is never 'real'"
