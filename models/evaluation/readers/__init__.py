"""Readers of picture sets: a plain folder, and the published layouts. ``read_dataset`` chooses by name."""

from collections.abc import Callable
from pathlib import Path

from models.errors import UsageError
from models.evaluation.items import Dataset
from models.evaluation.readers.folders import read_dmimage, read_ffpp, read_folder
from models.evaluation.readers.listed import read_ddvqa, read_fakeclue, read_loki
from models.evaluation.readers.questions import read_aesbench, read_fakebench

READERS: dict[str, Callable[[Path], Dataset]] = {
    "folder": read_folder, "fakeclue": read_fakeclue, "loki": read_loki, "ddvqa": read_ddvqa, "dmimage": read_dmimage, "ffpp": read_ffpp,
    "fakebench": read_fakebench, "aesbench": read_aesbench,
}


def read_dataset(root: Path, form: str = "folder") -> Dataset:
    """Read the set in ``root``. Raises UsageError ``dataset-format``, ``dataset-missing``, ``dataset-invalid`` or ``dataset-empty``."""
    if form not in READERS:
        raise UsageError("dataset-format", f"there is no such format; choose one of {', '.join(READERS)}")
    if not root.is_dir():
        raise UsageError("dataset-missing", "the data set has to be a folder")
    dataset = READERS[form](root)
    if not dataset.items:
        raise UsageError("dataset-empty", f"no pictures were found in the layout of {form!r}: {_LAYOUTS[form]}")
    ids = [item.id for item in dataset.items]
    if len(set(ids)) != len(ids):
        raise UsageError("dataset-invalid", "two entries of the data set have the same name")
    return dataset


_LAYOUTS = {
    "folder": "real/ and fake/ (and edited/, with masks of the same names in masks/)",
    "fakeclue": "data_json/test.json with its pictures in test/",
    "loki": "data_json/image/true_or_false.json with its pictures in media_data/image/",
    "ddvqa": "DQ_FF++/test_set/<method>/<method>.json with pictures named like the entries beside it",
    "dmimage": "one folder a generator, and folders of real pictures whose names begin with real_",
    "ffpp": "original_sequences/ and manipulated_sequences/ with extracted frames",
    "fakebench": "Evaluation/FakeClass.json with FakeBench_images/",
    "aesbench": "AesBench_evaluation.json with images/",
}
