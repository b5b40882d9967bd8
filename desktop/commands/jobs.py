"""``--jobs``, the same wherever pictures are looked at together."""

import argparse

from desktop.engine import MOST_SLOTS


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs``."""
    parser.add_argument("--jobs", metavar="N", type=_jobs,
                        help="texts that are written together (default: as many as fit into the free memory and pay)")


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SLOTS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MOST_SLOTS} is needed")
    return int(text)
