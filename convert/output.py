"""Where an expert is written before it is finished: a work folder beside the output that turns into it in one rename.

Whatever interrupts a conversion, the output either exists complete or not at all. A work folder that a killed run left behind is removed
by the next run; one that is in use is recognised by its lock.
"""

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from models.errors import ConversionError
from models.locks import lock_now
from models.places import sync_folder

MARGIN = 64 << 20
"""Disk space kept free beyond the files themselves, bytes."""


def write_synced(path: Path, data: bytes) -> None:
    """Write a new small file and sync it."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def refuse_existing(out: Path) -> None:
    """Raises ConversionError `output-exists`."""
    if os.path.lexists(out):
        raise ConversionError("output-exists", "the output exists already and is never overwritten; choose another name or remove it first")


@contextlib.contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """A fresh folder that becomes `out` when the block ends without an exception.

    Raises ConversionError: `output-exists`, `output-busy` (another run writes it), `output-unwritable`.
    """
    refuse_existing(out)
    work = out.parent / f".{out.name}.part"
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock = (work / "lock").open("ab")
    except OSError as error:
        raise ConversionError("output-unwritable", f"the output folder cannot be written: {error.strerror}") from None
    try:
        with lock:
            try:
                lock_now(lock.fileno())
            except OSError:
                raise ConversionError("output-busy", "another conversion is writing this output") from None
            try:
                yield from _fill(work / "expert", out)
            finally:
                shutil.rmtree(work / "expert", ignore_errors=True)
                if sys.platform != "win32":
                    # While the lock is held, so that nobody who starts now loses a folder; Windows cannot remove an open file.
                    shutil.rmtree(work, ignore_errors=True)
    finally:
        if sys.platform == "win32":
            shutil.rmtree(work, ignore_errors=True)


def _fill(expert: Path, out: Path) -> Iterator[Path]:
    try:
        shutil.rmtree(expert, ignore_errors=True)
        expert.mkdir()
        yield expert
        sync_folder(expert)
        refuse_existing(out)
        expert.rename(out)
        sync_folder(out.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ConversionError("disk-full", "the disk is full; free some space or choose another disk") from None
        raise ConversionError("output-unwritable", f"the expert cannot be written: {error.strerror}") from None


def check_space(folder: Path, needed: int) -> None:
    """Raises ConversionError `disk-full` when the disk of `folder` has not room for `needed` bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + MARGIN:
        raise ConversionError(
            "disk-full",
            f"the expert needs {(needed + MARGIN) / 1e9:.1f} GB but only {free / 1e9:.1f} GB are free; free some or choose another disk",
        )
