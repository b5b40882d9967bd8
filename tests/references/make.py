"""Compute the reference arrays anew: `python -m tests.references.make` (needs torch, transformers and sentencepiece).

It also trains the tiny vocabulary when it is not there. Nothing of Telltale's own conversion or engine takes part.
"""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from transformers import LlamaTokenizer, LlavaForConditionalGeneration

from tests.references import HERE, tiny_checkpoint
from tests.references.tiny import ANSWER_START, IMAGE_ID, MEAN, PATCHES, PIECES, QUESTION, STD, TOKENIZER, VARIANTS, pictures

TOKENS = 20
LEAST_MARGIN = 0.02
"""Least distance between the best two logits of the greedy text: rounding must not decide it."""

_WORDS = (
    "This is a fake image. This is a real image. The shadows do not fit the light. The texture of the skin is too smooth. "
    "The noise looks like that of a camera. The edges of the hair are blurred. What do you see in this picture? "
    "Where was it made, by whom and when? Every word here gives the vocabulary another piece to join. "
)


def train_tokenizer() -> None:
    """A byte-pair vocabulary of 512 pieces with byte fallback, as LLaMA's."""
    model = io.BytesIO()
    corpus = [f">{ANSWER_START.strip()} fake image.", f">{ANSWER_START.strip()} real image.", QUESTION] * 50 + [_WORDS] * 5
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(corpus), model_writer=model, vocab_size=PIECES, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=1.0, unk_id=0, bos_id=1, eos_id=2,
        pad_id=-1, hard_vocab_limit=True, num_threads=1, minloglevel=2,
    )  # fmt: skip
    TOKENIZER.write_bytes(model.getvalue())


def write_tokenizer_json() -> None:
    """The same vocabulary as the `tokenizers` library writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = tiny_checkpoint(Path(folder) / "tiny", dtype="F32")
        LlamaTokenizer.from_pretrained(path).save_pretrained(Path(folder) / "saved")
        text = (Path(folder) / "saved" / "tokenizer.json").read_text(encoding="utf-8")
    (HERE / "tokenizer.json").write_text(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def class_last(model: Any, values: torch.Tensor, feature_layer: int) -> torch.Tensor:
    """Patch embeddings when the class token is put last but positions and row selection are not changed."""
    tower = getattr(model.model.vision_tower, "vision_model", model.model.vision_tower)
    embeddings = tower.embeddings
    patches = embeddings.patch_embedding(values).flatten(2).transpose(1, 2)
    own = embeddings.class_embedding.expand(len(values), 1, -1)
    states = torch.cat([patches, own], dim=1) + embeddings.position_embedding.weight
    states = tower.pre_layrnorm(states)
    layers = list(tower.encoder.layers)
    for layer in layers[: len(layers) + 1 + feature_layer]:
        out = layer(states, None)
        states = out[0] if isinstance(out, tuple) else out
    return model.model.multi_modal_projector(states[:, 1:])


def ids_of(words: Any, text: str, prefix: bool) -> list[int]:
    """Token ids; without `prefix` the text goes on after other text."""
    if prefix:
        return list(words.encode(text))
    ids = list(words.encode("\n" + text))
    newline = words.piece_to_id("<0x0A>")
    return ids[ids.index(newline) + 1 :]


@torch.no_grad()
def compute(variant: str) -> dict[str, Any]:
    """All arrays of one variant."""
    words = sentencepiece.SentencePieceProcessor(model_file=str(TOKENIZER))
    with tempfile.TemporaryDirectory() as folder:
        path = tiny_checkpoint(Path(folder), variant=variant, layout="old", dtype="F32")
        model, report = LlavaForConditionalGeneration.from_pretrained(
            path, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
    for kind, names in report.items():
        assert not names or (kind == "missing_keys" and VARIANTS[variant].tied), (kind, names)
    model.eval()
    shown = pictures()
    values = (torch.from_numpy(shown).float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    values = values.permute(0, 3, 1, 2).contiguous()
    features = model.model.get_image_features(pixel_values=values)
    features = getattr(features, "pooler_output", features)
    patches = torch.stack([item.reshape(PATCHES, -1) for item in features])
    defect = class_last(model, values, VARIANTS[variant].feature_layer)

    text_ids = [1, *ids_of(words, QUESTION + " This is a fake image.", True)]
    text_logits = model(input_ids=torch.tensor([text_ids])).logits[0]
    question = ids_of(words, QUESTION, True)
    start = [words.piece_to_id("<0x0A>"), *ids_of(words, ANSWER_START.removeprefix("\n"), False)]
    fake, real = words.piece_to_id("\u2581fake"), words.piece_to_id("\u2581real")
    assert 0 not in (fake, real)
    answers, odds, texts = [], [], []
    for index in range(len(shown)):
        ids = [1, *[IMAGE_ID] * PATCHES, *question, *start]
        greedy: list[int] = []
        for step in range(TOKENS + 1):
            out = model(input_ids=torch.tensor([ids + greedy]), pixel_values=values[index : index + 1]).logits[0, -1]
            if step == 0:
                answers.append(out.numpy())
                odds.append(float(out[fake]) - float(out[real]))
            best = torch.topk(out[:PIECES], 2)
            assert best.values[0] - best.values[1] > LEAST_MARGIN, (variant, index, step, best)
            assert best.indices[0] > 2, "the text must not end or leave ordinary pieces"
            if step < TOKENS:
                greedy.append(int(best.indices[0]))
        texts.append(greedy)
    return {
        "pictures": shown,
        "patches": patches.numpy().astype(np.float16),
        "class_last": defect.numpy().astype(np.float16),
        "text_ids": np.array(text_ids),
        "text_logits": text_logits.numpy(),
        "question_ids": np.array(question),
        "start_ids": np.array(start),
        "answer_logits": np.stack(answers),
        "log_odds": np.array(odds),
        "fake_id": np.array(fake),
        "real_id": np.array(real),
        "greedy": np.array(texts),
    }


def main() -> None:
    """Write one `.npz` a variant."""
    if not TOKENIZER.is_file():
        train_tokenizer()
    write_tokenizer_json()
    for variant in VARIANTS:
        arrays = compute(variant)
        np.savez_compressed(HERE / f"{variant}.npz", **arrays)
        print(variant, {name: value.shape for name, value in arrays.items()}, arrays["log_odds"], arrays["greedy"].tolist())


if __name__ == "__main__":
    main()
