"""From the catalogue to a finding: a model is pulled over a line that breaks, converted, stored, verified and asked about a picture."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.cards import load_card
from models.store import Store
from tests.models.hub import COMMIT, Hub
from tests.references import tiny_checkpoint

pytest.importorskip("huggingface_hub")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    checkpoint = tiny_checkpoint(tmp_path / "checkpoint", shards=3)
    server = Hub("lingcco/fakeVLM", {path.name: path.read_bytes() for path in checkpoint.iterdir()})
    yield server
    server.stop()


def telltale(*arguments: object, endpoint: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "desktop", *map(str, arguments)]
    return subprocess.run(command, env={**os.environ, "HF_ENDPOINT": endpoint}, capture_output=True, text=True, check=False)


def test_pull_convert_verify_analyse(hub: Hub, tmp_path: Path, own_data_folder: Path) -> None:
    largest = max(hub.files, key=lambda name: len(hub.files[name]))
    size = len(hub.files[largest])
    hub.cuts[largest] = [size // 4, size // 2, size - 10]
    pulled = telltale("models", "pull", "fakevlm", "--type", "F32", "--mmproj-type", "F32", "--accept-licence", endpoint=hub.endpoint)
    assert pulled.returncode == 0, pulled.stderr
    assert hub.sent[largest] == size, "three cuts cost not one byte twice"
    card = load_card(Store().resolve("fakevlm"))
    assert (card.source.name, card.source.revision) == ("lingcco/fakeVLM", COMMIT)
    assert card.licence.id == "cc-by-nc-4.0"
    assert "Llama 2" in card.licence.text
    assert card.reference is not None
    assert Store().verify("fakevlm").problems == ()
    assert not (own_data_folder / "downloads" / "fakevlm").exists()

    picture = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (150, 130, 3), np.uint8)).save(picture)
    analysed = telltale("analyze", picture, "--expert", "fakevlm", "--no-explain", "--json", endpoint=hub.endpoint)
    assert analysed.returncode == 0, analysed.stderr
    found = json.loads(analysed.stdout)
    assert found["opinions"][0]["expert"]["id"] == "fakevlm"
    assert found["finding"]["outcome"] == "inconclusive", "nobody has calibrated it yet"
