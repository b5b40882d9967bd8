"""Which parts of a picture does the expert encode unlike the rest? Read from the embeddings that the language model gets, before any word.

Attention shows where information was read; this shows where there is something else to read. A region from another source (a splice, a
painted-in part) has other traces, and a tower that was trained on traces puts them apart. It says nothing about which part is the foreign
one, nor about any one sentence.
"""

import numpy as np

from desktop.engine.values import Floats


def patch_contrast(rows: Floats, side: int) -> Floats:
    """One minus the cosine of each patch embedding (patches, width) to the mean of all: float32 (side, side), 0…2."""
    mean = rows.mean(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1) * np.linalg.norm(mean)
    cosines = (rows @ mean) / np.maximum(lengths, 1e-300)
    return np.ascontiguousarray((1.0 - cosines).reshape(side, side), np.float32)
