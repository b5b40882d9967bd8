"""A worker's own ends of its pipes, out of reach of libraries that print."""

import os
import sys
from typing import BinaryIO


def take_input() -> BinaryIO:
    """The stream of frames from the client. Not ``sys.stdin``, which a program without a console (Windows, macOS bundle) does not have."""
    return os.fdopen(os.dup(0), "rb")


def take_output() -> BinaryIO:
    """The stream for frames to the client. Standard output itself becomes standard error, so that what a library prints breaks no frame."""
    private = os.dup(1)
    os.set_inheritable(private, False)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")
