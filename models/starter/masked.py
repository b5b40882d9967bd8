"""A set of edited pictures with masks: ``python -m models.starter.masked PICTURES OUT MIGAN.onnx [--count N]``.

Held-out camera pictures (the test split) with a region painted in by MI-GAN or pasted in from a held-out AI-made picture, delivered
through the mill, as PNG of the expert's own frame. ``OUT`` has the layout of ``telltale evaluate OUT --grounding``: ``edited/painted``,
``edited/pasted``, ``masks`` (white where it was changed) and ``real`` (views of other held-out camera pictures, unedited).
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from models.preparation import Picture
from models.starter.edits import draw_mask, load_migan, paint, paste, piece
from models.starter.listing import read_list
from models.starter.prepare_data import load_rgb, picture_rng, quadrant
from models.starter.views import MARGIN, SIZE, make_view

_WORK = 448
_LEAST, _MOST = 0.03, 0.5
"""Shares of the frame that an edited region may cover."""


def save(rgb: Picture, path: Path) -> None:
    """Write a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder made by collect")
    parser.add_argument("out", type=Path)
    parser.add_argument("migan", type=Path)
    parser.add_argument("--count", type=int, default=120, help="pictures of each kind")
    options = parser.parse_args()
    least = SIZE + MARGIN
    entries = [entry for entry in read_list() if entry.split == "test" and entry.file(options.pictures).exists()]
    reals = [entry for entry in entries if not entry.fake and min(entry.width, entry.height) >= least]
    fakes = [entry for entry in entries if entry.fake and min(entry.width, entry.height) >= 2 * least]
    migan, used = load_migan(options.migan), 0
    for kind in ("painted", "pasted", "real"):
        made = 0
        while made < options.count and used < len(reals):  # no picture is used twice
            entry = reals[used]
            used += 1
            rng = picture_rng(entry, 2000)
            real = load_rgb(entry.file(options.pictures))
            side = min(_WORK, *real.shape[:2])
            real, mask = piece(real, side, rng), draw_mask(side, rng)
            if kind == "real":
                edited, mask = real, np.zeros_like(mask)
            elif kind == "painted":
                edited = paint(migan, real, mask)
            else:
                other = fakes[int(rng.integers(0, len(fakes)))]
                fake = load_rgb(other.file(options.pictures))
                edited = paste(real, piece(quadrant(fake, rng) if other.montage else fake, side, rng), mask, rng)
            view, truth = make_view(edited, rng, mask)
            name = f"{entry.sha256[:16]}.png"
            if kind == "real":
                save(view, options.out / "real" / name)
            elif _LEAST < truth.mean() < _MOST:
                save(view, options.out / "edited" / kind / name)
                save(truth * 255, options.out / "masks" / name)
            else:
                continue
            made += 1
        print(f"{kind}: {made}", flush=True)


if __name__ == "__main__":
    main()
