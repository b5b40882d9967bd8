"""Length-prefixed frames between Telltale and its worker processes: a JSON header and raw bytes, never pickle.

A frame is ``uint32 header length | uint64 payload length | header (UTF-8 JSON object) | payload``, little-endian. The reading side enforces
its own caps before it allocates anything, so that a worker that was taken over cannot exhaust the application.
"""

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from models.errors import WorkerError

_PREFIX = struct.Struct("<IQ")
Header = dict[str, Any]
Payload = bytes | bytearray | memoryview | Sequence[bytes | bytearray]
Admit = Callable[[Header, int], bool]
"""Given a frame's header and the announced length of its payload: whether the payload may be read at all."""


@dataclass(frozen=True)
class Frame:
    """One message: ``header`` says what it is, ``payload`` carries raw buffers."""

    header: Header
    payload: bytes = b""


@dataclass(frozen=True)
class Caps:
    """Largest header and payload, in bytes, that the reading side accepts."""

    header: int = 4 << 20
    payload: int = 1 << 30


@dataclass(frozen=True)
class EndOfStream:
    """The other side closed the pipe between two frames."""

    reason: str = field(default="closed")


def write_frame(stream: BinaryIO, header: Header, payload: Payload = b"") -> None:
    """Write one frame and flush; a payload in several parts is sent as one. Raises OSError when the other side is gone."""
    parts = (payload,) if isinstance(payload, bytes | bytearray | memoryview) else payload
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    stream.write(_PREFIX.pack(len(text), sum(len(part) for part in parts)) + text)
    for part in parts:
        if len(part):
            stream.write(part)
    stream.flush()


def read_frame(stream: BinaryIO, caps: Caps, admit: Admit | None = None) -> Frame | EndOfStream:
    """Read one frame. Raises WorkerError ``worker-protocol`` when it is cut short, too large, not a JSON object or not admitted.

    ``admit`` sees the header before the payload is read, so that numbers which contradict each other cost no memory.
    """
    prefix = _read_exactly(stream, _PREFIX.size)
    if not prefix:
        return EndOfStream()
    if len(prefix) < _PREFIX.size:
        raise WorkerError("worker-protocol", "a frame was cut short")
    header_length, payload_length = _PREFIX.unpack(prefix)
    if header_length > caps.header or payload_length > caps.payload:
        raise WorkerError("worker-protocol", "a frame is larger than allowed")
    text = _read_exactly(stream, header_length)
    if len(text) < header_length:
        raise WorkerError("worker-protocol", "a frame was cut short")
    try:
        header = json.loads(text, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise WorkerError("worker-protocol", "a frame's header is not JSON") from None
    if not isinstance(header, dict):
        raise WorkerError("worker-protocol", "a frame's header is not a JSON object")
    if admit is not None and not admit(header, payload_length):
        raise WorkerError("worker-protocol", "a frame announces what cannot be right")
    payload = _read_exactly(stream, payload_length)
    if len(payload) < payload_length:
        raise WorkerError("worker-protocol", "a frame was cut short")
    return Frame(header, payload)


def _no_constant(name: str) -> float:
    """NaN and infinities are not JSON, whatever Python's reader thinks."""
    raise ValueError(name)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Up to ``size`` bytes; fewer only at the end of the stream. Grows with what arrives, not with what was promised."""
    parts: list[bytes] = []
    missing = size
    while missing:
        block = stream.read(min(missing, 1 << 20))
        if not block:
            break
        parts.append(block)
        missing -= len(block)
    return b"".join(parts)
