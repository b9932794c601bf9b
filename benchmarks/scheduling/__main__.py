"""Measure strategies and peers side by side: ``python -m benchmarks.scheduling --set jsp --seconds 60 --limit 5``.

Every run is checked from the raw data. Runs are written to a CSV file as they end; tables and a plot follow.
"""

from __future__ import annotations

from benchmarks.scheduling import sets, strategies
from benchmarks.scheduling.summary import build_case_rows, build_figure, build_group_rows
from benchmarks.side_by_side import Options, Summary, build_parser, compare, draw_line, parse

DEFAULT_STRATEGIES = (
    *("dispatch", "local_search", "lns", "cpsat", "auto"),
    *("plain_dispatch", "plain_annealing", "simpy_dispatch"),
    *("plain_cpsat", "plain_cpsat_warm", "pyjobshop", "pyjobshop_warm"),
)
SUMMARY = Summary(
    build_case_rows, build_group_rows, build_figure, "objective over the best of these runs, geometric mean (1 is best)"
)
SMALL_SETS = ("generated", "generated_setups", sets.PACKAGE)


def main(arguments: list[str] | None = None) -> int:
    """Run everything that is asked for; the exit code is 1 if the checker rejects an answer."""
    options = Options(sets.NAMES, SMALL_SETS, strategies.names(), DEFAULT_STRATEGIES)
    parser = build_parser("python -m benchmarks.scheduling", __doc__, options)
    parser.add_argument("--largest", type=int, default=1 << 30, help="most operations of a case")
    given = parse(parser, arguments, options)

    def find_cases(name: str) -> list[sets.Case]:
        cases = sets.build_set(name, given.data, seed=given.instance_seed, limit=given.limit)
        return [case for case in cases if case.size <= given.largest]

    return compare("scheduling", given, find_cases, strategies.solve, SUMMARY, draw_line)


if __name__ == "__main__":
    raise SystemExit(main())
