"""The engine: asks an expert (a llama.cpp vision-language model) about a prepared picture, in a confined process of its own.

``Engine`` is the whole room from outside; it imports neither llama.cpp nor torch. The worker's side is ``worker``, ``serving``,
``examiner``, ``native``, ``tower``, ``capture`` and ``ggml``.
"""

from desktop.engine.client import Engine
from desktop.engine.planning import plan_slots
from desktop.engine.tuning import Probe, known_configurations, tune
from desktop.engine.values import MOST_SLOTS, Answer, ClaimDraft, Configuration, EngineSettings, Examination, Score, Trace

__all__ = [
    "MOST_SLOTS", "Answer", "ClaimDraft", "Configuration", "Engine", "EngineSettings", "Examination", "Probe", "Score", "Trace",
    "known_configurations", "plan_slots", "tune",
]
