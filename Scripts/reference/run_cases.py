"""Many small cases through few runs of the built program: one process goes on until a case is refused."""
import os
import re
import subprocess


def run_cases(luthier, folder, places, script, most):
    """Runs `script(places)`, which prints `case N` before each, for `most` cases at a time; {N: message} of those refused."""
    refused, left = {}, list(places)
    while left:
        some = left[:most]
        (folder / "cases.luth").write_text(script(some))
        done = subprocess.run([luthier, "run", "cases.luth"], cwd=folder, capture_output=True, text=True,
                              env={**os.environ, "LUTHIER_THREADS": "1"})
        stop = some[-1]
        if done.returncode != 0:
            stop = int(re.findall(r"case (\d+)", done.stdout)[-1])
            refused[stop] = " ".join(done.stderr.split())
        left = left[left.index(stop) + 1:]
    return refused
