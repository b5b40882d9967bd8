"""What the reference implementation (transformers, float32, CPU) gives for the tiny LLaVA of `tiny.py`.

`make references` computes the arrays anew with torch; the tests only read them. Arrays of `references(variant)`:

==============  ==========================  ===================================================================================
pictures        uint8 (2, 112, 112, 3)      already prepared
patches         float16 (2, 64, 256)        projected patch embeddings, every row
class_last      float16 (2, 64, 256)        the same through a simulation of llama.cpp's class-token-last defect
text_ids        int64 (n,)                  BOS and a sentence, no picture
text_logits     float32 (n, 576)            its logits at every position
question_ids    int64                       what follows the picture
start_ids       int64                       forced answer start
answer_logits   float32 (2, 576)            after BOS, picture, question, answer start
log_odds        float64 (2,)                fake against real there
fake_id,real_id int64 ()                    the two tokens
greedy          int64 (2, 20)               the next 20 tokens, ids from 512 on never chosen
==============  ==========================  ===================================================================================
"""

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from tests.references.tiny import VARIANTS, Dtype, Layout, config, stored_tensors, write_json, write_shards, write_side_files

HERE = Path(__file__).parent


def tiny_checkpoint(
    path: Path,
    *,
    variant: str = "plain",
    layout: Layout = "old",
    dtype: Dtype = "BF16",
    shards: int = 1,
    tokenizer: Literal["model", "json"] = "model",
) -> Path:
    """Write the tiny LLaVA as a checkpoint folder (new or empty) and return it.

    `layout`: `old` (transformers before 4.52, as FakeVLM), `new`, `v5`, `original` (as AesExpert), `original-no-tower`. `tokenizer`:
    `tokenizer.model` or `tokenizer.json`.
    """
    chosen = VARIANTS[variant]
    path.mkdir(parents=True, exist_ok=True)
    write_shards(path, stored_tensors(chosen, layout, dtype), shards)
    write_json(path / "config.json", config(chosen, layout))
    write_side_files(path, tokenizer)
    return path


def references(variant: str = "plain") -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of one variant (`plain` or `grouped`)."""
    with np.load(HERE / f"{variant}.npz", allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


__all__ = ["references", "tiny_checkpoint"]
