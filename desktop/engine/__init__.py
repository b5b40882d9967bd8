"""The engine: asks an expert (a llama.cpp vision-language model) about a prepared picture, in a confined process of its own.

``Engine`` is the whole room from outside; it imports neither llama.cpp nor torch. The worker's side is ``worker``, ``serving``,
``examiner``, ``native``, ``tower``, ``capture`` and ``ggml``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.engine.client import Engine
    from desktop.engine.planning import plan_slots
    from desktop.engine.tuning import Probe, known_configurations, tune
    from desktop.engine.values import MOST_SLOTS, Answer, ClaimDraft, Configuration, EngineSettings, Examination, Score, Trace

__all__ = [
    "MOST_SLOTS", "Answer", "ClaimDraft", "Configuration", "Engine", "EngineSettings", "Examination", "Probe", "Score", "Trace",
    "known_configurations", "plan_slots", "tune",
]

_MODULES = {
    "desktop.engine.client": ("Engine",),
    "desktop.engine.planning": ("plan_slots",),
    "desktop.engine.tuning": ("Probe", "known_configurations", "tune"),
    "desktop.engine.values": ("MOST_SLOTS", "Answer", "ClaimDraft", "Configuration", "EngineSettings", "Examination", "Score", "Trace"),
}


def __getattr__(name: str) -> Any:
    # The worker imports this package too, and must be confined, with its environment set, before anything heavy is loaded.
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(name)
