"""The built-in picture of the self-test: made by integer arithmetic, so that it is the same everywhere.

It has strong structure at several scales (gradients, a chequerboard, rings, stripes, noise), different in every quarter, so that patches
differ from one another and a wrong order of tokens cannot go unnoticed.
"""

import numpy as np

from convert.ggml import Bytes


def reference_picture(size: int) -> Bytes:
    """uint8 (size, size, 3)."""
    y, x = np.mgrid[0:size, 0:size].astype(np.int64)
    half = size // 2
    seed = (x * 1103515245 + y * 12345 + x * y * 2654435761) & 0xFFFFFFFF
    noise = (((seed ^ (seed >> 13)) * 1274126177) & 0xFFFFFFFF) >> 24
    ring = ((x - half) ** 2 + (y - half) ** 2) // max(1, size) % 16 * 16
    out = np.stack([x * 255 // size, y * 255 // size, 255 - (x + y) * 255 // (2 * size)], axis=-1)
    left, top = x < half, y < half
    chequers = np.where((x // 7 + y // 7) % 2 == 0, 30, 225)
    stripes = (x * 3 + y) % 24 * 10
    out[..., 0] = np.where(left & top, chequers, out[..., 0])
    out[..., 1] = np.where(~left & top, ring, out[..., 1])
    out[..., 2] = np.where(left & ~top, stripes, out[..., 2])
    out = np.where((~left & ~top)[..., None], (out + noise[..., None] * np.array([1, 2, 3])) // np.array([2, 3, 4]), out)
    return np.asarray(np.clip(out, 0, 255), np.uint8)
