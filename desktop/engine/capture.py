"""Reading attention while llama.cpp decodes: for every decoded position, how much of it fell on each of the picture's tokens.

The node ``kq_soft_max-<layer>`` exists only with flash attention off. It is float32 with ``ne = [n_kv, n_tokens, n_head]``; padding
columns are zero and every row sums to 1 (llava-to-gguf.md §13). Only the rows of the last position are copied, so that a captured token
costs a few kilobytes.
"""

from collections.abc import Sequence

import numpy as np

from desktop.engine.ggml import Ggml
from desktop.engine.values import Floats


class Capture:
    """Collects the last position's attention of each wanted layer during a decode call, while ``recording``.

    ggml asks about every node of the graph before it computes it. A graph for one token has the same nodes every time, so the places of
    the wanted ones are learnt once and names are looked up only there: this halves the cost of capture for small models.
    """

    def __init__(self, ggml: Ggml, layers: Sequence[int]) -> None:
        self.layers = tuple(sorted(set(layers)))
        self.recording = False
        self.heads = 0
        self._ggml = ggml
        self._names = {f"kq_soft_max-{layer}".encode(): n for n, layer in enumerate(self.layers)}
        self._tokens = 1
        self._asked = 0
        self._places: frozenset[int] = frozenset()
        self._learning: set[int] = set()
        self._seen = 0
        self._rows: Floats = np.empty((len(self.layers), 0, 0), np.float32)

    def expect(self, tokens: int) -> None:
        """The next decode call carries ``tokens`` positions."""
        if self._tokens == 1 and self._asked and self._seen != len(self.layers):
            self._places = frozenset()  # the graph was another one than was learnt: look again
        elif self._tokens == 1 and self._learning:
            self._places = frozenset(self._learning)
        self._learning = set()
        self._tokens, self._asked, self._seen = tokens, 0, 0

    def take(self, first: int, count: int) -> Floats | None:
        """The last position's attention to positions ``first`` … ``first + count``, mean over heads: float32 (layers, count).

        None when not every wanted layer was seen.
        """
        if not self.layers or self._seen != len(self.layers):
            return None
        return np.asarray(self._rows[:, :, first:first + count].mean(axis=1), np.float32)

    def on_node(self, tensor: int, ask: bool, _data: int | None) -> bool:
        """The evaluation callback. Never raises: an exception must not cross into C."""
        if not self.recording:
            return not ask
        if ask:
            self._asked += 1
            if self._tokens == 1 and self._places:
                return self._asked in self._places
            if self._ggml.name(tensor) not in self._names:
                return False
            self._learning.add(self._asked)
            return True
        layer = self._names.get(self._ggml.name(tensor))
        if layer is not None and self.heads:
            self._copy(tensor, layer)
        return True

    def _copy(self, tensor: int, layer: int) -> None:
        # ne = [n_kv, n_tokens, n_head]: the last token's row of head h begins at (h * n_tokens + n_tokens - 1) * n_kv floats.
        columns = self._ggml.nbytes(tensor) // (4 * self._tokens * self.heads)
        if self._rows.shape[1:] != (self.heads, columns):
            self._rows = np.zeros((len(self.layers), self.heads, columns), np.float32)
        if self._tokens == 1:
            self._ggml.read(tensor, self._rows[layer], 0)
        else:
            for head in range(self.heads):
                self._ggml.read(tensor, self._rows[layer, head], 4 * columns * (head * self._tokens + self._tokens - 1))
        self._seen += 1
