"""A trial of 3 prompts by 200 rows with 4 shots, beside a plain transformers loop: a full pass for each label."""
import json
import os

import measure
from measure import BOTH_THREADS, THREADS, luthier, median, peer

GENERATOR = os.path.join(measure.CACHE, "luthier/models/SmolLM2-135M-Instruct")
TEMPLATES = {"review": "Review: {text}\nSentiment: {label}", "was": "{text}\nIt was {label}",
             "question": "{text}\nQuestion: Is this negative or positive?\nAnswer: {label}"}


def work(bench):
    if not os.path.isdir(GENERATOR):
        yield bench.row("trial of prompts", "skipped", "no generator: Scripts/model generator", None, 4)
        return
    with open(os.path.join(bench.folder, "reviews.jsonl")) as file:
        rows = [json.loads(line) for line in file]
    # Sentences of some twenty words, as reviews of one line are.
    for number, row in enumerate(rows):
        row["text"] = " ".join(row["text"].split()[:12 + number % 17])
    shots, rows = rows[:4], rows[4:4 + min(200, len(rows) - 4)]
    words = dict(zip(sorted({row["label"] for row in shots + rows}), ("negative", "positive")))
    for name, part in (("rows", rows), ("shots", shots)):
        with open(os.path.join(bench.folder, f"prompt_{name}.jsonl"), "w") as file:
            file.writelines(json.dumps({"text": row["text"], "label": row["label"]}) + "\n" for row in part)
    cases = [dict(name=name, template=template, labels={label: [word] for label, word in words.items()},
                  instruction="", separator="\n\n", shots=shots, rows=[{"text": row["text"]} for row in rows])
             for name, template in TEMPLATES.items()]
    with open(os.path.join(bench.folder, "cases.json"), "w") as file:
        json.dump({"cases": cases}, file)
    given = ", ".join(f"{name}: prompt({json.dumps(template)}, labels: words)" for name, template in TEMPLATES.items())
    labels = ", ".join(f"{json.dumps(label)}: {json.dumps(word)}" for label, word in words.items())
    script = (f'gen = load("{GENERATOR}")\nrows = read("prompt_rows.jsonl")\n'
              'shots = read("prompt_shots.jsonl").shots(k: 4, select: "first")\n'
              f"words = {{{labels}}}\nt = gen.trial({{{given}}}, rows, shots: shots)\n")
    ours, theirs = bench.in_turn(
        lambda: luthier(script, bench.folder, BOTH_THREADS),
        lambda: peer("peer_prompts.py", [GENERATOR, "cases.json", THREADS], bench.folder, BOTH_THREADS))
    # Ours counts the whole process, loading included; the peer's only the loop.
    a, b = median(ours, "seconds"), median(theirs, "compute")
    yield bench.row(f"trial of 3 prompts by {len(rows)} rows, 4 shots", f"{a:.1f} s",
                    f"transformers, a pass a label {b:.1f} s", b / a, 4)
