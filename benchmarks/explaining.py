"""What reading attention costs a written token, and what a second question about the same picture costs. For one expert, side by side.

    python -m benchmarks.explaining EXPERT [--tokens 16] [--layers 12-18] [--threads 2]

Two contexts of the same expert in one process, one with attention captured and one without, write the same text in turn, token by token;
medians of seconds and processor seconds a token. Then the comparison question that regions need, once; then two questions about another
picture, of which the first encodes it. Prints JSON lines with the load of the machine. ``--layers`` is for a card that names none.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from desktop.engine.examiner import Examiner
from desktop.engine.native import Pair
from desktop.engine.values import Configuration
from models.cards import Card, Grounding, load_card

QUESTIONS = ("What in this picture looks unusual?", "Which colours are there in the background?")


def wanted(folder: Path, layers: tuple[int, ...]) -> Card:
    """The expert's card with short answers, and with ``layers`` where it names none."""
    card = load_card(folder)
    grounding = card.grounding if card.grounding.layers else Grounding(layers=layers)
    return msgspec.structs.replace(card, grounding=grounding, generation=msgspec.structs.replace(card.generation, max_tokens=4))


class Side:
    """One context that writes its text a token at a time."""

    def __init__(self, pair: Pair, picture: np.ndarray, *, capture: bool) -> None:
        self.pair, self.capture, self.rows = pair, capture, []
        self.examiner = Examiner(pair)
        encoded = pair.encode(picture)
        self.logits, self.position = self.examiner.passes.verdict(encoded)
        encoded.close()

    def step(self) -> tuple[float, float]:
        """Write one token and read what it attended to; (seconds, processor seconds)."""
        passes, wall, cpu = self.examiner.passes, time.perf_counter(), time.process_time()
        token = self.pair.greedy(self.logits)
        self.pair.capture.recording = self.capture
        self.logits = self.pair.decode_ids([token], self.position).copy()
        if self.capture:
            rows = self.pair.capture.take(len(passes.before), passes.patches)
            assert rows is not None and np.isfinite(rows).all() and rows.max() > 0
            self.rows.append(rows)
        self.pair.capture.recording = False
        self.position += 1
        return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expert", type=Path)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--layers", default="12-18")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.environ.update(OMP_WAIT_POLICY="passive", OPENBLAS_NUM_THREADS="1")  # as the engine's own process does, before llama.cpp is loaded
    first, last = map(int, options.layers.split("-"))
    card = wanted(options.expert, tuple(range(first, last + 1)))
    random = np.random.default_rng(1)
    picture, other = (random.integers(0, 256, (card.preparation.size, card.preparation.size, 3), np.uint8) for _ in range(2))
    configuration = Configuration("benchmark", options.threads, options.threads)
    sides = {name: Side(Pair(options.expert, card, configuration, capture=name == "on"), picture, capture=name == "on")
             for name in ("off", "on")}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for number in range(options.tokens + 1):
        for name in sides if number % 2 else reversed(sides):  # whoever is second finds the caches warm
            times[name].append(sides[name].step())
    middle: dict[str, dict[str, float]] = {
        name: {unit: statistics.median(row[n] for row in rows[1:]) for n, unit in enumerate(("token_s", "token_cpu_s"))}
        for name, rows in times.items()
    }
    report({"expert": card.id, "bytes": card.language.bytes, "layers": sides["on"].pair.capture.layers, "tokens": options.tokens, **middle,
            "cost_s": middle["on"]["token_s"] / middle["off"]["token_s"] - 1,
            "cost_cpu_s": middle["on"]["token_cpu_s"] / middle["off"]["token_cpu_s"] - 1})
    wall, cpu = time.perf_counter(), time.process_time()
    passes = sides["on"].examiner.passes
    passes.attention_of(card.grounding.baseline_question, len(passes.before) + passes.patches)
    report({"comparison_question_s": time.perf_counter() - wall, "comparison_question_cpu_s": time.process_time() - cpu})
    asked = []
    for question in QUESTIONS:
        cpu = time.process_time()
        answer = sides["off"].examiner.ask(other, question, lambda _text: None)
        asked.append({"first_token_s": answer.first_token_s, "cpu_s_with_4_tokens": time.process_time() - cpu, "reused": answer.reused})
    report({"asked": asked, "second_over_first": asked[1]["first_token_s"] / asked[0]["first_token_s"]})


def report(found: dict[str, Any]) -> None:
    print(json.dumps({**found, "load": os.getloadavg()}), flush=True)


if __name__ == "__main__":
    main()
