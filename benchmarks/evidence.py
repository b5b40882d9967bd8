"""How long all marks of a picture take (promise: a 12-megapixel JPEG in at most half a second), and how long each view takes.

    python -m benchmarks.evidence [--json]

The pictures are made here: a 12-megapixel JPEG, once plain, once with Content Credentials signed with a key made here and texts, once with
appended data; and a 2-megapixel PNG, whose pixels are searched too. Times are medians of several runs in this process after one warm-up;
views are also timed through their worker process, start and transfer included.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from desktop.evidence.marks import prepare, read_marks
from desktop.evidence.views import catalogue, compute_view
from desktop.evidence.views.compute import compute
from samples.files import camera_jpeg, decoded, jpeg, png, scene, signed, signer, xmp

RUNS = 5
PROMISE_S = 0.5


def seconds(action: Callable[[], object], runs: int = RUNS) -> dict[str, float]:
    """Median and largest wall time."""
    action()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return {"median_s": round(statistics.median(times), 4), "largest_s": round(max(times), 4)}


def main() -> int:
    """Measure and print; exit status 1 when the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    arguments = parser.parse_args()
    rgb = np.tile(scene(1000, 1000, seed=1), (3, 4, 1))
    packet = xmp(attributes='photoshop:Credit="Made with Google AI"')
    plain = jpeg(rgb, 92)
    loaded, _ = signed(jpeg(rgb, 92, xmp=packet, comment=b"Steps: 20, Sampler: Euler a, Seed: 1"), "image/jpeg", signer())
    files = {
        "marks, 12 Mpx JPEG, plain": plain, "marks, 12 Mpx JPEG, Content Credentials and texts": loaded,
        "marks, 12 Mpx JPEG, 20 MB appended": plain + os.urandom(20 << 20), "marks, 2 Mpx PNG": png(picture=scene(1200, 1700)),
        "marks, small camera JPEG": camera_jpeg(),
    }
    prepare()
    results: dict[str, dict[str, float]] = {}
    for name, data in files.items():
        results[name] = seconds(lambda data=data: read_marks(data, "", {"extension": "jpg"}))  # type: ignore[misc]
    sizes = {"2 Mpx": np.ascontiguousarray(rgb[:1200, :1700]), "12 Mpx": rgb}
    for size, picture in sizes.items():
        data = jpeg(picture, 92)
        pixels = decoded(data)
        for spec in catalogue():
            results[f"view {spec.id}, {size} JPEG"] = seconds(lambda i=spec.id, p=pixels, d=data: compute(i, p, d), 1)  # type: ignore[misc]
        results[f"view ela in its process, {size} JPEG"] = seconds(lambda p=pixels, d=data: compute_view("ela", p, d), 1)  # type: ignore[misc]
    worst = max(result["largest_s"] for name, result in results.items() if name.startswith("marks, 12 Mpx"))
    machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None}
    if arguments.json:
        print(json.dumps({"schema": "telltale.benchmark/1", "machine": machine, "results": results, "promise_kept": worst <= PROMISE_S}))
    else:
        print(f"{machine}")
        for name, result in results.items():
            print(f"{name:55} {result['median_s']:9.3f} s   (largest {result['largest_s']:.3f} s)")
        print(f"all marks of a 12-megapixel JPEG: at most {worst:.3f} s, promised {PROMISE_S} s")
    return 0 if worst <= PROMISE_S else 1


if __name__ == "__main__":
    sys.exit(main())
