"""The benchmark: every workload in its turn, ours and the peer's one after the other in every round."""
import argparse
import json
import os
import platform
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure
import workloads


def reviews(folder, count, target):
    """The first rows of a folder's train.jsonl, as Luthier and the peers both read them."""
    path = os.path.join(folder, "train.jsonl")
    if not os.path.exists(path):
        sys.exit(f"bench: no {path}; name a folder of IMDB reviews with --imdb")
    with open(path) as source, open(target, "w") as file:
        for number, line in enumerate(source):
            if number == count:
                break
            row = json.loads(line)
            file.write(json.dumps({"text": row["text"], "label": str(row["label"])}) + "\n")


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"


def main():
    parser = argparse.ArgumentParser(prog="Scripts/bench")
    parser.add_argument("workloads", nargs="*")
    parser.add_argument("--imdb", default=os.environ.get(
        "LUTHIER_IMDB", os.path.join(measure.ROOT, "../shared/data/imdb/small")))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--report")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for name, work in workloads.ALL.items():
            print(f"{name:12} {(work.__doc__ or '').splitlines()[0]}")
        return
    chosen = options.workloads or list(workloads.ALL)
    unknown = [name for name in chosen if name not in workloads.ALL]
    if unknown:
        sys.exit(f"bench: no workload {', '.join(unknown)}; there are {', '.join(workloads.ALL)}")
    lines = [f"On {machine()}. Medians of {options.rounds} rounds, ours and the peer's in turn.", "",
             "| workload | Luthier | peer | ratio | asked |", "|---|---|---|---|---|"]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="luthier-bench-") as folder:
        reviews(options.imdb, options.rows, os.path.join(folder, "reviews.jsonl"))
        for name in chosen:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            try:
                lines += ["| " + " | ".join(row) + " |" for row in workloads.ALL[name](folder, options)]
            except measure.Failed as failure:
                failed += 1
                lines.append(f"| {name} | failed | | | |")
                print(f"bench: {name}: {failure}", file=sys.stderr)
    report = "\n".join(lines) + "\n"
    print(report)
    if options.report:
        with open(options.report, "w") as file:
            file.write(report)
    sys.exit(1 if failed else 0)


main()
