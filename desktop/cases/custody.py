"""The custody log: one line of canonical JSON an event, each holding the hash of the one before it.

``hash`` is the SHA-256 of the line without its ``hash`` field, so that anybody can check the chain with a few lines of any language. The
chain shows that nothing inside it was changed, moved or dropped; that its end is not missing is shown by the head stored beside it and by
every report that printed an earlier head.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import msgspec

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """JSON with sorted keys and no white space: the same text for the same value, everywhere."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def seal(event: dict[str, Any]) -> str:
    """The finished line of an event: itself plus its hash."""
    return canonical({**event, "hash": digest(event)})


def digest(event: dict[str, Any]) -> str:
    """The hash of an event that has no ``hash`` field (or whose ``hash`` is left out of account)."""
    bare = {key: value for key, value in event.items() if key != "hash"}
    return hashlib.sha256(canonical(bare).encode("utf-8", "surrogatepass")).hexdigest()


def stub(line: str) -> str:
    """A line without its content, for copies that must not show it: the chain can still be followed over it."""
    event = json.loads(line)
    return canonical({"hash": event["hash"], "prev": event["prev"], "seq": event["seq"]})


def problems(lines: Iterable[str]) -> list[str]:
    """What is wrong with a chain, in words; empty when it holds."""
    found: list[str] = []
    previous, expected = GENESIS, 1
    for line in lines:
        try:
            event = msgspec.json.decode(line)
            seq, prev, claimed = event["seq"], event["prev"], event["hash"]
        except (ValueError, KeyError, TypeError):
            return [*found, f"entry {expected} cannot be read"]
        if seq != expected:
            found.append(f"entry {expected} is missing or out of order")
        if prev != previous:
            found.append(f"entry {seq} does not continue the entry before it")
        if set(event) != {"seq", "prev", "hash"} and not _intact(line, event, claimed):
            found.append(f"entry {seq} was changed")
        previous, expected = claimed, seq + 1
    return found


def _intact(line: str, event: dict[str, Any], claimed: str) -> bool:
    """Whether a line is canonical and has the hash it claims. The quick encoder agrees with ``canonical`` for nearly every line."""
    if msgspec.json.encode(event, order="sorted") == line.encode("utf-8", "surrogatepass"):
        del event["hash"]
        return hashlib.sha256(msgspec.json.encode(event, order="sorted")).hexdigest() == claimed
    return digest(event) == claimed and line == canonical(event)
