"""Calibrations of one's own, kept in ``calibrations/`` of the data folder, one file per card: an expert's own folder is immutable.

Light enough to be imported wherever an expert is opened.
"""

import math
from bisect import bisect_left
from pathlib import Path
from typing import Literal

import msgspec

from models.cards import Calibration, Sha256
from models.errors import UsageError
from models.places import data_dir, write_whole


class StoredCalibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of ``calibrations/``."""

    schema: Literal["telltale.calibration/1"]
    card_sha256: Sha256
    calibration: Calibration
    failed: int = 0
    """Pictures of the set that could not be scored, or that the expert did not answer about."""
    duplicates: int = 0
    """Pictures that were there more than once and counted once."""


def save_calibration(stored: StoredCalibration, folder: Path | None = None) -> Path:
    """Keep a calibration for its card, replacing an earlier one; returns the file. Raises UsageError ``calibration-unwritable``."""
    path = _path(stored.card_sha256, folder)
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(stored), indent=1) + b"\n")
    except OSError as error:
        raise UsageError("calibration-unwritable", f"the calibration cannot be kept: {error.strerror}") from None
    return path


def load_calibration(card_sha256: str, folder: Path | None = None) -> StoredCalibration | None:
    """The user's own calibration for a card, or None. Raises UsageError ``calibration-invalid`` when the file is damaged."""
    try:
        stored = msgspec.json.decode(_path(card_sha256, folder).read_bytes(), type=StoredCalibration)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise UsageError("calibration-invalid", "your calibration of this expert is damaged; calibrate again") from None
    if stored.card_sha256 != card_sha256 or not _plausible(stored.calibration):
        raise UsageError("calibration-invalid", "your calibration of this expert is damaged; calibrate again")
    return stored


def forget_calibration(card_sha256: str, folder: Path | None = None) -> bool:
    """Delete the user's own calibration for a card; returns whether there was one."""
    path = _path(card_sha256, folder)
    there = path.is_file()
    path.unlink(missing_ok=True)
    return there


def _path(card_sha256: str, folder: Path | None) -> Path:
    return (data_dir() / "calibrations" if folder is None else folder) / f"{card_sha256}.json"


def _plausible(calibration: Calibration) -> bool:
    """Whether a stored calibration is one that fitting gives: sorted finite scores that agree with the counts."""
    for scores, count, above in ((calibration.real_scores, calibration.reals, calibration.false_positives),
                                 (calibration.fake_scores, calibration.fakes, calibration.true_positives)):
        if len(scores) != count or list(scores) != sorted(scores) or not all(map(math.isfinite, scores)):
            return False
        if count - bisect_left(scores, calibration.threshold) != above:
            return False
    return math.isfinite(calibration.scale) and calibration.scale > 0 and math.isfinite(calibration.offset)
