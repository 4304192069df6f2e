"""Runs a program to its end: seconds, peak memory and output. Starts no library heavier than Python's own, so that
what it measures of a child is the child's."""
import json
import os
import pty
import select
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LUTHIER = os.path.join(ROOT, ".build/release/luthier")
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
MODEL = os.path.join(CACHE, "luthier/models/all-MiniLM-L6-v2")
THREADS = os.cpu_count() or 1


class Failed(Exception):
    pass


def run(command, folder, environment=None):
    """One run of a program in a folder: its seconds from start to end, its peak memory in MB, what it printed."""
    output = os.path.join(folder, "output.txt")
    with open(output, "w+") as file:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                 env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        file.seek(0)
        text = file.read()
    if child.returncode != 0:
        raise Failed(f"{' '.join(command)[:200]} ended with {child.returncode}: {text[-800:]}")
    return {"seconds": seconds, "peak": usage.ru_maxrss / 1024, "output": text}


def luthier(script, folder, environment=None):
    """A Luthier script, run whole: seconds include the start, the loading and the reading."""
    path = os.path.join(folder, "bench.luth")
    with open(path, "w") as file:
        file.write(script)
    return run([LUTHIER, "run", path], folder, environment)


def peer(script, arguments, folder, environment=None):
    """A peer's script beside this file; its last line of output is JSON and is merged into the result."""
    result = run([sys.executable, os.path.join(HERE, script), *map(str, arguments)], folder, environment)
    result.update(json.loads(result["output"].strip().splitlines()[-1]))
    return result


def until_prompt(folder, columns=80):
    """Seconds from the start of the shell on a terminal to its first prompt."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(columns), LINES="24")
        os.chdir(folder)
        os.execv(LUTHIER, [LUTHIER])
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
