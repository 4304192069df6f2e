"""What is measured, a file each. A workload file has

    '''One line that says what it measures.'''        (shown by Scripts/bench --list)
    def work(bench): ...                              (yields rows)

and nothing else is needed: run.py finds the files of this folder, sorted by name; names that begin with _ are helpers.
`bench` is a measure.Bench: a folder with reviews.jsonl, the options, and helpers that run both sides in turn. A row is
bench.row(workload, ours, peer, ratio, asked): texts for the table and two numbers for the chart, `ratio` as measured
(higher is better) and `asked` as the issue asks, None where nothing is asked."""
