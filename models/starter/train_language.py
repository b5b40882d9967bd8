"""Second stage: projector and language model learn the answers over the compiled tower: ``python -m models.starter.train_language --help``.

The verdict's log-odds must come out of the language model. Its token is trained on the chances that the ensemble gives, not on the truth:
with the truth it found accidents of the training views and did worse on unknown sources. The rest of the answer is next-token training
on sentences that follow the truth; while a place is being named, the attention to the picture is taught to lie on that place, so that
the regions that the application draws are where the named evidence is.
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
from models.starter.compile_tower import (
    BLEND,
    CELL,
    CELL_EVIDENCE,
    CELL_LOCAL,
    EVIDENCE,
    LOCAL,
    PLACE,
    cell_numbers,
    compile_tower,
    place_table,
)
from models.starter.dataset import Pool, as_tokens, open_pools
from models.starter.model import GRID, TOKENS, build, normalise, patch_features, save
from models.starter.teacher import quick_gelu
from models.starter.words import BOS_ID, EOS_ID, PAD_ID, Words, train_words

LIMIT = 400
"""Views of a kind whose evidence is kept in memory."""
SHARES = {"real": 0.45, "generated": 0.4, "pasted": 0.15}
"""Share of each kind in a batch; the pasted views teach places, and their verdict is the ensemble's like all others'."""
SHOWN = [EVIDENCE, LOCAL, CELL_EVIDENCE, CELL_LOCAL, *range(512)[CELL], *range(512)[PLACE]]
"""The tower's channels that the projector reads; the others are steps on the way, in which it would only find accidents."""
EMPHASIS = torch.tensor([3.0, 1.0, 3.0, 3.0] + [1.0] * 12)
"""How much larger than the others evidence reaches the projector, so that it is found soon."""
ATTENTION = 0.3
"""Weight of the loss on where the last layer looks while a place is named."""
SPAN = 9
"""Tokens of the sentence that names the place, with the end."""


@dataclass(frozen=True)
class Standard:
    """Mean and scale of the shown channels. The projector is trained behind it and takes it up in the end."""

    mean: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def of(cls, channels: torch.Tensor) -> "Standard":
        flat = channels.reshape(-1, channels.shape[-1])
        return cls(flat.mean(0), EMPHASIS / flat.std(0))

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
    """Shown channels, (views, TOKENS, 16), standardised."""
    teacher: torch.Tensor
    """The verdict: mean evidence of the patches, (views,)."""
    places: torch.Tensor
    """Number of the ninth with the strongest evidence of its own, (views,)."""


def shown_channels(teacher: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
    """What the compiled tower writes into the shown channels, computed the short way: uint8 (N, TOKENS, FEATURES) -> (N, TOKENS, 16)."""
    values = tokens.float()
    inner = values @ teacher["first"].T + teacher["bias"]
    inner = quick_gelu(BLEND * inner + (1 - BLEND) * inner.mean(1, keepdim=True))
    local = values @ teacher["local_first"].T + teacher["local_bias"] + (values.mean(1) @ teacher["around_first"].T)[:, None]
    both = torch.stack([inner @ teacher["second"] + teacher["offset"],
                        quick_gelu(local) @ teacher["local_second"] + teacher["local_offset"]], -1)  # fmt: skip
    cells = F.one_hot(cell_numbers(), 9).float()
    means = cells @ (cells.T @ both) / (TOKENS / 9)
    where = torch.cat([cells, place_table()], -1).expand(len(tokens), TOKENS, 12)
    return torch.cat([both, means, where], -1)


@torch.no_grad()
def see(teacher: dict[str, torch.Tensor], pool: Pool, *, limit: int, standard: Standard | None, rng: np.random.Generator
        ) -> tuple[Seen, Standard]:  # fmt: skip
    """The shown channels of at most ``limit`` views, drawn by source as in training."""
    count = min(limit, len(pool))
    rows = sorted(rng.choice(len(pool), count, replace=False, p=pool.chances).tolist())
    parts = [
        shown_channels(teacher, as_tokens(np.stack([pool.maps(row) for row in rows[start : start + 16]])))
        for start in range(0, count, 16)
    ]
    channels = torch.cat(parts)
    standard = standard or Standard.of(channels)
    return Seen(pool, rows, standard.apply(channels), channels[..., 0].mean(1), strongest(channels)), standard


def strongest(channels: torch.Tensor) -> torch.Tensor:
    """Number of the ninth whose squares differ most from the rest, shown channels (N, TOKENS, 16) -> (N,)."""
    middles = [GRID * (3 * row + 1) + 3 * column + 1 for row in range(3) for column in range(3)]
    return channels[:, middles, SHOWN.index(CELL_LOCAL)].argmax(1)


def project(llava: Any, channels: torch.Tensor) -> torch.Tensor:
    """The projector on the shown channels alone: what it gives for the tower's output, of which it reads nothing else."""
    projector = llava.model.multi_modal_projector
    inner = F.linear(channels, projector.linear_1.weight[:, SHOWN], projector.linear_1.bias)
    return projector.linear_2(projector.act(inner))  # type: ignore[no-any-return]


def verdict_log_odds(llava: Any, patches: torch.Tensor, words: Words) -> torch.Tensor:
    """Log-odds of "fake" against "real" after the forced start, from projected patches (N, TOKENS, width)."""
    logits, _ = run(llava, patches, [words.question_ids + words.start_ids] * len(patches))
    fake, real = words.verdict_ids
    return logits[:, -1, fake] - logits[:, -1, real]


def run(
    llava: Any, patches: torch.Tensor, texts: list[list[int]], keep: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits over BOS, projected patches and padded texts (N, 1 + longest text, vocabulary), from the last patch on, and the last
    layer's attention from there to the patches, mean over heads (N, 1 + longest, patches).

    ``keep``: which patches these are, each at its own position (default: all).
    """
    longest = max(map(len, texts))
    count = patches.shape[1]
    numbers = torch.arange(TOKENS) if keep is None else keep
    positions = torch.cat([torch.zeros(1, dtype=torch.long), 1 + numbers, 1 + TOKENS + torch.arange(longest)])
    ids = torch.tensor([text + [PAD_ID] * (longest - len(text)) for text in texts])
    table = llava.model.language_model.embed_tokens
    first = table(torch.full((len(texts), 1), BOS_ID))
    inputs = torch.cat([first, patches, table(ids)], 1)
    out = llava.model.language_model(inputs_embeds=inputs, position_ids=positions[None], use_cache=False, output_attentions=True)
    attention = out.attentions[-1][:, :, count:, 1 : 1 + count].mean(1)
    return llava.lm_head(out.last_hidden_state[:, count:]), attention


def batch_loss(llava: Any, seen: list[Seen], words: Words, *, size: int, few: bool, rng: np.random.Generator) -> torch.Tensor:
    """Loss of wording, of verdict and of attention of one balanced batch, which sees a ``few`` patches of every ninth or all."""
    chances = np.array([SHARES[item.pool.kind] for item in seen])
    picks = [seen[index] for index in rng.choice(len(seen), size, p=chances / chances.sum())]
    rows = [int(rng.integers(0, len(item.rows))) for item in picks]
    channels = torch.stack([item.channels[row] for item, row in zip(picks, rows, strict=True)])
    places = torch.stack([item.places[row] for item, row in zip(picks, rows, strict=True)])
    question, start = words.question_ids, len(words.start_ids)
    answers = []
    for item, place in zip(picks, places.tolist(), strict=True):
        answers.append([*words.answer_ids(answer(item.pool.kind != "real", PLACES[place], rng)), EOS_ID])
    keep = few_patches(rng) if few else torch.arange(TOKENS)
    logits, attention = run(llava, project(llava, channels[:, keep]), [question + text for text in answers], keep)
    begin, longest = len(question), max(map(len, answers))  # begin: what predicts the first token of the answer
    labels = torch.tensor([text + [-100] * (longest - len(text)) for text in answers])
    labels[:, start] = -100  # the verdict has its own loss
    text_loss = F.cross_entropy(logits[:, begin : begin + longest].flatten(0, 1), labels.flatten(), words.place_weights)
    taught = torch.sigmoid(torch.stack([item.teacher[row] for item, row in zip(picks, rows, strict=True)]))
    fake_id, real_id = words.verdict_ids
    chances_of = F.log_softmax(logits[:, begin + start], dim=-1)
    verdict_loss = -(taught * chances_of[:, fake_id] + (1 - taught) * chances_of[:, real_id]).mean()
    # Where it looks from the second sentence's last words on: on the patches of the place that it names.
    fakes = [number for number, item in enumerate(picks) if item.pool.kind != "real"]
    on_place = (cell_numbers()[keep][None] == places[:, None]).float()
    looks = []
    for number in fakes:
        end = begin + len(answers[number])
        row = attention[number, end - SPAN : end]
        looks.append(-((row * on_place[number]).sum(-1) / row.sum(-1).clamp(min=1e-6)).clamp(min=1e-6).log().mean())
    look_loss = torch.stack(looks).mean() if looks else torch.zeros(())
    return text_loss + 3 * verdict_loss + ATTENTION * look_loss


def few_patches(rng: np.random.Generator) -> torch.Tensor:
    """Three patches of every ninth, ascending."""
    cells = cell_numbers().numpy()
    return torch.from_numpy(np.sort(np.concatenate([rng.choice(np.flatnonzero(cells == cell), 3, replace=False) for cell in range(9)])))


@torch.no_grad()
def judge(llava: Any, seen: list[Seen], words: Words) -> dict[str, Any]:
    """AUC of the language model's verdict and of the tower's, for each kind against the reals, and their correlation."""
    llava.eval()

    def odds_of(item: Seen) -> torch.Tensor:
        return torch.cat([verdict_log_odds(llava, project(llava, part), words) for part in item.channels.split(32)])

    odds = {item.pool.kind: odds_of(item) for item in seen}
    teacher = {item.pool.kind: item.teacher for item in seen}
    llava.train()

    def auc(scores: dict[Any, torch.Tensor], kind: str) -> float:
        real, fake = scores["real"], scores[kind]
        labels = np.r_[np.zeros(len(real)), np.ones(len(fake))]
        return round(float(roc_auc_score(labels, torch.cat([real, fake]).numpy())), 4)

    result: dict[str, Any] = {kind: (auc(odds, kind), auc(teacher, kind)) for kind in odds if kind != "real"}
    both = torch.stack([torch.cat(list(odds.values())), torch.cat(list(teacher.values()))])
    result["correlation"] = round(float(torch.corrcoef(both)[0, 1]), 4)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("teacher", type=Path, help="output of models.starter.teacher")
    parser.add_argument("out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=16)
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
    with torch.no_grad():
        unread = torch.ones(512, dtype=torch.bool)
        unread[SHOWN] = False
        llava.model.multi_modal_projector.linear_1.weight[:, unread] = 0
        llava.model.multi_modal_projector.linear_1.weight *= 4  # so few of 512 channels would start too weak
    rng = np.random.default_rng(3)
    standard: Standard | None = None
    seen, held = [], []
    # Generated views first: their channels set the standard, which need only be rough.
    for pool in sorted(open_pools(options.cache, "train"), key=lambda pool: pool.kind):
        if pool.kind in SHARES:
            item, standard = see(teacher, pool, limit=LIMIT, standard=standard, rng=rng)
            seen.append(item)
    for pool in open_pools(options.cache, "calibration"):
        held.append(see(teacher, pool, limit=150, standard=standard, rng=rng)[0])
    print("evidence of", {item.pool.kind: len(item.rows) for item in seen}, flush=True)

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
        loss = batch_loss(llava, seen, words, size=options.batch, few=done < 0.75, rng=np.random.default_rng([5, step]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        if step % 25 == 0:
            print(f"  step {step} loss {loss.item():.3f} {(time.monotonic() - begun) / 60:.1f} min", flush=True)

    if standard is not None:
        standard.fold(llava.model.multi_modal_projector.linear_1)
    save(llava, vocabulary, options.out)
    check(llava.eval(), held[0], words)


@torch.no_grad()
def check(llava: Any, seen: Seen, words: Words) -> None:
    """Print log-odds of the written checkpoint beside what was taught: the compiled tower must say what was computed the short way."""
    maps = np.stack([seen.pool.maps(row) for row in seen.rows[:16]])
    features = patch_features(llava, normalise(torch.from_numpy(maps)))
    odds = verdict_log_odds(llava, llava.model.multi_modal_projector(features), words)
    taught = seen.teacher[:16]
    print("written checkpoint", [round(value, 2) for value in odds.tolist()], "taught", [round(value, 2) for value in taught.tolist()])


if __name__ == "__main__":
    main()
