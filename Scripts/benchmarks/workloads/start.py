"""Shell ready: from the start of the process to the first prompt on a terminal."""
import measure


def work(bench):
    measure.until_prompt(bench.folder)
    times = [measure.until_prompt(bench.folder) for _ in range(max(10, bench.rounds))]
    seconds = measure.median(times, "seconds")
    yield bench.row("shell ready", f"{seconds * 1000:.0f} ms", "at most 30 ms", 0.030 / seconds, 1)
