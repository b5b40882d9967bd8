"""How close an explanation comes to a reference text: ROUGE-L, and the cosine of sentence embeddings where an encoder is at hand.

Neither says whether an explanation is true; both are reported because the papers report them.
"""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cards import file_sha256
from models.errors import UsageError

Encoder = Callable[[Sequence[str]], NDArray[np.float32]]
"""Sentences in, unit vectors (n x width) out."""


def words(text: str) -> list[str]:
    """Lower-case runs of ASCII letters and digits, as the reference implementation of ROUGE splits text; no stemming."""
    return re.findall(r"[a-z0-9]+", text.lower())


def rouge_l(candidate: str, references: Sequence[str]) -> float:
    """ROUGE-L: F-measure of the longest common subsequence of words, the best over the references (Lin 2004)."""
    return max((_rouge_l(words(candidate), words(reference)) for reference in references), default=0.0)


def _rouge_l(candidate: list[str], reference: list[str]) -> float:
    if not candidate or not reference:
        return 0.0
    row = [0] * (len(reference) + 1)
    for word in candidate:
        diagonal = 0
        for at, other in enumerate(reference, start=1):
            above = row[at]
            row[at] = diagonal + 1 if word == other else max(above, row[at - 1])
            diagonal = above
    common = row[-1]
    return 2.0 * common / (len(candidate) + len(reference))


def css(candidates: Sequence[str], references: Sequence[Sequence[str]], encode: Encoder) -> float | None:
    """Mean cosine of candidate and reference embeddings, the best reference each; None without a pair."""
    pairs = [(candidate, texts) for candidate, texts in zip(candidates, references, strict=True) if texts]
    if not pairs:
        return None
    ones = encode([candidate for candidate, _ in pairs])
    others = encode([text for _, texts in pairs for text in texts])
    best, at = [], 0
    for vector, (_, texts) in zip(ones, pairs, strict=True):
        best.append(float((others[at : at + len(texts)] @ vector).max()))
        at += len(texts)
    return sum(best) / len(best)


def load_encoder(folder: Path) -> tuple[Encoder, str]:
    """A sentence encoder from a local folder in the transformers layout (all-MiniLM-L6-v2, say), and how to name it in a result.

    Mean of the last hidden states, normalised, as that model's own pipeline does. Nothing is downloaded. Raises UsageError
    ``encoder-not-installed`` or ``encoder-unusable``.
    """
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise UsageError("encoder-not-installed", "sentence similarity needs torch and transformers; install telltale[verify]") from None
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise UsageError("encoder-unusable", "the encoder's folder has no model.safetensors")
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        model: Any = AutoModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).eval()
    except (OSError, ValueError) as error:
        raise UsageError("encoder-unusable", f"the encoder cannot be loaded: {type(error).__name__}") from None

    def encode(sentences: Sequence[str]) -> NDArray[np.float32]:
        parts = []
        for at in range(0, len(sentences), 32):
            batch = tokenizer(list(sentences[at : at + 32]), padding=True, truncation=True, max_length=256, return_tensors="pt")
            with torch.inference_mode():
                hidden = model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).float()
            mean = (hidden * mask).sum(1) / mask.sum(1)
            parts.append(torch.nn.functional.normalize(mean, dim=1).numpy())
        return np.concatenate(parts).astype(np.float32)

    return encode, f"{folder.name}@{file_sha256(weights)[:16]}"
