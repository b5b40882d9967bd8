"""The views worker: one confined, sealed process that computes one view after another until its input closes."""

import importlib
from collections.abc import Sequence

_MEMORY_LIMIT = 16 << 30
_CPU_SECONDS = 1800
# What NumPy and Pillow would load when first used; after sealing no module can be loaded.
_LATER = ("numpy.fft", "numpy.linalg", "numpy.ma", "numpy.random", "numpy.lib.stride_tricks", "PIL.JpegImagePlugin", "PIL.MpoImagePlugin")


def main(_arguments: Sequence[str]) -> int:
    """Confine, then answer frames ``{"view", "height", "width", "jpeg"}`` + RGB + JPEG bytes with the view and its picture."""
    from desktop.workers.confine import confine, program_paths, seal
    from desktop.workers.pipes import take_input, take_output

    stream, output = take_input(), take_output()
    confinement = confine(readable=program_paths(), memory_limit=_MEMORY_LIMIT, cpu_seconds=_CPU_SECONDS)
    import msgspec
    import numpy as np

    from desktop.evidence.views.catalogue import catalogue
    from desktop.evidence.views.compute import compute
    from desktop.workers.frames import Caps, EndOfStream, read_frame, write_frame
    from models.errors import TelltaleError

    catalogue()
    for name in _LATER:
        importlib.import_module(name)
    sealed = seal()
    caps = Caps(header=1 << 16, payload=2 << 30)
    while True:
        frame = read_frame(stream, caps)
        if isinstance(frame, EndOfStream):
            return 0
        try:
            height, width, jpeg = (int(frame.header[key]) for key in ("height", "width", "jpeg"))
            size = height * width * 3
            rgb = np.frombuffer(frame.payload, np.uint8, size).reshape(height, width, 3)
            view, picture = compute(str(frame.header["view"]), rgb, bytes(frame.payload[size:]) if jpeg else None)
        except TelltaleError as error:
            write_frame(output, {"error": error.code})
            continue
        except MemoryError:
            write_frame(output, {"error": "view-memory"})
            continue
        except Exception:  # a view that fails must not end the worker; the application knows the code's text
            write_frame(output, {"error": "view-failed"})
            continue
        header = {"view": msgspec.to_builtins(view), "height": picture.shape[0], "width": picture.shape[1]}
        write_frame(output, {**header, "network_block": confinement.level, "sealed": sealed}, picture.tobytes())
