"""Label scores of three prompts on SST-2, beside those that transformers gives.

    sst2_prompts.py cases DATA FOLDER [FIRST]     FOLDER/{zero,four}_cases.json for prompt_scores.py --real, FIRST rows
    sst2_prompts.py compare DATA FOLDER           what sst2_prompts.luth wrote there, against {zero,four}_reference.jsonl

FOLDER is where `luthier run sst2_prompts.luth DATA MODEL` ran: the shots are the ones it drew.
"""
import json
import math
import os
import sys

PROMPTS = {
    "review": ("Review: {text}\nSentiment: {label}", {"negative": ["negative"], "positive": ["positive"]}),
    "was": ("{text} It was {label}", {"negative": ["terrible"], "positive": ["great"]}),
    "film": ("{text}\nAll in all, the film was {label}",
             {"negative": ["a waste of time"], "positive": ["a pleasure to watch"]}),
}


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def cases(data, folder, first):
    rows = [{"text": row["text"]} for row in lines(f"{data}/dev.jsonl")][:first]
    for kind in ("zero", "four"):
        shots = lines(f"{folder}/shots.jsonl") if kind == "four" else []
        settings = {"calibrate": True, "shared": True, "check": 20, "cases": [
            dict(name=name, template=template, labels=labels, instruction="", separator="\n\n", shots=shots, rows=rows)
            for name, (template, labels) in PROMPTS.items()]}
        with open(f"{folder}/{kind}_cases.json", "w") as file:
            json.dump(settings, file)


def wilson(right, count, z=1.959963984540054):
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def shares(values):
    peak = max(values)
    total = sum(math.exp(value - peak) for value in values)
    return [math.exp(value - peak) / total for value in values]


def choose(values):
    return values.index(max(values))


def compare(data, folder):
    truth = [row["label"] for row in lines(f"{data}/dev.jsonl")]
    for kind in ("zero", "four"):
        missing = [name for name in (f"{kind}_scores.jsonl", f"{kind}_reference.jsonl")
                   if not os.path.exists(f"{folder}/{name}")]
        if missing:
            print(kind, "not yet:", ", ".join(missing), "is not there")
            continue
        ours = {}
        for line in lines(f"{folder}/{kind}_scores.jsonl"):
            ours.setdefault(line["prompt"], {}).setdefault(line["row"], []).append(line)
        reference, priors, seconds = {}, {}, {}
        for line in lines(f"{folder}/{kind}_reference.jsonl"):
            if "scores" in line:
                reference.setdefault(line["prompt"], {})[line["row"]] = line["scores"]
            elif "checked" in line:
                print(f"{kind:5}{line['prompt']:7} shared against plain, {line['checked']} rows: {line['worst']:.2e} a token")
            elif "prior" in line:
                priors[line["prompt"]] = line["prior"]
            else:
                seconds[line["prompt"]] = line["seconds"]
        for name, (_, labels) in PROMPTS.items():
            theirs = reference.get(name, {})
            if not theirs:
                print(kind, name, "no reference")
                continue
            names = list(labels)
            calibrated = lines(f"{folder}/{kind}_{name}.jsonl")
            worst, worst_share, differ, right, right_calibrated = 0.0, 0.0, [], 0, 0
            for row, scores in theirs.items():
                own = ours[name][row]
                assert [line["label"] for line in own] == names and len(own) == len(names)
                # Words of ours and theirs have as many tokens; a score is their sum.
                for line in own:
                    tokens = scores[line["label"]][0]
                    assert line["tokens"] == len(tokens)
                    worst = max(worst, abs(line["logprob"] - sum(tokens)) / len(tokens))
                a = [line["logprob"] for line in own]
                b = [sum(scores[label][0]) for label in names]
                right += names[choose(b)] == truth[row]
                if choose(a) != choose(b):
                    differ.append((row, "plain", a, b))
                if name in priors:
                    scaled = [share / prior for share, prior in zip(shares(b), priors[name])]
                    scaled = [share / sum(scaled) for share in scaled]
                    mine = [calibrated[row][f"p({label})"] for label in names]
                    worst_share = max(worst_share, *(abs(x - y) for x, y in zip(mine, scaled)))
                    right_calibrated += names[choose(scaled)] == truth[row]
                    if choose(mine) != choose(scaled):
                        differ.append((row, "calibrated", mine, scaled))
            own_right = sum(names[choose([line["logprob"] for line in ours[name][row]])] == truth[row] for row in theirs)
            own_calibrated = sum(calibrated[row]["chosen"] == truth[row] for row in theirs)
            count = len(theirs)
            low, high = wilson(own_right, count)
            calibrated_low, calibrated_high = wilson(own_calibrated, count)
            calibrated_reference = f"{right_calibrated / count:.4f}" if name in priors else "not yet"
            print(
                f"{kind:5}{name:7} rows {count}  accuracy {own_right / count:.4f} ({low:.3f} to {high:.3f}), reference "
                f"{right / count:.4f}  calibrated {own_calibrated / count:.4f} ({calibrated_low:.3f} to "
                f"{calibrated_high:.3f}), reference {calibrated_reference}\n"
                f"            largest difference a token {worst:.2e}, of a calibrated share {worst_share:.2e}; reference "
                f"{seconds.get(name, float('nan')):.0f} s")
            for row, what, a, b in differ:
                print(f"            row {row}: {what} choice differs: {a} against {b}")


if __name__ == "__main__":
    what, data, folder = sys.argv[1:4]
    if what == "cases":
        cases(data, folder, int(sys.argv[4]) if len(sys.argv) > 4 else None)
    else:
        compare(data, folder)
