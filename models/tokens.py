"""Tokenising a question with the vocabulary of a GGUF file, as llama.cpp will do it.

An imported pair comes without a card, so the ids of its question and answer words have to be found before anything native reads the file.
Two families: SentencePiece-style merging by score (``llama``) and byte-level BPE (``gpt2``), the latter for ASCII text only, where
llama.cpp's splitting rules can be written with the standard library. Sources: llama.cpp, src/llama-vocab.cpp and src/unicode.cpp.
"""

import re
from collections.abc import Callable

from models.errors import ExpertError
from models.gguf_keys import Value

SPACE = "\u2581"
_CONTROL = (2, 3, 4)
"""``enum llama_token_type``: unknown, control, user-defined."""
_SPLIT_QWEN = (r"'(?i:s|t|re|ve|m|ll|d)|[^\r\nA-Za-z0-9]?[A-Za-z]+|[0-9]{1,%d}| ?[^\sA-Za-z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
_SPLIT_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+"
_SPLITS = {
    **dict.fromkeys(("gpt-2", "default", "mpt", "olmo", "phi-2"), _SPLIT_GPT2),
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "megrez"), _SPLIT_QWEN % 1),
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "smaug-bpe"), _SPLIT_QWEN % 3),
}

Tokenise = Callable[[str, bool], tuple[int, ...]]
"""``tokenise(text, goes_on)``: ids of ``text``; ``goes_on`` when it follows other text, so that no space is put before it."""


def tokeniser(keys: dict[str, Value]) -> Tokenise:
    """The tokeniser of a language model's GGUF keys. Raises ExpertError ``tokenizer-unsupported`` or ``gguf-invalid``."""
    tokens = keys.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, list) or not tokens or not all(isinstance(token, str) for token in tokens):
        raise ExpertError("gguf-invalid", "the language model's file has no vocabulary")
    ids: dict[str, int] = {}
    for number, token in enumerate(tokens):
        ids.setdefault(str(token), number)
    model = keys.get("tokenizer.ggml.model")
    if model == "llama":
        return _by_score(keys, ids)
    if model == "gpt2":
        return _by_rank(keys, ids)
    raise _unsupported("this kind of vocabulary")


def with_control_tokens(keys: dict[str, Value], tokenise: Tokenise) -> Tokenise:
    """``tokenise`` for a template's own text: names of control tokens in it are these tokens, and the text between them stands alone."""
    tokens, kinds = keys.get("tokenizer.ggml.tokens"), keys.get("tokenizer.ggml.token_type")
    if not isinstance(tokens, list) or not isinstance(kinds, list):
        return tokenise
    names = {str(token): number for number, (token, kind) in enumerate(zip(tokens, kinds, strict=False)) if kind in _CONTROL and token}
    if not names:
        return tokenise
    # The longest name first, as llama.cpp looks for them.
    pattern = re.compile("(" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + ")")

    def split(text: str, goes_on: bool) -> tuple[int, ...]:
        found: list[int] = []
        for part in pattern.split(text):
            found += [names[part]] if part in names else tokenise(part, goes_on and not found) if part else []
        return tuple(found)

    return split


def _by_score(keys: dict[str, Value], ids: dict[str, int]) -> Tokenise:
    scores = keys.get("tokenizer.ggml.scores")
    if not isinstance(scores, list) or len(scores) < len(ids):
        raise ExpertError("gguf-invalid", "the language model's vocabulary has no scores")
    prefix = keys.get("tokenizer.ggml.add_space_prefix", True) is True

    def joined(symbols: list[str], at: int) -> float | None:
        number = ids.get(symbols[at] + symbols[at + 1])
        score = None if number is None else scores[number]
        return score if isinstance(score, int | float) else None

    def tokenise(text: str, goes_on: bool) -> tuple[int, ...]:
        symbols = list(((" " if prefix and not goes_on else "") + text).replace(" ", SPACE)) if text else []
        while True:
            best = max(((score, -at) for at in range(len(symbols) - 1) if (score := joined(symbols, at)) is not None), default=None)
            if best is None:
                break
            symbols[-best[1] : 2 - best[1]] = [symbols[-best[1]] + symbols[1 - best[1]]]
        found: list[int] = []
        for symbol in symbols:
            pieces = [symbol] if symbol in ids else [f"<0x{byte:02X}>" for byte in symbol.encode("utf-8")]
            if any(piece not in ids for piece in pieces):
                raise _unsupported("text with such characters")
            found += [ids[piece] for piece in pieces]
        return tuple(found)

    return tokenise


def _by_rank(keys: dict[str, Value], ids: dict[str, int]) -> Tokenise:
    merges, split = keys.get("tokenizer.ggml.merges"), _SPLITS.get(str(keys.get("tokenizer.ggml.pre", "default")))
    if not isinstance(merges, list) or split is None:
        raise _unsupported("this kind of vocabulary")
    ranks = {str(merge): rank for rank, merge in enumerate(merges)}
    pattern, letters = re.compile(split), _byte_letters()

    def word(text: str) -> list[int]:
        symbols = [letters[byte] for byte in text.encode("ascii")]
        while len(symbols) > 1:
            ranked = [(ranks.get(f"{symbols[at]} {symbols[at + 1]}", -1), at) for at in range(len(symbols) - 1)]
            best = min((pair for pair in ranked if pair[0] >= 0), default=None)
            if best is None:
                break
            symbols[best[1] : best[1] + 2] = [symbols[best[1]] + symbols[best[1] + 1]]
        if any(symbol not in ids for symbol in symbols):
            raise _unsupported("text with such characters")
        return [ids[symbol] for symbol in symbols]

    def tokenise(text: str, goes_on: bool) -> tuple[int, ...]:
        del goes_on  # byte-level vocabularies put no space before a text
        if not text.isascii():
            raise _unsupported("text outside ASCII")
        return tuple(number for part in pattern.findall(text) for number in word(part))

    return tokenise


def _byte_letters() -> dict[int, str]:
    """GPT-2's mapping of bytes to visible letters."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {**{byte: chr(byte) for byte in visible}, **{byte: chr(256 + index) for index, byte in enumerate(hidden)}}


def _unsupported(what: str) -> ExpertError:
    return ExpertError("tokenizer-unsupported", f"Telltale cannot tokenise {what} here; import the model with a card that states the ids")
