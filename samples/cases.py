"""Documents for cases, without any expert."""

import hashlib

import msgspec

from desktop import document
from desktop.cases import Case, Pending
from samples import documents


def picture(number: int) -> bytes:
    """A stand-in for a picture file; cases never decode."""
    return b"\xff\xd8picture " + str(number).encode() * 50


def made(data: bytes, name: str, log_odds: float = 1.5) -> document.Analysis:
    """An analysis of ``data``."""
    value = documents.analysis()
    info = msgspec.structs.replace(value.exhibit, name=name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    opinion = msgspec.structs.replace(value.opinions[0], log_odds=log_odds)
    return msgspec.structs.replace(value, exhibit=info, opinions=(opinion,))


def analysed(pending: Pending, data: bytes, log_odds: float = 1.5) -> bytes:
    """The document of an analysis of ``data``."""
    return document.encode(made(data, pending.name, log_odds))


def failed(pending: Pending) -> bytes:
    """The document of a failed input."""
    return document.encode(document.Failure("telltale.error/1", pending.name, "picture-truncated", "The picture ends too early."))


def work(case: Case, most: int | None = None) -> int:
    """Do what is pending, as a batch does; returns how many."""
    done = 0
    for pending in case.pending()[:most]:
        case.record(pending, analysed(pending, case.read(pending.exhibit)))
        done += 1
    return done
