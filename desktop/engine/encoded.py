"""A picture after the vision tower: what takes its place in the prompt."""

from typing import Any

import numpy as np

from desktop.engine.values import Floats


class Part:
    """One piece of a picture's place in the prompt: token ids, or the embeddings of a picture chunk."""

    def __init__(self, *, ids: list[int] | None = None, chunk: Any = None, rows: Floats | None = None) -> None:
        self.ids = ids or []
        self.chunk = chunk
        self.rows = np.empty((0, 0), np.float32) if rows is None else rows


class EncodedPicture:
    """A picture after the vision tower; owns its native chunks until ``close``."""

    def __init__(self, mtmd: Any) -> None:
        self._mtmd = mtmd
        self.bitmap: Any = None
        self.chunks: Any = None
        self.parts: list[Part] = []

    @property
    def embeddings(self) -> Floats:
        """All projected patch embeddings, float32 (n_patches, output_width)."""
        return np.concatenate([part.rows for part in self.parts if part.chunk is not None])

    def close(self) -> None:
        """Free the native side; may be called twice."""
        if self.chunks:
            self._mtmd.mtmd_input_chunks_free(self.chunks)
        if self.bitmap:
            self._mtmd.mtmd_bitmap_free(self.bitmap)
        self.chunks = self.bitmap = None
        self.parts = []
