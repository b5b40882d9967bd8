"""Trust lists for Content Credentials: bundled, dated and hashed, and replaceable by a file of the laboratory.

The application loads a laboratory's file and hands it to the confined worker as plain data, since the worker may not read it itself.
"""

import re
import tomllib
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from models.errors import InputError

_HERE = Path(__file__).parent
_SIZE_LIMIT = 16 << 20
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_ROLES = ("anchors", "allowed", "config")

Trust = dict[str, Any]
"""``{"lists": [{"name", "date", "sha256", "role", "text"}], "cautions": [{"signer", "date", "note"}]}``, ready for JSON."""


@lru_cache(maxsize=1)
def bundled_trust() -> Trust:
    """The lists that ship with the program. Raises InputError ``trust-list-damaged`` when a file does not have its stated hash."""
    return _from_toml(_HERE / "lists.toml")


def load_trust(path: Path) -> Trust:
    """A laboratory's own lists: a PEM file of anchors, or a TOML file of the form of ``lists.toml`` with PEM files beside it.

    Raises InputError ``trust-list-unreadable`` or ``trust-list-damaged``.
    """
    try:
        if path.suffix.lower() == ".toml":
            return _from_toml(path)
        text = _text(path)
        date = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("trust-list-unreadable", "the trust list cannot be read; give a PEM or TOML file of the documented form") from None
    if not _CERTIFICATE.search(text):
        raise InputError("trust-list-unreadable", "the trust list holds no certificate in PEM form")
    entry = {"name": path.stem, "date": date, "sha256": sha256(text.encode()).hexdigest(), "role": "anchors", "text": text}
    return {"lists": [entry], "cautions": bundled_trust()["cautions"]}


def _from_toml(path: Path) -> Trust:
    raw = tomllib.loads(_text(path))
    lists = []
    for entry in raw["list"]:
        name = str(entry["file"])
        if entry["role"] not in _ROLES or Path(name).name != name:
            raise InputError("trust-list-unreadable", "a trust list's role or file name is not of the documented form")
        data = (path.parent / name).read_bytes()
        digest = sha256(data).hexdigest()
        if entry.get("sha256", digest) != digest:
            raise InputError("trust-list-damaged", f"the trust list {entry['name']} does not have its stated SHA-256")
        told = {"name": str(entry["name"]), "date": str(entry["date"])}
        lists.append({**told, "sha256": digest, "role": entry["role"], "text": data.decode()})
    return {"lists": lists, "cautions": [dict(caution) for caution in raw.get("caution", [])]}


def _text(path: Path) -> str:
    data = path.read_bytes()
    if len(data) > _SIZE_LIMIT:
        raise ValueError("too large")
    return data.decode("utf-8")
