"""How a checkpoint's own code makes its picture, read from the files beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from convert.checkpoint_files import optional_json
from convert.shapes import LlavaShape, VisionShape
from models.cards import Preparation, PreparationKind
from models.errors import ConversionError

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_BICUBIC = 3


def _stated(folder: Path) -> dict[str, Any]:
    own = optional_json(folder, "preprocessor_config.json")
    nested = optional_json(folder, "processor_config.json").get("image_processor")
    return own or (nested if isinstance(nested, dict) else {})


def preparation(folders: Sequence[Path], shape: LlavaShape, vision: VisionShape) -> Preparation:
    """How the checkpoint's own code prepares pictures: from the first of `folders` (checkpoint, tower) that says.

    Raises ConversionError `preparation-unsupported`.
    """
    config = next((found for found in map(_stated, folders) if found), {})
    mean, std = _triple(config.get("image_mean"), CLIP_MEAN), _triple(config.get("image_std"), CLIP_STD)
    stated = config.get("telltale_preparation")
    if isinstance(stated, dict):
        # Written by recipes that train with one of Telltale's own preparations.
        if stated.get("kind") not in get_args(PreparationKind) or stated.get("size") != vision.image:
            raise ConversionError("preparation-unsupported", "telltale_preparation in preprocessor_config.json is not usable")
        return Preparation(stated["kind"], vision.image, _triple(stated.get("mean"), mean), _triple(stated.get("std"), std))
    if shape.pad_to_square:
        return Preparation("pad", vision.image, mean, std)
    size = config.get("size", vision.image)
    shorter = size.get("shortest_edge", size.get("height")) if isinstance(size, dict) else size
    crop = config.get("crop_size", vision.image)
    side = crop.get("height") if isinstance(crop, dict) else crop
    if shorter != vision.image or side != vision.image or config.get("resample", _BICUBIC) != _BICUBIC:
        raise ConversionError(
            "preparation-unsupported",
            "preprocessor_config.json asks for another resizing than the shorter side to the tower's size, bicubic",
        )
    if config.get("do_pad") is True:
        return Preparation("pad", vision.image, mean, std)
    for step in ("do_resize", "do_center_crop", "do_rescale", "do_normalize"):
        if config.get(step, True) is not True:
            raise ConversionError("preparation-unsupported", f"preprocessor_config.json switches off {step}")
    return Preparation("crop", vision.image, mean, std)


def _triple(value: object, default: tuple[float, float, float]) -> tuple[float, float, float]:
    if value is None:
        return default
    if isinstance(value, list) and len(value) == 3 and all(isinstance(item, int | float) and 0 < item < 256 for item in value):
        return float(value[0]), float(value[1]), float(value[2])
    raise ConversionError("preparation-unsupported", "the mean or standard deviation of the picture preparation is not three numbers")
