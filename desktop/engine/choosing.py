"""Which configuration to run: the safe one, unless a faster one was measured here and passed the self-test.

What was measured is remembered in ``engine.json`` in the user's cache folder, by machine and expert. The file is a convenience: damaged or
missing, it is taken as empty.
"""

import contextlib
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.engine import machine
from desktop.engine.values import Configuration, EngineSettings
from models.errors import TelltaleError

_SCHEMA = "telltale.engine/1"
CACHED = 64 << 20
"""Weights of fewer bytes stay in the processor's cache: a token more costs as much as a pass of its own, a thread more gains nothing with
single tokens, our own products gain little (measured on two cores, quiet and busy)."""
# Deaths and self-test failures that another configuration may not have.
_BLAMES = frozenset((
    "worker-crashed", "worker-killed", "worker-timeout", "worker-exited", "self-test-failed", "engine-failed", "engine-out-of-memory",
    "expert-load-failed", "class-order-not-corrected",
))


def safe(settings: EngineSettings, language_bytes: int) -> Configuration:
    """The configuration that is known not to crash: no special buffers, no flash attention, no GPU."""
    threads = settings.threads or machine.physical_cores()
    return Configuration("safe", threads, min(threads, max(1, language_bytes // CACHED)))


def on_gpu(settings: EngineSettings, language_bytes: int) -> Configuration:
    """Everything on the GPU."""
    return replace(safe(settings, language_bytes), id="gpu", gpu_layers=-1)


def with_int8(settings: EngineSettings, language_bytes: int) -> Configuration:
    """The safe configuration with our own products of quantised weights."""
    return replace(safe(settings, language_bytes), id="int8", int8=True)


def int8_helps(language_bytes: int) -> bool:
    """Whether this machine has those products, and the expert matrices worth them."""
    return language_bytes >= CACHED and machine.int8_library() is not None


def candidates(settings: EngineSettings, expert: str, language_bytes: int) -> list[Configuration]:
    """Configurations to try in order, the safe one last; only one when the settings name it.

    One that was found unusable here before is left out. So is one with flash attention, which is another instrument: it is used only when
    the settings name it.
    """
    if settings.configuration is not None:
        return [settings.configuration]
    known = remembered(expert)
    wanted: list[Configuration] = []
    if (best := chosen(known)) is not None:
        wanted.append(best)
    if settings.gpu == "auto" and machine.gpu_backends():
        wanted.append(on_gpu(settings, language_bytes))
    if int8_helps(language_bytes):
        wanted.append(with_int8(settings, language_bytes))
    unusable = {key for key, facts in probes(known).items() if facts.get("state") != "passed"}
    usable = [c for c in wanted if key_of(c) not in unusable and not c.flash_attention and not (c.gpu_layers and settings.gpu == "off")
              and (settings.threads is None or c.threads == settings.threads)]
    return [*dict.fromkeys(usable), safe(settings, language_bytes)]


def blames_configuration(error: TelltaleError) -> bool:
    """Whether another configuration may do better after ``error``."""
    return error.code in _BLAMES


def key_of(configuration: Configuration) -> str:
    """A short name for everything in a configuration but its id."""
    c = configuration
    return f"t{c.threads}-{c.token_threads}-x{int(c.extra_buffers)}-f{int(c.flash_attention)}-g{c.gpu_layers}" + ("-i1" if c.int8 else "")


def remembered(expert: str) -> dict[str, Any]:
    """What is known of ``expert`` (card digest) on this machine: ``{"chosen": …, "probes": {key: {"state", "code", "configuration",
    …}}}``."""
    found = _read().get("machines", {}).get(machine.machine_id(), {}).get(expert, {})
    return found if isinstance(found, dict) else {}


def remember_failure(expert: str, configuration: Configuration, code: str) -> None:
    """This configuration is not to be used again for this expert on this machine."""
    note(expert, configuration, {"state": "failed", "code": code})


def note(expert: str, configuration: Configuration, facts: dict[str, Any]) -> None:
    """Remember the outcome of one probe or start."""
    known = remembered(expert)
    key = key_of(configuration)
    old = probes(known).get(key, {})
    new = {"configuration": configuration.as_facts(), **old, **facts}
    if new != old:
        _write(expert, {**known, "probes": {**probes(known), key: new}})


def proof(expert: str, configuration: Configuration) -> dict[str, float] | None:
    """The numbers of a whole self-test that passed with this configuration on this machine, or None."""
    facts = probes(remembered(expert)).get(key_of(configuration), {})
    numbers = facts.get("self_test")
    if facts.get("state") != "passed" or not isinstance(numbers, dict) or not numbers:
        return None
    if not all(isinstance(key, str) and isinstance(value, float) for key, value in numbers.items()):
        return None
    return dict(numbers)


def chosen(known: dict[str, Any]) -> Configuration | None:
    """What tuning chose, of what is ``remembered`` of an expert; None where it did not, or what is kept makes no sense."""
    try:
        return Configuration.from_facts(known["chosen"])
    except (KeyError, TypeError, ValueError):
        return None


def choose(expert: str, configuration: Configuration) -> None:
    """From now on use this configuration for this expert on this machine."""
    _write(expert, {**remembered(expert), "chosen": configuration.as_facts()})


def probes(known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What came of each configuration, by its key, of what is ``remembered`` of an expert."""
    found = known.get("probes")
    return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


def store_path() -> Path:
    """``engine.json`` in the data folder when one is set (``TELLTALE_DATA_DIR``), else in the user's cache folder."""
    if folder := os.environ.get("TELLTALE_DATA_DIR"):
        return Path(folder) / "engine.json"
    import platformdirs

    return Path(platformdirs.user_cache_dir("telltale", appauthor=False)) / "engine.json"


def _read() -> dict[str, Any]:
    try:
        data = json.loads(store_path().read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) and data.get("schema") == _SCHEMA and isinstance(data.get("machines"), dict) else {}


def _write(expert: str, known: dict[str, Any]) -> None:
    """Replace the file in one step; a full disk or a read-only folder only costs the memory of what was measured."""
    data = _read() or {"schema": _SCHEMA, "machines": {}}
    data["machines"].setdefault(machine.machine_id(), {})[expert] = known
    path = store_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="engine-", suffix=".json")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(data, stream, indent=1, sort_keys=True)
        Path(name).replace(path)
