"""The one small hierarchy of errors that people see. Every error has a code that never changes and a text that may.

Codes are stable, lower-case words joined by hyphens (``picture-truncated``); scripts and tests rely on them. The text says what
happened and what to do, and never repeats bytes of a hostile file.
"""


class TelltaleError(Exception):
    """An expected failure with a stable ``code`` and a ``message`` for people."""

    code: str
    message: str

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class InputError(TelltaleError):
    """A picture (or its path) that cannot be examined; other pictures are not affected."""


class ExpertError(TelltaleError):
    """An expert that cannot be used: bad card, damaged file, failed self-test, no memory."""


class ConversionError(TelltaleError):
    """A checkpoint that cannot be converted; nothing was written."""


class WorkerError(TelltaleError):
    """A worker process died, hung or broke the protocol."""


class CaseError(TelltaleError):
    """A case that cannot be opened or written; what was acknowledged before is still there."""


class OutputError(TelltaleError):
    """Something that cannot be written where it was asked for; nothing half-made is left there."""


class VerificationError(TelltaleError):
    """A bundle, model or chain that does not verify."""


class UsageError(TelltaleError):
    """Arguments that do not fit together."""


class Cancelled(TelltaleError):
    """The user stopped the work."""

    def __init__(self, message: str = "cancelled") -> None:
        super().__init__("cancelled", message)
