"""Asks a views worker for a view: on demand, in a process of its own, cancellable at any time."""

from collections.abc import Callable

import msgspec
import numpy as np

from desktop.document import View
from desktop.evidence.views.catalogue import spec
from desktop.evidence.views.common import Picture
from desktop.workers.client import WorkerClient
from desktop.workers.frames import Caps
from models.errors import Cancelled, UsageError, WorkerError

TIMEOUT_S = 600.0
_SIDE_LIMIT = 65535
_ERRORS = {
    "view-memory": "there was not enough memory to compute this view", "view-input": "the picture cannot be viewed this way",
    "unknown-view": "there is no view of that name",
}


def compute_view(view_id: str, rgb: Picture, jpeg_bytes: bytes | None = None, cancelled: Callable[[], bool] | None = None, *,
                 timeout: float = TIMEOUT_S) -> tuple[View, Picture]:
    """A view of the exhibit's oriented RGB (uint8, (H, W, 3)) and, for JPEG exhibits, of the file's bytes.

    Returns the view and its picture, uint8 (h, w, 3); ``facts["covers"]`` is the box of the exhibit that the picture shows (absent for
    diagrams), ``facts["timing"]["seconds"]`` the time it took. Raises Cancelled within a fraction of a second, UsageError for an unknown
    view, WorkerError (``view-failed``, ``view-memory``, ``worker-…``) otherwise.
    """
    spec(view_id)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise UsageError("view-input", "a view needs an array of uint8 (height, width, 3)")
    if cancelled is not None and cancelled():
        raise Cancelled()
    worker = WorkerClient("views", caps=Caps(header=8 << 20, payload=1 << 30))
    try:
        header = {"view": view_id, "height": rgb.shape[0], "width": rgb.shape[1], "jpeg": int(jpeg_bytes is not None)}
        worker.send(header, np.ascontiguousarray(rgb).tobytes() + (jpeg_bytes or b""))
        frame = worker.receive(timeout, cancelled)
    finally:
        worker.kill()
    if "error" in frame.header:
        code = str(frame.header["error"])
        raise WorkerError(code if code in _ERRORS else "view-failed", _ERRORS.get(code, "this view could not be computed"))
    try:
        view = msgspec.convert(frame.header["view"], View)
        height, width = int(frame.header["height"]), int(frame.header["width"])
        if not (0 < height <= _SIDE_LIMIT and 0 < width <= _SIDE_LIMIT and view.id == view_id):
            raise ValueError("shape")
        picture = np.frombuffer(frame.payload, np.uint8).reshape(height, width, 3)
    except (KeyError, TypeError, ValueError, msgspec.ValidationError):
        raise WorkerError("worker-protocol", "the views process sent something that is not a view") from None
    return view, picture
