"""Compute `chat.npz` anew: the tiny LLaVA asked through transformers' chat template (`python -m tests.references.make_chat`).

The conversation is that of LLaVA-1.5 (Vicuna): a role in capitals, the picture, the words, and the assistant's turn begun. The template is
rendered and tokenised by transformers alone. `legacy=True` is the tokenizer that these models were trained with.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaTokenizer, LlavaForConditionalGeneration

from tests.references import HERE, tiny_checkpoint
from tests.references.make import LEAST_MARGIN, TOKENS
from tests.references.tiny import IMAGE_ID, MEAN, PATCHES, PIECES, QUESTION, STD, pictures

FREE = "What do you see in this picture?"
ANSWER_START = " The image looks"
SYSTEM = "Every word here gives the vocabulary another piece to join. "
_TEMPLATE = (
    "{% for turn in messages %}{% if turn['role'] == 'system' %}{{ turn['content'] }}{% else %}{{ turn['role'] | upper }}: "
    "{% for part in turn['content'] %}{{ '<image>\\n' if part['type'] == 'image' else part['text'] + ' ' }}{% endfor %}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def prompt_ids(words: Any, question: str, system: str = "") -> list[int]:
    """Token ids of one turn, the picture's token repeated for every patch."""
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}
    messages = ([{"role": "system", "content": system}] if system else []) + [turn]
    text = words.apply_chat_template(messages, chat_template=_TEMPLATE, add_generation_prompt=True, tokenize=False)
    ids = [1, *words(text, add_special_tokens=False)["input_ids"]]
    at = ids.index(IMAGE_ID)
    return ids[:at] + [IMAGE_ID] * PATCHES + ids[at + 1 :]


@torch.no_grad()
def main() -> None:
    """Write `chat.npz`."""
    with tempfile.TemporaryDirectory() as folder:
        path = tiny_checkpoint(Path(folder), layout="old", dtype="F32")
        model = LlavaForConditionalGeneration.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()
        words = LlamaTokenizer.from_pretrained(path, legacy=True)
    shown = pictures()
    values = (torch.from_numpy(shown).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    values = values.permute(0, 3, 1, 2).contiguous()
    verdict = prompt_ids(words, QUESTION)
    whole = words(ANSWER_START.strip(), add_special_tokens=False)["input_ids"]
    fake, real = words.convert_tokens_to_ids("\u2581fake"), words.convert_tokens_to_ids("\u2581real")
    odds, texts = [], []
    free = prompt_ids(words, FREE)
    for index in range(len(shown)):
        out = model(input_ids=torch.tensor([verdict + whole]), pixel_values=values[index : index + 1]).logits[0, -1]
        odds.append(float(out[fake]) - float(out[real]))
        greedy: list[int] = []
        for _ in range(TOKENS):
            out = model(input_ids=torch.tensor([free + greedy]), pixel_values=values[index : index + 1]).logits[0, -1]
            best = torch.topk(out[:PIECES], 2)
            assert best.values[0] - best.values[1] > LEAST_MARGIN, (index, len(greedy), best)
            assert best.indices[0] > 2
            greedy.append(int(best.indices[0]))
        texts.append(greedy)
    arrays = {
        "verdict_ids": np.array(verdict), "start_ids": np.array(whole), "free_ids": np.array(free),
        "system_ids": np.array(prompt_ids(words, FREE, SYSTEM)), "log_odds": np.array(odds), "greedy": np.array(texts),
    }  # fmt: skip
    np.savez_compressed(HERE / "chat.npz", **arrays)
    print({name: value.tolist() for name, value in arrays.items()})


if __name__ == "__main__":
    main()
