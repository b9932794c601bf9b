"""Measure strategies and peers side by side: ``python -m benchmarks.scheduling --set jsp --seconds 60 --limit 5``.

Every run is checked from the raw data. Runs are written to a CSV file as they end; tables and a plot follow.
"""

from __future__ import annotations

from benchmarks.outside.report import draw_table, write_rows
from benchmarks.result import RefusedError
from benchmarks.run import find_versions
from benchmarks.scheduling import sets, strategies
from benchmarks.scheduling.plot import draw_figure
from benchmarks.scheduling.summary import build_case_rows, build_group_rows
from benchmarks.side_by_side import Options, build_parser, draw_line, measure, parse, write_run

DEFAULT_STRATEGIES = (
    *("dispatch", "local_search", "lns", "cpsat", "auto"),
    *("plain_dispatch", "plain_annealing", "simpy_dispatch"),
    *("plain_cpsat", "plain_cpsat_warm", "pyjobshop", "pyjobshop_warm"),
)
SMALL_SETS = ("generated", "generated_setups", sets.PACKAGE)


def main(arguments: list[str] | None = None) -> int:
    """Run everything that is asked for; the exit code is 1 if the checker rejects an answer."""
    options = Options(sets.NAMES, SMALL_SETS, strategies.names(), DEFAULT_STRATEGIES)
    parser = build_parser("python -m benchmarks.scheduling", __doc__, options)
    parser.add_argument("--largest", type=int, default=1 << 30, help="most operations of a case")
    given = parse(parser, arguments, options)
    print("versions:", ", ".join(f"{name} {number}" for name, number in find_versions().items()))
    print(f"{given.workers} workers, {given.seconds:g} s a run, compiling done before the clock starts", flush=True)
    runs = []
    for name in given.set:
        try:
            cases = sets.build_set(name, given.data, seed=given.instance_seed, limit=given.limit)
        except RefusedError as refusal:
            print(f"left out: {refusal}")
            continue
        cases = [case for case in cases if given.match in case.name and case.size <= given.largest]
        for run in measure(cases, given, strategies.solve):
            runs.append(run)
            write_run(given.out / "scheduling_runs.csv", run, given, is_first=len(runs) == 1)
            print(draw_line(run), flush=True)
    if not runs:
        print("nothing to run")
        return 2
    for file, rows in (("cases", build_case_rows(runs)), ("families", build_group_rows(runs))):
        print("\n" + draw_table(rows))
        write_rows(given.out / f"scheduling_{file}.csv", rows)
    try:
        draw_figure(runs, given.out / "scheduling.png")
    except RefusedError as refusal:
        print(refusal)
    print(f"\nwritten to {given.out}")
    return 1 if any(run.result.accepted is False for run in runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
