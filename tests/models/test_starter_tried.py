"""Variants of the starter's networks on tiny data: trained once, held against the first, judged at the points that they ask for."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("sklearn")

import torch

from models.starter import teacher, tried
from models.starter.listing import Entry, permissive, read_list
from models.starter.model import GRID, PATCH, TOKENS
from models.starter.trials import render_tried
from models.starter.views import SIZE

PLAN = teacher.Plan("noise", 1.0, members=2, hidden=4, steps=30, decay=0.3, mixed=True, weight=0.5)
OTHER = replace(PLAN, reads="all", first_list=None, mixed=False)


def brighter(rng: np.random.Generator, fake: bool, shape: tuple[int, ...]) -> np.ndarray:
    """Statistics of which AI-made pictures have more."""
    return rng.integers(60 * fake, 60 * fake + 120, shape)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("cache"), np.random.default_rng(0)
    (folder / "cells").mkdir()
    entries = read_list()
    for fake in (False, True):
        train = [entry for entry in entries if entry.split == "train" and entry.fake == fake]
        train = [entry for free in (False, True) for entry in [one for one in train if permissive(one) == free][:6]]
        np.save(folder / "cells" / f"{fake}.npy", (9 * brighter(rng, fake, (len(train), 9, teacher.FEATURES))).astype(np.uint16))
        (folder / "cells" / f"{fake}.json").write_text(json.dumps([entry.sha256 for entry in train]))
        for split in ("test", "test_more"):
            held: list[Entry] = [entry for entry in entries if entry.split == split and entry.fake == fake][:3]
            name = folder / f"{split}_{'fake' if fake else 'real'}_0.json"
            name.write_text(json.dumps([entry.sha256 for entry in held]))
            np.save(name.with_suffix(".maps.npy"), brighter(rng, fake, (3, SIZE, SIZE, 3)).astype(np.uint8))
    return folder


def variants() -> tuple[tried.Variant, ...]:
    both = (tried.Taught(PLAN), tried.Taught(OTHER))
    return (tried.Variant("both", both, 0.5), tried.Variant("mean", both), tried.one("free", PLAN, permissive=True))


def test_a_variant_is_trained_once_and_held_against_the_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tried.measure(tried.Cache(cache), variants())
    assert [one["first"]["difference"] is None for one in found["variants"]] == [True, False, False]
    assert [group["views"] for one in found["variants"] for group in one["groups"]] == [24, 24, 24, 24, 12]
    assert (found["variants"][0]["second"]["real"], found["variants"][0]["second"]["generated"]) == (3, 3)
    assert found["variants"][0]["first"]["auc"] > 0.5
    assert len(list((cache / "tried").glob("*.pt"))) == 3

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(tried, "train_group", never)
    assert tried.measure(tried.Cache(cache), variants()) == found
    assert len(render_tried(found).splitlines()) == 2 + len(found["variants"])


def test_evidence_on_the_mean_is_the_teachers(cache: Path) -> None:
    variant = tried.Variant("alone", (tried.Taught(PLAN),))
    held = tried.Cache(cache)
    labels, scores = tried.scores(held, variant, "test")
    group, mean, deviation, _ = held.group(variant.groups[0])
    values, truth = teacher.held_out(cache, "test")
    assert labels.tolist() == truth.tolist()
    with torch.no_grad():
        wanted = teacher.evidence([group], (values - mean) / deviation)
        assert np.allclose(scores, wanted.numpy(), atol=1e-5)
        pool = next(iter(tried.open_pools(cache, "test")))
        tokens = tried.as_tokens(pool.maps(0)[None]).float()
        squares = teacher.evidence([group], ((tokens[0] - mean) / deviation))
    assert len(squares) == TOKENS == GRID * GRID
    assert tried.judged(pool, [(group, mean, deviation, 0)], 1.0)[0] == pytest.approx(float(squares.mean()), abs=1e-4)


def test_every_variant_has_weights_of_its_own() -> None:
    files = {taught.file: taught for variant in tried.VARIANTS for taught in variant.groups}
    assert len(files) == len({taught for variant in tried.VARIANTS for taught in variant.groups})
    assert tried.Taught(PLAN).file != tried.Taught(PLAN, permissive=True).file != tried.Taught(PLAN, seed=2).file


def test_the_fields_are_parts_of_all_statistics() -> None:
    parts = torch.stack([teacher.field(name) for name in ("noise", "spectra", "colour")])
    assert (parts.sum(0) == teacher.field("all")).all()
    assert teacher.field("all").sum() == 3 * PATCH * PATCH
    assert teacher.field("noise").reshape(PATCH, PATCH, 3)[..., 1].all()
