"""What is measured. A workload takes a folder (with reviews.jsonl) and the options, and gives rows of the table:
workload, ours, the peer's, ratio, what was asked for."""
import measure
from measure import MODEL, THREADS, luthier, median, peer

TWO_THREADS = {"LUTHIER_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)}
ONE_THREAD = {"LUTHIER_THREADS": "1", "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}


def in_turn(rounds, *sides):
    """Runs every side once a round, in turn; gives each side's results."""
    results = [[] for _ in sides]
    for _ in range(rounds):
        for place, side in enumerate(sides):
            results[place].append(side())
    return results


def start(folder, options):
    """Shell ready: from the start of the process to the first prompt on a terminal."""
    measure.until_prompt(folder)
    times = [measure.until_prompt(folder) for _ in range(max(10, options.rounds))]
    return [("shell ready", f"{median(times, 'seconds') * 1000:.0f} ms", "", "", "at most 50 ms")]


def embedding(folder, options):
    """Process start to the first MiniLM embedding, against transformers."""
    script = f'model = load("{MODEL}")\nmodel.features(["A luthier builds and tunes instruments."], pooling: "mean")\n'
    ours, theirs = in_turn(
        options.rounds, lambda: luthier(script, folder), lambda: peer("peer_embedding.py", [MODEL], folder))
    a, b = median(ours, "seconds"), median(theirs, "seconds")
    m, n = median(ours, "peak"), median(theirs, "peak")
    return [
        ("process start to first MiniLM embedding", f"{a * 1000:.0f} ms", f"transformers {b * 1000:,.0f} ms",
         f"{b / a:.1f} times faster", "10"),
        ("peak memory of that", f"{m:.0f} MB", f"{n:.0f} MB", f"{m / n:.2f}", ""),
    ]


def features(folder, options):
    """Features of IMDB reviews to 512 tokens, float32, against transformers padded in file order and sorted by length."""
    script = (f'model = load("{MODEL}")\nreviews = read("reviews.jsonl")\n'
              'model.features(reviews, pooling: "cls", max_length: 512, cache: false)\n')
    arguments = [MODEL, "reviews.jsonl", 512, 16, THREADS]
    ours, ordered, grouped = in_turn(
        options.rounds, lambda: luthier(script, folder, TWO_THREADS),
        lambda: peer("peer_features.py", arguments + ["order"], folder, TWO_THREADS),
        lambda: peer("peer_features.py", arguments + ["length"], folder, TWO_THREADS))
    tokens = ordered[0]["tokens"]
    # Ours counts the whole process; the peer's only the tokenizing and the forward passes.
    mine = tokens / median(ours, "seconds")
    rows = []
    for name, asked, results in (("in file order", "1.5", ordered), ("sorted by length", "1.0", grouped)):
        his = tokens / median(results, "compute")
        rows.append((f"features of {options.rows} reviews to 512 tokens, transformers' batches of 16 {name}",
                     f"{mine:,.0f} tokens/s", f"{his:,.0f} tokens/s", f"{mine / his:.2f} times", asked))
    a, b = median(ours, "peak"), median(ordered, "peak")
    rows.append(("peak memory of that", f"{a:,.0f} MB", f"{b:,.0f} MB", f"{a / b:.2f}", "at most 0.5"))
    return rows


def wordpiece(folder, options):
    """WordPiece on one thread over IMDB text, against the Rust tokenizers."""
    opening = f'tok = tokenizer("{MODEL}")\ntexts = read("reviews.jsonl").text\n'
    work = "for text in texts { ids = tok.encode(text); }\n"
    passes = 10
    base, ours, theirs = in_turn(
        max(3, options.rounds), lambda: luthier(opening, folder, ONE_THREAD),
        lambda: luthier(opening + work * passes, folder, ONE_THREAD),
        lambda: peer("peer_wordpiece.py", [MODEL, "reviews.jsonl", passes], folder, ONE_THREAD))
    megabytes = theirs[0]["bytes"] * passes / 1e6
    mine = megabytes / (median(ours, "seconds") - median(base, "seconds"))
    his = megabytes / median(theirs, "compute")
    return [("WordPiece on one thread, ids and offsets", f"{mine:.1f} MB/s", f"tokenizers {his:.1f} MB/s",
             f"{mine / his:.2f} times", "1.0")]



def training_rows(folder, options):
    """A smaller table for the long workloads, every fifth of the reviews."""
    with open(f"{folder}/reviews.jsonl") as source, open(f"{folder}/train.jsonl", "w") as file:
        file.writelines(list(source)[::5][:96])


def finetuning(folder, options, part, epochs, orders):
    training_rows(folder, options)
    model = f"{measure.CACHE}/luthier-peers/models/distilbert-size"
    peer("peer_distilbert.py", [MODEL, model], folder)
    freeze = 'm.freeze()\nm.unfreeze("head")\n' if part == "head" else ""
    script = (f'reviews = read("train.jsonl")\n'
              f'm = load("{model}").for_sequence_classification(labels: reviews.label)\n{freeze}'
              f'm.fit(reviews, epochs: {epochs}, batch: 16, max_length: 512, lr: 2e-5)\n')
    arguments = [model, "train.jsonl", 512, THREADS, part, epochs]
    sides = [lambda order=order: peer("peer_training.py", arguments + [order], folder, TWO_THREADS) for order in orders]
    ours, *theirs = in_turn(options.rounds, lambda: luthier(script, folder, TWO_THREADS), *sides)
    tokens = theirs[0][0]["tokens"]
    # Ours counts the whole process, start and loading included; the peer's only its training.
    mine = tokens / median(ours, "seconds")
    rows = []
    for order, results in zip(orders, theirs):
        his = tokens / median(results, "compute")
        batches = "batches in random order" if order == "random" else "batches grouped by length"
        what = "every layer" if part == "all" else f"head only, {epochs} epochs"
        asked = "8" if part == "head" else ("2" if order == "random" else "1.2")
        rows.append((f"DistilBERT-base size, 512 tokens, {what}; PyTorch's {batches}",
                     f"{mine:,.0f} tokens/s", f"{his:,.0f} tokens/s", f"{mine / his:.2f} times", asked))
    a, b = median(ours, "peak"), median(theirs[0], "peak")
    rows.append(("peak memory of that", f"{a:,.0f} MB", f"{b:,.0f} MB", f"{a / b:.2f}", "at most 0.4"))
    return rows


def training(folder, options):
    """Every layer of a DistilBERT-base-size model on IMDB reviews to 512 tokens, against transformers + PyTorch."""
    return finetuning(folder, options, "all", 1, ["random", "length"])


def head(folder, options):
    """Head only, three epochs, against transformers + PyTorch."""
    return finetuning(folder, options, "head", 3, ["random"])


ALL = {work.__name__: work for work in (start, embedding, features, wordpiece, training, head)}
