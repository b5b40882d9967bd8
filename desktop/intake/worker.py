"""The intake worker: one process, one file, then it dies. Confined first, sealed before the first byte of the file arrives."""

import codecs
import contextlib
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from desktop.workers.confine import confine, program_paths, seal
from desktop.workers.frames import Caps, Frame, read_frame, write_frame
from desktop.workers.pipes import take_output

# Texts in pictures come in these; Python loads the module of an encoding when it is first used.
_ENCODINGS = ("ascii", "utf-8", "utf-8-sig", "latin-1", "cp1252", "cp437", "mac-roman", "utf-16", "utf-16-le", "utf-16-be", "utf-32",
              "utf-32-le", "utf-32-be", "shift_jis", "gb18030", "unicode_escape", "raw_unicode_escape", "hex", "base64")


def main(arguments: Sequence[str]) -> int:
    """Serve one file: answer ``ready``, read one frame, answer ``picture`` or ``refused``. ``arguments``: the limits as JSON."""
    output = take_output()
    import msgspec

    from desktop.intake.limits import Limits

    limits = msgspec.json.decode(arguments[0], type=Limits)
    confinement = confine(readable=program_paths(), memory_limit=limits.memory_bytes, cpu_seconds=limits.cpu_seconds)

    from desktop.intake import answer, decode

    decode.prepare_process(limits)
    read_marks = _marks_reader()
    sealed = seal()
    write_frame(output, msgspec.to_builtins(answer.Ready("ready", confinement.as_facts(), sealed)))
    request = read_frame(sys.stdin.buffer, Caps(header=4096, payload=limits.file_bytes))
    if not isinstance(request, Frame):
        return 0  # the application closed without needing this spare
    code, detail = "intake-memory", None
    try:
        decoded = decode.decode(request.payload, str(request.header.get("extension", "")), limits)
        _send_picture(output, decoded, _marks(read_marks, request.payload, decoded.facts))
        return 0
    except decode.RefusedError as refused:
        code, detail = refused.code, refused.detail
    except MemoryError:
        pass  # answered below, after the failed attempt has given its memory back
    write_frame(output, msgspec.to_builtins(answer.Refused("refused", code, detail)))
    return 0


def _marks_reader() -> Any:
    """``read_marks``, with everything that it will import imported now: after sealing no module can be loaded."""
    from desktop.evidence import marks
    from desktop.evidence.marks import read_marks

    for module in pkgutil.iter_modules(marks.__path__):
        importlib.import_module(f"{marks.__name__}.{module.name}")
    for name in ("c2pa", "defusedxml.ElementTree", "numpy.fft", "numpy.linalg"):
        with contextlib.suppress(ImportError):  # read_marks tells what it cannot read
            importlib.import_module(name)
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    read_marks(b"", "jpeg", {})
    return read_marks


def _marks(read_marks: Any, data: bytes, facts: Any) -> list[Any]:
    import msgspec

    return list(msgspec.to_builtins(read_marks(data, facts.container, msgspec.to_builtins(facts))))


def _send_picture(output: BinaryIO, decoded: Any, marks: list[Any]) -> None:
    import msgspec

    from desktop.intake.answer import Picture

    rgb, thumbnail = decoded.rgb, decoded.thumbnail
    header = Picture("picture", rgb.width, rgb.height, (thumbnail.width, thumbnail.height), decoded.facts, tuple(decoded.deviations), marks)
    write_frame(output, msgspec.to_builtins(header), (rgb.tobytes(), thumbnail.tobytes()))
