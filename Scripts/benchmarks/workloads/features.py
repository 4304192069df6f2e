"""Features of IMDB reviews to 512 tokens, float32 and bf16, against transformers in random order and grouped by length."""
from measure import BOTH_THREADS, THREADS, luthier, median, peer

ASKED = {("float32", "random"): 1.8, ("float32", "grouped"): 1.1, ("bf16", "random"): 2.2, ("bf16", "grouped"): 1.5}


def work(bench):
    model = bench.distilbert()
    for precision in bench.precisions:
        script = (f'model = load("{model}", precision: "{precision}")\nreviews = read("reviews.jsonl")\n'
                  'model.features(reviews, pooling: "cls", max_length: 512, cache: false);\n')
        sides = [
            lambda order=order: peer("peer_features.py", [model, "reviews.jsonl", 512, 16, THREADS, order, precision],
                                     bench.folder, BOTH_THREADS) for order in ("random", "grouped")]
        ours, *theirs = bench.in_turn(lambda: luthier(script, bench.folder, BOTH_THREADS), *sides)
        # Ours counts the whole process, the peer's only tokenizing and the forward passes.
        mine = theirs[0][0]["tokens"] / median(ours, "seconds")
        for order, results in zip(("random", "grouped"), theirs):
            his = results[0]["tokens"] / median(results, "compute")
            yield bench.row(f"features, {precision}; peer's batches {order}", f"{mine:,.0f} tokens/s",
                            f"{his:,.0f} tokens/s", mine / his, ASKED[precision, order])
        a, b = median(ours, "peak"), median(theirs[0], "peak")
        yield bench.row(f"features, {precision}: peak memory", f"{a:,.0f} MB", f"{b:,.0f} MB", b / a, 2)
