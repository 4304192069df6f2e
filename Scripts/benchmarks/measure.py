"""Runs a program to its end: seconds, peak memory and output. Starts no library heavier than Python's own, so that
what it measures of a child is the child's."""
import dataclasses
import json
import os
import platform
import pty
import select
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LUTHIER = os.path.join(ROOT, ".build/release/luthier")
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
MODEL = os.path.join(CACHE, "luthier/models/all-MiniLM-L6-v2")
# The processors that this process may use: threads beyond them would slow the peers down.
THREADS = len(os.sched_getaffinity(0))
BOTH_THREADS = {"LUTHIER_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)}
ONE_THREAD = {"LUTHIER_THREADS": "1", "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}


class Failed(Exception):
    pass


def flags():
    """What this processor can do, as the kernel names it."""
    with open("/proc/cpuinfo") as file:
        return set(next((line.split(":")[1].split() for line in file if line.startswith("flags")), []))


def multiplies_bf16():
    return bool({"avx512_bf16", "amx_bf16"} & flags())


def run(command, folder, environment=None, limit=None):
    """One run of a program in a folder: its seconds from start to end, its peak memory in MB, what it printed.
    After `limit` seconds it is stopped, which counts as failed."""
    output = os.path.join(folder, "output.txt")
    with open(output, "w+") as file:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                 env={**os.environ, **(environment or {})})
        late = threading.Event()
        timer = threading.Timer(limit or 0, lambda: (late.set(), child.kill()))
        if limit:
            timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        file.seek(0)
        text = file.read()
    if late.is_set():
        raise Failed(f"{os.path.basename(command[1])} was stopped after {limit:g} s (--limit)")
    if child.returncode != 0:
        raise Failed(f"{' '.join(command)[:200]} ended with {child.returncode}: {text[-800:]}")
    return {"seconds": seconds, "peak": usage.ru_maxrss / 1024, "output": text}


peer_limit = None


def luthier(script, folder, environment=None):
    """A Luthier script, run whole: seconds include the start, the loading and the reading."""
    path = os.path.join(folder, "bench.luth")
    with open(path, "w") as file:
        file.write(script)
    return run([LUTHIER, "run", path], folder, environment)


def peer(script, arguments, folder, environment=None):
    """A peer's script beside this file; its last line of JSON is merged into the result (warnings may follow it)."""
    result = run([sys.executable, os.path.join(HERE, script), *map(str, arguments)], folder, environment, peer_limit)
    lines = [line for line in result["output"].splitlines() if line.startswith("{")]
    if not lines:
        raise Failed(f"{script} gave no figures: {result['output'][-800:]}")
    result.update(json.loads(lines[-1]))
    return result


def until_prompt(folder, columns=80):
    """Seconds from the start of the shell on a terminal to its first prompt."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.environ.update(TERM="xterm-256color", COLUMNS=str(columns), LINES="24")
            os.chdir(folder)
            os.execv(LUTHIER, [LUTHIER])
        finally:  # only where the program can't be started: this copy of the benchmark must not go on
            os._exit(127)
    seen = b""
    seconds = None
    while time.perf_counter() - start < 10:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
        if b"1>" in seen:
            seconds = time.perf_counter() - start
            break
    os.write(terminal, b"\x04")
    time.sleep(0.05)
    os.close(terminal)
    os.waitpid(pid, 0)
    if seconds is None:
        raise Failed(f"no prompt within 10 seconds: {seen[-300:]!r}")
    return {"seconds": seconds}


def median(results, key):
    return statistics.median(result[key] for result in results)


def machine():
    with open("/proc/cpuinfo") as file:
        lines = file.read().splitlines()
    def field(name):
        return next((line.split(":")[1].strip() for line in lines if line.startswith(name)), "")
    level = next((name for name in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if name in flags()), "")
    name = field("model name") or platform.machine()
    return f"{name} (model {field('model')[:3]}, {level}), {THREADS} cores, load {os.getloadavg()[0]:.1f} at the start"


@dataclasses.dataclass
class Row:
    workload: str
    ours: str
    peer: str
    ratio: float | None
    asked: float | None

    @property
    def markdown(self):
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        asked = "" if self.asked is None else f"{self.asked:g}"
        return f"| {self.workload} | {self.ours} | {self.peer} | {ratio} | {asked} |"


class Bench:
    """What a workload gets: a folder with reviews.jsonl, the options, and both sides run in turn."""

    row = staticmethod(Row)

    def __init__(self, folder, options):
        self.folder, self.options, self.rounds = folder, options, options.rounds
        every = ["float32", "bf16"] if multiplies_bf16() else ["float32"]
        self.precisions = [options.precision] if options.precision else every
        self.part("reviews.jsonl", options.rows)

    def part(self, name, count):
        """A file with the first reviews of train.jsonl, spread over all of them; its name."""
        with open(os.path.join(self.options.imdb, "train.jsonl")) as file:
            rows = [json.loads(line) for line in file]
        stride = max(1, len(rows) // count)
        with open(os.path.join(self.folder, name), "w") as file:
            for row in rows[::stride][:count]:
                file.write(json.dumps({"text": row["text"], "label": str(row["label"])}) + "\n")
        return name

    def in_turn(self, *sides):
        """Runs every side once a round, in turn; gives each side's results."""
        results = [[] for _ in sides]
        for _ in range(self.rounds):
            for place, side in enumerate(sides):
                results[place].append(side())
        return results

    def distilbert(self):
        """A model folder of DistilBERT-base's size with random weights, made once."""
        return self.model("distilbert", MODEL)

    def model(self, kind, tokenizer):
        """A model folder of a base size (see peer_model.py) with random weights, made once."""
        model = os.path.join(CACHE, f"luthier-peers/models/{kind}-size")
        if not os.path.exists(os.path.join(model, "model.safetensors")):
            # Made beside its place: a run that is stopped must not leave half a model there.
            fresh = model + ".new"
            for folder in (model, fresh):
                shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(fresh)
            peer("peer_model.py", [kind, tokenizer, fresh], self.folder)
            os.rename(fresh, model)
        return model

    def tokens(self, name):
        """Tokens of a file's reviews, cut to 512."""
        return peer("peer_tokens.py", [MODEL, name, 512], self.folder)["tokens"]
