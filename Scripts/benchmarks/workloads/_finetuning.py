"""Finetuning a model of a base size on IMDB reviews to 512 tokens, batch 16, both sides."""
from measure import BOTH_THREADS, THREADS, luthier, median, peer

SETTING = {
    "all": "",
    "head": 'm.freeze()\nm.unfreeze("head")\n',
    "last": "m.freeze()\nm.unfreeze(last_blocks: 1)\n",
    "lora": "m = m.add_lora(rank: 8)\n",
}


def finetuning(bench, what, part, asked, epochs=1, memory=None, model=None):
    """asked: {(precision, order): ratio}; only these are run. The model is of DistilBERT-base's size unless one is given."""
    model = model or bench.distilbert()
    rows = bench.part("train.jsonl", bench.options.train_rows)
    for precision in bench.precisions:
        orders = [order for order in ("random", "grouped") if (precision, order) in asked]
        if not orders:
            continue
        script = (f'reviews = read("{rows}")\n'
                  f'm = load("{model}").for_sequence_classification(labels: reviews.label)\n{SETTING[part]}'
                  f'm.fit(reviews, epochs: {epochs}, batch: 16, max_length: 512, lr: 2e-5, precision: "{precision}");\n')
        sides = [
            lambda order=order: peer("peer_training.py", [model, rows, 512, THREADS, part, epochs, order, precision],
                                     bench.folder, BOTH_THREADS) for order in orders]
        ours, *theirs = bench.in_turn(lambda: luthier(script, bench.folder, BOTH_THREADS), *sides)
        # Ours counts the whole process, start and loading included; the peer's only its training.
        mine = theirs[0][0]["tokens"] / median(ours, "seconds")
        for order, results in zip(orders, theirs):
            his = results[0]["tokens"] / median(results, "compute")
            yield bench.row(f"{what}, {precision}; peer's batches {order}", f"{mine:,.0f} tokens/s",
                            f"{his:,.0f} tokens/s", mine / his, asked[precision, order])
        if memory:
            a, b = median(ours, "peak"), median(theirs[0], "peak")
            yield bench.row(f"{what}, {precision}: peak memory", f"{a:,.0f} MB", f"{b:,.0f} MB", b / a, memory)
