"""An analyst whose scores are known: the score is written in the picture file. No engine, no worker. Asked from ``at_once`` threads."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from desktop import document
from models import cards
from models.errors import InputError
from tests.models.making import make_expert


class ScriptedAnalyst:
    """Reads ``<log-odds> [answer] [text]`` from each file; ``broken`` fails like a damaged picture."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.folder = folder
        self.card: cards.Card = make_expert(folder, **changes)
        self.seen: list[str] = []
        self.options: list[Any] = []
        self.before_each: Callable[[Path], None] = lambda path: None
        self.boxes: tuple[document.Box, ...] = ()
        self.says = "A"
        self.at_once = 1
        self.tell_tale_sizes = False

    def analyse(self, source: Path, *, options: Any, cancelled: Callable[[], bool]) -> document.Analysis:
        self.before_each(source)
        self.seen.append(source.name)
        self.options.append(options)
        data = source.read_bytes()
        words = data.decode().split(" ", 2)
        if words[0] == "broken":
            raise InputError("picture-truncated", "made up")
        odds = float(words[0])
        answer = words[1] if len(words) > 1 else "fake" if odds >= 0 else "real"
        regions = tuple(document.Region(box, 1.0) for box in self.boxes)
        claims = (document.Claim("o1c1", "", (0, 1), regions),) if regions else ()
        opinion = msgspec.convert({
            "id": "o1", "expert": {"id": "x", "name": "X", "kind": "detector", "card_sha256": "", "language_sha256": "",
                                   "projector_sha256": "", "type": "F32", "licence": ""},
            "frame": {"box": [0, 0, 8, 8], "role": "whole", "preparation": "crop", "size": 8, "rgb_sha256": ""},
            "log_odds": odds, "p_fake": 0.5, "mass": 1.0, "answer": answer, "text": words[2] if len(words) > 2 else "",
            "text_state": "complete", "claims": [], "timing": {},
        }, document.Opinion)
        digest = hashlib.sha256(data).hexdigest()
        side = 8 + 1000 * (odds > 0) if self.tell_tale_sizes else 8
        exhibit = SimpleNamespace(sha256=digest, width=side, height=8 + side, container="png")
        finding = msgspec.convert({"outcome": "supports-ai" if odds > 1 else "inconclusive", "opinion": "o1", "sentence": "", "reasons": [],
                                   "likelihood_ratio": None, "error_rates": {}, "stability": {}}, document.Finding)
        found: Any = SimpleNamespace(exhibit=exhibit, opinions=(msgspec.structs.replace(opinion, claims=claims),), finding=finding)
        return found  # type: ignore[no-any-return]

    def ask(self, source: Path, question: str, *, cancelled: Callable[[], bool]) -> Any:
        self.before_each(source)
        self.seen.append(f"{source.name}?")
        return SimpleNamespace(text=self.says)


def write_set(root: Path, **pictures: str) -> Path:
    """Files by name with ``__`` for the slash: ``real__a="-1.5"``."""
    for name, content in pictures.items():
        path = root / f"{name.replace('__', '/')}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
