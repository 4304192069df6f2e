"""Logistic regression on 25,000 x 768 features, 2 and 20 classes, against scikit-learn: time, and the same optimum."""
from measure import BOTH_THREADS, luthier, median, peer


def work(bench):
    for classes in (2, 20):
        peer("peer_regression_data.py", [classes], bench.folder)
        base = 'd = load("regression.safetensors")\nx = d["x"]\ny = read("regression.csv").label\n'
        script = base + "r = logistic_regression(x, y)\nr.score(x, y: y)\n"
        start, ours, theirs = bench.in_turn(
            lambda: luthier(base, bench.folder, BOTH_THREADS), lambda: luthier(script, bench.folder, BOTH_THREADS),
            lambda: peer("peer_regression.py", [], bench.folder, BOTH_THREADS))
        a, b = median(ours, "seconds") - median(start, "seconds"), median(theirs, "compute")
        yield bench.row(f"logistic regression, 25,000 x 768, {classes} classes", f"{a:.2f} s", f"scikit-learn {b:.2f} s",
                        b / a, 1)
        score = ours[0]["output"].strip().splitlines()[-1]
        yield bench.row(f"its accuracy on the same rows, {classes} classes", score, f"{theirs[0]['score']:.4f}", None, None)
