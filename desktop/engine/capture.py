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

    ggml asks about every node of the graph before it computes it. A graph for one token of as many slots has the same nodes every time, so
    the places of the wanted ones are learnt once and names are looked up only there: this halves the cost of capture for small models.
    """

    def __init__(self, ggml: Ggml, layers: Sequence[int], heads: Sequence[tuple[int, int]] = ()) -> None:
        """Read ``layers``; of them all heads, or only ``heads`` as (layer, head) pairs (layers without one are left out)."""
        chosen = {layer: sorted(head for at, head in set(heads) if at == layer) for layer in set(layers)}
        self.layers = tuple(sorted(layer for layer in chosen if chosen[layer] or not heads))
        self._chosen = [chosen[layer] for layer in self.layers]
        self.recording = False
        self.heads = 0
        self._ggml = ggml
        self._names = {f"kq_soft_max-{layer}".encode(): n for n, layer in enumerate(self.layers)}
        self._tokens = 1
        self._runs: list[tuple[int, ...]] = []
        self._shape: tuple[int, ...] = ()
        self._asked = 0
        self._places: dict[tuple[int, ...], frozenset[int]] = {}
        self._learning: set[int] = set()
        self._seen = [0] * len(self.layers)
        self._rows: dict[int, Floats] = {}

    def expect(self, tokens: int, slots: tuple[int, ...] = (0,)) -> None:
        """The next decode call carries ``tokens`` positions for each of ``slots``, which are in order."""
        if self._tokens == 1 and self._asked:
            if any(count != len(self._runs) for count in self._seen):
                self._places.clear()  # the graph was another one than was learnt: look again
            elif self._learning:
                self._places[self._shape] = frozenset(self._learning)
        self._learning = set()
        self._tokens, self._asked = tokens, 0
        self._seen = [0] * len(self.layers)
        self._runs = runs_of(slots)
        self._shape = tuple(len(run) for run in self._runs)

    def take(self, first: int, count: int, slot: int = 0) -> Floats | None:
        """The attention of ``slot``'s last position to positions ``first`` … ``first + count``, mean over the wanted heads: float32
        (layers, count).

        None when not every wanted layer was seen.
        """
        rows = self.take_heads(first, count, slot)
        if rows is None:
            return None
        return np.stack([layer[heads or slice(None)].mean(axis=0) for layer, heads in zip(rows, self._chosen, strict=True)])

    def take_heads(self, first: int, count: int, slot: int = 0) -> Floats | None:
        """As ``take``, but every head of each layer for itself: float32 (layers, heads, count), a view that the next pass overwrites."""
        if not self.layers or any(seen != len(self._runs) for seen in self._seen) or slot not in self._rows:
            return None
        return self._rows[slot][:, :, first:first + count]

    def on_node(self, tensor: int, ask: bool, _data: int | None) -> bool:
        """The evaluation callback. Never raises: an exception must not cross into C."""
        if not self.recording:
            return not ask
        if ask:
            self._asked += 1
            if self._tokens == 1 and (places := self._places.get(self._shape)):
                return self._asked in places
            if self._ggml.name(tensor) not in self._names:
                return False
            self._learning.add(self._asked)
            return True
        layer = self._names.get(self._ggml.name(tensor))
        if layer is not None and self.heads:
            self._copy(tensor, layer)
        return True

    def _copy(self, tensor: int, layer: int) -> None:
        # ne = [n_kv, n_tokens, n_head, n_stream]; a stream is a slot, and llama.cpp computes each run of neighbouring slots as one graph.
        # The last token's row of head h of stream s begins at ((s * n_head + h) * n_tokens + n_tokens - 1) * n_kv floats.
        number, tokens = self._seen[layer], self._tokens
        self._seen[layer] += 1
        if number >= len(self._runs):
            return
        run = self._runs[number]
        columns = self._ggml.nbytes(tensor) // (4 * tokens * self.heads * len(run))
        for stream, slot in enumerate(run):
            rows = self._rows.get(slot)
            if rows is None or rows.shape[2] != columns:
                rows = self._rows[slot] = np.zeros((len(self.layers), self.heads, columns), np.float32)
            if tokens == 1:
                self._ggml.read(tensor, rows[layer], 4 * columns * self.heads * stream)
            else:
                for head in range(self.heads):
                    self._ggml.read(tensor, rows[layer, head], 4 * columns * ((stream * self.heads + head) * tokens + tokens - 1))


def runs_of(slots: Sequence[int]) -> list[tuple[int, ...]]:
    """Runs of neighbouring numbers: (0, 1, 3) -> [(0, 1), (3,)]."""
    runs: list[tuple[int, ...]] = []
    for slot in slots:
        if runs and runs[-1][-1] + 1 == slot:
            runs[-1] = (*runs[-1], slot)
        else:
            runs.append((slot,))
    return runs
