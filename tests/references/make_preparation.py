"""Computes ``preparation/clip.npz`` with transformers (which needs torch installed): ``python -m tests.references.make_preparation``."""

import numpy as np
import transformers
from PIL import Image

from tests.references.preparation import CASES, HERE, picture


def main() -> None:
    """Run the reference processor, without its scaling to floats, on every case."""
    arrays = {}
    for name, height, width, size in CASES:
        processor = transformers.models.clip.CLIPImageProcessorPil(
            size={"shortest_edge": size}, crop_size={"height": size, "width": size}, resample=Image.Resampling.BICUBIC, do_convert_rgb=True,
            do_resize=True, do_center_crop=True, do_rescale=False, do_normalize=False,
        )
        values = processor(images=Image.fromarray(picture(height, width)), return_tensors="np")["pixel_values"][0]
        whole = np.asarray(values)
        assert np.array_equal(whole, whole.astype(np.uint8))
        arrays[name] = np.moveaxis(whole.astype(np.uint8), 0, -1)
    np.savez_compressed(HERE / "clip.npz", **arrays)
    print({name: array.shape for name, array in arrays.items()}, "transformers", transformers.__version__, "Pillow", Image.__version__)


if __name__ == "__main__":
    main()
