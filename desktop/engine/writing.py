"""One explanation while it is written: greedy, token by token, until the expert ends it or a limit does."""

from collections.abc import Callable

from desktop.engine.native import Pair
from desktop.engine.text import PieceReader
from desktop.engine.values import Floats, TextState


class Writing:
    """Text so far and what comes next. The owner decodes each chosen token and hands back the logits after it."""

    def __init__(self, pair: Pair, start: str, logits: Floats, position: int, limit: int, on_text: Callable[[str], None]) -> None:
        """``start``: the forced beginning; ``logits`` and ``position``: after the last decoded token; ``limit``: most tokens to write."""
        self._pair, self._logits, self._limit, self._on_text = pair, logits, limit, on_text
        self.position = position
        self.reader = PieceReader(start)
        self.ids: list[int] = []
        """The tokens written."""
        self.maps: list[Floats | None] = []
        """Attention (layers, patches) of each written token, None where none was read."""
        self.state: TextState | None = None
        if start:
            on_text(start)

    @property
    def tokens(self) -> int:
        """Tokens written."""
        return len(self.reader.spans)

    def choose(self) -> int | None:
        """The next token, which must now be decoded at ``position``; None when the text has ended."""
        if self.state is not None:
            return None
        if self.tokens >= self._limit or self.position >= self._pair.context_size:
            self.end("cut-off")
            return None
        token = self._pair.greedy(self._logits)
        if self._pair.is_end(token):
            self.end("complete")
            return None
        self.ids.append(token)
        if fresh := self.reader.feed(self._pair.piece(token)):
            self._on_text(fresh)
        return token

    def follow(self, logits: Floats, attention: Floats | None) -> None:
        """Take what decoding the chosen token gave."""
        self._logits = logits
        self.position += 1
        self.maps.append(attention)

    def end(self, state: TextState) -> None:
        """Write no more."""
        if self.state is None:
            self.state = state
            if rest := self.reader.finish():
                self._on_text(rest)
