"""Exact search: top 10 of 100,000 and of 1,000,000 vectors of 384, one question and 100 at once, beside numpy."""
import os
import sys

import measure
from measure import BOTH_THREADS, MODEL, luthier, median, peer

THREADS = {**BOTH_THREADS, "OPENBLAS_NUM_THREADS": str(measure.THREADS)}


def work(bench):
    path, array = os.path.join(bench.folder, "bench.db"), os.path.join(bench.folder, "bench.npy")
    begin = f'model = load("{MODEL}")\nq = randn([100, 384], seed: 1)\n'
    opening = begin + 'i = index("bench.db", model)\n'
    one, many = "i.search(q[0], k: 10);\n", "i.search(q, k: 10);\n"
    for count in (100_000, 1_000_000):
        luthier(opening, bench.folder, THREADS)  # makes the empty index
        maker = os.path.join(measure.HERE, "index_file.py")
        measure.run([sys.executable, maker, path, array, str(count)], bench.folder)
        turns = max(2, 2_000_000 // count)
        scripts = [begin, opening, opening + one, opening + one * (1 + 5 * turns), opening + one + many * turns]
        sides = [lambda script=script: luthier(script, bench.folder, THREADS) for script in scripts]
        *ours, theirs = bench.in_turn(*sides, lambda: peer("peer_search.py", [array, 10, 5], bench.folder, THREADS))
        none, opened, loaded, single, several = (median(results, "seconds") for results in ours)
        mine = {"one": (single - loaded) / (5 * turns), "many": (several - loaded) / turns}
        what = f"top 10 of {count:,} vectors of 384"
        for key, name in (("one", "one question"), ("many", "100 questions at once")):
            his = median(theirs, key)
            yield bench.row(f"{what}, {name}", f"{mine[key] * 1000:.1f} ms", f"numpy {his * 1000:.1f} ms",
                            his / max(mine[key], 1e-6), 1)
        seconds = max(opened - none, 1e-3)
        yield bench.row(f"opening an index of {count:,}, under a second", f"{seconds * 1000:.0f} ms", "", 1 / seconds, 1)
        first, read = max(loaded - opened - mine["one"], 1e-3), median(theirs, "load")
        yield bench.row(f"the vectors of {count:,} into memory, at the first search", f"{first * 1000:.0f} ms",
                        f"numpy.load {read * 1000:.0f} ms", read / first, None)
        for name in (path, path + "-wal", path + "-shm", array):
            if os.path.exists(name):
                os.remove(name)
