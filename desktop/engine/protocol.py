"""What the engine's client and worker say to each other, and the fixed texts of their errors.

Every request carries a number, and every answer the number of its request, so that what a cancelled call left behind is not taken for the
next one's. The text of an error is made here from its code; nothing that a worker writes is shown to people raw.
"""

from typing import Any

from models.errors import ExpertError, TelltaleError, WorkerError

EXPERT_ERRORS = {
    "expert-load-failed": "llama.cpp cannot load this expert's files; it may need another version of Telltale or of the expert",
    "engine-out-of-memory": "there is not enough free memory for this expert; close other programs or use a smaller one",
    "expert-shape-differs": "the expert's files do not have the shape that its card says; copy or convert the expert again",
    "class-order-not-corrected": "the vision tower cannot be run as the expert was trained; no verdicts",
    "context-too-small": "the picture and the question do not fit into this expert's context",
    "prompt-ids-differ": "llama.cpp reads the expert's question as other tokens than it was trained with; convert the expert again",
    "self-test-failed": "this expert does not reproduce its stored reference numbers on this machine; no verdicts",
    "attention-unreadable": "this expert's attention cannot be read in this configuration",
    "card-missing": "there is no expert.toml in this folder; it is not an expert",
    "card-unreadable": "expert.toml cannot be read",
    "card-invalid": "expert.toml is not a valid card",
}
WORKER_ERRORS = {
    "engine-failed": "the engine could not compute an answer for this picture",
    "engine-missing": "llama.cpp is not installed or does not load on this machine",
    "worker-protocol": "the engine process answered in an unexpected way and was stopped",
}


_OUT_OF_MEMORY = (
    "out of memory", "failed to allocate", "unable to allocate", "bad_alloc", "cannot allocate memory", "alloc_tensor_range: failed",
    "memoryerror", "memory allocation still failed", "failed to map segment", "mem_buffer != null",
)


def memory_ran_out(log: str) -> bool:
    """Whether what llama.cpp or Python wrote before failing speaks of memory that could not be had."""
    text = log.lower()
    return any(phrase in text for phrase in _OUT_OF_MEMORY)


def error_of(code: object) -> TelltaleError:
    """The error for a worker's code; an unknown code is a breach of protocol."""
    if isinstance(code, str) and code in EXPERT_ERRORS:
        return ExpertError(code, EXPERT_ERRORS[code])
    if isinstance(code, str) and code in WORKER_ERRORS:
        return WorkerError(code, WORKER_ERRORS[code])
    return broken()


def broken() -> WorkerError:
    """The worker did not keep to the protocol."""
    return WorkerError("worker-protocol", WORKER_ERRORS["worker-protocol"])


def text_field(header: dict[str, Any], name: str, limit: int = 1 << 16) -> str:
    """A string of bounded length. Raises WorkerError ``worker-protocol``."""
    value = header.get(name)
    if not isinstance(value, str) or len(value) > limit:
        raise broken()
    return value


def number_field(header: dict[str, Any], name: str) -> float:
    """A finite number. Raises WorkerError ``worker-protocol``."""
    value = header.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e18:
        raise broken()
    return float(value)
