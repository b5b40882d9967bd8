"""Second stage: projector and language model learn the answers over the compiled tower: ``python -m models.starter.train_language --help``.

Everything is taught from what the tower itself says, not from the truth of the training views: the verdict's chances are those of the
ensemble's evidence (taught the truth, it found accidents of the training views and did worse on unknown sources), and a place is
named where and only where the local teacher finds one. So the text says what the tower knows, and no more.
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

from models.starter.answers import PLACES, answer
from models.starter.compile_tower import BLEND, CELL_LOCAL, EVIDENCE, LOCAL, STRONGEST, TOP, TOP_LOCAL, cell_numbers, compile_tower
from models.starter.dataset import Pool, as_tokens, open_pools
from models.starter.model import TOKENS, WIDTH, build, normalise, patch_features, save
from models.starter.teacher import quick_gelu
from models.starter.words import BOS_ID, EOS_ID, PAD_ID, Words, train_words

LIMIT = 1500
"""Views of a kind whose channels are kept in memory."""
SHARES = {"real": 0.4, "generated": 0.4, "pasted": 0.2}
"""Share of each kind in a batch."""
SHOWN = [EVIDENCE, LOCAL, CELL_LOCAL, TOP_LOCAL, *range(WIDTH)[TOP]]
"""The tower's channels that the projector reads; the others are steps on the way, in which it would only find accidents."""
EMPHASIS = torch.tensor([3.0, 2.0, 2.0, 3.0] + [2.0] * 9)
"""How much larger than the others a channel reaches the projector, so that it is found soon."""
FEW = 12
"""Patches that a batch sees in the first part of the training."""
NAMED = 0.05
"""A place is named where the local teacher is as sure as it is of this share of the camera pictures of the calibration split."""
WITH_PLACE = 0.4
"""Share of a batch that names a place. Drawn as they come they are so rare that which place was never learnt, only that there is one."""
STEPS = 3000


@dataclass(frozen=True)
class Standard:
    """Mean and scale of the shown channels. The projector is trained behind it and takes it up in the end."""

    mean: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def of(cls, channels: torch.Tensor) -> "Standard":
        flat = channels.reshape(-1, channels.shape[-1])
        return cls(flat.mean(0), EMPHASIS / flat.std(0).clamp(min=1e-3))

    def apply(self, channels: torch.Tensor) -> torch.Tensor:
        return (channels - self.mean) * self.scale

    @torch.no_grad()
    def fold(self, linear: Any) -> None:
        """Rewrite a linear layer that was trained on standardised channels for the tower's own."""
        linear.weight[:, SHOWN] *= self.scale
        linear.bias -= linear.weight[:, SHOWN] @ self.mean


@dataclass(frozen=True)
class Seen:
    """What the tower says of the views of one kind."""

    pool: Pool
    rows: list[int]
    channels: torch.Tensor
    """Shown channels, (views, TOKENS, 13)."""

    @property
    def verdicts(self) -> torch.Tensor:
        """Log-odds of "fake": mean evidence of the patches, (views,)."""
        return self.channels[..., 0].mean(1)

    @property
    def places(self) -> torch.Tensor:
        """Number of the ninth that differs most, (views,)."""
        return self.channels[:, 0, 4:].argmax(1)

    @property
    def strengths(self) -> torch.Tensor:
        """The local teacher's log-odds of that ninth, (views,)."""
        return self.channels[:, 0, 3]


def shown_channels(teacher: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
    """What the compiled tower writes into the shown channels, computed the short way: uint8 (N, TOKENS, FEATURES) -> (N, TOKENS, 13)."""
    values = tokens.float() - teacher["mean"]
    inner = values @ teacher["first"].T
    inner = quick_gelu(BLEND * inner + (1 - BLEND) * inner.mean(1, keepdim=True) + teacher["bias"])
    near = tokens.float() - teacher["local_mean"]
    local = near @ teacher["local_first"].T + teacher["local_bias"] + (near.mean(1) @ teacher["around_first"].T)[:, None]
    evidence = inner @ teacher["second"] + teacher["offset"]
    differs = quick_gelu(local) @ teacher["local_second"] + teacher["local_offset"]
    cells = F.one_hot(cell_numbers(), 9).float()
    ninths = differs @ cells / (TOKENS / 9)
    chances = torch.softmax(STRONGEST * ninths, 1)
    top = torch.cat([(chances * ninths).sum(1, keepdim=True), chances], 1)
    return torch.cat([torch.stack([evidence, differs, ninths @ cells.T], -1), top[:, None].expand(-1, TOKENS, -1)], -1)


@torch.no_grad()
def see(teacher: dict[str, torch.Tensor], pool: Pool, limit: int, rng: np.random.Generator) -> Seen:
    """The shown channels of at most ``limit`` views, drawn by source as in training."""
    count = min(limit, len(pool))
    rows = sorted(rng.choice(len(pool), count, replace=False, p=pool.chances).tolist())
    parts = [
        shown_channels(teacher, as_tokens(np.stack([pool.maps(row) for row in rows[start : start + 16]])))
        for start in range(0, count, 16)
    ]
    return Seen(pool, rows, torch.cat(parts))


def project(llava: Any, channels: torch.Tensor) -> torch.Tensor:
    """The projector on the shown channels alone: what it gives for the tower's output, of which it reads nothing else."""
    projector = llava.model.multi_modal_projector
    inner = F.linear(channels, projector.linear_1.weight[:, SHOWN], projector.linear_1.bias)
    return projector.linear_2(projector.act(inner))  # type: ignore[no-any-return]


def verdict_log_odds(llava: Any, patches: torch.Tensor, words: Words) -> torch.Tensor:
    """Log-odds of "fake" against "real" after the forced start, from projected patches (N, TOKENS, width)."""
    logits = run(llava, patches, [words.question_ids + words.start_ids] * len(patches))
    fake, real = words.verdict_ids
    return logits[:, -1, fake] - logits[:, -1, real]


def run(llava: Any, patches: torch.Tensor, texts: list[list[int]], keep: torch.Tensor | None = None) -> torch.Tensor:
    """Logits over BOS, projected patches and padded texts, from the last patch on: (N, 1 + longest text, vocabulary).

    ``keep``: which patches these are, each at its own position (default: all).
    """
    longest, count = max(map(len, texts)), patches.shape[1]
    numbers = torch.arange(TOKENS) if keep is None else keep
    positions = torch.cat([torch.zeros(1, dtype=torch.long), 1 + numbers, 1 + TOKENS + torch.arange(longest)])
    ids = torch.tensor([text + [PAD_ID] * (longest - len(text)) for text in texts])
    table = llava.model.language_model.embed_tokens
    first = table(torch.full((len(texts), 1), BOS_ID))
    inputs = torch.cat([first, patches, table(ids)], 1)
    hidden = llava.model.language_model(inputs_embeds=inputs, position_ids=positions[None], use_cache=False).last_hidden_state
    return llava.lm_head(hidden[:, count:])  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Lesson:
    """All views that are taught, as the language model gets them."""

    channels: torch.Tensor
    """Standardised, (views, TOKENS, 13)."""
    evidence: torch.Tensor
    """Of every patch, (views, TOKENS); its mean is the verdict."""
    places: torch.Tensor
    """Number of the ninth that is named, or -1, (views,)."""
    chances: torch.Tensor

    @classmethod
    def of(cls, seen: list[Seen], standard: Standard, least: float) -> "Lesson":
        """``least``: a place is named where the local teacher's log-odds reach this."""
        channels = torch.cat([item.channels for item in seen])
        named = [torch.where(item.strengths >= least, item.places, -1) for item in seen]
        places = torch.cat(named)
        chances = torch.cat([torch.full((len(item.rows),), SHARES[item.pool.kind] / len(item.rows)) for item in seen])
        for mine, share in ((places >= 0, WITH_PLACE), (places < 0, 1 - WITH_PLACE)):
            chances[mine] *= share / chances[mine].sum()
        return cls(standard.apply(channels), channels[..., 0], places, chances)


def batch_loss(llava: Any, lesson: Lesson, words: Words, *, size: int, few: bool, rng: np.random.Generator) -> torch.Tensor:
    """Loss of wording and of verdict of one batch, which sees a ``few`` patches (whose evidence then is the verdict) or all."""
    rows = torch.from_numpy(rng.choice(len(lesson.chances), size, p=(lesson.chances.double() / lesson.chances.double().sum()).numpy()))
    keep = torch.from_numpy(np.sort(rng.permutation(TOKENS)[:FEW])) if few else torch.arange(TOKENS)
    odds = lesson.evidence[rows][:, keep].mean(1)
    taught = torch.sigmoid(odds)
    # The verdict that the rest of the text follows is dealt by its chances, so that the reasons hang on the word that was said.
    said = rng.random(size) < taught.numpy()
    answers = [
        [*words.answer_ids(answer(bool(fake), PLACES[place] if place >= 0 else "", rng)), EOS_ID]
        for fake, place in zip(said, lesson.places[rows].tolist(), strict=True)
    ]
    question, start = words.question_ids, len(words.start_ids)
    logits = run(llava, project(llava, lesson.channels[rows][:, keep]), [question + text for text in answers], keep)
    begin, longest = len(question), max(map(len, answers))  # begin: what predicts the first token of the answer
    labels = torch.tensor([text + [-100] * (longest - len(text)) for text in answers])
    labels[:, start] = -100  # the verdict has its own loss
    text_loss = F.cross_entropy(logits[:, begin : begin + longest].flatten(0, 1), labels.flatten(), words.place_weights)
    fake_id, real_id = words.verdict_ids
    at = logits[:, begin + start]
    chances = F.log_softmax(at, dim=-1)
    verdict_loss = -(taught * chances[:, fake_id] + (1 - taught) * chances[:, real_id]).mean()
    # Chances saturate; the log-odds themselves keep strong views in their order.
    return text_loss + 2 * verdict_loss + F.smooth_l1_loss(at[:, fake_id] - at[:, real_id], odds)


@torch.no_grad()
def judge(llava: Any, seen: list[Seen], standard: Standard, words: Words) -> dict[str, Any]:
    """AUC of the language model's verdict and of the tower's, for each kind against the reals, and their correlation."""
    llava.eval()
    odds = {}
    for item in seen:
        parts = standard.apply(item.channels).split(32)
        odds[item.pool.kind] = torch.cat([verdict_log_odds(llava, project(llava, part), words) for part in parts])
    tower = {item.pool.kind: item.verdicts for item in seen}
    llava.train()

    def auc(scores: dict[Any, torch.Tensor], kind: str) -> float:
        real, fake = scores["real"], scores[kind]
        labels = np.r_[np.zeros(len(real)), np.ones(len(fake))]
        return round(float(roc_auc_score(labels, torch.cat([real, fake]).numpy())), 4)

    result: dict[str, Any] = {kind: (auc(odds, kind), auc(tower, kind)) for kind in odds if kind != "real"}
    both = torch.stack([torch.cat(list(odds.values())), torch.cat(list(tower.values()))])
    result["correlation"] = round(float(torch.corrcoef(both)[0, 1]), 4)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("teacher", type=Path, help="output of models.starter.teacher")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--steps", type=int, default=STEPS)
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
    teacher = torch.load(options.teacher, weights_only=True)
    compile_tower(llava, teacher)
    read_only_shown(llava.model.multi_modal_projector.linear_1)
    rng = np.random.default_rng(3)
    seen = [see(teacher, pool, LIMIT, rng) for pool in open_pools(options.cache, "train") if pool.kind in SHARES]
    held = [see(teacher, pool, 200, rng) for pool in open_pools(options.cache, "calibration")]
    standard = Standard.of(torch.cat([item.channels for item in seen]))
    least = float(torch.quantile(next(item for item in held if item.pool.kind == "real").strengths, 1 - NAMED))
    lesson = Lesson.of(seen, standard, least)
    print(f"views {[(item.pool.kind, len(item.rows)) for item in seen]}, places named from {least:.2f} on", flush=True)

    trained = [*llava.model.multi_modal_projector.parameters(), *llava.model.language_model.parameters(), *llava.lm_head.parameters()]
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.02, betas=(0.9, 0.98))
    begun = time.monotonic()
    step = 0
    while True:
        done = max(step / options.steps, (time.monotonic() - begun) / 60 / options.minutes)
        if step % 500 == 0 or done >= 1:
            print(f"step {step} calibration AUC (language, tower) {judge(llava, held, standard, words)}", flush=True)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = float(options.rate * min(1.0, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * done)))
        loss = batch_loss(llava, lesson, words, size=options.batch, few=done < 0.6, rng=np.random.default_rng([5, step]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            print(f"  step {step} loss {loss.item():.3f} {(time.monotonic() - begun) / 60:.1f} min", flush=True)

    standard.fold(llava.model.multi_modal_projector.linear_1)
    save(llava, vocabulary, options.out)
    check(llava.eval(), teacher, held[0], words)


@torch.no_grad()
def read_only_shown(linear: Any) -> None:
    """Let the projector's first layer read the shown channels alone, a few times as strongly as its random start would."""
    unread = torch.ones(WIDTH, dtype=torch.bool)
    unread[SHOWN] = False
    linear.weight[:, unread] = 0
    linear.weight *= 4


@torch.no_grad()
def check(llava: Any, teacher: dict[str, torch.Tensor], seen: Seen, words: Words) -> None:
    """Print what the checkpoint says beside what was taught; raise when the compiled tower is not what was computed the short way."""
    maps = np.stack([seen.pool.maps(row) for row in seen.rows[:16]])
    features = patch_features(llava, normalise(torch.from_numpy(maps)))
    difference = float((features[..., SHOWN] - shown_channels(teacher, as_tokens(maps))).abs().max())
    odds = verdict_log_odds(llava, llava.model.multi_modal_projector(features), words)
    print("written checkpoint", [round(value, 2) for value in odds.tolist()], "taught", [round(v, 2) for v in seen.verdicts[:16].tolist()])
    print(f"the compiled tower differs by at most {difference:.1e}", flush=True)
    if difference > 0.2:
        raise ValueError("the compiled tower is another one")


if __name__ == "__main__":
    main()
