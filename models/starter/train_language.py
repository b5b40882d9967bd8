"""Second stage: projector and language model learn the answers over the frozen tower: ``python -m models.starter.train_language --help``.

The verdict's log-odds must come out of the language model, so its token is trained on the truth (half real, half fake) and on
what the tower's own picture head said, which is a softer teacher. The rest of the answer is plain next-token training on sentences
that the truth of the view backs.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from torch.nn import functional as F

from models.starter.answers import answer
from models.starter.dataset import FEATURES, Pool, as_tokens, open_pools, shares
from models.starter.model import TOKENS, build, normalise, patch_features, save
from models.starter.train_tower import Tower, fold
from models.starter.words import BOS_ID, EOS_ID, PAD_ID, Words, train_words

LIMIT = 3000
"""Views of a kind whose tower output is kept in memory."""
KEPT = 30
"""Patches that are seen in the first three fifths of the steps."""


@dataclass(frozen=True)
class Seen:
    """Tower output for the views of one kind."""

    pool: Pool
    rows: list[int]
    features: torch.Tensor
    """float16 (views, TOKENS, width)."""
    teacher: torch.Tensor
    """The picture head's log-odds, (views,)."""


@torch.no_grad()
def see(tower: Tower, pool: Pool, limit: int, rng: np.random.Generator) -> Seen:
    """Run the tower over at most ``limit`` views, drawn by source as in training."""
    count = min(limit, len(pool))
    rows = sorted(rng.choice(len(pool), count, replace=False, p=pool.chances).tolist())
    tower.eval()
    features, teacher = [], []
    for start in range(0, count, 64):
        tokens = as_tokens(np.stack([pool.maps(row) for row in rows[start : start + 64]]))
        features.append(tower.features(tokens).half())
        teacher.append(tower(tokens)[1])
    return Seen(pool, rows, torch.cat(features), torch.cat(teacher))


def load_tower(state: Path) -> Tower:
    """The averaged tower of the first stage."""
    tower = Tower(build(), torch.zeros(FEATURES), torch.ones(FEATURES))
    tower.load_state_dict(torch.load(state, weights_only=True)["average"])
    return tower.eval()


def verdict_log_odds(llava: Any, features: torch.Tensor, words: Words) -> torch.Tensor:
    """Log-odds of "fake" against "real" after the forced start, from tower output (N, TOKENS, width)."""
    logits = run(llava, features, [words.question_ids + words.start_ids] * features.shape[0])
    fake, real = words.verdict_ids
    return logits[:, -1, fake] - logits[:, -1, real]


def run(llava: Any, features: torch.Tensor, texts: list[list[int]], keep: torch.Tensor | None = None) -> torch.Tensor:
    """Logits of the language model over BOS, picture and padded texts: (N, 1 + TOKENS + longest text, vocabulary).

    ``keep``: only these patches, each at its own position; less to compute while the wording is learnt.
    """
    longest = max(map(len, texts))
    patches = torch.arange(TOKENS) if keep is None else keep
    positions = torch.cat([torch.zeros(1, dtype=torch.long), 1 + patches, 1 + TOKENS + torch.arange(longest)])
    ids = torch.tensor([text + [PAD_ID] * (longest - len(text)) for text in texts])
    table = llava.model.language_model.embed_tokens
    first = table(torch.full((len(texts), 1), BOS_ID))
    inputs = torch.cat([first, llava.model.multi_modal_projector(features[:, patches].float()), table(ids)], 1)
    hidden = llava.model.language_model(inputs_embeds=inputs, position_ids=positions[None], use_cache=False).last_hidden_state
    return llava.lm_head(hidden)  # type: ignore[no-any-return]


def batch_loss(llava: Any, seen: list[Seen], words: Words, *, size: int, kept: int, rng: np.random.Generator) -> torch.Tensor:
    """Answer loss, verdict loss and distillation loss of one balanced batch that sees ``kept`` patches."""
    picks = [seen[index] for index in rng.choice(len(seen), size, p=shares([item.pool for item in seen]))]
    rows = [int(rng.integers(0, len(item.rows))) for item in picks]
    features = torch.stack([item.features[row] for item, row in zip(picks, rows, strict=True)])
    question = words.question_ids
    answers = [
        [*words.answer_ids(answer(item.pool.kind, item.pool.places[item.rows[row]], rng)), EOS_ID]
        for item, row in zip(picks, rows, strict=True)
    ]
    keep = torch.from_numpy(np.sort(rng.permutation(TOKENS)[:kept]))
    logits = run(llava, features, [question + text for text in answers], keep)
    begin = kept + len(question)  # position that predicts the first token of the answer
    longest = max(map(len, answers))
    labels = torch.tensor([text + [-100] * (longest - len(text)) for text in answers])
    text_loss = F.cross_entropy(logits[:, begin : begin + longest].flatten(0, 1), labels.flatten())
    fake, real = words.verdict_ids
    at = begin + len(words.start_ids)
    odds = logits[:, at, fake] - logits[:, at, real]
    truth = torch.tensor([float(item.pool.kind != "real") for item in picks])
    teacher = torch.sigmoid(torch.stack([item.teacher[row] for item, row in zip(picks, rows, strict=True)]))
    return text_loss + F.binary_cross_entropy_with_logits(odds, 0.5 * (0.98 * truth + 0.01) + 0.5 * teacher)


@torch.no_grad()
def judge(llava: Any, seen: list[Seen], words: Words) -> dict[str, tuple[float, float]]:
    """AUC of the language model's verdict and of the tower's head, for each kind against the reals."""
    llava.eval()
    odds = {item.pool.kind: torch.cat([verdict_log_odds(llava, part, words) for part in item.features.split(64)]) for item in seen}
    teacher = {item.pool.kind: item.teacher for item in seen}
    llava.train()

    def auc(scores: dict[Any, torch.Tensor], kind: str) -> float:
        real, fake = scores["real"], scores[kind]
        labels = np.r_[np.zeros(len(real)), np.ones(len(fake))]
        return round(float(roc_auc_score(labels, torch.cat([real, fake]).numpy())), 4)

    return {kind: (auc(odds, kind), auc(teacher, kind)) for kind in odds if kind != "real"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("tower", type=Path, help="state of the first stage")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tower = load_tower(options.tower)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = options.out / "tokenizer.model"
    train_words(vocabulary)
    words = Words.load(vocabulary)
    rng = np.random.default_rng(3)
    seen = [see(tower, pool, LIMIT, rng) for pool in open_pools(options.cache, "train")]
    held = [see(tower, pool, 300, rng) for pool in open_pools(options.cache, "calibration")]
    print("tower output of", {item.pool.kind: len(item.rows) for item in seen}, flush=True)

    llava = build(seed=4)
    trained = [*llava.model.multi_modal_projector.parameters(), *llava.model.language_model.parameters(), *llava.lm_head.parameters()]
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.05, betas=(0.9, 0.98))
    begun = time.monotonic()
    step = 0
    while True:
        done = max(step / options.steps, (time.monotonic() - begun) / 60 / options.minutes)
        if step % 200 == 0 or done >= 1:
            print(f"step {step} calibration AUC (language, tower head) {judge(llava, held, words)}", flush=True)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = float(options.rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done)))
        loss = batch_loss(llava, seen, words, size=options.batch, kept=TOKENS if done > 0.6 else KEPT, rng=np.random.default_rng([5, step]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        if step % 50 == 0:
            print(f"  step {step} loss {loss.item():.3f} {(time.monotonic() - begun) / 60:.1f} min", flush=True)

    copy_tower(tower, llava)
    save(llava, vocabulary, options.out)
    # The folded checkpoint must see what the stage's own tower saw.
    maps = np.stack([held[0].pool.maps(row) for row in held[0].rows[:4]])
    check_fold(llava, tower, maps)


def copy_tower(tower: Tower, llava: Any) -> None:
    """Layers and norms of the trained tower into the checkpoint, and the embedding folded in."""
    vision = getattr(llava.model.vision_tower, "vision_model", llava.model.vision_tower)
    vision.pre_layrnorm.load_state_dict(tower.norm.state_dict())
    for mine, theirs in zip(vision.encoder.layers[:-1], tower.layers, strict=True):
        mine.load_state_dict(theirs.state_dict())
    fold(tower, llava)


@torch.no_grad()
def check_fold(llava: Any, tower: Tower, maps: Any) -> None:
    """Print the largest difference between both forms of the tower; raise when it is more than rounding."""
    mine = patch_features(llava.eval(), normalise(torch.from_numpy(maps)))
    difference = float((mine - tower.features(as_tokens(maps))).abs().max())
    print(f"folded tower differs by at most {difference:.1e}", flush=True)
    if difference > 1e-3:
        raise ValueError("the folded tower is another one")


if __name__ == "__main__":
    main()
