"""The bit-plane view: the lowest bits as they are, and how patterned they look."""

import numpy as np

from desktop.evidence.views.common import Outcome, Source, rounded


def bit_planes(source: Source) -> Outcome:
    """The lowest bit of each channel at full strength; a tile is patterned when neighbouring bits agree too often."""
    p = source.parameters
    bits = source.rgb >> p["plane"] & 1
    height, width = bits.shape[:2]
    tile = p["tile"]
    rows, columns = height // tile, width // tile
    shares = []
    for channel in range(3):
        plane = bits[: rows * tile, : columns * tile, channel].reshape(rows, tile, columns, tile)
        beside = (plane[:, :, :, 1:] == plane[:, :, :, :-1]).mean(axis=(1, 3))
        below = (plane[:, 1:] == plane[:, :-1]).mean(axis=(1, 3))
        shares.append(float((np.maximum(beside, below) > p["patterned"]).mean()) if rows and columns else 0.0)
    facts = {"ones": [rounded(float(bits[:, :, c].mean())) for c in range(3)], "patterned_tiles": [rounded(share) for share in shares]}
    return Outcome(bits * np.uint8(255), facts, covers=(0, 0, width, height))
