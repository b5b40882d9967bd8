"""Second stage: projector and language model learn the answers over the frozen tower: ``python -m models.starter.train_language --help``.

The verdict's log-odds must come out of the language model. Its token is trained on the chances that the ensemble in the tower gives, not
on the truth: with the truth it found accidents of the training views in the other channels and did worse on unknown sources (AUC
0.825 instead of 0.856 on the calibration split). The rest of the answer is next-token training on sentences that follow the truth.
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

from models.starter.answers import answer, evidence_place
from models.starter.compile_tower import EVIDENCE, VERDICT, cell_log_odds, compile_tower
from models.starter.dataset import Pool, open_pools, shares
from models.starter.model import TOKENS, build, normalise, patch_features, save
from models.starter.words import BOS_ID, EOS_ID, PAD_ID, Words, train_words

LIMIT = 3000
"""Views of a kind whose tower output is kept in memory."""
KEPT = 30
"""Patches that are seen in the first two fifths of the steps."""


@dataclass(frozen=True)
class Seen:
    """Tower output for the views of one kind."""

    pool: Pool
    rows: list[int]
    features: torch.Tensor
    """float16 (views, TOKENS, width), standardised by ``Standard``."""
    teacher: torch.Tensor
    """The ensemble's log-odds, (views,)."""
    cells: torch.Tensor
    """Evidence of each ninth of the frame, (views, 9)."""


@dataclass(frozen=True)
class Standard:
    """Mean and deviation of the tower's channels. The projector is trained behind it and takes it up in the end."""

    mean: torch.Tensor
    deviation: torch.Tensor

    @classmethod
    def of(cls, features: torch.Tensor) -> "Standard":
        flat = features.reshape(-1, features.shape[-1])
        deviation = flat.std(0)
        deviation[[VERDICT, EVIDENCE]] /= EMPHASIS
        return cls(flat.mean(0), deviation)

    def apply(self, features: torch.Tensor) -> torch.Tensor:
        return torch.where(self.deviation > LEAST, (features - self.mean) / self.deviation.clamp(min=LEAST), 0.0)

    @torch.no_grad()
    def fold(self, linear: Any) -> None:
        """Rewrite a linear layer that was trained on standardised channels for the tower's own."""
        scale = torch.where(self.deviation > LEAST, 1 / self.deviation.clamp(min=LEAST), 0.0)
        linear.weight.mul_(scale)
        linear.bias.sub_(linear.weight @ self.mean)


EMPHASIS = 3.0
"""How much larger than the other channels verdict and evidence reach the projector, so that they are found soon."""
LEAST = 1e-4
"""A channel that varies less than this is constant (the anchors, empty ones)."""


@torch.no_grad()
def tower_output(llava: Any, pool: Pool, rows: list[int]) -> torch.Tensor:
    """float32 (views, TOKENS, width)."""
    parts = []
    for start in range(0, len(rows), 32):
        maps = np.stack([pool.maps(row) for row in rows[start : start + 32]])
        parts.append(patch_features(llava, normalise(torch.from_numpy(maps))))
    return torch.cat(parts)


def see(llava: Any, pool: Pool, *, limit: int, standard: Standard | None, rng: np.random.Generator) -> tuple[Seen, Standard]:
    """Run the tower over at most ``limit`` views, drawn by source as in training."""
    count = min(limit, len(pool))
    rows = sorted(rng.choice(len(pool), count, replace=False, p=pool.chances).tolist())
    features = tower_output(llava, pool, rows)
    standard = standard or Standard.of(features[:: max(1, count // 500)])
    return Seen(pool, rows, standard.apply(features).half(), features[:, 0, VERDICT].clone(), cell_log_odds(features)), standard


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
    """Loss of wording and of verdict of one balanced batch that sees ``kept`` patches."""
    picks = [seen[index] for index in rng.choice(len(seen), size, p=shares([item.pool for item in seen]))]
    rows = [int(rng.integers(0, len(item.rows))) for item in picks]
    features = torch.stack([item.features[row] for item, row in zip(picks, rows, strict=True)])
    question = words.question_ids
    answers = []
    for item, row in zip(picks, rows, strict=True):
        fake = item.pool.kind != "real"
        place = evidence_place(item.cells[row].double().numpy(), fake)
        answers.append([*words.answer_ids(answer(fake, place, rng)), EOS_ID])
    keep = torch.from_numpy(np.sort(rng.permutation(TOKENS)[:kept]))
    logits = run(llava, features, [question + text for text in answers], keep)
    begin, longest = kept + len(question), max(map(len, answers))  # the position that predicts the first token of the answer
    labels = torch.tensor([text + [-100] * (longest - len(text)) for text in answers])
    start = len(words.start_ids)
    labels[:, start] = -100  # the verdict has its own loss
    text_loss = F.cross_entropy(logits[:, begin : begin + longest].flatten(0, 1), labels.flatten(), words.place_weights)
    taught = torch.sigmoid(torch.stack([item.teacher[row] for item, row in zip(picks, rows, strict=True)]))
    fake_id, real_id = words.verdict_ids
    chances = F.log_softmax(logits[:, begin + start], dim=-1)
    verdict_loss = -(taught * chances[:, fake_id] + (1 - taught) * chances[:, real_id]).mean()
    return text_loss + 2 * verdict_loss


@torch.no_grad()
def judge(llava: Any, seen: list[Seen], words: Words) -> dict[str, tuple[float, float]]:
    """AUC of the language model's verdict and of the tower's channel, for each kind against the reals."""
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
    parser.add_argument("teacher", type=Path, help="output of models.starter.teacher")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = options.out / "tokenizer.model"
    train_words(vocabulary)
    words = Words.load(vocabulary)
    llava = build(seed=4)
    compile_tower(llava, torch.load(options.teacher, weights_only=True))
    rng = np.random.default_rng(3)
    standard: Standard | None = None
    seen, held = [], []
    # Generated views first: their channels set the standard, which need only be rough.
    for pool in sorted(open_pools(options.cache, "train"), key=lambda pool: pool.kind):
        if pool.truths is None:
            item, standard = see(llava, pool, limit=LIMIT, standard=standard, rng=rng)
            seen.append(item)
    for pool in open_pools(options.cache, "calibration"):
        held.append(see(llava, pool, limit=300, standard=standard, rng=rng)[0])
    print("tower output of", {item.pool.kind: len(item.rows) for item in seen}, flush=True)

    trained = [*llava.model.multi_modal_projector.parameters(), *llava.model.language_model.parameters(), *llava.lm_head.parameters()]
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.05, betas=(0.9, 0.98))
    begun = time.monotonic()
    step = 0
    while True:
        done = max(step / options.steps, (time.monotonic() - begun) / 60 / options.minutes)
        if step % 200 == 0 or done >= 1:
            print(f"step {step} calibration AUC (language, tower) {judge(llava, held, words)}", flush=True)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = float(options.rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done)))
        loss = batch_loss(llava, seen, words, size=options.batch, kept=TOKENS if done > 0.4 else KEPT, rng=np.random.default_rng([5, step]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        if step % 50 == 0:
            print(f"  step {step} loss {loss.item():.3f} {(time.monotonic() - begun) / 60:.1f} min", flush=True)

    if standard is not None:
        standard.fold(llava.model.multi_modal_projector.linear_1)
    save(llava, vocabulary, options.out)
    # The folded checkpoint must say what was trained.
    features = tower_output(llava, held[0].pool, held[0].rows[:32])
    with torch.no_grad():
        odds = verdict_log_odds(llava.eval(), features, words)
    print("log-odds of the written checkpoint", [round(value, 3) for value in odds[:8].tolist()], flush=True)


if __name__ == "__main__":
    main()
