"""Products of quantised weights with many columns: ours beside ggml's, on one core.

    python -m benchmarks.products [--inner 4096] [--rows 4096] [--columns 576 21 16]

Both compute the same product in turn through ggml's interface; the best of three counts, in processor time.
"""

import argparse
import os
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"

import numpy as np

from convert.ggml import GgmlType, quantise
from desktop.engine import machine
from samples.products import Products


def best_seconds(products: Products, device: str) -> float:
    """Processor seconds of the fastest of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        products.compute(device)
        found.append(time.process_time() - began)
    return min(found)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="products of quantised weights, side by side")
    parser.add_argument("--inner", type=int, default=4096)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--columns", type=int, nargs="+", default=[576, 21, 16])
    arguments = parser.parse_args()
    if machine.int8_library() is None:
        raise SystemExit("this machine has no library of 8-bit products")
    rng = np.random.default_rng(0)
    print("| weights | columns | llama.cpp's | ours | ratio |\n|---|---|---|---|---|")
    for kind in (GgmlType.Q4_K, GgmlType.Q6_K, GgmlType.Q8_0):
        values = rng.normal(size=(arguments.rows, arguments.inner)).astype(np.float32)
        weights = np.asarray(quantise(values, kind)).reshape(arguments.rows, -1)
        for columns in arguments.columns:
            activations = rng.normal(size=(columns, arguments.inner)).astype(np.float32)
            products = Products(int(kind), weights, activations)
            flop = 2e-9 * arguments.rows * arguments.inner * columns
            theirs, ours = (flop / best_seconds(products, device) for device in ("CPU", "INT8"))
            print(f"| {kind.name} | {columns} | {theirs:.0f} | {ours:.0f} | {ours / theirs:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
