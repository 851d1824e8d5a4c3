"""Kiln and its peers in turn on the same cells; prints the ratios.

    python compare.py --kiln ../../target/release/kiln --cells exp06:128,exp11:32 --log figures.jsonl
    python compare.py --kiln ../../target/release/kiln --task eval --peers jax-scan,onnx-call
    python compare.py --kiln ../../target/release/kiln --reuse figures.jsonl      # Kiln anew, peers from the log

Cell by cell, Kiln runs and then every peer, each in a process of its own, so that what slows the machine for a while
slows all of them. A figure is the median of the rounds' medians, and a ratio is a peer's figure over Kiln's: above
1, Kiln is faster. Without `--kiln` only the peers run (or, with `--reuse` alone, only the table is printed).
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

HERE = pathlib.Path(__file__).resolve().parent
RUST = HERE / "rust"
NETWORKS = ["exp01", "exp06", "exp11"]
BATCHES = {"train": [16, 32, 64, 128, 512, 11_200], "eval": [1, 128]}


class Peer:
    """A script in one mode; `module` must be installed. `installed`: as its users have it, nothing tuned."""

    def __init__(self, script, mode, module, installed=False, **environment):
        self.script, self.mode, self.module = script, mode, module
        self.installed, self.environment = installed, environment

    def command(self):
        return [sys.executable, HERE / f"peer_{self.script}.py", self.mode]

    def missing(self):
        """What keeps it from running, if anything."""
        return None if importlib.util.find_spec(self.module) else f"{self.module} is not installed"


class RustPeer:
    """A program of the workspace in `rust`, in one mode."""

    installed, environment = False, {}

    def __init__(self, program, mode):
        self.program, self.mode = RUST / "target" / "release" / program, mode

    def command(self):
        return [self.program, self.mode]

    def missing(self):
        # Where cargo starts is where it looks for the compiler's flags.
        build = f"(cd {os.path.relpath(RUST)} && cargo build --release -p {self.program.name})"
        return None if self.program.exists() else f"{self.program.name} is not built: {build}"


def torch(mode):
    return Peer("torch", mode, "torch", installed=mode in ("eager", "compiled"))


def keras(backend):
    return Peer("keras", "fit", backend, installed=True, KERAS_BACKEND=backend)


PEERS = {
    "train": {
        "jax-scan": Peer("jax", "scan", "jax"),
        "jax-step": Peer("jax", "step", "jax"),
        "torch-eager": torch("eager"),
        "torch-tuned": torch("tuned"),
        "torch-compiled": torch("compiled"),
        "torch-tuned-compiled": torch("tuned-compiled"),
        "keras-jax-fit": keras("jax"),
        "keras-tensorflow-fit": keras("tensorflow"),
        "keras-torch-fit": keras("torch"),
        "burn-flex": RustPeer("peer_burn", "flex"),
        "burn-ndarray": RustPeer("peer_burn", "ndarray"),
        "candle": RustPeer("peer_candle", "plain"),
    },
    "eval": {
        "jax-call": Peer("jax", "call", "jax"),
        "jax-scan": Peer("jax", "scan", "jax"),
        "torch-eager": torch("eager"),
        "torch-tuned": torch("tuned"),
        "torch-tuned-compiled": torch("tuned-compiled"),
        "onnx-call": Peer("onnx", "call", "onnxruntime"),
    },
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kiln", type=pathlib.Path, help="the release program")
    parser.add_argument("--specs", type=pathlib.Path, default=HERE.parent.parent / "specs")
    parser.add_argument("--task", choices=["train", "eval"], default="train")
    parser.add_argument("--cells", help="such as exp01 or exp01:128, separated by commas; all where left out")
    parser.add_argument("--peers", help="names, separated by commas; all where left out; `none` for Kiln alone")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=9, help="Kiln's timed epochs, each round")
    parser.add_argument("--seconds", type=float, default=1.0, help="a peer's timed epochs, each round")
    parser.add_argument("--optimizer", choices=["spec", "adam"], default="spec", help="the specs', or Adam for exp01 too")
    parser.add_argument("--log", type=pathlib.Path, help="every measurement is appended, a line of JSON each")
    parser.add_argument("--reuse", type=pathlib.Path, action="append", default=[], help="an earlier log: its peers' lines are taken, those peers do not run again on its cells")
    options = parser.parse_args()
    options.cells = cells(parser, options)
    known = PEERS[options.task]
    wanted = list(known) if options.peers is None else [p for p in options.peers.split(",") if p != "none"]
    for name in wanted:
        if name not in known:
            parser.error(f"no peer {name} for {options.task}; there are {', '.join(known)}")
    options.peers = wanted
    return options


def cells(parser, options):
    found = []
    for cell in (options.cells or ",".join(NETWORKS)).split(","):
        network, _, batch = cell.partition(":")
        if network not in NETWORKS or not (batch == "" or batch.isdigit()):
            parser.error(f"no cell {cell}: write one of {', '.join(NETWORKS)}, alone or with a batch (exp01:128)")
        found += [f"{network}:{batch}"] if batch else [f"{network}:{b}" for b in BATCHES[options.task]]
    return found


def lines(command, **environment):
    """The lines of JSON that a program prints; it is heard of where it fails."""
    done = subprocess.run([str(part) for part in command], env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(f"failed with {done.returncode}: {' '.join(map(str, command))}", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def kiln(options, cell):
    command = [options.kiln.resolve(), "bench", "--json", "--cells", cell, "--threads", options.threads]
    command += ["--mode", options.task, "--repeats", options.repeats, "--specs", options.specs]
    if options.optimizer == "adam":
        command += ["--set", "train.optimizer=adam"]
    for line in lines(command):
        first = line["first_step_ms"] / 1e3
        yield line | {"peer": "kiln", "task": options.task, "optimizer": options.optimizer, "first_step_s": first}


def peer(options, name, cell):
    which = PEERS[options.task][name]
    if missing := which.missing():
        print(f"{name}: {missing}", file=sys.stderr)
        return
    command = [*which.command(), cell, "--task", options.task]
    command += ["--threads", options.threads, "--seconds", options.seconds, "--optimizer", options.optimizer]
    yield from lines(command, **which.environment)


class Measured:
    """Measurements by cell and peer."""

    def __init__(self, log):
        self.lines, self.log = {}, log

    def add(self, line, log=True):
        self.lines.setdefault((f"{line['cell']}:{line['batch']}", line["peer"]), []).append(line)
        if log and self.log:
            with self.log.open("a") as file:
                file.write(json.dumps(line) + "\n")
        if log:
            seconds = line["epoch_s_median"]
            print(f"{line['cell']}:{line['batch']} {line['peer']} {seconds:.4f} s", file=sys.stderr)

    def figure(self, cell, peer, key="epoch_s_median"):
        values = [line[key] for line in self.lines.get((cell, peer), []) if line.get(key) is not None]
        return statistics.median(values) if values else None


def measure(options):
    measured = Measured(options.log)
    for log in options.reuse:
        for text in log.read_text().splitlines():
            line = json.loads(text)
            same = all(line[key] == getattr(options, key) for key in ("task", "threads", "optimizer"))
            # With no Kiln to run, the log's is taken too: the table alone.
            if same and (line["peer"] in options.peers or (line["peer"] == "kiln" and not options.kiln)):
                measured.add(line, log=False)
    reused = set(measured.lines)
    for _ in range(options.rounds):
        for cell in options.cells:
            if options.kiln:
                for line in kiln(options, cell):
                    measured.add(line)
            # From logs alone only the table is made.
            for name in options.peers if options.kiln or not options.reuse else []:
                if (cell, name) not in reused:
                    for line in peer(options, name, cell):
                        measured.add(line)
    return measured


def mean(ratios):
    return math.exp(statistics.fmean(map(math.log, ratios)))


def table(options, measured):
    """Rows of Markdown: seconds per epoch of all, ratios to the best, the best as installed; then the means."""
    peers = [p for p in options.peers if any(name == p for _, name in measured.lines)]
    groups = {"best": peers, "as installed": [p for p in peers if PEERS[options.task][p].installed and not p.startswith("keras")], "keras": [p for p in peers if p.startswith("keras")]}
    yield "| cell | kiln | " + " | ".join([*peers, *(f"{g} ÷ kiln" for g in groups)]) + " |"
    yield "|---" * (2 + len(peers) + len(groups)) + "|"
    ratios = {}
    for cell in options.cells:
        own = measured.figure(cell, "kiln")
        row = [cell, f"{own:.4f}" if own else "–"]
        figures = {p: measured.figure(cell, p) for p in peers}
        row += [f"{s:.4f}" if s else "–" for s in figures.values()]
        for group, members in groups.items():
            found = {p: figures[p] for p in members if figures[p]}
            if not own or not found:
                row.append("–")
                continue
            best = min(found, key=found.get)
            ratio = found[best] / own
            ratios.setdefault(group, {})[cell] = ratio
            row.append(f"{ratio:.2f} ({best})")
        yield "| " + " | ".join(row) + " |"
    yield ""
    for group, found in ratios.items():
        yield f"{group} ÷ kiln: geometric mean {mean(found.values()):.2f} over {len(found)} cells; " + "; ".join(
            f"batch {batch}: {min(r):.2f} to {max(r):.2f}"
            for batch in BATCHES[options.task]
            if (r := [ratio for cell, ratio in found.items() if cell.endswith(f":{batch}")])
        )


def starts(options, measured):
    """Rows of Markdown: time to the first finished step, and memory, from least to most over the cells."""
    yield "| | first step s | peak MiB |"
    yield "|---|---|---|"
    for name in ["kiln", *options.peers]:
        row = [name]
        for key, digits in (("first_step_s", 2), ("peak_mib", 0)):
            found = [f for cell in options.cells if (f := measured.figure(cell, name, key)) is not None]
            row.append(f"{min(found):.{digits}f} to {max(found):.{digits}f}" if found else "–")
        yield "| " + " | ".join(row) + " |"


def main():
    options = arguments()
    measured = measure(options)
    print("\n".join([*table(options, measured), "", *starts(options, measured)]))


if __name__ == "__main__":
    main()
