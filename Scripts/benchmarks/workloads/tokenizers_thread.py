"""WordPiece and byte-level BPE on one thread over IMDB text, ids and offsets, against the Rust tokenizers."""
import os

from measure import MODEL, ONE_THREAD, ROOT, luthier, median, peer


def work(bench):
    gpt2 = os.path.join(ROOT, "../shared/data/tokenizers/gpt2")
    for name, folder in (("WordPiece", MODEL), ("byte-level BPE", gpt2)):
        if not os.path.exists(os.path.join(folder, "tokenizer.json")):
            yield bench.row(f"{name} on one thread", "skipped", f"no tokenizer in {folder}", None, 1.5)
            continue
        opening = f'tok = tokenizer("{folder}")\ntexts = read("reviews.jsonl").text\n'
        passes = 10
        base, ours, theirs = bench.in_turn(
            lambda: luthier(opening, bench.folder, ONE_THREAD),
            lambda: luthier(opening + "for text in texts { ids = tok.encode(text); }\n" * passes, bench.folder, ONE_THREAD),
            lambda: peer("peer_wordpiece.py", [folder, "reviews.jsonl", passes], bench.folder, ONE_THREAD))
        megabytes = theirs[0]["bytes"] * passes / 1e6
        mine = megabytes / max(median(ours, "seconds") - median(base, "seconds"), 1e-3)
        his = megabytes / median(theirs, "compute")
        yield bench.row(f"{name} on one thread", f"{mine:.1f} MB/s", f"tokenizers {his:.1f} MB/s", mine / his, 1.5)
