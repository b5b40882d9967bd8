"""The checkpoint's vocabulary, brought to the rows of its embedding."""

from dataclasses import replace
from pathlib import Path

from convert.checkpoint_files import optional_json
from convert.shapes import TextShape
from convert.tokenizer_json import read_tokenizer_json
from convert.vocabulary import Vocabulary, extend, read_sentencepiece
from models.errors import ConversionError


def added_tokens(folder: Path) -> dict[int, str]:
    """Tokens beyond the base vocabulary, by id: `tokenizer_config.json`, else `added_tokens.json`."""
    found: dict[int, str] = {}
    for text, number in optional_json(folder, "added_tokens.json").items():
        if isinstance(number, int) and number >= 0:
            found[number] = text
    decoder = optional_json(folder, "tokenizer_config.json").get("added_tokens_decoder")
    if isinstance(decoder, dict):
        for key, entry in decoder.items():
            if key.isdecimal() and isinstance(entry, dict) and isinstance(entry.get("content"), str):
                found[int(key)] = entry["content"]
    return found


def _token_text(value: object, default: str) -> str:
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) and value else default


def checkpoint_vocabulary(folder: Path, text: TextShape) -> tuple[Vocabulary, tuple[Path, ...]]:
    """The vocabulary, and the file it was read from: `tokenizer.model`, else `tokenizer.json`.

    Raises ConversionError `tokenizer-missing`, `tokenizer-invalid`, `tokenizer-unsupported` or `vocabulary-mismatch`.
    """
    model, table = folder / "tokenizer.model", folder / "tokenizer.json"
    added = added_tokens(folder)
    if model.is_file():
        path, base = model, read_sentencepiece(model)
    elif table.is_file():
        config = optional_json(folder, "tokenizer_config.json")
        path = table
        base, own = read_tokenizer_json(table, _token_text(config.get("bos_token"), "<s>"), _token_text(config.get("eos_token"), "</s>"))
        added = own | added
    else:
        raise ConversionError("tokenizer-missing", "there is neither tokenizer.model nor tokenizer.json here; copy one from the base model")
    added = {number: content for number, content in added.items() if number >= len(base.pieces)}
    whole = extend(base, added, text.vocabulary, text.pad_id)
    for number in (text.bos_id, text.eos_id):
        if number is not None and number >= text.vocabulary:
            raise ConversionError("vocabulary-mismatch", "config.json names a beginning or end token that the embedding does not have")
    whole = replace(
        whole,
        bos_id=whole.bos_id if text.bos_id is None else text.bos_id,
        eos_id=whole.eos_id if text.eos_id is None else text.eos_id,
    )
    return whole, (path,)
