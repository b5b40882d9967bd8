"""The intake worker: one process, one file, then it dies. Confined first, sealed before the first byte of the file arrives."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from desktop.workers.confine import confine, program_paths, seal
from desktop.workers.frames import Caps, Frame, read_frame, write_frame
from desktop.workers.pipes import take_input, take_output


def main(arguments: Sequence[str]) -> int:
    """Serve one file: answer ``ready``, read one frame, answer ``picture`` or ``refused``. ``arguments``: the limits as JSON."""
    source, output = take_input(), take_output()
    import msgspec

    from desktop.intake.limits import Limits

    limits = msgspec.json.decode(arguments[0], type=Limits)
    confinement = confine(readable=program_paths(), memory_limit=limits.memory_bytes, cpu_seconds=limits.cpu_seconds)

    from desktop.intake import answer, decode

    decode.prepare_process(limits)
    read_marks = _marks_reader()
    sealed = seal()
    write_frame(output, msgspec.to_builtins(answer.Ready("ready", confinement.as_facts(), sealed)))
    request = read_frame(source, Caps(header=4 << 20, payload=limits.file_bytes + limits.sidecar_bytes))
    if not isinstance(request, Frame):
        return 0  # the application closed without needing this spare
    data, sidecar = _parts(request)
    code, detail = "intake-memory", None
    try:
        decoded = decode.decode(data, str(request.header.get("extension", "")), limits)
        facts = msgspec.to_builtins(decoded.facts)
        marks = read_marks(data, decoded.facts.container, facts, sidecar=sidecar, trust=request.header.get("trust"))
        _send_picture(output, decoded, list(msgspec.to_builtins(marks)))
        return 0
    except decode.RefusedError as refused:
        code, detail = refused.code, refused.detail
    except MemoryError:
        pass  # answered below, after the failed attempt has given its memory back
    write_frame(output, msgspec.to_builtins(answer.Refused("refused", code, detail)))
    return 0


def _marks_reader() -> Any:
    """``read_marks``, with everything that it will import imported now: after sealing no module can be loaded."""
    from desktop.evidence.marks import prepare, read_marks

    prepare()
    return read_marks


def _parts(request: Frame) -> tuple[bytes, bytes | None]:
    """The picture, and the manifest that lay beside it, which follows it in the payload."""
    size = int(request.header.get("sidecar", 0))
    if not size:
        return request.payload, None
    return request.payload[:-size], request.payload[-size:]


def _send_picture(output: BinaryIO, decoded: Any, marks: list[Any]) -> None:
    import msgspec

    from desktop.intake.answer import Picture

    rgb, thumbnail = decoded.rgb, decoded.thumbnail
    header = Picture("picture", rgb.width, rgb.height, (thumbnail.width, thumbnail.height), decoded.facts, tuple(decoded.deviations), marks)
    write_frame(output, msgspec.to_builtins(header), (rgb.tobytes(), thumbnail.tobytes()))
