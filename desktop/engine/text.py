"""The expert's words: whole characters out of token pieces, nothing that could play tricks on a reader, sentences with their places.

The text of a model is untrusted output (security.md §7): control and direction characters are removed before anybody sees it.
"""

import codecs
import re
import unicodedata

_END = ".!?…。！？｡؟۔।"
_CLOSING = "\"'”’»)]}』」）】"
_NO_SPACE_AFTER = "。！？｡"
# Words whose full stop does not end a sentence, when more follows. Lower case, without the stop.
_ABBREVIATIONS = frozenset((
    "e.g", "i.e", "etc", "cf", "vs", "fig", "figs", "eq", "no", "nos", "dr", "mr", "mrs", "ms", "prof", "st", "approx", "resp", "ca", "vol",
    "pp", "p", "ed", "al", "inc", "ltd", "jr", "sr", "z.b", "d.h", "u.a", "bzw", "usw", "vgl", "ggf", "evtl", "nr", "abb", "z.t", "p.ej",
    "sra", "núm", "pág", "ej", "ex", "env", "n.b",
))


def clean(text: str) -> str:
    """Without control, format, private, unassigned and line-separator characters; newline stays, tab becomes a space."""
    return "".join(" " if c == "\t" else c for c in text if c in "\n\t" or not _is_unsafe(c))


def _is_unsafe(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp")


class PieceReader:
    """Turns the bytes of token pieces into text as soon as characters are whole; remembers where each token's text lies."""

    def __init__(self, start: str) -> None:
        """``start``: the text that is there already (the forced beginning of an answer)."""
        self.text = start
        self.spans: list[tuple[int, int]] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._open = 0

    def feed(self, piece: bytes) -> str:
        """Take one token's bytes; returns the new text, empty while a character is incomplete."""
        fresh = clean(self._decoder.decode(piece))
        if not self.text:
            fresh = fresh.lstrip()
        begin = len(self.text)
        self.text += fresh
        self.spans.append((begin, len(self.text)))
        if fresh:  # tokens that only began this piece's first character belong to it
            for n in range(self._open, len(self.spans)):
                self.spans[n] = (begin, len(self.text))
            self._open = len(self.spans)
        return fresh

    def finish(self) -> str:
        """The rest at the end: a replacement mark when a character was cut off."""
        fresh = clean(self._decoder.decode(b"", final=True))
        self.text += fresh
        return fresh

    def tokens_in(self, span: tuple[int, int]) -> list[int]:
        """Numbers of the fed tokens whose text lies, at least in part, within ``span``."""
        return [n for n, (begin, end) in enumerate(self.spans) if begin < span[1] and end > span[0]]


def sentences(text: str) -> list[tuple[int, int]]:
    """Character spans of the sentences, without the white space around them; they do not overlap and stand in order.

    Full stops in numbers, after initials and after common abbreviations do not end a sentence; CJK, Arabic and Devanagari stops do, also
    without a space after them. A line break ends one always.
    """
    spans: list[tuple[int, int]] = []
    begin = 0
    for end in _ends(text):
        piece = text[begin:end]
        left = begin + len(piece) - len(piece.lstrip())
        right = left + len(piece.strip())
        if right > left:
            spans.append((left, right))
        begin = end
    return spans


def _ends(text: str) -> list[int]:
    ends = []
    position = 0
    while position < len(text):
        c = text[position]
        if c == "\n":
            ends.append(position + 1)
        elif c in _END:
            stop = position
            while stop + 1 < len(text) and text[stop + 1] in _END:
                stop += 1
            while stop + 1 < len(text) and text[stop + 1] in _CLOSING:
                stop += 1
            if _is_end(text, position, stop):
                ends.append(stop + 1)
            position = stop
        position += 1
    ends.append(len(text))
    return ends


def _is_end(text: str, first: int, last: int) -> bool:
    """Whether the stop at ``first`` (closing marks up to ``last``) ends a sentence."""
    rest = text[last + 1:]
    if not rest.strip():
        return True
    if text[first] in _NO_SPACE_AFTER:
        return True
    if not rest[0].isspace():
        return False  # 3.5, example.com, e.g.
    if text[first] != ".":
        return True
    following = rest.lstrip()[0]
    word = re.split(r"[\s(\[\"'“‘«]", text[:first])[-1].lower()
    if word in _ABBREVIATIONS:
        # "No." and "etc." may well end a sentence; a capital after these decides.
        return word in ("etc", "no", "al", "inc", "ltd", "usw", "s", "p") and following.isupper()
    if len(word) == 1 and word.isalpha() and word not in ("i", "a") and following.isupper():
        return False  # an initial
    return not following.islower()
