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
    """Collects the last position's attention, one array (heads, n_kv) a layer and decode call, while ``recording``."""

    def __init__(self, ggml: Ggml, layers: Sequence[int]) -> None:
        self.layers = tuple(sorted(set(layers)))
        self.recording = False
        self._ggml = ggml
        self._names = {f"kq_soft_max-{layer}".encode(): layer for layer in self.layers}
        self._tokens = 1
        self._rows: dict[int, Floats] = {}
        self.heads = 0

    def expect(self, tokens: int) -> None:
        """The next decode call carries ``tokens`` positions."""
        self._tokens = tokens
        self._rows = {}

    def take(self, first: int, count: int) -> Floats | None:
        """Mean over heads and layers of the last position's attention to positions ``first`` … ``first + count``: float32 (layers, count).

        None when not every wanted layer was seen.
        """
        if not self.layers or len(self._rows) != len(self.layers):
            return None
        return np.stack([self._rows[layer][:, first:first + count].mean(axis=0) for layer in self.layers])

    def on_node(self, tensor: int, ask: bool, _data: int | None) -> bool:
        """The evaluation callback. Never raises: an exception must not cross into C."""
        if not self.recording:
            return not ask
        layer = self._names.get(self._ggml.name(tensor))
        if ask:
            return layer is not None
        if layer is not None and self.heads:
            self._rows[layer] = self._last_rows(tensor)
        return True

    def _last_rows(self, tensor: int) -> Floats:
        # ne = [n_kv, n_tokens, n_head]: the last token's row of head h begins at (h * n_tokens + n_tokens - 1) * n_kv floats.
        columns = self._ggml.nbytes(tensor) // (4 * self._tokens * self.heads)
        rows = np.empty((self.heads, columns), np.float32)
        for head in range(self.heads):
            self._ggml.read(tensor, rows[head], 4 * columns * (head * self._tokens + self._tokens - 1))
        return rows
