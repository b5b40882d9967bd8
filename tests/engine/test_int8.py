"""Our own products of quantised weights: the same numbers as ggml's, and an expert that says the same with them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

import convert
from convert.ggml import GgmlType, quantise
from desktop.engine import Engine, EngineSettings, choosing, machine
from desktop.engine.values import Configuration
from models.errors import ExpertError
from tests.engine.conftest import LAYERS, changed, row_cosine
from tests.references import tiny_checkpoint

here = pytest.mark.skipif(machine.int8_library() is None, reason="this processor lacks AVX-512 VNNI, or the library was not built")
KINDS = (GgmlType.Q4_K, GgmlType.Q6_K, GgmlType.Q8_0)
SAFE = Configuration("safe", 2, 1)
INT8 = Configuration("int8", 2, 1, int8=True)


def product(tmp_path: Path, device: str, kind: GgmlType, weights: Any, activations: Any) -> Any:
    """The product, float32 (columns, rows), or None where the device does not compute it."""
    np.savez(tmp_path / "in.npz", type=int(kind), weights=weights, activations=activations)
    command = [sys.executable, "-m", "samples.products", device, str(tmp_path / "in.npz"), str(tmp_path / "out.npy")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 3), done.stderr
    return np.load(tmp_path / "out.npy") if done.returncode == 0 else None


def quantised(kind: GgmlType, rows: int, inner: int, seed: int) -> Any:
    """Weights of rows that differ in size, uint8 (rows, bytes)."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, inner)) * rng.uniform(0.01, 3, size=(rows, 1))
    values[::7, 5:40] = 0
    return np.asarray(quantise(values.astype(np.float32), kind)).reshape(rows, -1)


def rounded(kind: GgmlType, activations: Any) -> Any:
    """Activations as both sides round them: 8 bits and one scale for 256 values (Q8_K) or for 32 (Q8_0)."""
    blocks = activations.astype(np.float64).reshape(len(activations), -1, 32 if kind is GgmlType.Q8_0 else 256)
    most = np.abs(blocks).max(axis=-1, keepdims=True)
    step = np.where(most > 0, most / 127, 1)
    return (np.rint(blocks / step) * step).reshape(activations.shape)


@here
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(("rows", "inner", "columns"), [(32, 256, 4), (160, 512, 13), (128, 768, 64), (352, 256, 41)])
def test_products_are_ggmls(kind: GgmlType, rows: int, inner: int, columns: int, tmp_path: Path) -> None:
    weights = quantised(kind, rows, inner, rows + columns)
    rng = np.random.default_rng(columns)
    activations = (rng.normal(size=(columns, inner)) * rng.choice([1e-3, 1, 50], size=(columns, 1))).astype(np.float32)
    activations[0] = 0
    activations[1, :32] = 4  # several values that are equally far from zero
    activations[1, 3] = -4
    ours, theirs = (product(tmp_path, device, kind, weights, activations) for device in ("INT8", "CPU"))
    exact = rounded(kind, activations) @ gguf.quants.dequantize(weights, gguf.GGMLQuantizationType(int(kind))).astype(np.float64).T
    size = np.abs(exact).max(axis=1, keepdims=True) + 1e-9
    assert np.abs(exact).max() > 1
    assert (np.abs(ours - theirs) / size).max() < 1e-5, "both add the same whole numbers; only the order of a few floats differs"
    assert (np.abs(ours - exact) / size).max() < 2e-3, "half a step of an activation here and there, and scales in half precision"
    assert not ours[0].any()


@here
@pytest.mark.parametrize("kind", [GgmlType.F32, GgmlType.F16], ids=lambda kind: kind.name)
@pytest.mark.parametrize(("rows", "inner", "columns"), [(577, 64, 45), (64, 577, 32), (33, 32, 39)])
def test_float_products(kind: GgmlType, rows: int, inner: int, columns: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(rows)
    weights = rng.normal(size=(rows, inner)).astype(np.float16 if kind is GgmlType.F16 else np.float32)
    activations = rng.normal(size=(columns, inner)).astype(np.float32)
    exact = activations.astype(np.float64) @ weights.astype(np.float64).T
    ours, theirs = (product(tmp_path, device, kind, weights.view(np.uint8), activations) for device in ("INT8", "CPU"))
    assert ours.shape == (columns, rows)
    assert np.abs(ours - exact).max() < 1e-5 * np.sqrt(inner)
    if kind is GgmlType.F16:
        assert np.abs(ours - exact).max() < np.abs(theirs - exact).max(), "ggml rounds the activations to half precision"


@here
@pytest.mark.parametrize("kind", [GgmlType.F32, GgmlType.F16], ids=lambda kind: kind.name)
def test_what_is_masked_counts_for_nothing(kind: GgmlType, tmp_path: Path) -> None:
    """Attention gives later positions a weight of exactly zero: leaving them out changes no bit. So with keys that were never written."""
    rng = np.random.default_rng(7)
    weights = rng.normal(size=(96, 300)).astype(np.float16 if kind is GgmlType.F16 else np.float32)
    weights[32:64] = 0
    activations = rng.normal(size=(41, 300)).astype(np.float32)
    seen = np.maximum(5 * np.arange(41), 40)  # of each column so many numbers; groups of columns end at different ones
    activations[np.arange(300) >= seen[:, None]] = 0
    whole = product(tmp_path, "INT8", kind, weights.view(np.uint8), activations)
    first = [np.ascontiguousarray(numbers[:, :240]) for numbers in (weights, activations)]
    short = product(tmp_path, "INT8", kind, first[0].view(np.uint8), first[1])
    assert np.array_equal(whole, short)
    assert not whole[:, 32:64].any() and whole[:, :32].any() and whole[:, 64:].any()
    exact = activations.astype(np.float64) @ weights.astype(np.float64).T
    assert np.abs(whole - exact).max() < 2e-4


@here
@pytest.mark.parametrize(("rows", "inner", "columns", "why"), [
    (33, 256, 16, "rows that do not fill a panel"), (32, 256, 2, "two columns"),
])
def test_what_it_leaves_to_ggml(rows: int, inner: int, columns: int, why: str, tmp_path: Path) -> None:
    weights = quantised(GgmlType.Q8_0, rows, inner, 1)
    activations = np.ones((columns, inner), np.float32)
    assert product(tmp_path, "INT8", GgmlType.Q8_0, weights, activations) is None, why
    assert product(tmp_path, "CPU", GgmlType.Q8_0, weights, activations) is not None


@pytest.fixture(scope="module")
def expert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny LLaVA with weights that our products take: Q4_K and Q6_K, and a tower in Q8_0."""
    root = tmp_path_factory.mktemp("int8")
    convert.convert(tiny_checkpoint(root / "checkpoint"), root / "expert", convert.Options(language_type="Q4_K_M", projector_type="Q8_0"))
    changed(root / "expert", generation={"max_tokens": 12}, grounding={"layers": LAYERS})
    return root / "expert"


@here
def test_an_expert_says_the_same(expert: Path, reference: dict[str, Any]) -> None:
    picture = reference["pictures"][0]
    said, looked = {}, {}
    for configuration in (SAFE, INT8):
        with Engine.open(expert, settings=EngineSettings(configuration=configuration)) as engine:
            said[configuration.id] = engine.encode(picture), engine.score(picture), engine.examine(picture).text
            looked[configuration.id] = engine.attention(picture, "Where?").reshape(len(LAYERS), -1)
            again = engine.score(picture)
            assert again == said[configuration.id][1], "the same picture, the same number"
            devices = [device["name"] for device in engine.facts["devices"]]
            assert ("INT8" in devices) == configuration.int8
    assert not np.array_equal(said["safe"][0], said["int8"][0]), "otherwise it was not used, and nothing is shown"
    assert row_cosine(said["safe"][0], said["int8"][0]).min() > 0.9999
    assert said["int8"][1].log_odds == pytest.approx(said["safe"][1].log_odds, abs=0.05)
    assert said["int8"][2] == said["safe"][2]
    assert not np.array_equal(looked["safe"], looked["int8"])
    assert row_cosine(looked["safe"], looked["int8"]).min() > 0.999, "where it looks does not depend on who multiplies"


@here
def test_scores_are_equal_with_many_slots(expert: Path, reference: dict[str, Any]) -> None:
    picture = reference["pictures"][0]
    found = set()
    for slots in (1, 12):
        with Engine.open(expert, settings=EngineSettings(configuration=INT8, slots=slots)) as engine:
            found.add(engine.score(picture).log_odds)
    assert len(found) == 1


def test_it_is_chosen_for_large_experts_where_it_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = EngineSettings()
    monkeypatch.setattr(machine, "gpu_backends", lambda: ())
    monkeypatch.setattr(machine, "int8_library", lambda: Path("there"))
    assert [c.id for c in choosing.candidates(settings, "card", 4 << 30)] == ["int8", "safe"]
    assert [c.id for c in choosing.candidates(settings, "card", 1 << 20)] == ["safe"], "a small expert has nothing to gain"
    choosing.remember_failure("card", choosing.with_int8(settings, 4 << 30), "self-test-failed")
    assert [c.id for c in choosing.candidates(settings, "card", 4 << 30)] == ["safe"]
    monkeypatch.setattr(machine, "int8_library", lambda: None)
    assert [c.id for c in choosing.candidates(settings, "other", 4 << 30)] == ["safe"]


def test_a_library_that_ggml_does_not_take(expert: Path, tmp_path: Path) -> None:
    """It is tried once on this machine, then llama.cpp's own products are used."""
    program = (
        "import sys; from pathlib import Path; from desktop.engine import machine; from desktop.engine.native import Pair\n"
        "from desktop.engine.values import Configuration; from models.cards import load_card\n"
        "machine.int8_library = lambda: Path(sys.argv[2]); folder = Path(sys.argv[1])\n"
        "Pair(folder, load_card(folder), Configuration('int8', 1, 1, int8=True), capture=False)\n"
    )
    (tmp_path / "libggml-int8.so").write_bytes(b"no library")
    command = [sys.executable, "-c", program, str(expert), str(tmp_path / "libggml-int8.so")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "ExpertError: expert-load-failed" in done.stderr
    assert choosing.blames_configuration(ExpertError("expert-load-failed", ""))


def test_a_processor_without_the_instructions_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cpu_facts", lambda: {"features": ["avx2", "avx512f"]})
    assert machine.int8_library() is None


def test_asking_for_it_where_it_is_not(tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.engine import native
    from models.cards import load_card

    monkeypatch.setattr(machine, "int8_library", lambda: None)
    folder = tiny("F32")
    with pytest.raises(ExpertError, match="expert-load-failed"):
        native.Pair(folder, load_card(folder), INT8, capture=False)
