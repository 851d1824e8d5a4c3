"""What every peer shares: the cells, the data, the clock and the line of JSON.

A peer is a function `prepare(cell, batch, images, labels)` that gives `epoch()`: train once over all samples in
a new order and return when the weights are there.
"""

import argparse
import json
import os
import statistics
import sys
import time

SAMPLES = 11_200
CLASSES = 11
BATCHES = [16, 32, 64, 128, 512, 11_200]
CELLS = ["exp01", "exp06", "exp11"]
RATE = 1e-3
DROP = 0.2

# Widths. exp01: each hidden layer is dense + relu, batch norm, dropout. exp06: encoder, then two heads.
HIDDEN = {"exp01": (512, 170, 56, 18), "exp06": (512, 256, 128, 64), "exp11": (256, 128, 64, 32)}


def arguments(modes):
    """The command line of a peer; must be read before the framework is imported."""
    parser = argparse.ArgumentParser()
    every = ",".join(f"{cell}:{batch}" for cell in CELLS for batch in BATCHES)
    parser.add_argument("--cells", default=every, help="such as exp01:128,exp06:16")
    parser.add_argument("--modes", default=",".join(modes), help=f"of {', '.join(modes)}")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=5, help="timed epochs at least")
    parser.add_argument("--seconds", type=float, default=2.0, help="timed epochs for at least so long")
    options = parser.parse_args()
    unknown = set(options.modes.split(",")) - set(modes)
    if unknown:
        parser.error(f"no mode {', '.join(sorted(unknown))}; there are {', '.join(modes)}")
    options.modes = options.modes.split(",")
    options.cells = [(cell, int(batch)) for cell, batch in (c.split(":") for c in options.cells.split(","))]
    limit_threads(options.threads)
    return options


def limit_threads(threads):
    """By affinity, which every framework's pool obeys, and by the variables that some read besides."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)


def data():
    """Images as bytes (four in five pixels black, as in letters) and labels."""
    import numpy as np

    random = np.random.default_rng(7)
    images = random.integers(0, 256, (SAMPLES, 784), dtype=np.uint8)
    images[random.random((SAMPLES, 784)) < 0.8] = 0
    return images, random.integers(0, CLASSES, SAMPLES).astype(np.int32)


def run(peer, version, options, prepare):
    """Measures every cell in every mode; one line of JSON each."""
    images, labels = data()
    for cell, batch in options.cells:
        for mode in options.modes:
            begun = time.perf_counter()
            epoch = prepare(mode, cell, batch, images, labels)
            epoch()
            first = time.perf_counter() - begun
            epoch()
            seconds = []
            while len(seconds) < options.repeats or sum(seconds) < options.seconds:
                begun = time.perf_counter()
                epoch()
                seconds.append(time.perf_counter() - begun)
            line = {
                "peer": f"{peer}-{mode}",
                "version": version,
                "cell": cell,
                "batch": batch,
                "threads": options.threads,
                "epochs": len(seconds),
                "epoch_s_median": statistics.median(seconds),
                "epoch_s_min": min(seconds),
                "epoch_s_max": max(seconds),
                "first_epoch_s": first,
            }
            print(json.dumps(line), flush=True)
            print(f"{peer}-{mode} {cell} b{batch}: {line['epoch_s_median']:.3f} s", file=sys.stderr)
