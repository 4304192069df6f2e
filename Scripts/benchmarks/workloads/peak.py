"""Share of the measured matrix-product peak ([4096, 768] x [768, 3072], the peer's library) when all layers train.

By the seconds that the fit itself says: its steps, without start, loading and tokenizing."""
from measure import BOTH_THREADS, THREADS, luthier, median, peer

# Products of DistilBERT's blocks per token: 2 for forward, 4 for backward, by parameter; attention is left out.
PARAMETERS = 6 * (4 * 768 * 768 + 2 * 768 * 3072)
ASKED = {"float32": 0.60, "bf16": 0.35}


def work(bench):
    model = bench.distilbert()
    rows = bench.part("peak.jsonl", bench.options.train_rows)
    for precision in bench.precisions:
        script = (f'reviews = read("{rows}")\nm = load("{model}").for_sequence_classification(labels: reviews.label)\n'
                  f'r = m.fit(reviews, epochs: 1, batch: 16, max_length: 512, precision: "{precision}")\n'
                  'print(r.seconds)\n')
        ours, products = bench.in_turn(
            lambda: luthier(script, bench.folder, BOTH_THREADS),
            lambda: peer("peer_products.py", [THREADS, precision], bench.folder, BOTH_THREADS))
        tokens = bench.tokens(rows)
        for result in ours:
            result["fit"] = float(result["output"].strip().splitlines()[-1])
        reached = 6 * PARAMETERS * tokens / median(ours, "fit") / 1e9
        peak = median(products, "gigaflops")
        yield bench.row(f"share of the product peak, all layers, {precision}", f"{reached:,.0f} GFLOP/s",
                        f"{peak:,.0f} GFLOP/s", reached / peak, ASKED[precision])
