"""Sets whose folders say what a picture is: a plain one, DMimage, FaceForensics++."""

from pathlib import Path

from models.evaluation.items import Dataset, Item, Label
from models.evaluation.readers.common import by_stem, pictures, relative


def read_folder(root: Path) -> Dataset:
    """``real/``, ``fake/`` and ``edited/`` at will; what lies in a folder within them has that folder's name as its category.

    ``masks/`` (or ``edited/masks/``) holds a picture of the same name for every edited one: white where it was changed.
    """
    items: list[Item] = []
    masks = by_stem(root / "edited" / "masks") | by_stem(root / "masks")
    labels: tuple[Label, ...] = ("real", "fake", "edited")
    for label in labels:
        for path in pictures(root / label):
            parts = path.relative_to(root / label).parts
            if label == "edited" and parts[0] == "masks":
                continue
            mask = masks.get(path.stem) if label == "edited" else None
            items.append(Item(relative(path, root), path, label, category=parts[0] if len(parts) > 1 else "", mask=mask))
    return Dataset("folder", root, tuple(items))


def read_dmimage(root: Path) -> Dataset:
    """The test set of DMimageDetection: one folder a generator, real ones in folders that begin with ``real_``.

    Layout as its README states it. The published numbers are of pictures that its ``csv_operations.py`` has cropped, resized to 200 pixels
    and compressed; give that script's output to compare with them.
    """
    items = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        label: Label = "real" if folder.name.startswith("real_") else "fake"
        family = folder.name.removeprefix("real_").split("_")[0]
        items += [Item(relative(path, root), path, label, category=family, source=folder.name) for path in pictures(folder)]
    note = "Compare with published numbers only after the set's own csv_operations.py was applied to the pictures."
    return Dataset("dmimage", root, tuple(items), (note,))


def read_ffpp(root: Path) -> Dataset:
    """FaceForensics++ frames: ``original_sequences/<set>/<compression>/…`` and ``manipulated_sequences/<method>/<compression>/…``.

    The folders are those that its dataset/README.md states; its videos have to be turned into frames first. FakeClue's own copy,
    ``ff++/{real,fake}/<method>/<compression>/frames/…``, is read as well.
    """
    items = []
    for path in pictures(root):
        parts = path.relative_to(root).parts
        lowered = [part.lower() for part in parts[:-1]]
        at = next((index for index, part in enumerate(lowered) if part in _SIDES), None)
        if at is None:
            continue
        label = _SIDES[lowered[at]]
        method = parts[at + 1] if at + 1 < len(parts) - 1 else ""
        compression = next((part for part in lowered[at:] if part in ("raw", "c0", "c23", "c40", "hq", "lq")), "")
        items.append(Item(relative(path, root), path, label, category=method, source=compression))
    note = "Frames of one video are alike; intervals that take pictures as independent are too narrow."
    return Dataset("ffpp", root, tuple(items), (note,))


_SIDES: dict[str, Label] = {"original_sequences": "real", "manipulated_sequences": "fake", "real": "real", "fake": "fake"}
