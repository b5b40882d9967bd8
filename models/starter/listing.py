"""The list of pictures and its division into training, calibration and two tests by whole sources and whole generators.

Rows of the first list are divided by the rules below. Rows that were added later name their split themselves (column ``split``), because
whole repositories were set aside for calibration and for the second test when they were collected; what belongs to a family of generators
that the first test holds out is never trained on, whatever the row says.
"""

import csv
import gzip
import hashlib
import io
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, cast

Split = Literal["train", "calibration", "test", "test_more", "unused"]

LIST = Path(__file__).with_name("pictures.csv.gz")

TEST_REAL = {"jbhuang0604/SelfExSR", "chandrikadeb7/Face-Mask-Detection", "datitran/raccoon_dataset"}
CALIBRATION_REAL = {
    "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-Windows-10",
    "serengil/deepface",
    "ageitgey/face_recognition",
    "davisking/dlib",
    "tesseract-ocr/test",
}
UNUSED = {"scikit-image/scikit-image", "lllyasviel/Fooocus"}
"""scikit-image's photographs are the project's own test pictures; Fooocus' are thumbnails of 128 pixels."""

TEST_FAKE = {
    "comfyanonymous/ComfyUI_examples",
    "vladmandic/automatic",
    "ltdrdata/ComfyUI-extension-tutorials",
    "deepghs/sdeval",
    "Comfy-Org/example_workflows",
}
TEST_GENERATORS = ("kandinsky", "wan-ai", "stable-cascade", "auraflow", "sana", "qwen", "playground", "cogview")
"""Whole families of ``vladmandic/sd-samples``; several have decoders that no generator of the training split has."""
CALIBRATION_GENERATORS = ("cosmos", "omnigen", "kolors", "lumina", "meissonic")

LEAST_SIDE = 256
"""A shorter side below this is left out: the picture would be enlarged, which hides traces."""


@dataclass(frozen=True)
class Entry:
    """One row of the list."""

    repository: str
    commit: str
    path: str
    fake: bool
    generator: str
    category: str
    width: int
    height: int
    sha256: str
    licence: str
    named_split: Split | Literal[""] = ""

    @property
    def source(self) -> str:
        """What results are grouped by: the generator for ``vladmandic/sd-samples``, the repository for all others."""
        return self.generator if self.repository == "vladmandic/sd-samples" else self.repository

    @property
    def montage(self) -> bool:
        """Whether it is a 2 x 2 sheet, whose seams must not be seen."""
        return self.repository == "SupaGruen/StableDiffusion-CheatSheet"

    def file(self, root: Path) -> Path:
        """Where ``collect`` puts it."""
        return root / ("fake" if self.fake else "real") / (self.sha256 + Path(self.path).suffix.lower())

    @property
    def split(self) -> Split:
        if self.repository in UNUSED or min(self.width, self.height) < LEAST_SIDE:
            return "unused"
        if self.named_split:
            name = f"{self.generator} {self.path}".lower()
            held_out = self.named_split != "test_more" and self.fake and any(word in name for word in TEST_GENERATORS)
            return "unused" if held_out else self.named_split
        if self.repository in TEST_REAL | TEST_FAKE:
            return "test"
        if self.repository in CALIBRATION_REAL:
            return "calibration"
        if self.repository == "vladmandic/sd-samples":
            name = self.generator.lower()
            if any(word in name for word in TEST_GENERATORS):
                return "test"
            if any(word in name for word in CALIBRATION_GENERATORS):
                return "calibration"
        return "train"


def read_list(path: Path = LIST) -> list[Entry]:
    """All rows, in an order that does not depend on source or class (by a hash), so that any prefix is a fair sample."""
    with gzip.open(path, "rb") as stream:
        rows = csv.DictReader(io.TextIOWrapper(stream, "utf-8"))
        entries = [
            Entry(
                row["repository"], row["commit"], row["path"], row["label"] == "fake", row["generator"], row["category"],
                int(row["width"]), int(row["height"]), row["sha256"], row["licence"], cast("Split", row.get("split", "")),
            )
            for row in rows
        ]  # fmt: skip
    return sorted(entries, key=lambda entry: hashlib.sha256(entry.sha256.encode()).digest())


def balanced(entries: list[Entry], count: int) -> list[Entry]:
    """At most ``count`` of ``entries``, from all repositories in turn, so that small ones are not lost among large ones."""
    queues: dict[str, list[Entry]] = {}
    for entry in entries:
        queues.setdefault(entry.repository, []).append(entry)
    turns = (some[number] for number in range(max(map(len, queues.values()), default=0)) for some in queues.values() if number < len(some))
    return list(islice(turns, count))


def permissive(entry: Entry) -> bool:
    """Whether the row's licence allows any use; several sets are for research only, copyleft, or state none."""
    return _PERMISSIVE.match(entry.licence) is not None and _CLOUDED.search(entry.licence) is None


_PERMISSIVE = re.compile(
    r"CC0|CC[ -]BY(?![ -](?:NC|SA|ND))|MIT|Apache|BSD|BSL|ISC|Unlicense|free use|public domain|FOWDL"
    r"|repo licence: permissive", re.IGNORECASE
)
_CLOUDED = re.compile(r"ICDAR|not stated|not cleared|BY-SA", re.IGNORECASE)
"""The repository's own licence is not, or not surely, that of the pictures."""
