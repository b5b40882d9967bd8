"""What reading attention costs, and what a second question about the same picture costs. For one expert, on this machine, side by side.

    python -m benchmarks.explaining EXPERT [--tokens 24] [--rounds 2] [--layers 12-18]

With and without capture in turn, each in an engine of its own: seconds and processor seconds for a whole explanation of ``--tokens``
tokens (regions and their comparison question included), then two questions about one picture. Prints JSON with the load of the machine.
``--layers`` is for a card that names none.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from desktop.engine import Engine, EngineSettings
from models.cards import CARD_NAME, Grounding, dump_card, load_card

QUESTIONS = ("What in this picture looks unusual?", "Which colours are there in the background?")


def short(expert: Path, folder: Path, tokens: int, layers: tuple[int, ...]) -> None:
    """The same expert with a limit of ``tokens``: its card changed, its files linked."""
    card = load_card(expert)
    grounding = card.grounding if card.grounding.layers else Grounding(layers=layers)
    card = msgspec.structs.replace(card, grounding=grounding, generation=msgspec.structs.replace(card.generation, max_tokens=tokens))
    for path in expert.iterdir():
        if path.is_file() and path.name != CARD_NAME:
            try:
                os.link(path, folder / path.name)
            except OSError:
                shutil.copy(path, folder / path.name)
    (folder / CARD_NAME).write_bytes(dump_card(card))


def processor_seconds(pid: int | None) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def explain(folder: Path, picture: np.ndarray, *, capture: bool) -> dict[str, Any]:
    """One engine, one explanation; with capture off then also two questions, of which the first encodes the picture."""
    with Engine.open(folder, settings=EngineSettings(capture=capture, patience=10.0)) as engine:
        before = processor_seconds(engine.pid)
        done = engine.examine(picture)
        score_s = done.score.encode_s + done.score.score_s
        found = {"tokens": done.tokens, "explain_s": done.explain_s, "score_s": score_s, "cpu_s": processor_seconds(engine.pid) - before,
                 "claims": len(done.claims), "grounding": done.grounding, "configuration": engine.configuration.id}
        if not capture:
            other = np.ascontiguousarray(picture[::-1])
            first, second = (engine.ask(other, question) for question in QUESTIONS)
            found["first_s"], found["second_s"] = first.first_token_s, second.first_token_s
            found["reused"] = [first.reused, second.reused]
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expert", type=Path)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--layers", default="12-18")
    options = parser.parse_args()
    first, last = map(int, options.layers.split("-"))
    card = load_card(options.expert)
    side = card.preparation.size
    picture = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    found: dict[str, list[dict[str, Any]]] = {"off": [], "on": []}
    with tempfile.TemporaryDirectory(dir=options.expert.parent) as folder:
        short(options.expert, Path(folder), options.tokens, tuple(range(first, last + 1)))
        for _ in range(options.rounds):
            for name, rows in found.items():
                rows.append(explain(Path(folder), picture, capture=name == "on"))
                print(json.dumps({name: rows[-1], "load": os.getloadavg()}), flush=True)

    def median(name: str, key: str) -> float:
        return statistics.median(row[key] for row in found[name])

    print(json.dumps({
        "expert": card.id, "bytes": card.language.bytes, "explain_on_over_off": median("on", "explain_s") / median("off", "explain_s"),
        "cpu_on_over_off": median("on", "cpu_s") / median("off", "cpu_s"),
        "second_over_first": median("off", "second_s") / median("off", "first_s"), "load": os.getloadavg(), "cores": os.cpu_count(),
    }))


if __name__ == "__main__":
    main()
