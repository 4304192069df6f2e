"""Cost as the work grows, as SVG charts: features by texts, finetuning by length and by batch, generation by context."""
import os

import chart
from measure import BOTH_THREADS, Failed, luthier, median
from workloads import generation

WRITTEN = 32


def writing(bench, path, sentences):
    """Seconds for 32 tokens after a prompt of about ten tokens a sentence; what one run has more than another. Without
    guesses: a text that repeats itself would hide what the context costs."""
    text = " ".join(["The quick brown fox jumps over the lazy dog."] * sentences)
    first, whole = bench.in_turn(*(
        lambda count=count: luthier(generation.script(path, [text], count, lookup=0), bench.folder, BOTH_THREADS)
        for count in (1, WRITTEN + 1)))
    tokens = int(whole[0]["output"].split()[-1])
    return tokens, median(whole, "seconds") - median(first, "seconds"), median(whole, "peak")


def work(bench):
    model = bench.distilbert()
    precision = bench.precisions[-1]
    rows = bench.part("growth.jsonl", bench.options.train_rows)
    features, lengths, batches = [], [], []
    for count in (32, 64, 128, 256):
        name = bench.part(f"growth-{count}.jsonl", count)
        script = (f'm = load("{model}", precision: "{precision}")\n'
                  f'm.features(read("{name}"), pooling: "cls", max_length: 128, cache: false);\n')
        runs, = bench.in_turn(lambda: luthier(script, bench.folder, BOTH_THREADS))
        features.append((count, median(runs, "seconds"), median(runs, "peak")))

    def fit(length, batch):
        script = (f'r = read("{rows}")\nm = load("{model}").for_sequence_classification(labels: r.label)\n'
                  f'print(m.fit(r, epochs: 1, batch: {batch}, max_length: {length}, precision: "{precision}").seconds)\n')
        runs, = bench.in_turn(lambda: luthier(script, bench.folder, BOTH_THREADS))
        for run in runs:
            run["fit"] = float(run["output"].strip().splitlines()[-1])
        return median(runs, "fit"), median(runs, "peak")

    for length in (64, 128, 256, 512):
        lengths.append((length, *fit(length, 16)))
    for batch in (4, 8, 16, 32):
        batches.append((batch, *fit(128, batch)))
    charts = [("features", features, "texts"), ("length", lengths, "tokens a text"), ("batch", batches, "texts a batch")]
    try:
        path = generation.generator()
        contexts = [writing(bench, path, sentences) for sentences in (5, 25, 50, 100, 190)]
        charts.append(("generation", contexts, "tokens before"))
    except Failed as failure:
        yield bench.row("growth: generation", f"skipped: {failure}", "", None, None)
    for name, points, axis in charts:
        path = os.path.join(bench.options.charts, f"growth-{name}.svg")
        chart.lines(path, f"{name}: seconds by {axis}", axis, points)
        first, last = points[0], points[-1]
        yield bench.row(f"growth: {name}, {first[0]} to {last[0]} {axis}", f"{first[1]:.1f} to {last[1]:.1f} s",
                        f"{first[2]:,.0f} to {last[2]:,.0f} MB", None, None)
