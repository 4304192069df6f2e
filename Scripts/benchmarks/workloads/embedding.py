"""Process start to the first MiniLM embedding, against transformers."""
from measure import MODEL, luthier, median, peer


def work(bench):
    script = f'model = load("{MODEL}")\nmodel.features(["A luthier builds and tunes instruments."], pooling: "mean")\n'
    ours, theirs = bench.in_turn(
        lambda: luthier(script, bench.folder), lambda: peer("peer_embedding.py", [MODEL], bench.folder))
    a, b = median(ours, "seconds"), median(theirs, "seconds")
    m, n = median(ours, "peak"), median(theirs, "peak")
    yield bench.row("process start to first MiniLM embedding", f"{a * 1000:.0f} ms", f"transformers {b * 1000:,.0f} ms",
                    b / a, 10)
    yield bench.row("the same, at most 150 ms", f"{a * 1000:.0f} ms", "", 0.150 / a, 1)
    yield bench.row("peak memory of that", f"{m:.0f} MB", f"{n:.0f} MB", n / m, None)
