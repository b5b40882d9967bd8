"""GPU packs beside the program: which are taken, and that a GPU which is not there cannot be spoken of."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.engine import Configuration, Engine, EngineSettings, choosing, machine, packs
from models.errors import WorkerError

GPU = Configuration("gpu", 1, 1, gpu_layers=-1)


def put(place: Path, name: str, /, library: str | None = None, **said: object) -> Path:
    folder = place / name
    folder.mkdir(parents=True)
    facts = {"backend": name, "llama_cpp_python": machine.library_version(), "platform": sys.platform, **said}
    (folder / "pack.json").write_text(json.dumps(facts), "utf-8")
    (folder / (library or f"libggml-{name}.so")).touch()
    return folder


def test_a_pack_that_fits_is_found(tmp_path: Path) -> None:
    assert packs.fitting(tmp_path / "packs") == [] == packs.fitting(None)
    folder = put(tmp_path, "vulkan")
    assert packs.fitting(tmp_path) == [packs.Pack("vulkan", folder)]


@pytest.mark.parametrize("said", [{"llama_cpp_python": "0.0.1"}, {"platform": "other"}, {"backend": "rpc"}, {"backend": None}])
def test_a_pack_for_another_program_is_left_alone(tmp_path: Path, said: dict[str, object]) -> None:
    put(tmp_path, "vulkan", **said)
    assert packs.fitting(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '"vulkan"', "\xff", "[" * 5000])
def test_a_broken_pack_is_left_alone(tmp_path: Path, text: str) -> None:
    (put(tmp_path, "vulkan") / "pack.json").write_text(text, "latin-1")
    put(tmp_path, "cuda", library="readme.txt")
    (tmp_path / "notes.txt").touch()
    assert packs.fitting(tmp_path) == []


def test_packs_count_as_backends_of_the_frozen_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "packs", "vulkan")
    before = machine.gpu_backends()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "telltale"))
    assert machine.gpu_backends() == before
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert set(machine.gpu_backends()) == {*before, "vulkan"}
    assert [c.id for c in choosing.candidates(EngineSettings(), "e" * 64, 1)] == ["gpu", "safe"]


@pytest.mark.skipif(bool(machine.gpu_backends()), reason="this llama.cpp may have a GPU")
def test_the_processors_work_is_never_called_a_gpus(tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkerError) as caught:
        Engine.open(tiny("F32"), settings=EngineSettings(configuration=GPU))
    assert caught.value.code == "engine-failed"
    monkeypatch.setattr(machine, "gpu_backends", lambda: ("vulkan",))
    with Engine.open(tiny("F32"), settings=EngineSettings()) as engine:
        assert engine.facts["backend"] == "CPU"
