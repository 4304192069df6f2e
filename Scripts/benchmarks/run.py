"""The benchmark: every workload in its turn, ours and the peer's one after the other in every round."""
import argparse
import importlib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import chart
import measure


def found():
    """The files of workloads/, by name."""
    names = sorted(name[:-3] for name in os.listdir(os.path.join(HERE, "workloads"))
                   if name.endswith(".py") and not name.startswith("_"))
    return {name: importlib.import_module(f"workloads.{name}") for name in names}


def main():
    workloads = found()
    parser = argparse.ArgumentParser(prog="Scripts/bench")
    parser.add_argument("workloads", nargs="*")
    parser.add_argument("--imdb", default=os.environ.get(
        "LUTHIER_IMDB", os.path.join(measure.ROOT, "../shared/data/imdb/small")))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=500, help="reviews for features and tokenizers")
    parser.add_argument("--train-rows", type=int, default=96, help="reviews for finetuning")
    parser.add_argument("--precision", choices=["float32", "bf16"], help="only this one")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which a run of a peer is stopped")
    parser.add_argument("--report", help="a file for the table; the chart goes beside it as .svg")
    parser.add_argument("--list", action="store_true", help="name the workloads")
    parser.add_argument("--only-check", action="store_true", help="look at the arguments and end")
    parser.add_argument("--from", dest="start", default=os.getcwd(), help=argparse.SUPPRESS)
    options = parser.parse_args()
    # Files are named from where Scripts/bench was called.
    options.imdb = os.path.join(options.start, options.imdb)
    if options.report:
        options.report = os.path.join(options.start, options.report)
    if options.list:
        for name, work in workloads.items():
            print(f"{name:18} {(work.__doc__ or '').strip().splitlines()[0]}")
        return
    chosen = options.workloads or list(workloads)
    unknown = [name for name in chosen if name not in workloads]
    if unknown:
        sys.exit(f"bench: no workload {', '.join(unknown)}; there are {', '.join(workloads)}")
    if options.precision == "bf16" and not measure.multiplies_bf16():
        sys.exit("bench: this processor multiplies no bf16 numbers (neither AVX512-BF16 nor AMX-BF16): leave --precision out")
    reviews = os.path.join(options.imdb, "train.jsonl")
    if not os.path.exists(reviews):
        sys.exit(f"bench: no {reviews}; name a folder of IMDB reviews with --imdb")
    if options.only_check:
        return
    measure.peer_limit = options.limit
    options.charts = os.path.dirname(options.report) if options.report else options.start
    os.makedirs(options.charts, exist_ok=True)
    lines = [f"On {measure.machine()}. Medians of {options.rounds} rounds, ours and the peer's in turn; ours counts the "
             "whole process (tokenizers, generation, regressions and search: what a process with the work takes longer than "
             "one without), the peer's only its work.", ""]
    if not measure.multiplies_bf16():
        lines += ["No bf16 rows: this processor has neither AVX512-BF16 nor AMX-BF16, so both sides are left out.", ""]
    lines += ["| workload | Luthier | peer | ratio | asked |", "|---|---|---|---|---|"]
    bars, failed = [], 0

    def keep():
        """Writes what is measured so far: a run of hours that is stopped leaves that."""
        if options.report:
            with open(options.report, "w") as file:
                file.write("\n".join(lines) + "\n")
            chart.bars(os.path.splitext(options.report)[0] + ".svg", "Luthier beside its peers", bars)

    with tempfile.TemporaryDirectory(prefix="luthier-bench-") as folder:
        bench = measure.Bench(folder, options)
        for name in chosen:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            try:
                for row in workloads[name].work(bench):
                    lines.append(row.markdown)
                    bars.append((row.workload, row.ratio, row.asked))
                    print(row.markdown, file=sys.stderr, flush=True)
            except Exception as failure:  # whatever it is: the figures of the other workloads stay
                failed += 1
                what = str(failure) if isinstance(failure, measure.Failed) else f"{type(failure).__name__}: {failure}"
                lines.append(f"| {name} | failed: {what[:160].splitlines()[0]} | | | |")
                print(f"bench: {name}: {what}", file=sys.stderr)
            keep()
    print("\n".join(lines) + "\n")
    sys.exit(1 if failed else 0)


main()
