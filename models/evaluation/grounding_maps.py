"""Ways of making a map out of an expert's raw attention, and the candidates among which the best layers and heads are searched."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from desktop.engine.claims import relative
from desktop.engine.values import Trace
from models.evaluation.grounding import Map

Method = Literal["relative-attention", "attention", "patch-contrast"]
_ATTENTION: tuple[Method, ...] = ("relative-attention", "attention")
_LONGEST = 6


@dataclass(frozen=True)
class Way:
    """How a claim's map is read out of a trace; the fields are those of a card's ``[grounding]``."""

    method: Method
    layers: tuple[int, ...] = ()
    heads: tuple[tuple[int, int], ...] = ()

    def maps(self, trace: Trace) -> list[Map]:
        """One map a claim, (rows, columns)."""
        if self.method == "patch-contrast":
            return [trace.contrast for _ in trace.claims]
        baseline = self._read(trace.baseline)
        if self.method == "attention":
            baseline = np.ones_like(baseline)
        return [relative(self._read(claim), baseline).reshape(trace.baseline.shape[2:]) for claim in trace.claims]

    def _read(self, attention: Map) -> Map:
        """(layers, heads, rows, columns) -> (wanted layers, patches), mean over the wanted heads."""
        rows = []
        for layer in self.layers:
            heads = [head for at, head in self.heads if at == layer]
            if heads or not self.heads:
                rows.append(attention[layer][heads or slice(None)].mean(axis=0).ravel())
        return np.stack(rows)

    def __str__(self) -> str:
        if self.method == "patch-contrast":
            return self.method
        where = ", ".join(f"{layer}.{head}" for layer, head in self.heads) or ", ".join(map(str, self.layers))
        return f"{self.method} of {'heads' if self.heads else 'layers'} {where}"


def candidates(layers: int, heads: int) -> Iterator[Way]:
    """Patch contrast; every run of neighbouring layers up to six long with all heads, and every single head, each relative and plain."""
    yield Way("patch-contrast")
    for method in _ATTENTION:
        for first in range(layers):
            for last in range(first, min(layers, first + _LONGEST)):
                yield Way(method, tuple(range(first, last + 1)))
        for layer in range(layers):
            for head in range(heads):
                yield Way(method, (layer,), ((layer, head),))
