"""Is there a cheap way to see what a region is worth? Forgetting the region's cells in the language model's memory, against hiding them.

    python -m benchmarks.screening EXPERT FOLDER [--pictures 120]

Hiding a region (the engine's way) replaces its patch embeddings by their mean and reads picture and question anew: a full prefill. The
cheap way keeps the picture's state, removes the region's cells from it and reads only the question anew. FOLDER has ``edited/``. Prints one
line of JSON: how the two changes of the log-odds agree, over the regions of each picture and their controls, and whether they come to the
same decision ("hiding it does more than hiding any control"). llama.cpp wants the last position kept, so the last cell is never removed.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy import stats

from desktop import effects, regions
from desktop.engine.contrast import patch_contrast
from desktop.engine.native import Pair
from desktop.engine.passes import Passes, hide
from desktop.engine.values import Configuration
from desktop.engine.verdict import log_odds_of
from desktop.intake import Intake
from models.cards import load_card
from models.evaluation.readers.common import pictures
from models.preparation import prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expert", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=120)
    options = parser.parse_args()
    card = load_card(options.expert)
    pair = Pair(options.expert, card, Configuration("benchmark", 1, 1), capture=False)
    passes = Passes(pair)
    changes: list[tuple[float, float]] = []
    decisions: list[tuple[bool, bool]] = []
    seconds = np.zeros(2)

    def log_odds(logits: np.ndarray) -> float:
        return log_odds_of(logits, card.prompt.fake_ids, card.prompt.real_ids)[0]

    with Intake() as intake:
        for path in sorted(pictures(options.folder / "edited"), key=lambda path: path.name)[: options.pictures]:
            encoded = pair.encode(prepare(intake.read(path).rgb, card.preparation)[0])
            base = log_odds(passes.verdict(encoded)[0])
            standing = [cells for _, cells in regions.parts(patch_contrast(encoded.embeddings, passes.side))]
            region = np.logical_or.reduce(standing) if standing else np.zeros((passes.side, passes.side), np.bool_)
            controls = effects.control_cells(region)
            rows = []
            for cells in (region, *controls) if len(controls) >= effects.MINIMUM_CONTROLS else ():
                started = time.process_time()
                with hide(encoded, cells.ravel()):
                    full = log_odds(passes.verdict(encoded)[0]) - base
                seconds[0] += time.process_time() - started
                end = passes.prefix(encoded)
                started = time.process_time()
                for cell in np.flatnonzero(cells.ravel()[:-1]):
                    pair._llama.llama_memory_seq_rm(pair.memory, 0, len(passes.before) + int(cell), len(passes.before) + int(cell) + 1)
                rows.append((full, log_odds(pair.decode_ids(passes.tail, end)) - base))
                seconds[1] += time.process_time() - started
            encoded.close()
            if rows:
                changes += rows
                toward = 1.0 if base >= 0 else -1.0
                decisions.append(tuple(-toward * rows[0][n] > max(0.0, *(-toward * row[n] for row in rows[1:]))  # type: ignore[arg-type]
                                       for n in (0, 1)))
    both, said = np.array(changes), np.array(decisions)
    agreement = float((said[:, 0] == said[:, 1]).mean())
    chance = float(said[:, 0].mean() * said[:, 1].mean() + (1 - said[:, 0].mean()) * (1 - said[:, 1].mean()))
    print(json.dumps({
        "expert": card.id, "hidden": len(both), "pearson": float(np.corrcoef(both.T)[0, 1]),
        "spearman": float(stats.spearmanr(both[:, 0], both[:, 1])[0]),
        "same_sign": float((np.sign(both[:, 0]) == np.sign(both[:, 1])).mean()), "mean_change": np.abs(both).mean(axis=0).tolist(),
        "decisions": len(said), "agree": agreement, "kappa": (agreement - chance) / (1 - chance),
        "supported": said.sum(axis=0).tolist(), "supported_by_both": int((said[:, 0] & said[:, 1]).sum()), "cpu_s": seconds.tolist(),
    }))


if __name__ == "__main__":
    main()
