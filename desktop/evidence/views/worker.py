"""The views worker: one confined process that computes one view after another until its input closes."""

import os
import sys
from collections.abc import Sequence

_MEMORY_LIMIT = 16 << 30
_CPU_SECONDS = 1800


def main(_arguments: Sequence[str]) -> int:
    """Confine, then answer frames ``{"view", "height", "width", "jpeg"}`` + RGB + JPEG bytes with the view and its picture."""
    from desktop.workers.confine import confine, program_paths

    confinement = confine(readable=program_paths(), memory_limit=_MEMORY_LIMIT, cpu_seconds=_CPU_SECONDS)
    # Libraries may print; only frames go where the application listens.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    import msgspec
    import numpy as np

    from desktop.evidence.views.compute import compute
    from desktop.workers.frames import Caps, EndOfStream, read_frame, write_frame
    from models.errors import TelltaleError

    caps = Caps(header=1 << 16, payload=2 << 30)
    while True:
        frame = read_frame(sys.stdin.buffer, caps)
        if isinstance(frame, EndOfStream):
            return 0
        try:
            height, width, jpeg = (int(frame.header[key]) for key in ("height", "width", "jpeg"))
            size = height * width * 3
            rgb = np.frombuffer(frame.payload, np.uint8, size).reshape(height, width, 3)
            view, picture = compute(str(frame.header["view"]), rgb, frame.payload[size:] if jpeg else None)
        except TelltaleError as error:
            write_frame(output, {"error": error.code})
            continue
        except MemoryError:
            write_frame(output, {"error": "view-memory"})
            continue
        except Exception:  # a view that fails must not end the worker; the application knows the code's text
            write_frame(output, {"error": "view-failed"})
            continue
        shape = {"height": picture.shape[0], "width": picture.shape[1]}
        write_frame(output, {"view": msgspec.to_builtins(view), **shape, "network_block": confinement.level}, picture.tobytes())
