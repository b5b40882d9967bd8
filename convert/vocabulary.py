"""The vocabulary of a checkpoint, and the tokenisation that llama.cpp will do with it.

`tokenizer.model` is a SentencePiece protocol buffer. It is read by hand (three message types) because a vocabulary is foreign data and a
bounded reader in Python cannot crash. `tokenise` repeats `llm_tokenizer_spm_session` of llama.cpp's src/llama-vocab.cpp, so that the ids
written to the card are the ids that the engine will feed.
"""

import heapq
import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from models.errors import ConversionError

SPACE = "\u2581"
MAX_PIECES = 1 << 20


class Kind(IntEnum):
    """Type of a piece: SentencePiece's numbers, which GGUF's `tokenizer.ggml.token_type` shares."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    text: str
    score: float
    kind: Kind


@dataclass(frozen=True)
class Vocabulary:
    """All rows of the embedding matrix, in order."""

    pieces: tuple[Piece, ...]
    bos_id: int
    eos_id: int
    unknown_id: int
    pad_id: int | None
    space_prefix: bool
    usable: int
    """Ids from here on were never trained: added tokens and padding rows."""


def _fields(data: bytes) -> list[tuple[int, int, int | bytes]]:
    """(field number, wire type, value) of one protocol-buffer message."""
    found: list[tuple[int, int, int | bytes]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise ValueError
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        wire = key & 7
        if wire == 0:
            found.append((key >> 3, wire, varint()))
            continue
        size = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            size = varint()
        if size is None or at + size > len(data):
            raise ValueError
        found.append((key >> 3, wire, data[at : at + size]))
        at += size
    return found


def _piece(data: bytes) -> Piece:
    text, score, kind = "", 0.0, Kind.NORMAL
    for number, _, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            text = value.decode("utf-8")
        elif number == 2 and isinstance(value, bytes):
            (score,) = struct.unpack("<f", value)
        elif number == 3 and isinstance(value, int):
            kind = Kind(value)
    return Piece(text, score, kind)


def _numbers(data: bytes) -> dict[int, int]:
    return {number: value - (1 << 64) if value >> 63 else value for number, _, value in _fields(data) if isinstance(value, int)}


_TRAINER_BPE = 2


def read_sentencepiece(path: Path) -> Vocabulary:
    """Read `tokenizer.model`. Raises ConversionError `tokenizer-invalid` or `tokenizer-unsupported`."""
    try:
        data = path.read_bytes()
        pieces: list[Piece] = []
        trainer: dict[int, int] = {}
        normaliser: dict[int, int] = {}
        for number, wire, value in _fields(data):
            if wire == 2 and isinstance(value, bytes):
                if number == 1 and len(pieces) < MAX_PIECES:
                    pieces.append(_piece(value))
                elif number == 2:
                    trainer = _numbers(value)
                elif number == 3:
                    normaliser = _numbers(value)
        if not pieces:
            raise ValueError
    except (ValueError, struct.error):
        raise ConversionError("tokenizer-invalid", f"{path.name} is not a SentencePiece model; download it again") from None
    except OSError as error:
        raise ConversionError("checkpoint-unreadable", f"{path.name} cannot be read: {error.strerror}") from None
    if trainer.get(3, 1) != _TRAINER_BPE:
        raise ConversionError("tokenizer-unsupported", f"{path.name} is not a byte-pair vocabulary; llama.cpp would cut words differently")
    return Vocabulary(
        pieces=tuple(pieces),
        bos_id=trainer.get(41, 1),
        eos_id=trainer.get(42, 2),
        unknown_id=trainer.get(40, 0),
        pad_id=None,
        space_prefix=bool(normaliser.get(3, 1)),
        usable=len(pieces),
    )


def extend(vocabulary: Vocabulary, added: dict[int, str], rows: int, pad_id: int | None) -> Vocabulary:
    """Bring a vocabulary to the `rows` of the embedding: `added` tokens become control tokens, the rest unused padding.

    Raises ConversionError `vocabulary-mismatch` when there are more tokens than rows.
    """
    base = len(vocabulary.pieces)
    if base > rows or any(number >= rows for number in added):
        raise ConversionError(
            "vocabulary-mismatch",
            f"the tokenizer has more tokens ({max([base, *(n + 1 for n in added)])}) than the embedding has rows ({rows}); "
            "tokenizer and weights belong to different models",
        )
    taken = {piece.text for piece in vocabulary.pieces}
    pieces = list(vocabulary.pieces)
    for number in range(base, rows):
        text = added.get(number)
        if text is None or text in taken:
            pieces.append(Piece(f"[PAD{number}]", -1000.0, Kind.UNUSED))
        else:
            taken.add(text)
            pieces.append(Piece(text, -1000.0, Kind.CONTROL))
    usable = base
    while usable and pieces[usable - 1].kind in (Kind.CONTROL, Kind.UNUSED):
        usable -= 1
    return replace(vocabulary, pieces=tuple(pieces), pad_id=pad_id if pad_id is not None and pad_id < rows else None, usable=usable)


class Tokeniser:
    """llama.cpp's SentencePiece-style merging: always the adjacent pair whose joined piece has the best score, leftmost first."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._ids: dict[str, int] = {}
        for number, piece in enumerate(vocabulary.pieces):
            self._ids[piece.text] = number
        self._whole = sorted((p.text for p in vocabulary.pieces if p.kind is Kind.USER_DEFINED and p.text), key=len, reverse=True)

    def encode(self, text: str, space_prefix: bool | None = None) -> tuple[int, ...]:
        """Ids of one text part. `space_prefix`: None follows the vocabulary; False for text that goes on after other text.

        Raises ConversionError `tokenizer-unsupported` when a character has no piece and the vocabulary has no bytes.
        """
        prefix = self._vocabulary.space_prefix if space_prefix is None else space_prefix
        out: list[int] = []
        for part, special in self._split(text):
            if special:
                out.append(self._ids[part])
                prefix = self._vocabulary.space_prefix
            elif part:
                out += self._merge((" " if prefix else "") + part)
                prefix = False
        return tuple(out)

    def decode(self, ids: tuple[int, ...]) -> str:
        """Text of ids, without control tokens."""
        data = b""
        for number in ids:
            piece = self._vocabulary.pieces[number]
            if piece.kind is Kind.BYTE:
                data += bytes([int(piece.text[3:5], 16)])
            elif piece.kind in (Kind.NORMAL, Kind.USER_DEFINED):
                data += piece.text.replace(SPACE, " ").encode("utf-8")
        return data.decode("utf-8", "replace")

    def _split(self, text: str) -> list[tuple[str, bool]]:
        parts = [(text, False)]
        for whole in self._whole:
            cut: list[tuple[str, bool]] = []
            for part, special in parts:
                if special or whole not in part:
                    cut.append((part, special))
                    continue
                for index, rest in enumerate(part.split(whole)):
                    if index:
                        cut.append((whole, True))
                    cut.append((rest, False))
            parts = cut
        return parts

    def _merge(self, text: str) -> list[int]:
        symbols = list(text.replace(" ", SPACE))
        after = [*range(1, len(symbols)), -1]
        before = list(range(-1, len(symbols) - 1))
        queue: list[tuple[float, int, int, int]] = []
        halves: dict[str, tuple[int, int]] = {}

        def propose(left: int, right: int) -> None:
            if left < 0 or right < 0:
                return
            joined = symbols[left] + symbols[right]
            number = self._ids.get(joined)
            if number is not None:
                heapq.heappush(queue, (-self._vocabulary.pieces[number].score, left, right, len(joined)))
                halves[joined] = (left, right)

        for index in range(1, len(symbols)):
            propose(index - 1, index)
        while queue:
            _, left, right, length = heapq.heappop(queue)
            if not symbols[left] or not symbols[right] or len(symbols[left]) + len(symbols[right]) != length:
                continue
            symbols[left] += symbols[right]
            symbols[right] = ""
            after[left] = after[right]
            if after[right] >= 0:
                before[after[right]] = left
            propose(before[left], left)
            propose(left, after[left])
        out: list[int] = []
        index = 0 if symbols else -1
        while index >= 0:
            out += self._ids_of(symbols[index])
            index = after[index]
        return out

    def _ids_of(self, symbol: str) -> list[int]:
        number = self._ids.get(symbol)
        if number is not None:
            return [number]
        names = [f"<0x{byte:02X}>" for byte in symbol.encode("utf-8")]
        if any(name not in self._ids for name in names):
            raise ConversionError(
                "tokenizer-unsupported", "the vocabulary has no byte pieces, so that some text cannot be put to this model"
            )
        return [self._ids[name] for name in names]
