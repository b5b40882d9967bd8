"""A Llama vocabulary from `tokenizer.json` (the `tokenizers` library's format), as llama.cpp's SentencePiece-style tokeniser needs it.

The file holds merges in order of preference instead of scores; a piece's score is the rank of the merge that makes it, which gives the
same cuts. Only byte-pair vocabularies with byte pieces and "\u2581" for spaces (Llama 1 and 2, Vicuna) can be put this way.
"""

import re
from pathlib import Path
from typing import Any

from convert.checkpoint_files import read_json
from convert.vocabulary import MAX_PIECES, SPACE, Kind, Piece, Vocabulary
from models.errors import ConversionError

_BYTE = re.compile(r"<0x[0-9A-F]{2}>")


def _invalid() -> ConversionError:
    return ConversionError("tokenizer-invalid", "tokenizer.json is damaged; download it again")


def _steps(value: object) -> list[dict[str, Any]]:
    """A normaliser or pre-tokeniser as a flat list of steps."""
    if not isinstance(value, dict):
        return []
    inner = value.get("normalizers") or value.get("pretokenizers")
    if value.get("type") == "Sequence" and isinstance(inner, list):
        return [step for item in inner for step in _steps(item)]
    return [value]


def _space_rule(config: dict[str, Any]) -> bool:
    """Whether text gets a space in front. Raises ConversionError `tokenizer-unsupported` when spaces do not become "\u2581"."""
    prefix = marked = False
    for step in _steps(config.get("normalizer")) + _steps(config.get("pre_tokenizer")):
        kind = step.get("type")
        if kind == "Prepend" and step.get("prepend") == SPACE:
            prefix = True
        elif kind == "Replace" and step.get("content") == SPACE:
            marked = True
        elif kind == "Metaspace" and step.get("replacement") == SPACE:
            marked = True
            prefix = prefix or step.get("prepend_scheme", "always") != "never"
        else:
            marked = False
            break
    if not marked:
        raise ConversionError(
            "tokenizer-unsupported", "tokenizer.json is not a Llama vocabulary; put the base model's tokenizer.model beside it"
        )
    return prefix


def _merge_text(merge: object) -> str:
    if isinstance(merge, str) and merge.count(" ") == 1:
        return merge.replace(" ", "")
    if isinstance(merge, list) and len(merge) == 2 and all(isinstance(half, str) for half in merge):
        return "".join(merge)
    raise _invalid()


def read_tokenizer_json(path: Path, bos: str = "<s>", eos: str = "</s>") -> tuple[Vocabulary, dict[int, str]]:
    """(base vocabulary, added tokens by id). `bos`, `eos`: texts of these tokens.

    Raises ConversionError `tokenizer-invalid` or `tokenizer-unsupported`.
    """
    config = read_json(path)
    model = config.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict):
        raise _invalid()
    if model.get("type", "BPE") != "BPE" or model.get("byte_fallback") is not True:
        raise ConversionError(
            "tokenizer-unsupported", "tokenizer.json is not a Llama vocabulary; put the base model's tokenizer.model beside it"
        )
    prefix = _space_rule(config)
    ids: dict[str, int] = model["vocab"]
    merges = model.get("merges")
    count = len(ids)
    if not isinstance(merges, list) or count > MAX_PIECES or sorted(v for v in ids.values() if isinstance(v, int)) != list(range(count)):
        raise _invalid()
    added = [item for item in config.get("added_tokens") or [] if isinstance(item, dict)]
    special = {item.get("content") for item in added if item.get("special")}
    ranks: dict[str, int] = {}
    for merge in merges:
        ranks.setdefault(_merge_text(merge), len(ranks))
    unknown = model.get("unk_token") or "<unk>"
    pieces = [Piece("", 0.0, Kind.NORMAL)] * count
    for text, number in ids.items():
        if text == unknown:
            kind, score = Kind.UNKNOWN, 0.0
        elif text in special:
            kind, score = Kind.CONTROL, 0.0
        elif _BYTE.fullmatch(text):
            kind, score = Kind.BYTE, 0.0
        else:
            # What no merge makes is never the result of one; it only has to rank behind all that are.
            kind, score = Kind.NORMAL, -float(ranks.get(text, len(ranks) + number))
        pieces[number] = Piece(text, score, kind)
    if bos not in ids or eos not in ids:
        raise ConversionError("tokenizer-unsupported", "the vocabulary has no tokens for the beginning and end of a text")
    beyond = {item["id"]: item["content"] for item in added if isinstance(item.get("id"), int) and isinstance(item.get("content"), str)}
    vocabulary = Vocabulary(tuple(pieces), ids[bos], ids[eos], ids.get(unknown, 0), None, prefix, count)
    return vocabulary, {number: text for number, text in beyond.items() if number >= count}
