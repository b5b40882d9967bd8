"""Finding the fastest configuration of one expert on this machine: each candidate in a process of its own, proved by the self-test, then
timed.

A candidate that crashes, hangs or fails the self-test is remembered as unusable: no engine starts with it on this machine with this build
of llama.cpp, until another tuning finds that it passes. Used by ``telltale doctor --tune``.

Not tried: flash attention, with which the vision tower gives other embeddings (cosine to those without at least 0.9998), and other sizes of
a batch, because a score is a pass of fixed shape. Both would be another instrument than the one that was calibrated.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from desktop.engine import choosing, machine
from desktop.engine.client import Engine
from desktop.engine.lanes import each
from desktop.engine.values import Configuration, EngineSettings
from models.cards import CARD_NAME, card_digest, load_card
from models.errors import Cancelled, ExpertError, WorkerError

_TOKENS = 64
"""Tokens of a typical explanation, for weighing prefill against single tokens."""
_WORTH = 0.95
"""A change must save at least 5 % to be taken: less is noise."""


@dataclass(frozen=True)
class Probe:
    """What one candidate did. Times in seconds; None unless it passed."""

    configuration: Configuration
    state: Literal["passed", "failed", "crashed"]
    code: str = ""
    load_s: float | None = None
    encode_s: float | None = None
    score_s: float | None = None
    token_s: float | None = None
    load: float | None = None
    """Load average of the machine before the probe: times of a busy machine say little."""

    @property
    def total_s(self) -> float:
        """Seconds for a picture with a typical explanation; infinite unless it passed."""
        if self.encode_s is None or self.score_s is None or self.token_s is None:
            return float("inf")
        return self.encode_s + self.score_s + _TOKENS * self.token_s

    def as_facts(self) -> dict[str, Any]:
        """For ``engine.json`` and ``doctor``."""
        return {"state": self.state, "code": self.code, "load_s": self.load_s, "encode_s": self.encode_s, "score_s": self.score_s,
                "token_s": self.token_s, "load": self.load}


def probe(folder: Path, configuration: Configuration, settings: EngineSettings, cancelled: Callable[[], bool] | None = None) -> Probe:
    """Start a process with this configuration, prove it, time it. Raises only Cancelled; whatever else goes wrong is the result."""
    started, load = time.perf_counter(), machine.load()
    try:
        with Engine.open(folder, settings=replace(settings, configuration=configuration), cancelled=cancelled) as engine:
            load_s = time.perf_counter() - started
            speed = engine.speed(cancelled=cancelled)
    except (ExpertError, WorkerError) as error:
        return Probe(configuration, "crashed" if error.code in ("worker-crashed", "worker-killed") else "failed", error.code)
    return Probe(configuration, "passed", "", load_s, speed["encode_s"], speed["score_s"], speed["token_s"], load)


def tune(folder: Path, *, settings: EngineSettings | None = None, progress: Callable[[str, float], None] | None = None,
         cancelled: Callable[[], bool] | None = None, drill: Collection[str] = ()) -> list[Probe]:
    """Probe candidates, each a change to the best one so far, and remember every outcome and the choice.

    What wins is held against the safe configuration once more at the end, because another load of the machine may have decided.
    ``progress(configuration id, fraction)`` is called before each probe; ``drill``: ids of configurations whose process is made to crash,
    to rehearse it. Raises ExpertError when even the safe configuration fails, and Cancelled; then an earlier choice stays.
    """
    card = load_card(folder)
    settings = each(settings or EngineSettings(), card)
    expert = card_digest((folder / CARD_NAME).read_bytes())
    probes: list[Probe] = []
    changes = list(_changes(settings, card.language.bytes))

    def run(configuration: Configuration) -> Probe:
        if cancelled is not None and cancelled():
            raise Cancelled()
        if progress is not None:
            progress(configuration.id, len(probes) / (2 + len(changes)))
        done = probe(folder, configuration, replace(settings, drill=configuration.id in drill), cancelled)
        choosing.note(expert, configuration, done.as_facts())
        probes.append(done)
        return done

    safe = best = run(choosing.safe(settings, card.language.bytes))
    if safe.state != "passed":
        raise ExpertError("expert-load-failed", f"even the safe configuration cannot run this expert here ({safe.code})")
    for change in changes:
        configuration = change(best.configuration)
        if any(choosing.key_of(done.configuration) == choosing.key_of(configuration) for done in probes):
            continue
        done = run(configuration)
        if done.total_s < best.total_s * _WORTH:
            best = done
    if best is not safe and best.total_s >= run(safe.configuration).total_s * _WORTH:
        best = safe
    choosing.choose(expert, best.configuration)
    return probes


def known_configurations(folder: Path) -> list[dict[str, Any]]:
    """What was found out here about an expert's configurations: ``{"id", "state", "code", "chosen", "self_test", …times}`` each, for
    ``doctor``. ``chosen``: whether tuning chose it.

    Raises ExpertError when the folder is no expert.
    """
    load_card(folder)
    known = choosing.remembered(card_digest((folder / CARD_NAME).read_bytes()))
    chosen = choosing.chosen(known)
    return [
        {"id": facts["configuration"]["id"], "chosen": chosen is not None and key == choosing.key_of(chosen), **facts}
        for key, facts in choosing.probes(known).items() if isinstance(facts.get("configuration"), dict)
    ]


def _changes(settings: EngineSettings, language_bytes: int) -> Iterator[Callable[[Configuration], Configuration]]:
    """Changes worth trying on this machine, one at a time, each on top of what won before."""
    if settings.gpu == "auto" and machine.gpu_backends():
        yield lambda best: replace(best, id="gpu", gpu_layers=-1)
    if choosing.int8_helps(language_bytes):
        yield lambda best: replace(best, id=_name(best, "int8"), int8=True)
    yield lambda best: replace(best, id=_name(best, "buffers"), extra_buffers=True)
    if settings.threads is None:
        physical, logical = machine.physical_cores(), machine.logical_cores()
        for threads in sorted({1, max(1, physical // 2), physical, logical}):
            yield lambda best, threads=threads: replace(best, id=_name(best, f"threads{threads}"), threads=threads)  # type: ignore[misc]
        for threads in sorted({1, max(1, physical // 2), physical}):
            yield lambda best, threads=threads: replace(best, id=_name(best, f"tokens{threads}"), token_threads=threads)  # type: ignore[misc]


def _name(best: Configuration, change: str) -> str:
    kept = [part for part in best.id.split("+") if part != "safe" and part.rstrip("0123456789") != change.rstrip("0123456789")]
    return "+".join([*kept, change])
