"""Kiln and its peers in turn on the same cells; prints the ratios.

    python compare.py --kiln ../../target/release/kiln --threads 2 --cells exp06:128,exp11:32 --out figures.jsonl

Each round runs Kiln and then every peer, each in a process of its own and one after the other, so that what slows
the machine for a while slows all of them. A cell's figure is the median of its rounds' medians, and a peer's ratio
is its figure over Kiln's: above 1, Kiln is faster. Without `--kiln` only the peers run.
"""

import argparse
import importlib.util
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys

import measure

HERE = pathlib.Path(__file__).resolve().parent
# Peer: the module that it needs and its modes.
PEERS = {"jax": ("jax", ["scan", "step"]), "keras": ("keras", ["fit"]), "torch": ("torch", ["eager", "compiled"])}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = ",".join(f"{cell}:{batch}" for cell in measure.CELLS for batch in measure.BATCHES)
    parser.add_argument("--kiln", type=pathlib.Path, help="the release program")
    parser.add_argument("--cells", default=every)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of timed epochs, each cell and round")
    parser.add_argument("--out", type=pathlib.Path, help="every measurement, a line of JSON each")
    return parser.parse_args()


def lines(command):
    """The lines of JSON that a program prints; it is heard of where it fails."""
    done = subprocess.run([str(part) for part in command], cwd=HERE, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        print(f"failed with {done.returncode}: {' '.join(map(str, command))}", file=sys.stderr)
    return found


def one_round(options, cell):
    """Every program once on one cell."""
    if options.kiln:
        command = [options.kiln.resolve(), "bench", "--json", "--cells", cell, "--threads", options.threads]
        yield from ({"peer": "kiln", **line} for line in lines(command) if "epoch_s_median" in line)
    for peer in options.peers.split(","):
        module, modes = PEERS[peer]
        if importlib.util.find_spec(module) is None:
            continue
        command = [sys.executable, HERE / f"peer_{peer}.py", "--cells", cell, "--threads", options.threads]
        yield from lines([*command, "--modes", ",".join(modes), "--seconds", options.seconds])


def table(measured, cells):
    """Rows of text: each cell's seconds and ratios, then the geometric mean of the ratios to the best peer."""
    peers = sorted({peer for _, peer in measured if peer != "kiln"})
    yield "cell".ljust(14) + "kiln s".rjust(10) + "".join(peer.rjust(22) for peer in peers) + "best".rjust(8)
    best_ratios = []
    for cell in cells:
        figure = {peer: statistics.median(measured[cell, peer]) for peer in ["kiln", *peers] if (cell, peer) in measured}
        kiln = figure.pop("kiln", None)
        row = cell.ljust(14) + (f"{kiln:10.4f}" if kiln else "–".rjust(10))
        for peer in peers:
            seconds = figure.get(peer)
            ratio = f" ({seconds / kiln:5.2f}×)" if kiln and seconds else ""
            row += (f"{seconds:.4f}{ratio}" if seconds else "–").rjust(22)
        if kiln and figure:
            best_ratios.append(min(figure.values()) / kiln)
            row += f"{best_ratios[-1]:7.2f}×"
        yield row
    if best_ratios:
        mean = math.exp(statistics.fmean(map(math.log, best_ratios)))
        yield f"geometric mean over {len(best_ratios)} cells, against the best peer of each: {mean:.2f}×"


def main():
    options = arguments()
    cells = options.cells.split(",")
    measured = {}
    sink = options.out.open("a") if options.out else None
    for round_number in range(options.rounds):
        for cell in cells:
            for line in one_round(options, cell):
                measured.setdefault((cell, line["peer"]), []).append(line["epoch_s_median"])
                if sink:
                    sink.write(json.dumps({"round": round_number, **line}) + "\n")
                    sink.flush()
    print("\n".join(table(measured, cells)))


if __name__ == "__main__":
    main()
