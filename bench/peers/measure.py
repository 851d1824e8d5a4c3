"""What every peer shares: the cells, the data, the clock and the line of JSON.

A process measures one cell in one mode, so that its start and its memory are its own. A peer gives

    train(mode, cell, batch, images, labels) -> Training     and / or     forward(mode, cell, batch, images) -> epoch

where `Training.first()` does the least that ends with a finished step and `Training.epoch()` goes once over all
samples in a new order, ends when the weights are there, and gives the mean loss. A forward `epoch()` goes over all
samples in their order, a batch a call, and ends when the outputs are there.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time
import typing

SAMPLES = 11_200
CLASSES = 11
DROP = 0.2

# exp01: each hidden layer is dense + relu, batch norm, dropout. exp06: encoder, then two heads. exp11: tied.
HIDDEN = {"exp01": (512, 170, 56, 18), "exp06": (512, 256, 128, 64), "exp11": (256, 128, 64, 32)}
# What is learned: a peer that has another number has another network.
PARAMETERS = {"exp01": 501_453, "exp06": 1_150_235, "exp11": 245_424}


@dataclasses.dataclass
class Training:
    parameters: int
    first: typing.Callable
    epoch: typing.Callable


@dataclasses.dataclass
class Optimizer:
    name: str
    rate: float
    momentum: float = 0.9


def optimizer(cell):
    """The spec's, or Adam for all."""
    if cell == "exp01" and options.optimizer == "spec":
        return Optimizer("sgd", 0.05)
    return Optimizer("adam", 1e-3)


def arguments(train_modes, eval_modes=()):
    """The command line of a peer; to be read before the framework is imported."""
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", help=f"training: {', '.join(train_modes)}; forward only: {', '.join(eval_modes)}")
    parser.add_argument("cell", help="such as exp01:128")
    parser.add_argument("--task", choices=["train", "eval"], default="train")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--optimizer", choices=["spec", "adam"], default="spec", help="the spec's, or Adam for exp01 too")
    parser.add_argument("--epochs", type=int, default=5, help="timed epochs at least")
    parser.add_argument("--seconds", type=float, default=1.5, help="timed epochs for at least so long")
    options = parser.parse_args()
    if options.mode not in (train_modes if options.task == "train" else eval_modes):
        parser.error(f"no mode {options.mode} for {options.task}")
    network, _, batch = options.cell.partition(":")
    if network not in HIDDEN or not batch.isdigit() or not 1 <= int(batch) <= SAMPLES:
        parser.error(f"no cell {options.cell}: write one of {', '.join(HIDDEN)} and a batch, such as exp01:128")
    options.network, options.batch = network, int(batch)
    limit_threads(options.threads)
    return options


def limit_threads(threads):
    """By affinity, which every framework's pool obeys, and by the variables that some read besides."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    # Set on some machines for old builds of OpenBLAS; they slow a new one.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


HERE = pathlib.Path(__file__).resolve().parent
TCMALLOC = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
TUNED = "KILN_PEER_TUNED"


def preload():
    """Starts this process anew, once, with tcmalloc and with MKL believing that it runs on its maker's processor.

    MKL takes AVX2 kernels on other makers' processors even where they have AVX-512: half the speed.
    """
    if os.environ.get(TUNED):
        return
    shim = HERE / "build" / "mkl_any_cpu.so"
    if not shim.exists():
        shim.parent.mkdir(exist_ok=True)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", shim, HERE / "mkl_any_cpu.c"], check=True)
    libraries = [str(shim)]
    if os.path.exists(TCMALLOC):
        libraries.append(TCMALLOC)
    else:
        print(f"without tcmalloc: {TCMALLOC} is missing (apt-get install libtcmalloc-minimal4)", file=sys.stderr)
    environment = os.environ | {"LD_PRELOAD": ":".join(libraries), TUNED: "1"}
    # Arguments as they are; the process and the time of its start stay the same.
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def data():
    """Images as bytes (four in five pixels black, as in letters) and labels."""
    import numpy as np

    random = np.random.default_rng(7)
    images = random.integers(0, 256, (SAMPLES, 784), dtype=np.uint8)
    images[random.random((SAMPLES, 784), dtype=np.float32) < 0.8] = 0
    return images, random.integers(0, CLASSES, SAMPLES).astype(np.int32)


def since_start():
    """Seconds since this process was started, imports and all."""
    fields = pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def run(peer, version, train=None, forward=None):
    """Measures the cell of the command line; prints one line of JSON."""
    begun = time.perf_counter()
    images, labels = data()
    made = time.perf_counter() - begun
    line = {
        "peer": f"{peer}-{options.mode}",
        "version": version,
        "task": options.task,
        "cell": options.network,
        "batch": options.batch,
        "threads": options.threads,
        "optimizer": options.optimizer,
    }
    if options.task == "train":
        training = train(options.mode, options.network, options.batch, images, labels)
        assert training.parameters == PARAMETERS[options.network], f"{training.parameters} parameters"
        loss = training.first()
        # Data come from a file elsewhere: making them up is not the framework's time.
        line["first_step_s"] = since_start() - made
        epoch = training.epoch
        line["loss_first_epoch"] = epoch() if loss is None else loss
    else:
        epoch = forward(options.mode, options.network, options.batch, images)
        epoch()
    epoch()
    seconds = []
    while len(seconds) < options.epochs or sum(seconds) < options.seconds:
        begun = time.perf_counter()
        epoch()
        seconds.append(time.perf_counter() - begun)
    line["epochs"] = len(seconds)
    line["epoch_s_median"] = statistics.median(seconds)
    line["epoch_s_min"] = min(seconds)
    line["epoch_s_max"] = max(seconds)
    line["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(line), flush=True)
