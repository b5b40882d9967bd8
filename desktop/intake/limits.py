"""How much one picture may cost. Every limit is enforced by the client, by the worker, or by the kernel on the worker."""

import msgspec


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits for one picture; the defaults suit a desktop with 8 GiB of memory."""

    file_bytes: int = 256 << 20
    """Largest file."""
    sidecar_bytes: int = 16 << 20
    """Largest content-credential manifest beside a picture."""
    pixels: int = 100_000_000
    """Largest width times height, of the canvas and of every frame that is decoded."""
    side: int = 65_535
    """Largest width or height."""
    frames_listed: int = 64
    """Further frames are counted (to ``frames_counted``) but not listed."""
    frames_counted: int = 10_000
    memory_bytes: int = 3 << 30
    """Address space of the worker (Linux). The default holds the largest picture of every format."""
    cpu_seconds: int = 60
    """Processor time of the worker, start included."""
    wall_seconds: float = 120.0
    """From handing the bytes over to the last byte of the answer."""
    start_seconds: float = 60.0
    """For a worker to start and confine itself."""
    thumbnail: int = 256
    """Longest side of the thumbnail."""
    unpacked_text_bytes: int = 8 << 20
    """What one compressed text or colour profile of a PNG may unpack to."""
