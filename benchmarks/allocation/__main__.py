"""Measure strategies and peers side by side: ``python -m benchmarks.allocation --set drawn --sizes 1000x10``.

Every run is checked from the raw data. Runs are written to a CSV file as they end; tables and a plot follow. The last
line tells the most memory that this process took: with one size and one strategy that is what they need.
"""

from __future__ import annotations

import resource

from benchmarks.allocation import sets, strategies
from benchmarks.allocation.summary import build_case_rows, build_group_rows, draw_figure
from benchmarks.outside.report import draw_table, write_rows
from benchmarks.result import RefusedError
from benchmarks.run import find_versions
from benchmarks.side_by_side import Options, build_parser, draw_line, measure, parse, split_words, write_run

DEFAULT_STRATEGIES = (
    *("greedy", "lagrangian", "highs", "milp", "milp_cbc", "cpsat", "auto"),
    *("plain_cpsat", "pulp_cbc", "pulp_highs", "plain_highs"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run everything that is asked for; the exit code is 1 if the checker rejects an answer."""
    options = Options(sets.NAMES, ("drawn",), strategies.names(), DEFAULT_STRATEGIES)
    parser = build_parser("python -m benchmarks.allocation", __doc__, options)
    parser.add_argument(
        "--sizes",
        type=split_words,
        default=["1000x10", "10000x20"],
        help=f"of drawn instances: {', '.join(sets.SIZES)}",
    )
    given = parse(parser, arguments, options)
    print("versions:", ", ".join(f"{name} {number}" for name, number in find_versions().items()))
    print(f"{given.workers} workers, {given.seconds:g} s a run, compiling done before the clock starts", flush=True)
    runs = []
    for name in given.set:
        try:
            cases = sets.build_set(name, given.data, sizes=given.sizes, seed=given.instance_seed, limit=given.limit)
        except RefusedError as refusal:
            print(f"left out: {refusal}")
            continue
        cases = [case for case in cases if given.match in case.name]
        for run in measure(cases, given, strategies.solve):
            runs.append(run)
            write_run(given.out / "allocation_runs.csv", run, given, is_first=len(runs) == 1)
            gap = "" if run.result.gap is None else f", gap {100 * run.result.gap:.4f}%"
            print(draw_line(run) + gap, flush=True)
    if not runs:
        print("nothing to run")
        return 2
    for file, rows in (("cases", build_case_rows(runs)), ("families", build_group_rows(runs))):
        print("\n" + draw_table(rows))
        write_rows(given.out / f"allocation_{file}.csv", rows)
    try:
        draw_figure(runs, given.out / "allocation.png")
    except RefusedError as refusal:
        print(refusal)
    print(f"\nwritten to {given.out}; {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")
    return 1 if any(run.result.accepted is False for run in runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
